"""Vector–Jacobian products of backends: pullbacks called later, again, and from threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import Backend, Feature, Operation, Weight, get_backend
from qmlplay.backends import testing
from qmlplay.backends.numpy.backend import FusedSimulation
from qmlplay.backends.shift import n_shift_evaluations
from qmlplay.backends.testing import random_angles, random_circuit, random_observables
from qmlplay.circuit import Circuit, Gate, ParametricCircuit
from qmlplay.training import Model, TrainingProblem

ON_EACH_BACKEND = each_backend()
TURN = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1)), Gate("rx", (1,), 1)))


def make_case(n_qubits, n_samples, seed=0, n_gates=35):
    generator = np.random.default_rng([seed, n_qubits, n_samples])
    circuit = random_circuit(n_qubits, n_gates, generator)
    angles = random_angles(circuit, n_samples, generator)
    angles[0] = generator.uniform(-4, 4, n_samples)
    observables = random_observables(n_qubits, 3, generator)
    return (circuit, angles, observables), generator.normal(size=(2, n_samples, 3))


def close(found, expected, tolerance=1e-10):
    assert [np.shape(one) for one in found] == [np.shape(one) for one in expected]
    assert all(isinstance(one, float | np.ndarray) for one in found)
    np.testing.assert_allclose(np.hstack(found), np.hstack(expected), rtol=0, atol=tolerance)


@pytest.mark.slow
@ON_EACH_BACKEND
@pytest.mark.parametrize("check", [testing.check_vjp, testing.check_cotangents])
def test_conformance(name, check):
    check(get_backend(name))


@ON_EACH_BACKEND
@pytest.mark.parametrize("n_qubits", [2, 5, 6])
def test_a_pullback_gives_the_gradients_of_every_call(name, n_qubits):
    case, cotangents = make_case(n_qubits, 4)
    values, pullback = get_backend(name).vjp(*case)
    for weights in (*cotangents, cotangents[0]):
        expected, slopes = get_backend("numpy").expectations_and_gradients(*case, weights)
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-10)
        close(pullback(weights), slopes)


@ON_EACH_BACKEND
@pytest.mark.parametrize("settings", [{}, {"noise": "medium"}], ids=["exact", "noise"])
def test_against_central_differences(name, settings):
    (circuit, angles, observables), (cotangents, _) = make_case(2, 3, n_gates=20)
    backend = get_backend(name, **settings)
    _, pullback = backend.vjp(circuit, angles, observables)
    for slot, slope in enumerate(pullback(cotangents)):
        ends = []
        for step in (1e-5, -1e-5):
            moved = [*angles[:slot], angles[slot] + step, *angles[slot + 1 :]]
            ends.append((cotangents * backend.expectations(circuit, moved, observables)).sum(1))
        difference = (ends[0] - ends[1]) / 2e-5
        expected = difference if isinstance(angles[slot], np.ndarray) else difference.sum()
        np.testing.assert_allclose(slope, expected, rtol=0, atol=1e-6)


@ON_EACH_BACKEND
def test_closed_form(name):
    x, w = np.array([0.3, -1.2, 2.0]), 0.7
    values, pullback = get_backend(name).vjp(TURN, [x, w], ["ZI", "IZ"])
    expected = np.stack([np.cos(x), np.cos(x) * np.cos(w)], axis=1)
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)
    weights = np.array([[1.0, 2.0], [0.0, 0.0], [-3.0, 0.5]])
    a, b = weights.T
    slopes = [-np.sin(x) * (a + b * np.cos(w)), float((-b * np.cos(x) * np.sin(w)).sum())]
    close(pullback(weights), slopes, 1e-12)
    close(pullback(weights.tolist()), slopes, 1e-12)
    close(pullback(weights.astype(np.float32)), slopes, 1e-12)
    _, pullback = get_backend(name).vjp(TURN, [0.3, w], ["ZI"])  # floats alone: one sample
    close(pullback([[2.0]]), [-2 * np.sin(0.3), 0.0], 1e-12)


class Counting(Backend):
    """States of the NumPy backend, and a count of the gates that were run on a sample."""

    name = "counting"
    chunk_amplitudes = 8  # two samples

    def __init__(self, kept_bytes=2**27):
        super().__init__()
        self.kept_bytes, self.n_gates = kept_bytes, 0

    def _run(self, circuit, angles, states, cuts):
        self.n_gates += len(states) * (cuts[-1] if cuts else 0)
        return get_backend("numpy")._run(circuit, angles, states, cuts)


def test_the_forward_run_is_not_repeated_as_far_as_memory_goes():
    turns = tuple(Gate("ry", (q,), q) for q in (0, 1))
    circuit = Circuit(2, (*turns, Gate("cx", (0, 1)), Gate("crx", (1, 0), 2)))
    angles, weights = [np.linspace(0, 1, 6), 0.4, 0.9], np.ones((6, 1))
    looks = 3  # at both columns of gates, and at the end: 2 samples of 4 amplitudes each
    for n_kept in range(4):
        backend = Counting(n_kept * looks * 2 * 4 * 16)
        _, pullback = backend.vjp(circuit, angles, ["ZX"])
        assert backend.n_gates == 6 * 4
        backend.n_gates = 0
        slopes = pullback(weights)
        backward = 6 * 2  # crx and cx
        assert backend.n_gates == backward + 2 * (3 - n_kept) * 4
        close(slopes, get_backend("numpy").gradients(circuit, angles, ["ZX"], weights))


def test_numpy_keeps_states_within_the_limit(monkeypatch):
    (circuit, angles, observables), (cotangents, _) = make_case(5, 3000)
    backend, forward_runs = get_backend("numpy"), []
    original = FusedSimulation.forward

    def watched(self, rows, memory):
        forward_runs.append(original(self, rows, memory))
        return forward_runs[-1]

    monkeypatch.setattr(FusedSimulation, "forward", watched)
    _, pullback = backend.vjp(circuit, angles, observables)
    n_chunks = len(forward_runs)
    assert n_chunks == 6
    n_bytes = forward_runs[0].n_bytes
    assert sum(run.n_bytes for run in forward_runs) < backend.kept_bytes
    expected = pullback(cotangents)
    assert len(forward_runs) == n_chunks
    forward_runs.clear()
    monkeypatch.setattr(type(backend), "kept_bytes", 3 * n_bytes + 10)
    _, pullback = backend.vjp(circuit, angles, observables)
    close(pullback(cotangents), expected)
    assert len(forward_runs) == n_chunks + 3


@pytest.mark.slow
@ON_EACH_BACKEND
def test_single_precision_threads_and_chunks(name, monkeypatch):
    case, (first, second) = make_case(3, 40)
    expected = [get_backend(name).gradients(*case, weights) for weights in (first, second)]
    monkeypatch.setattr(type(get_backend(name)), "chunk_amplitudes", 8 * 7)
    settings = [{}, {"n_threads": 3}, {"precision": "single"}, {"precision": "single"}]
    for kept_bytes, options in zip((2**27, 30_000, 2**27, 0), settings, strict=True):
        if name == "pennylane" and "precision" in options:
            continue
        monkeypatch.setattr(type(get_backend(name)), "kept_bytes", kept_bytes)
        _, pullback = get_backend(name, **options).vjp(*case)
        tolerance = 2e-5 if "precision" in options else 1e-10
        close(pullback(first), expected[0], tolerance)
        close(pullback(second), expected[1], tolerance)


@pytest.mark.slow
@ON_EACH_BACKEND
def test_pullbacks_are_called_from_many_threads(name, monkeypatch):
    case, _ = make_case(3, 30)
    monkeypatch.setattr(type(get_backend(name)), "chunk_amplitudes", 8 * 7)
    cotangents = np.random.default_rng(3).normal(size=(6, 30, 3))
    backend = get_backend(name, n_threads=2)
    expected = [backend.gradients(*case, weights) for weights in cotangents]
    for kept_bytes in (2**27, 20_000):
        monkeypatch.setattr(type(backend), "kept_bytes", kept_bytes)
        _, pullback = backend.vjp(*case)
        with ThreadPoolExecutor(6) as pool:
            for found, slopes in zip(pool.map(pullback, cotangents), expected, strict=True):
                close(found, slopes)


@ON_EACH_BACKEND
@pytest.mark.parametrize("settings", [{}, {"noise": "low"}], ids=["exact", "noise"])
def test_nothing_that_is_changed_afterwards_matters(name, settings):
    (circuit, angles, observables), (cotangents, _) = make_case(2, 3)
    backend = get_backend(name, **settings)
    expected = backend.gradients(circuit, angles, observables, cotangents)
    angles = [np.copy(angle) if np.ndim(angle) else angle for angle in angles]
    values, pullback = backend.vjp(circuit, angles, observables)
    values[:] = 7
    for angle in angles:
        if isinstance(angle, np.ndarray):
            angle[:] = 0.1
    first = pullback(cotangents)
    close(first, expected)
    for slope in first:
        if isinstance(slope, np.ndarray):
            slope[:] = 7
    close(pullback(cotangents), expected)


@pytest.mark.parametrize("settings", [{}, {"shots": 20}, {"noise": "low"}, {"n_threads": 2}])
def test_bad_cotangents_and_slots(settings):
    backend = get_backend("numpy", **settings)
    angles = [np.zeros(3), 0.4]
    _, pullback = backend.vjp(TURN, angles, ["ZI", "IZ"])
    for wrong in (np.ones((3, 1)), np.ones((2, 2)), np.ones(6), 1.0, np.ones((1, 2))):
        message = r"cotangents must have shape \(3, 2\), got"
        with pytest.raises(ValueError, match=message):
            pullback(wrong)
        with pytest.raises(ValueError, match=message):
            backend.gradients(TURN, angles, ["ZI", "IZ"], wrong)
    with pytest.raises(ValueError, match="cotangents are complex"):
        pullback(np.ones((3, 2)) + 0j)
    for call in (backend.vjp, lambda *case, slots: backend.expectations_and_gradients(
        *case, np.ones((3, 1)), slots=slots
    )):  # fmt: skip
        with pytest.raises(ValueError, match=r"slots must be from 0 to 1, .* got \[-1, 2\]"):
            call(TURN, angles, ["ZI"], slots=[0, 2, -1])
    with pytest.raises(ValueError, match="takes 2 angles"):
        backend.vjp(TURN, [0.1], ["ZI"])
    with pytest.raises(ValueError, match="observable 'Z' must"):
        backend.vjp(TURN, angles, ["Z"])


@pytest.mark.parametrize("slots", [None, [], [0]])
def test_circuits_without_angles_or_gates(slots):
    backend = get_backend("numpy")
    values, pullback = backend.vjp(Circuit(1, ()), [], ["Z"], slots=slots and [])
    assert values.tolist() == [[1.0]]
    assert pullback([[np.nan]]) == []


class Device(Backend):
    """Expectations alone, and a count of the samples they were asked for."""

    name = "device"

    def __init__(self):
        super().__init__()
        self.n_circuits = 0

    def expectations(self, circuit, angles, observables):
        values = get_backend("numpy").expectations(circuit, angles, observables)
        self.n_circuits += len(values)
        return values


@pytest.mark.slow
def test_a_device_runs_shifted_circuits_where_they_are_needed():
    device, ((circuit, angles, observables), (cotangents, _)) = Device(), make_case(3, 4)
    _, pullback = device.vjp(circuit, angles, observables, slots=[0, 1])
    assert device.n_circuits == 4
    exact = get_backend("numpy").gradients(circuit, angles, observables, cotangents)
    close(pullback(cotangents)[:2], exact[:2])
    assert device.n_circuits == 4 + 4 * n_shift_evaluations(circuit, [0, 1])
    device.n_circuits = 0
    close(pullback(0 * cotangents), [0 * slope for slope in exact])
    assert device.n_circuits == 0
    testing.check_vjp(device)
    testing.check_cotangents(device)


@ON_EACH_BACKEND
def test_shots_are_drawn_anew_in_every_pullback(name):
    x, weights = np.array([0.5, 1.1]), np.ones((2, 1))
    runs = []
    for _ in range(2):
        backend = get_backend(name, shots=2000, seed=4)
        values, pullback = backend.vjp(TURN, [x, 0.3], ["IZ"])
        runs.append([values, *pullback(weights), *pullback(weights)])
        assert all(np.all(slope == 0) for slope in pullback(0 * weights))
    for one, other in zip(*runs, strict=True):
        assert np.array_equal(one, other)  # the seed repeats it
    _, first, _, again, _ = runs[0]
    assert not np.array_equal(first, again)
    np.testing.assert_allclose(first, -np.sin(x) * np.cos(0.3), rtol=0, atol=0.1)


@ON_EACH_BACKEND
def test_training_where_the_readout_is_dead(name):
    turns = [Operation("ry", 0, Feature(0)), Operation("rx", 0, Weight(0))]
    circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    model = Model(get_backend(name), circuit, ("Z",))
    X, y = np.array([[0.3], [1.2], [2.0]]), np.array([0, 1, 1])
    problem = TrainingProblem(model, X, y, np.ones(3), "log_loss")
    _, gradient = problem.loss_and_gradient(np.array([0.4, 0.0, 0.0]))  # a scale of 0
    slopes = np.array([0.5, -0.5, -0.5]) / 3
    expected = [0.0, np.cos(X[:, 0]) * np.cos(0.4) @ slopes, slopes.sum()]
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-12)
    # So confident that every log-loss, and with it every cotangent, is 0.
    _, gradient = problem.loss_and_gradient(np.array([0.4, 0.0, 2000.0]), np.array([1, 2]))
    assert gradient.tolist() == [0.0, 0.0, 0.0]


class Broken(Backend):
    """A backend with one mistake, to see the kit find it."""

    name = "broken"

    def __init__(self, mistake):
        super().__init__()
        self.mistake, self.buffer = mistake, {}

    def _run(self, circuit, angles, states, cuts):
        norms = np.sqrt((np.abs(states) ** 2).sum(axis=1, keepdims=True))
        if self.mistake == "normalizes":
            with np.errstate(invalid="ignore"):
                states = states / norms
        elif self.mistake == "refuses states of 0" and not norms.all():
            raise ValueError("not a valid state vector")
        elif self.mistake == "drops tiny states":
            states = np.where(np.abs(states) < 1e-100, 0, states)
        for number, found in enumerate(get_backend("numpy")._run(circuit, angles, states, cuts)):
            found = found * norms if self.mistake == "normalizes" else np.array(found)  # noqa: PLW2901
            if self.mistake == "writes again":
                kept = self.buffer.setdefault((number, found.shape), found)
                kept[:] = found
                yield kept
            else:
                yield found

    def vjp(self, circuit, angles, observables, *, slots=None):
        values, pullback = super().vjp(circuit, angles, observables, slots=slots)
        if self.mistake == "all slots":
            _, pullback = super().vjp(circuit, angles, observables)
        if self.mistake == "once":
            first = []
            return values, lambda cotangents: first[0] if first else first.append(
                pullback(cotangents)) or first[0]  # fmt: skip
        return values, pullback


@pytest.mark.parametrize(
    ("mistake", "check"),
    [
        ("normalizes", testing.check_cotangents),
        ("refuses states of 0", testing.check_cotangents),
        ("drops tiny states", testing.check_cotangents),
        ("all slots", testing.check_cotangents),
        ("writes again", testing.check_vjp),
        ("all slots", testing.check_vjp),
        ("once", testing.check_vjp),
    ],
)
def test_the_kit_goes_red(mistake, check):
    with pytest.raises(AssertionError):
        check(Broken(mistake))


@pytest.mark.slow
def test_the_kit_is_green_without_a_mistake():
    testing.check_vjp(Broken(None))
    testing.check_cotangents(Broken(None))
    testing.check_vjp(Broken("refuses states of 0"))  # which is why there is the other check
