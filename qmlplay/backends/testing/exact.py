"""Checks of an exact backend against the reference and against closed forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from qmlplay.backends.base import Backend
from qmlplay.backends.shift import shift_gradients
from qmlplay.backends.testing.cases import Case, gate_cases, random_case
from qmlplay.backends.testing.reference import (
    expectations_of_states,
    reference_expectations,
    reference_gradients,
    reference_states,
)
from qmlplay.circuit import GATES, Angle, Circuit, Gate, Observable
from qmlplay.circuit.gates import check_table
from qmlplay.typing import Complex, Real

__all__ = [
    "check_closed_forms",
    "check_contract",
    "check_expectations",
    "check_gates",
    "check_gradients",
    "check_states",
]


def check_closed_forms(backend: Backend) -> None:
    """Check closed forms: ⟨Z⟩ after RY(θ) is cos θ; CX copies qubit 0 to 1 and not 1 to 0."""
    theta = np.linspace(-3, 3, 7)
    turn = Circuit(1, (Gate("ry", (0,), 0),))
    _close(
        backend.expectations(turn, [theta], ["Z", "X"]),
        np.stack([np.cos(theta), np.sin(theta)], axis=1),
    )
    slopes = backend.gradients(turn, [theta], ["Z"], np.ones((7, 1)))
    _close(slopes[0], -np.sin(theta))
    copy = Circuit(2, (Gate("x", (0,)), Gate("cx", (0, 1))))
    other = Circuit(2, (Gate("x", (1,)), Gate("cx", (0, 1))))
    _close(backend.probabilities(copy, []), np.eye(4)[[3]])
    _close(backend.probabilities(other, []), np.eye(4)[[1]])


def check_states(backend: Backend, *, seed: int = 0) -> None:
    """Compare states: they equal the reference's, global phase included, within 1e-10.

    So do those on the way, after some numbers of gates.
    """
    for n_qubits in range(1, 5):
        case = random_case(seed + n_qubits, n_qubits)
        expected = reference_states(case.circuit, case.angles, case.n_samples)
        _close(backend.statevector(case.circuit, case.angles), expected)
        _close(backend.probabilities(case.circuit, case.angles), np.abs(expected) ** 2)
        cuts = [0, 3, 3, 17, len(case.circuit.gates)]
        for cut, states in zip(
            cuts, backend.states_after(case.circuit, case.angles, cuts), strict=True
        ):
            _close(states, _reference_after(case, cut))


def _reference_after(case: Case, cut: int) -> Complex:
    gates = case.circuit.gates[:cut]
    slots = sorted({slot for gate in gates for slot in gate.slots})
    read = [case.angles[slot] for slot in slots]
    return reference_states(case.circuit.part(0, cut), read, case.n_samples)


def check_gates(backend: Backend, *, max_qubits: int = 7, n_seeds: int = 1) -> None:
    """Compare every gate of the table on random circuits, as `gate_cases` draws them.

    States (global phase included), expectations and gradients equal the reference's within
    1e-10. There is a circuit for every gate, size and seed: take fewer where that is slow.

    Parameters
    ----------
    backend : Backend
        An exact one.
    max_qubits : int, default=7
        The largest register.
    n_seeds : int, default=1
        Circuits per gate and size; each holds the gate at four places.

    Raises
    ------
    AssertionError
        From the first comparison that fails; the text names the gate.
    """
    check_table(GATES)
    for name in GATES:
        for case in gate_cases(name, max_qubits=max_qubits, n_seeds=n_seeds):
            try:
                _check_case(backend, case)
            except AssertionError as error:
                raise AssertionError(f"{name} on {case.circuit.n_qubits} qubits: {error}") from None


def _check_case(backend: Backend, case: Case) -> None:
    """Compare all that an exact backend says of a circuit with the reference."""
    arguments = (case.circuit, case.angles, case.observables)
    states = reference_states(case.circuit, case.angles, case.n_samples)
    expected = expectations_of_states(states, case.observables)
    slopes = reference_gradients(*arguments, case.cotangents)
    _close(backend.statevector(case.circuit, case.angles), states)
    _close(backend.expectations(*arguments), expected)
    values, gradients = backend.expectations_and_gradients(*arguments, case.cotangents)
    _close(values, expected)
    assert [np.shape(gradient) for gradient in gradients] == [np.shape(slope) for slope in slopes]
    _close(np.hstack(gradients), np.hstack(slopes))


def check_expectations(backend: Backend, *, seed: int = 0) -> None:
    """Compare expectations: they equal the reference's within 1e-10 on 1 to 6 qubits."""
    for n_qubits in range(1, 7):
        case = random_case(seed + n_qubits, n_qubits)
        arguments = (case.circuit, case.angles, case.observables)
        expected = reference_expectations(*arguments, case.n_samples)
        _close(backend.expectations(*arguments), expected)


def check_gradients(backend: Backend, *, seed: int = 0) -> None:
    """Compare gradients: with parameter shift within 1e-9, with differences within 1e-6."""
    for n_qubits in range(1, 5):
        case = random_case(seed + n_qubits, n_qubits)
        arguments = (case.circuit, case.angles, case.observables, case.cotangents)
        found = backend.gradients(*arguments)
        shifted = shift_gradients(backend.expectations, *arguments)
        numeric = _central_differences(backend, *arguments)
        for angle, gradient, by_shift, by_difference in zip(
            case.angles, found, shifted, numeric, strict=True
        ):
            assert isinstance(gradient, np.ndarray) == isinstance(angle, np.ndarray)
            _close(gradient, by_shift, 1e-9)
            _close(gradient, by_difference, 1e-6)


def _central_differences(
    backend: Backend,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[Observable],
    weights: Real,
    step: float = 1e-5,
) -> list[Angle]:
    result: list[Angle] = []
    for slot, angle in enumerate(angles):
        ends = []
        for sign in (1, -1):
            moved = [*angles[:slot], angle + sign * step, *angles[slot + 1 :]]
            ends.append((weights * backend.expectations(circuit, moved, observables)).sum(axis=1))
        slope = (ends[0] - ends[1]) / (2 * step)
        result.append(slope if isinstance(angle, np.ndarray) else float(slope.sum()))
    return result


def check_contract(backend: Backend) -> None:
    """Check the manners: shapes are as promised, chunks do not show, and bad input is refused."""
    case = random_case(5, 3, n_samples=11)
    circuit, angles, observables = case.circuit, case.angles, case.observables
    whole = backend.expectations(circuit, angles, observables)
    assert whole.shape == (11, 3)
    one_by_one = [
        backend.expectations(circuit, [_row(angle, n) for angle in angles], observables)
        for n in range(11)
    ]
    _close(whole, np.concatenate(one_by_one))
    shared = [float(np.mean(angle)) for angle in angles]
    assert backend.expectations(circuit, shared, observables).shape == (1, 3)
    _refuses(lambda: backend.expectations(circuit, angles[1:], observables))
    _refuses(lambda: backend.expectations(circuit, angles, ["ZZ"]))
    _refuses(lambda: backend.expectations(Circuit(60, (Gate("h", (59,)),)), [], ["Z" * 60]))


def _row(angle: Angle, n: int) -> Angle:
    return angle[n : n + 1] if isinstance(angle, np.ndarray) else angle


def _refuses(call: Callable[[], object]) -> None:
    try:
        call()
    except ValueError:
        return
    raise AssertionError("bad input was accepted")


def _close(found: Any, expected: Any, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
