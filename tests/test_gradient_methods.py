"""Adjoint, parameter shift and SPSA: chosen as documented, and right."""

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import (
    Backend,
    Feature,
    Operation,
    VariationalClassifier,
    Weight,
    get_backend,
    load_dataset,
)
from qmlplay.ansatze import get_ansatz
from qmlplay.circuit import ParametricCircuit, build_circuit
from qmlplay.circuit.formulas import WeightedFeature
from qmlplay.encodings import get_encoding
from qmlplay.model.design import choose_observables
from qmlplay.training import Model, TrainingProblem, problem
from qmlplay.training.gradients import (
    MAX_SHIFT_CIRCUITS,
    choose_gradient_method,
    spsa_gradients,
)

MOONS = load_dataset("moons", n_samples=40, random_state=0)
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


def controlled_circuit():
    """Every controlled rotation, with weights, with scaled features, and one weight twice."""
    operations = [
        Operation("ry", 0, Feature(0)),
        Operation("h", 1),
        Operation("crx", (0, 1), Weight(0)),
        Operation("cry", (1, 0), WeightedFeature(1, weight=1)),
        Operation("rx", 0, WeightedFeature(0, weight=2)),
        Operation("crz", (0, 1), Weight(3)),
        Operation("cp", (1, 0), WeightedFeature(2, weight=4, offset=3)),
        Operation("ryy", (0, 1), Weight(0)),
        Operation("cry", (0, 1), Weight(5)),
    ]
    return ParametricCircuit.from_operations(2, operations, n_features=3)


def encoded_circuit(encoding):
    encoding, ansatz = get_encoding(encoding), get_ansatz("hardware_efficient")
    return build_circuit(encoding, ansatz, n_qubits=2, n_features=3, n_layers=2)


CIRCUITS = {
    "controlled": controlled_circuit(),
    "angle": encoded_circuit("angle"),
    "zz": encoded_circuit("zz"),
}


def make_problem(circuit, method, n_classes=2, loss="log_loss", **settings):
    observables = choose_observables(2, n_classes)
    generator = np.random.default_rng(0)
    n_outputs = 1 if n_classes == 2 else n_classes
    made = TrainingProblem(
        Model(get_backend("numpy", **settings), circuit, observables),
        generator.uniform(-1.5, 1.5, (6, 3)),
        np.arange(6) % n_classes,
        generator.uniform(0.2, 3, 6),
        loss,
        gradient_method=method,
        generator=np.random.default_rng(1),
    )
    return made, generator.normal(0, 1, circuit.n_weights + (len(observables) + 1) * n_outputs)


def central_differences(f, w, h=1e-5):
    return np.array([(f(w + h * e) - f(w - h * e)) / (2 * h) for e in np.eye(len(w))])


@pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=CIRCUITS.keys())
@pytest.mark.parametrize("noise", [None, "high"])
@pytest.mark.parametrize(("n_classes", "loss"), [(2, "log_loss"), (4, "squared_error")])
def test_parameter_shift_against_finite_differences(circuit, noise, n_classes, loss):
    made, w = make_problem(circuit, "parameter_shift", n_classes, loss, noise=noise)
    value, gradient = made.loss_and_gradient(w)
    assert value == pytest.approx(made.loss(w), abs=1e-12)
    np.testing.assert_allclose(gradient, central_differences(made.loss, w), atol=1e-6)


@pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=CIRCUITS.keys())
def test_parameter_shift_equals_the_adjoint_method_where_states_are_exact(circuit, monkeypatch):
    adjoint, w = make_problem(circuit, "adjoint", 4)
    expected = adjoint.loss_and_gradient(w)
    shift, _ = make_problem(circuit, "parameter_shift", 4)

    def refuse(*arguments):
        raise AttributeError("a backward run was asked for")

    monkeypatch.setattr("qmlplay.backends.numpy.backend.FusedSimulation.backward", refuse)
    value, gradient = shift.loss_and_gradient(w)
    assert value == pytest.approx(expected[0], abs=1e-12)
    np.testing.assert_allclose(gradient, expected[1], atol=1e-11)
    with pytest.raises(AttributeError):
        adjoint.loss_and_gradient(w)


@pytest.mark.parametrize(
    "circuit",
    [
        pytest.param(circuit, id=name, marks=[] if name == "controlled" else [pytest.mark.slow])
        for name, circuit in CIRCUITS.items()
    ],
)
def test_spsa_is_unbiased_to_first_order(circuit, monkeypatch):
    """Its mean over directions is the exact gradient, within the standard error."""
    monkeypatch.setattr(problem, "SPSA_WIDTH", 1e-4)
    exact, w = make_problem(circuit, "adjoint", 4)
    expected = exact.loss_and_gradient(w)[1]
    made, _ = make_problem(circuit, "spsa", 4)
    n = 1500
    found = np.array([made.loss_and_gradient(w)[1] for _ in range(n)])
    by_weights = found[:, : circuit.n_weights]
    error = by_weights.mean(axis=0) - expected[: circuit.n_weights]
    z = error / (by_weights.std(axis=0, ddof=1) / np.sqrt(n))
    assert np.abs(z).max() < 4.5
    assert np.mean(z**2) < 3  # about 1
    assert (by_weights.std(axis=0) > 1e-3).all()
    # The readout is no circuit: nothing random but the step's width.
    readout = found[:, circuit.n_weights :]
    np.testing.assert_allclose(
        readout, np.broadcast_to(expected[circuit.n_weights :], readout.shape), atol=1e-5
    )


def test_spsa_differs_from_the_gradient_by_the_square_of_the_width():
    def cubes(angles):
        return np.broadcast_to(angles[0], 3) ** 3 + angles[1]

    generator = np.random.default_rng(0)
    for width in (0.1, 0.2):
        slopes = spsa_gradients(cubes, [np.array([0.5, 1.0, 2.0]), 7.0], 3, [0], width, generator)
        expected = 3 * np.array([0.25, 1, 4]) + width**2
        np.testing.assert_allclose(slopes[0], expected, atol=1e-10)
        assert slopes[1] == 0.0  # not wanted
    slopes = spsa_gradients(cubes, [0.5, np.zeros(3)], 3, [0], 0.1, generator)
    assert slopes[0] == pytest.approx(3 * (0.75 + 0.01))  # shared: summed over the samples
    assert slopes[1].shape == (3,)


def test_spsa_draws_a_direction_for_every_sample_and_repeats():
    def lines(angles):
        return angles[0] + 2 * angles[1]

    angles = [np.zeros(200), np.zeros(200)]
    first, again = (
        spsa_gradients(lines, angles, 200, [0, 1], 0.1, np.random.default_rng(3)) for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    # By the first angle 1 ± 2, by the second 2 ± 1, each sample on its own.
    assert set(np.round(first[0], 9)) == {-1.0, 3.0}
    assert set(np.round(first[1], 9)) == {1.0, 3.0}


@pytest.mark.slow
def test_spsa_with_shots_scatters_about_the_exact_gradient(monkeypatch):
    circuit = CIRCUITS["angle"]
    made, w = make_problem(circuit, "spsa", shots=50, seed=5)
    exact, _ = make_problem(CIRCUITS["angle"], "adjoint")
    monkeypatch.setattr(problem, "SPSA_WIDTH", 0.05)  # so that width² is below the shot noise
    n = 800
    found = np.array([made.loss_and_gradient(w)[1] for _ in range(n)])
    # The readout's gradient is biased by the shots themselves, as the loss is no line in E.
    found, expected = (
        part[..., : circuit.n_weights] for part in (found, exact.loss_and_gradient(w)[1])
    )
    error = found.mean(axis=0) - expected
    assert np.abs(error / (found.std(axis=0, ddof=1) / np.sqrt(n))).max() < 4.5


def test_circuits_are_counted_by_method_and_measurement_setting():
    circuit = CIRCUITS["controlled"]
    shifts = 4 + 4 + 2 + 4 + 2 + 2 + 4  # cp's generator has two eigenvalues, as rx's
    for settings, n_settings in (({}, 1), ({"shots": 10}, 2)):
        for method, per_gradient in (("parameter_shift", 1 + shifts), ("spsa", 2)):
            made, w = make_problem(circuit, method, 4, **settings)
            assert made.model.observables == ("ZI", "IZ", "ZZ", "XI")
            made.loss_and_gradient(w, np.arange(4))
            made.loss(w)
            assert made.n_circuit_evaluations == n_settings * (4 * per_gradient + 6)


class Device(Backend):
    """Expectations alone, as a device has them, and a count of the circuits."""

    name = "device"

    def __init__(self):
        super().__init__()
        self.circuits = 0

    def expectations(self, circuit, angles, observables):
        values = get_backend("numpy").expectations(circuit, angles, observables)
        self.circuits += len(values)
        return values


EXACT, SHOTS, NOISE = (
    get_backend("numpy"),
    get_backend("numpy", shots=10),
    get_backend("numpy", noise="low"),
)
FEW, MANY = MAX_SHIFT_CIRCUITS, MAX_SHIFT_CIRCUITS + 1


@pytest.mark.parametrize(
    ("asked", "backend", "optimizer", "n_circuits", "chosen"),
    [
        ("auto", EXACT, "adam", MANY, "adjoint"),
        ("auto", EXACT, "lbfgs", MANY, "adjoint"),
        ("auto", SHOTS, "adam", FEW, "parameter_shift"),
        ("auto", SHOTS, "sgd", MANY, "spsa"),
        ("auto", NOISE, "adam", FEW, "parameter_shift"),
        ("auto", NOISE, "adam", MANY, "spsa"),
        ("auto", NOISE, "lbfgs", MANY, "parameter_shift"),
        ("auto", Device(), "adam", FEW, "parameter_shift"),
        ("parameter_shift", EXACT, "adam", MANY, "parameter_shift"),
        ("parameter_shift", SHOTS, "adam", MANY, "parameter_shift"),
        ("spsa", EXACT, "sgd", FEW, "spsa"),
        ("adjoint", EXACT, "adam", FEW, "adjoint"),
        ("adjoint", SHOTS, "cobyla", FEW, None),
        ("auto", EXACT, "spsa", FEW, None),
        ("auto", SHOTS, "nelder_mead", FEW, None),
    ],
)
def test_the_choice(asked, backend, optimizer, n_circuits, chosen):
    assert choose_gradient_method(asked, backend, optimizer, n_circuits) == chosen


@pytest.mark.parametrize("settings", [{"shots": 10}, {"noise": "low"}])
def test_adjoint_is_refused_where_it_is_not_available(settings):
    model = classifier(gradient_method="adjoint", **settings)
    with pytest.raises(
        ValueError, match=r"'adjoint' needs exact states.*'parameter_shift', 'spsa'"
    ):
        model.fit(X, y)
    with pytest.raises(ValueError, match="'adjoint' needs exact states"):
        model.training_cost(X)
    exact = classifier(gradient_method="adjoint").fit(X, y)
    assert exact.with_backend("numpy", **settings).predict(X).shape == (40,)  # needs none


def test_bad_methods():
    with pytest.raises(ValueError, match="unknown gradient_method 'ajoint': did you mean 'adjoint"):
        classifier(gradient_method="ajoint").fit(X, y)
    with pytest.raises(TypeError, match="gradient_method must be one of"):
        classifier(gradient_method=None).fit(X, y)
    with pytest.raises(ValueError, match="optimizer='lbfgs' needs gradients that are not random"):
        classifier(gradient_method="spsa", optimizer="lbfgs").fit(X, y)


def test_the_classifier_reports_what_was_chosen():
    assert classifier().fit(X, y).gradient_method_ == "adjoint"
    assert classifier(optimizer="spsa").fit(X, y).gradient_method_ is None
    shots = classifier(shots=10, max_iter=1)
    assert shots.fit(X, y).gradient_method_ == "parameter_shift"  # 40 × 25 circuits a step
    large = load_dataset("moons", n_samples=900, random_state=0)
    shots.set_params(batch_size=900).fit(large.X, large.y)  # 900 × 25 > 20,000
    assert shots.gradient_method_ == "spsa"
    shots.set_params(batch_size=100).fit(large.X, large.y)
    assert shots.gradient_method_ == "parameter_shift"


def test_both_methods_give_the_same_training_where_both_are_exact():
    adjoint, shift = (
        classifier(gradient_method=method, n_layers=1).fit(X, y)
        for method in ("adjoint", "parameter_shift")
    )
    np.testing.assert_allclose(shift.weights_, adjoint.weights_, atol=1e-9)
    assert shift.n_circuit_evaluations_ == adjoint.n_circuit_evaluations_


@pytest.mark.slow
@pytest.mark.parametrize(
    "optimizer", [{"optimizer": "adam"}, {"optimizer": "sgd", "learning_rate_init": 0.02}]
)
@pytest.mark.parametrize("settings", [{}, {"shots": 200}, {"noise": "medium"}])
def test_training_by_spsa_learns_and_repeats(optimizer, settings):
    options = {"gradient_method": "spsa", "n_layers": 4, "max_iter": 100, "n_iter_no_change": None}
    model = classifier(**options, **optimizer, **settings)
    model.fit(X, y)
    assert model.gradient_method_ == "spsa"
    assert model.score(X, y) >= 0.85
    assert model.loss_curve_[-1] < 0.5 * model.loss_curve_[0]
    assert model.n_circuit_evaluations_ == 100 * 40 * 2
    if settings:
        again = classifier(**model.get_params()).fit(X, y)
        np.testing.assert_array_equal(again.weights_, model.weights_)


@each_backend("backend")
def test_noisy_training_by_parameter_shift_is_the_same_on_every_backend(backend):
    options = {"n_layers": 1, "max_iter": 2, "noise": "medium"}
    reference = classifier(**options).fit(X[:6], y[:6])
    model = classifier(backend=backend, **options).fit(X[:6], y[:6])
    assert model.gradient_method_ == "parameter_shift"
    np.testing.assert_allclose(model.weights_, reference.weights_, atol=1e-8)
    np.testing.assert_allclose(model.predict_proba(X), reference.predict_proba(X), atol=1e-8)


@pytest.mark.parametrize("method", ["parameter_shift", "spsa"])
def test_a_device_of_expectations_alone_runs_the_circuits_that_were_announced(method):
    device = Device()
    model = VariationalClassifier(
        device, n_layers=1, max_iter=3, gradient_method=method, random_state=0
    )
    announced = model.training_cost(X)
    assert device.circuits == 0
    model.fit(X, y)
    assert device.circuits == announced.max_circuits == model.n_circuit_evaluations_
    np.testing.assert_array_equal(model.training_cost_, announced)
