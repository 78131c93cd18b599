"""Matrix product states on Qiskit Aer: expectations of circuits that no state vector could hold.

Memory and time grow with the entanglement between the left and the right part of the qubits, and
not with 2ⁿ. What comes out are expectations, or shots; amplitudes are never written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.quantum_info import Pauli
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveExpectationValue

from qmlplay.backends import measurement, pauli
from qmlplay.backends.qiskit.aer import MATRIX_PRODUCT_STATE, aer_simulator
from qmlplay.backends.qiskit.densities import in_known_gates, parametrised
from qmlplay.circuit import Angle, Circuit, Observables
from qmlplay.typing import Real

__all__ = ["ProductStates"]

#: Circuits, and shots, that Aer gets at a time.
_CIRCUITS, _SHOTS = 256, 2**20


@dataclass(frozen=True)
class ProductStates:
    """Aer's matrix product states, how far they are truncated, and who runs them.

    Parameters
    ----------
    max_bond_dimension : int or None
        Singular values that are kept at a bond; None keeps all.
    truncation_threshold : float or None
        Sum of squares of singular values that may be left out at a bond; None is Aer's own, 1e-16.
    precision : {"double", "single"}
    n_threads : int
        Circuits that run at a time.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> ProductStates(None, None, "double", 1).expectations(bell, [], 1, ("ZI", "XX")).round(6)
    array([[0., 1.]])
    """

    max_bond_dimension: int | None
    truncation_threshold: float | None
    precision: str
    n_threads: int

    def expectations(
        self, circuit: Circuit, angles: Sequence[Angle], n_samples: int, observables: Observables
    ) -> Real:
        """Return ⟨O⟩ of every sample, shape (n_samples, n_observables)."""
        strings, coefficients = pauli.expanded(observables)
        native, parameters = _read(circuit, strings)
        values = np.empty((n_samples, len(strings)))
        for rows, result in self._results(native, parameters, angles, n_samples, _CIRCUITS):
            for number, row in enumerate(range(rows.start, rows.stop)):
                data = result.data(number)
                values[row] = [data[str(k)] for k in range(len(strings))]
        return values if coefficients is None else values @ coefficients

    def estimates(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        n_samples: int,
        observables: Observables,
        shots: int,
        generator: np.random.Generator,
    ) -> tuple[Real, Real]:
        """Return expectations as shots show them, and their standard errors.

        Strings that differ only in identities are read off the same shots.
        """
        strings, coefficients = pauli.expanded(observables)
        weights = np.eye(len(strings)) if coefficients is None else coefficients
        values, squares = np.zeros((2, n_samples, weights.shape[1]))
        together = max(1, min(_CIRCUITS, _SHOTS // shots))
        for basis, group in pauli.measurement_groups(strings):
            native, parameters = _measured(circuit, basis)
            masks = [int("".join("01"[letter != "I"] for letter in strings[k]), 2) for k in group]
            options = {"shots": shots, "seed_simulator": int(generator.integers(2**31))}
            for rows, result in self._results(
                native, parameters, angles, n_samples, together, **options
            ):
                for number, row in enumerate(range(rows.start, rows.stop)):
                    seen: dict[str, int] = result.data(number)["counts"]
                    signs = [[_sign(int(bits, 16) & mask) for mask in masks] for bits in seen]
                    readings = np.array(signs) @ weights[group]
                    frequencies = np.array([list(seen.values())]) / shots
                    values[row] += (frequencies @ readings)[0]
                    squares[row] += measurement.variances(frequencies, readings, shots)[0]
        return values, np.sqrt(squares)

    def _results(
        self,
        native: QuantumCircuit,
        parameters: Sequence[Parameter],
        angles: Sequence[Angle],
        n_samples: int,
        together: int,
        **options: Any,
    ) -> Iterator[tuple[slice, Any]]:
        """Yield some samples at a time, and what Aer says of them."""
        simulator = self._simulator()
        for start in range(0, n_samples, together):
            rows = slice(start, min(start + together, n_samples))
            n_rows = rows.stop - rows.start
            parts = [a[rows] if isinstance(a, np.ndarray) else np.full(n_rows, a) for a in angles]
            bound = {p: part.tolist() for p, part in zip(parameters, parts, strict=True)}
            # Without parameters there is one sample.
            result = simulator.run(native, parameter_binds=[bound] if bound else None, **options)
            yield rows, result.result()
            if "seed_simulator" in options:
                options["seed_simulator"] = (options["seed_simulator"] + n_rows) % 2**31

    def _simulator(self) -> AerSimulator:
        given = {
            "matrix_product_state_max_bond_dimension": self.max_bond_dimension,
            "matrix_product_state_truncation_threshold": self.truncation_threshold,
        }
        return aer_simulator(
            MATRIX_PRODUCT_STATE,
            "CPU",
            precision=self.precision,
            max_parallel_threads=self.n_threads,
            max_parallel_experiments=self.n_threads,
            mps_lapack=True,  # as fast as Aer's own singular values, which are off by 1e-11
            **{name: value for name, value in given.items() if value is not None},
        )


@lru_cache(maxsize=64)
def _read(circuit: Circuit, strings: tuple[str, ...]) -> tuple[QuantumCircuit, list[Parameter]]:
    """Return a circuit that saves the expectation of every string, under its number."""
    native, parameters = _native(circuit)
    for number, string in enumerate(strings):
        qubits = [qubit for qubit, letter in enumerate(string) if letter != "I"] or [0]
        letters = "".join(string[qubit] for qubit in qubits)
        look = SaveExpectationValue(Pauli(letters[::-1]), label=str(number))
        native.append(look, [circuit.n_qubits - 1 - qubit for qubit in qubits])
    return native, parameters


@lru_cache(maxsize=64)
def _measured(circuit: Circuit, basis: str) -> tuple[QuantumCircuit, list[Parameter]]:
    """Return a circuit that measures all qubits in a basis, ours first in the bit string."""
    native, parameters = _native(circuit)
    for qubit, letter in enumerate(basis):
        place = circuit.n_qubits - 1 - qubit
        if letter == "Y":
            native.sdg(place)
        if letter in "XY":
            native.h(place)
    native.measure_all()
    return native, parameters


def _native(circuit: Circuit) -> tuple[QuantumCircuit, list[Parameter]]:
    native, parameters = parametrised(circuit)
    return in_known_gates(native, aer_simulator(MATRIX_PRODUCT_STATE, "CPU")), parameters


def _sign(bits: int) -> int:
    return -1 if bits.bit_count() % 2 else 1
