"""Gates that are not in the table: a line there is enough on the NumPy backend."""

import pickle

import cirq
import numpy as np
import pennylane as qml
import pytest
from backend_helpers import each_backend
from qiskit.circuit.library import CSXGate
from scipy.stats import unitary_group

from qmlplay import NoiseModel, get_backend
from qmlplay.backends import cirq_backend, pennylane_backend
from qmlplay.backends.numpy.fusion import fuse, n_steps
from qmlplay.backends.qiskit import translation
from qmlplay.backends.shift import shift_gradients
from qmlplay.backends.testing import (
    full_matrix,
    gate_cases,
    reference_densities,
    reference_expectations,
    reference_gradients,
    reference_states,
)
from qmlplay.circuit import GATES, Circuit, Gate, gate_matrix
from qmlplay.circuit.gate_types import GateType, composite, fixed, rotation
from qmlplay.circuit.gates import check_table
from qmlplay.interop import to_cirq, to_pennylane, to_qiskit
from qmlplay.mitigation.folding import fold_global

MOVES = np.eye(8)[[3, 0, 5, 1, 7, 2, 6, 4]] * np.exp(1j * np.arange(8))
CONTROLLED_TWICE = ((0.125, "II"), (-0.125, "ZI"), (-0.125, "IZ"), (0.125, "ZZ"))
NEW = {
    "dense_2": fixed(unitary_group.rvs(4, random_state=1), "undone_2"),
    "dense_3": fixed(unitary_group.rvs(8, random_state=2), "undone_3"),
    "dense_4": fixed(unitary_group.rvs(16, random_state=3), "undone_4"),
    "moves_3": fixed(MOVES, "moves_3_back"),
    "ccry": rotation("ccry", *((c, controls + "Y") for c, controls in CONTROLLED_TWICE)),
    "ryzx": rotation("ryzx", (0.5, "YZX")),
    "uneven_xy": rotation("uneven_xy", (1.0, "XI"), (0.5, "IY"), (0.5, "XY")),
    "hopping": composite("hopping", ("rxx", (0, 1), 0), ("ryy", (0, 1), 0)),
    "canonical": composite("canonical", ("rxx", (0, 1), 0), ("ryy", (0, 1), 1), ("rzz", (0, 1), 2)),
    "turned": composite("turned", ("h", (1,), None), ("crx", (1, 0), 0), ("h", (1,), None)),
}
for name in list(NEW):
    if NEW[name].rows is not None:
        back = np.array(NEW[name].rows).conj().T
        NEW[NEW[name].inverse] = fixed(back, name)


@pytest.fixture(autouse=True)
def _more_gates(monkeypatch):
    for name, kind in NEW.items():
        monkeypatch.setitem(GATES, name, kind)
    check_table(GATES)


def close(found, expected, tolerance=1e-10):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", NEW)
def test_a_line_in_the_table_is_enough_on_numpy(name):
    backend = get_backend("numpy")
    for case in gate_cases(name):
        arguments = (case.circuit, case.angles, case.observables)
        states = reference_states(case.circuit, case.angles, case.n_samples)
        close(backend.statevector(case.circuit, case.angles), states)
        values, gradients = backend.expectations_and_gradients(*arguments, case.cotangents)
        close(values, reference_expectations(*arguments, case.n_samples))
        slopes = reference_gradients(*arguments, case.cotangents)
        close(np.hstack(gradients), np.hstack(slopes))


@pytest.mark.parametrize("name", ["ccry", "uneven_xy", "hopping", "canonical", "turned"])
def test_their_angles_are_shifted(name):
    case = next(iter(gate_cases(name)))
    expectations = get_backend("numpy").expectations
    arguments = (case.circuit, case.angles, case.observables, case.cotangents)
    found = shift_gradients(expectations, *arguments)
    close(np.hstack(found), np.hstack(reference_gradients(*arguments)), 1e-9)


@pytest.mark.parametrize("name", ["dense_2", "dense_3", "ccry", "canonical"])
def test_their_noise(name):
    noise = NoiseModel(0.02, 0.05, 0.03, 0.04, 0.01, 0.015)
    case = next(iter(gate_cases(name)))
    found = get_backend("numpy", noise=noise)._densities(case.circuit, case.angles, 2)
    close(found, reference_densities(case.circuit, case.angles, 2, noise))


def test_the_norm_of_a_dense_gate_across_windows():
    """Controlled-H on qubits 0 and 4 of 5 once came out with norm 0.997."""
    gates = (Gate("h", (0,)), Gate("ry", (4,), 0), Gate("ch", (0, 4)))
    (state,) = get_backend("numpy").statevector(Circuit(5, gates), [0.3])
    assert np.linalg.norm(state) == pytest.approx(1, abs=1e-14)
    close(state, reference_states(Circuit(5, gates), [0.3], 1)[0])


def test_steps_are_counted_without_making_them():
    for case in gate_cases("dense_3"):
        per_sample = tuple(isinstance(angle, np.ndarray) for angle in case.angles)
        circuit = case.circuit.elementary
        assert n_steps(circuit, per_sample) == len(fuse(circuit, per_sample))


@each_backend(names=["qiskit", "cirq", "pennylane"])
def test_one_line_per_framework(name, monkeypatch):
    """CSX, as an example: with its translation it runs, with noise as well, and is exported."""
    half = (0.5 + 0.5j) * np.array([[1, -1j], [-1j, 1]])
    csx = np.kron(np.diag([1, 0]), np.eye(2)) + np.kron(np.diag([0, 1]), half)
    monkeypatch.setitem(GATES, "csx", fixed(csx, "csxdg"))
    monkeypatch.setitem(GATES, "csxdg", fixed(csx.conj().T, "csx"))
    monkeypatch.setitem(translation._FIXED, "csx", CSXGate())
    monkeypatch.setitem(translation._FIXED, "csxdg", CSXGate().inverse())
    monkeypatch.setitem(cirq_backend._FIXED, "csx", cirq.ControlledGate(cirq.X**0.5))
    monkeypatch.setitem(cirq_backend._FIXED, "csxdg", cirq.ControlledGate(cirq.X**-0.5))
    operation = {
        "csx": lambda wires: qml.ctrl(qml.SX(wires[1]), wires[0]),
        "csxdg": lambda wires: qml.ctrl(qml.adjoint(qml.SX(wires[1])), wires[0]),
    }
    monkeypatch.setattr(pennylane_backend, "_GATES", pennylane_backend._GATES | operation)
    noise = NoiseModel(0.02, 0.05)
    gates = (Gate("h", (0,)), Gate("ry", (2,), 0), Gate("csx", (2, 0)), Gate("rz", (0,), 1))
    circuit, angles = Circuit(3, gates), [np.array([0.4, 1.7]), 0.3]
    weights = np.ones((2, 1))
    close(get_backend(name).statevector(circuit, angles), reference_states(circuit, angles, 2))
    found = get_backend(name).gradients(circuit, angles, ["YIX"], weights)
    slopes = reference_gradients(circuit, angles, ["YIX"], weights)
    close(np.hstack(found), np.hstack(slopes))
    densities = get_backend(name, noise=noise)._densities(circuit, angles, 2)
    close(densities, reference_densities(circuit, angles, 2, noise), 1e-8)
    export = {"qiskit": to_qiskit, "cirq": to_cirq, "pennylane": to_pennylane}[name]
    export(circuit, [0.4, 0.3])
    assert gate_matrix("csx").shape == (4, 4)


def test_a_gate_defined_anew_is_the_new_one(monkeypatch):
    """Steps, spectra and shift rules once stayed those of the first gate of a name."""
    backend, angle = get_backend("numpy"), 0.3
    for letter, rate in (("X", 0.5), ("Y", 1.0), ("X", 0.75)):
        monkeypatch.setitem(GATES, "mine", rotation("mine", (rate, letter)))
        monkeypatch.setitem(
            GATES, "mirror", fixed(np.diag([1, 1 if letter == "X" else -1]), "mirror")
        )
        circuit = Circuit(1, (Gate("mine", (0,), 0), Gate("mirror", (0,))))
        arguments = (circuit, [angle], ["Z"])
        close(backend.expectations(*arguments), np.cos(2 * rate * angle))
        slope = -2 * rate * np.sin(2 * rate * angle)
        close(backend.gradients(*arguments, np.ones((1, 1))), slope)
        close(shift_gradients(backend.expectations, *arguments, np.ones((1, 1))), slope)
        # The state tells a new fixed gate, too.
        states = reference_states(circuit, [angle], 1)
        close(backend.statevector(circuit, [angle]), states)
    assert Gate("h", (0,)) == pickle.loads(pickle.dumps(Gate("h", (0,))))


@each_backend(names=["qiskit", "cirq", "pennylane"])
@pytest.mark.parametrize("gate", [Gate("h", (0,)), Gate("rx", (0,), 0)], ids=["fixed", "angle"])
def test_a_missing_translation_is_named(name, gate, monkeypatch):
    kind = {"h": "dense_1", "rx": "lonely"}[gate.name]
    monkeypatch.setitem(GATES, kind, GATES[gate.name])
    circuit = Circuit(1, (Gate(kind, (0,), gate.slot),))
    angles = [0.3] * circuit.n_slots
    export = {"qiskit": to_qiskit, "cirq": to_cirq, "pennylane": to_pennylane}[name]

    def exported():
        native = export(circuit, angles)
        if name == "pennylane":
            native()

    for call in (
        lambda: get_backend(name).expectations(circuit, angles, ["Z"]),
        lambda: get_backend(name, noise="low").expectations(circuit, angles, ["Z"]),
        exported,
    ):
        with pytest.raises(ValueError, match=rf"gate '{kind}' has no translation .*: add qmlplay"):
            call()


def test_a_gate_made_of_fixed_gates(monkeypatch):
    parts = (("h", (0,), None), ("cx", (0, 1), None))
    monkeypatch.setitem(GATES, "bell", GateType(2, "unbell", parts=parts))
    monkeypatch.setitem(GATES, "unbell", GateType(2, "bell", parts=parts[::-1]))
    check_table(GATES)
    assert not GATES["bell"].has_angle
    matrix = full_matrix(gate_matrix("cx"), (0, 1), 2) @ full_matrix(gate_matrix("h"), (0,), 2)
    close(gate_matrix("bell"), matrix)
    noise = NoiseModel(0.02, 0.05)
    for case in gate_cases("bell", max_qubits=5):
        states = reference_states(case.circuit, case.angles, 2)
        close(get_backend("numpy").statevector(case.circuit, case.angles), states)
    circuit = Circuit(3, (Gate("bell", (2, 0)), Gate("ry", (1,), 0)))
    found = get_backend("numpy", noise=noise)._densities(circuit, [0.4], 1)
    close(found, reference_densities(circuit, [0.4], 1, noise))


@pytest.mark.parametrize("arguments", [("h", 0.3), ("ry",), ("ccx", (0.1,)), ("u",)])
def test_a_matrix_needs_the_right_number_of_angles(arguments):
    with pytest.raises(ValueError, match=rf"gate '{arguments[0]}' takes \d angle"):
        gate_matrix(*arguments)


def test_a_wrong_inverse_is_refused_where_it_is_used(monkeypatch):
    """Folding, and the adjoint method of the frameworks, would be wrong without a word."""
    monkeypatch.setitem(GATES, "mine", fixed(np.diag([1, 1j]), "mine"))
    circuit = Circuit(1, (Gate("mine", (0,)),))
    with pytest.raises(ValueError, match="gate 'mine' does not undo gate 'mine': give its line"):
        fold_global(circuit, [], 3)
    monkeypatch.setitem(GATES, "mine", fixed(np.diag([1, 1j]), "sdg"))
    assert fold_global(circuit, [], 3)[0].gates[1] == Gate("sdg", (0,))
