"""Every backend against the reference and against the others."""

import copy
import pickle

import numpy as np
import pytest
from backend_helpers import CORE_BACKENDS, each_backend

from qmlplay import get_backend
from qmlplay.backends import Backend, testing
from qmlplay.backends.shift import n_shift_evaluations, shift_gradients
from qmlplay.backends.testing import (
    gate_cases,
    random_angles,
    random_circuit,
    random_observables,
    reference_expectations,
    reference_states,
)
from qmlplay.circuit import GATES, Circuit, Gate

BACKENDS = each_backend()
CHECKS = [getattr(testing, f"check_{what}") for what in
          ("closed_forms", "states", "expectations", "gradients", "contract")]  # fmt: skip


def make_case(n_qubits, n_samples, seed, n_gates=40):
    """A circuit with every gate name, used-again slots, shared and per-sample angles."""
    generator = np.random.default_rng(1000 * seed + 10 * n_qubits + n_samples)
    circuit = random_circuit(n_qubits, n_gates, generator)
    angles = random_angles(circuit, n_samples, generator)
    angles[0] = generator.uniform(-4, 4, n_samples)
    observables = random_observables(n_qubits, 4, generator)
    return circuit, angles, observables, generator.normal(size=(n_samples, 4))


def close(found, expected, tolerance=1e-10):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def close_lists(found, expected, tolerance):
    for one, other in zip(found, expected, strict=True):
        assert np.shape(one) == np.shape(other)
        assert isinstance(one, float) == isinstance(other, float)
        close(one, other, tolerance)


@pytest.mark.slow
@BACKENDS
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_conformance(name, check):
    check(get_backend(name))


@pytest.mark.slow
@BACKENDS
def test_every_gate_on_random_circuits(name):
    check = {"max_qubits": 7, "n_seeds": 2} if name == "numpy" else {"max_qubits": 3}
    testing.check_gates(get_backend(name), **check)


@pytest.mark.slow
@each_backend(names=[name for name in CORE_BACKENDS if name != "numpy"])
def test_every_gate_on_random_circuits_of_every_size(name):
    testing.check_gates(get_backend(name), n_seeds=2)


def test_the_cases_of_a_gate_are_what_they_promise():
    for name in ("ch", "u", "ccx", "rxx"):
        kind = GATES[name]
        cases = list(gate_cases(name, n_seeds=2))
        sizes = [case.circuit.n_qubits for case in cases]
        assert sizes == sorted(2 * list(range(kind.n_qubits, 8)))
        assert len({case.circuit for case in cases}) == len(cases)
        for case in cases:
            last = case.circuit.n_qubits - 1
            places = [gate.qubits for gate in case.circuit.gates if gate.name == name]
            assert len(places) >= 4
            spans = {(gate[0], gate[-1]) for gate in places}
            assert {(0, last), (last, 0)} <= spans or kind.n_qubits == 1
            assert {isinstance(angle, float) for angle in case.angles} == {True, False}


def test_the_random_cases_are_what_they_promise():
    for n_qubits in range(2, 7):
        circuit, angles, observables, _ = make_case(n_qubits, 5, 0)
        slots = [slot for gate in circuit.gates for slot in gate.slots]
        fitting = {name for name, kind in GATES.items() if kind.n_qubits <= n_qubits}
        assert {gate.name for gate in circuit.gates} == fitting
        assert len(set(slots)) < len(slots)  # some slots are read twice
        assert len({isinstance(angle, np.ndarray) for angle in angles}) == 2
        assert set("XYZ") <= set("".join(observables))


@BACKENDS
@pytest.mark.parametrize("per_sample", [False, True], ids=["shared", "per sample"])
@pytest.mark.parametrize("gate", GATES)
def test_each_gate_with_its_global_phase(name, gate, per_sample):
    """Random cases can miss a gate's shared or per-sample translation; this one cannot."""
    turns = [Gate("ry", (q,), q) for q in range(3)] + [Gate("t", (1,)), Gate("sx", (2,))]
    kind = GATES[gate]
    own = Gate(gate, (2, 0, 1)[: kind.n_qubits], (None, 3, None, (3, 4, 5))[kind.n_angles])
    circuit = Circuit(3, (*turns, own))
    last = np.array([0.7, -2.2]) if per_sample else 0.7
    angles = [0.4, 1.1, np.array([1.9, 0.5]), last, 1.3, -last][: circuit.n_slots]
    close(get_backend(name).statevector(circuit, angles), reference_states(circuit, angles, 2))


@each_backend(names=[name for name in CORE_BACKENDS if name != "numpy"])
@pytest.mark.parametrize("n_samples", [1, 2, 5])
@pytest.mark.parametrize("n_qubits", range(1, 7))
def test_parity_with_numpy(name, n_qubits, n_samples):
    circuit, angles, observables, cotangents = make_case(n_qubits, n_samples, 1)
    numpy, other = get_backend("numpy"), get_backend(name)
    arguments = (circuit, angles, observables)
    close(other.expectations(*arguments), numpy.expectations(*arguments))
    values, gradients = other.expectations_and_gradients(*arguments, cotangents)
    close(values, numpy.expectations(*arguments))
    close_lists(gradients, numpy.gradients(*arguments, cotangents), 1e-8)


@pytest.mark.parametrize("n_qubits", range(1, 6))
def test_numpy_adjoint_equals_parameter_shift(n_qubits):
    backend = get_backend("numpy")
    circuit, angles, observables, cotangents = make_case(n_qubits, 3, 2)
    found = backend.gradients(circuit, angles, observables, cotangents)
    expectations = backend.expectations
    shifted = shift_gradients(expectations, circuit, angles, observables, cotangents)
    close_lists(found, shifted, 1e-9)


@pytest.mark.parametrize("n_qubits", [6, 7, 8])
@pytest.mark.parametrize("n_samples", [1, 2])
def test_numpy_with_several_windows(n_qubits, n_samples):
    """Beyond five qubits the register is cut: dense, diagonal and permutation steps mix."""
    circuit, angles, observables, cotangents = make_case(n_qubits, n_samples, 3, n_gates=70)
    backend = get_backend("numpy")
    close(backend.statevector(circuit, angles), reference_states(circuit, angles, n_samples))
    gradients = backend.gradients(circuit, angles, observables, cotangents)
    expected = get_backend("cirq").gradients(circuit, angles, observables, cotangents)
    close_lists(gradients, expected, 1e-9)


@pytest.mark.parametrize("name", ["cx", "cy", "cz", "swap"])
@pytest.mark.parametrize("qubits", [(0, 6), (6, 0), (2, 3), (5, 1)])
def test_numpy_permutations(name, qubits):
    """Fixed two-qubit gates in a row, within and across windows, after unlike rotations."""
    turns = [Gate("rx", (q,), q) for q in range(7)] + [Gate("rz", (q,), q) for q in range(7)]
    others = [Gate("cy", (1, 4)), Gate("swap", (4, 0)), Gate("cz", (3, 2)), Gate("t", (5,))]
    circuit = Circuit(7, (*turns, Gate(name, qubits), *others, Gate(name, qubits[::-1])))
    angles = [0.3 + 0.4 * q for q in range(7)]
    close(get_backend("numpy").statevector(circuit, angles), reference_states(circuit, angles, 1))


@BACKENDS
@pytest.mark.parametrize("amplitudes", [1, 8, 40])
def test_chunks_do_not_show(name, amplitudes, monkeypatch):
    circuit, angles, observables, cotangents = make_case(3, 5, 4)
    backend = get_backend(name)
    arguments = (circuit, angles, observables)
    values, gradients = backend.expectations_and_gradients(*arguments, cotangents)
    monkeypatch.setattr(type(backend), "chunk_amplitudes", amplitudes)
    assert len(backend._chunks(3, 5)) > 1 or amplitudes == 40
    close(backend.expectations(*arguments), values, 1e-12)
    chunked = backend.expectations_and_gradients(*arguments, cotangents)
    close(chunked[0], values, 1e-12)
    close_lists(chunked[1], gradients, 1e-11)


def test_numpy_chunks_with_shared_angles_across_windows(monkeypatch):
    """A diagonal step of shared angles alone has no axis of samples that could be cut."""
    turns = tuple(Gate("ry", (q,), q) for q in range(7))
    circuit = Circuit(7, (*turns, Gate("rzz", (1, 6), 7), Gate("crx", (6, 0), 8)))
    angles = [np.linspace(0, 1, 5), *(0.3 * q for q in range(8))]
    observables, cotangents = ["XZIIIIY", "ZIIIIIX"], np.linspace(-1, 1, 10).reshape(5, 2)
    monkeypatch.setattr(type(get_backend("numpy")), "chunk_amplitudes", 2 * 2**7)
    arguments = (circuit, angles, observables, cotangents)
    values, gradients = get_backend("numpy").expectations_and_gradients(*arguments)
    close(values, reference_expectations(circuit, angles, observables, 5))
    close_lists(gradients, get_backend("cirq").gradients(*arguments), 1e-10)


@BACKENDS
@pytest.mark.parametrize("settings", [{}, {"shots": 50, "seed": 1}], ids=["exact", "shots"])
def test_cotangents_may_be_a_function_of_the_expectations(name, settings, monkeypatch):
    circuit, angles, observables, _ = make_case(3, 5, 5, n_gates=25)
    targets = np.linspace(-1, 1, 20).reshape(5, 4)
    monkeypatch.setattr(type(get_backend(name)), "chunk_amplitudes", 16)
    arguments = (circuit, angles, observables)
    values, gradients = get_backend(name, **settings).expectations_and_gradients(
        *arguments, lambda E, rows: 2 * (E - targets[rows])
    )
    again = get_backend(name, **settings).expectations_and_gradients(
        *arguments, 2 * (values - targets)
    )
    close(again[0], values, 1e-12)
    close_lists(again[1], gradients, 1e-11)


@BACKENDS
def test_circuits_without_gates_and_without_angles(name):
    backend = get_backend(name)
    close(backend.statevector(Circuit(2, ()), []), [[1, 0, 0, 0]])
    close(backend.expectations(Circuit(2, ()), [], ["ZI", "XX"]), [[1, 0]])
    assert backend.gradients(Circuit(2, (Gate("h", (1,)),)), [], ["ZZ"], np.ones((1, 1))) == []


@BACKENDS
def test_inputs_are_left_as_they_were(name):
    circuit, angles, observables, cotangents = make_case(3, 4, 6)
    before = [np.copy(angle) for angle in angles], cotangents.copy()
    backend = get_backend(name)
    first = backend.expectations_and_gradients(circuit, angles, observables, cotangents)
    first[0][:] = 99  # results are the caller's: spoiling them must not come back
    for gradient in first[1]:
        if isinstance(gradient, np.ndarray):
            gradient[:] = 99
    second = backend.expectations(circuit, angles, observables)
    close(second, reference_expectations(circuit, angles, observables, 4))
    close_lists([float(np.sum(a)) for a in angles], [float(np.sum(a)) for a in before[0]], 0)
    close(cotangents, before[1], 0)


@pytest.mark.parametrize("n_samples", [2, 3000])
def test_the_number_of_shifted_circuits(n_samples):
    rows = []

    def expectations(circuit, angles, observables):
        values = get_backend("numpy").expectations(circuit, angles, observables)
        rows.append(len(values))
        return values

    circuit, angles, observables, cotangents = make_case(3, n_samples, 7)
    shift_gradients(expectations, circuit, angles, observables, cotangents)
    assert sum(rows) == n_samples * n_shift_evaluations(circuit)
    # A small batch is shifted several ways in one call, a large one in a call per shift.
    assert (len(rows) == 1) == (n_samples == 2)


class Broken(Backend):
    """A backend with one mistake, to see the kit find it."""

    def __init__(self, mistake):
        super().__init__()
        self.mistake = mistake

    def _run(self, circuit, angles, states, cuts):
        gates = circuit.gates
        if self.mistake == "reversed qubits":
            turn = circuit.n_qubits - 1
            gates = [Gate(g.name, tuple(turn - q for q in g.qubits), g.slot) for g in gates]
        elif self.mistake == "control and target":
            gates = [Gate(g.name, g.qubits[::-1], g.slot) for g in gates]
        elif self.mistake == "wrong gate":
            gates = [Gate("sx" if g.name == "sxdg" else g.name, g.qubits, g.slot) for g in gates]
        elif self.mistake == "sign":
            angles = [-angle for angle in angles]
        elif self.mistake == "first sample for all":
            angles = [a[:1].repeat(len(a)) if isinstance(a, np.ndarray) else a for a in angles]
        elif self.mistake == "single precision":
            states = states.astype(np.complex64) * np.float32(1 + 1e-7)
        wrong = Circuit(circuit.n_qubits, tuple(gates))
        return get_backend("numpy")._run(wrong, angles, states, cuts)


@pytest.mark.parametrize(
    "mistake",
    [
        "reversed qubits",
        "control and target",
        "wrong gate",
        "sign",
        "first sample for all",
        "single precision",
    ],
)
@pytest.mark.parametrize("check", [testing.check_states, testing.check_expectations])
def test_the_kit_goes_red(mistake, check):
    with pytest.raises(AssertionError):
        check(Broken(mistake))
    check(Broken("none"))


@each_backend()
def test_only_the_slots_asked_for_are_differentiated(name):
    generator = np.random.default_rng(4)
    circuit = random_circuit(4, 30, generator)
    angles = random_angles(circuit, 3, generator)
    weights = generator.normal(size=(3, 1))
    backend = get_backend(name)
    whole = backend.gradients(circuit, angles, ["ZXYI"], weights)
    wanted = set(range(3, circuit.n_slots, 2))
    _, some = backend.expectations_and_gradients(circuit, angles, ["ZXYI"], weights, slots=wanted)
    for slot, (gradient, expected) in enumerate(zip(some, whole, strict=True)):
        kept = expected if slot in wanted else 0 * expected
        np.testing.assert_allclose(gradient, kept, rtol=0, atol=1e-12)


class Device(Backend):
    """A backend that knows expectations alone, as hardware does."""

    name = "device"

    def __init__(self, label, **settings):
        super().__init__(**settings)
        self.label = label

    def expectations(self, circuit, angles, observables):
        return get_backend("numpy").expectations(circuit, angles, observables)


def test_a_backend_of_expectations_alone_has_gradients_by_parameter_shift():
    generator = np.random.default_rng(8)
    circuit = random_circuit(3, 20, generator)
    angles = random_angles(circuit, 2, generator)
    weights = generator.normal(size=(2, 1))
    found = Device("a").gradients(circuit, angles, ["ZXY"], weights)
    expected = get_backend("numpy").gradients(circuit, angles, ["ZXY"], weights)
    for gradient, exact in zip(found, expected, strict=True):
        np.testing.assert_allclose(gradient, exact, rtol=0, atol=1e-9)
    with pytest.raises(ValueError, match="no exact states"):
        Device("a").statevector(circuit, angles)


def test_a_backend_with_a_constructor_of_its_own_is_copied_and_pickled():
    device = Device("lab", seed=3)
    for again in (pickle.loads(pickle.dumps(device)), copy.deepcopy(device)):
        assert (again.label, again.seed) == ("lab", 3)
        assert again._generator.random() == np.random.default_rng(3).random()
