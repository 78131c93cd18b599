"""Trained estimators as PyTorch modules: the same numbers, trainable further, and back."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalClassifier, VariationalRegressor, load_dataset

pytestmark = pytest.mark.needs("torch", "array_api_compat")
torch = pytest.importorskip("torch")

BACKENDS = [None, "numpy", "qiskit", "cirq", "pennylane"]


@pytest.fixture(scope="module")
def two_classes():
    data = load_dataset("moons", n_samples=60, random_state=0)
    X = data.X.copy()
    X[0] = 1e6  # held at a limit
    return VariationalClassifier(max_iter=10, random_state=0).fit(X, data.y), X


@pytest.fixture(scope="module")
def three_classes():
    data = load_dataset("iris")
    return VariationalClassifier(max_iter=5, random_state=0).fit(data.X, data.y), data.X


def regressor(n_targets):
    data = load_dataset("fourier", n_samples=40, random_state=0)
    y = 100 + 7 * data.y
    y = y if n_targets == 0 else np.column_stack([y, -y, y**2][:n_targets])
    return VariationalRegressor(max_iter=5, random_state=0).fit(data.X, y), data.X


def double(X):
    return torch.tensor(np.asarray(X), dtype=torch.float64)


def close(found, expected, tolerance=1e-12):
    found = found.detach().numpy()
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", ["two_classes", "three_classes"])
def test_decision_values_of_classifiers(backend, case, request):
    clf, X = request.getfixturevalue(case)
    module = clf.to_torch(backend=backend)
    rows = np.vstack([X[:20], 3 * X[1:3]])
    close(module(double(rows)), clf.decision_function(rows))
    assert torch.isfinite(module(double(-1e30 * rows))).all()  # though no digit of an angle is left


def test_probabilities(two_classes, three_classes):
    clf, X = two_classes
    close(torch.sigmoid(clf.to_torch()(double(X))), clf.predict_proba(X)[:, 1])
    clf, X = three_classes
    close(torch.softmax(clf.to_torch()(double(X)), dim=-1), clf.predict_proba(X))


@pytest.mark.parametrize("n_targets", [0, 1, 3])
def test_predictions_of_regressors(n_targets):
    model, X = regressor(n_targets)
    close(model.to_torch()(double(X)), model.predict(X))
    assert model.to_torch().to_model() == model.model_


def test_comes_back_as_it_was(two_classes, three_classes):
    for clf, _ in (two_classes, three_classes):
        assert clf.to_torch().to_model() == clf.model_


def test_shapes_and_precisions(two_classes, three_classes):
    for (clf, X), shape in ((two_classes, ()), (three_classes, (3,))):
        module, rows = clf.to_torch(), double(X[:6])
        values = module(rows)
        assert module(rows.reshape(2, 3, -1)).shape == (2, 3, *shape)
        assert module(rows[0]).shape == shape
        assert module(rows[:0]).shape == (0, *shape)
        single = clf.to_torch(dtype=torch.float32)
        assert {p.dtype for p in single.state_dict().values()} == {torch.float32}
        assert single(rows.float()).dtype == torch.float32
        torch.testing.assert_close(single(rows.float()).double(), values, rtol=1e-4, atol=1e-4)
        assert module(rows.float()).dtype == torch.float32


def test_gradients_by_inputs_are_those_of_the_model(two_classes):
    clf, X = two_classes
    rows = double(X[:5]).requires_grad_()
    clf.to_torch()(rows).sum().backward()
    _, pullback = clf.model_.decisions_vjp(X[:5], "numpy")
    close(rows.grad, pullback(np.ones((5, 1)))[1])
    assert not rows.grad[0].any()  # held at a limit


@pytest.mark.parametrize("backend", [None, "numpy"])
def test_is_trained_further_and_comes_back(backend, two_classes):
    clf, X = two_classes
    y = torch.tensor(clf.predict(X) == 0, dtype=torch.float64)  # the opposite
    module = clf.to_torch(backend=backend)
    rows = double(X)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(module(rows), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert {name for name, _ in module.named_parameters()} == {
        "circuit.weights", "readout.weight", "readout.bias",
    }  # fmt: skip
    trained = clf.with_model(module.to_model())
    close(module(rows), trained.decision_function(X))
    assert not np.allclose(clf.decision_function(X), trained.decision_function(X))


def test_is_saved_and_copied(two_classes, three_classes):
    clf, X = two_classes
    module = clf.to_torch()
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        close(other(double(X)), clf.decision_function(X))
    other = clf.with_model(clf.model_.with_numbers(0 * clf.model_.numbers)).to_torch()
    other.load_state_dict(module.state_dict())
    close(other(double(X)), clf.decision_function(X))


@pytest.mark.parametrize("make", [VariationalClassifier, VariationalRegressor])
def test_own_observables_and_a_fixed_readout(make):
    data = load_dataset("moons", n_samples=40, random_state=0)
    model = make(
        observables=[0, {"ZZ": 0.5, "XI": 1.0}], readout="fixed", max_iter=5, random_state=0
    )
    model.fit(data.X, data.y)
    module = model.to_torch()
    expected = model.decision_function if make is VariationalClassifier else model.predict
    close(module(double(data.X)), expected(data.X))
    trained = [name for name, number in module.named_parameters() if number.requires_grad]
    assert trained == ["circuit.weights"]
    assert module.to_model() == model.model_


def test_the_last_step_of_a_pipeline():
    data = load_dataset("moons", n_samples=40, random_state=0)
    pipeline = make_pipeline(StandardScaler(), VariationalClassifier(max_iter=3, random_state=0))
    pipeline.fit(data.X, data.y)
    module = pipeline[-1].to_torch()
    close(module(double(pipeline[:-1].transform(data.X))), pipeline.decision_function(data.X))


def test_shots_of_the_estimators_own_backend(two_classes):
    clf, X = two_classes
    sampled = clf.with_backend("numpy", shots=500)
    module = sampled.to_torch(backend=sampled.backend_)
    assert "shots=500" in str(module)
    found, exact = module(double(X[:5])).detach().numpy(), clf.decision_function(X[:5])
    assert not np.allclose(found, exact)
    np.testing.assert_allclose(found, exact, atol=1.5)


def test_the_circuit_alone(two_classes):
    from qmlplay.torch import QuantumLayer

    clf, X = two_classes
    layer = QuantumLayer.from_model(clf.model_, dtype=torch.float64)
    radians = clf.model_.scaling.radians(X)
    close(layer(double(radians)), clf.expectations(X))


def test_errors(two_classes):
    with pytest.raises(NotFittedError):
        VariationalClassifier().to_torch()
    module = two_classes[0].to_torch()
    with pytest.raises(ValueError, match=r"2 feature\(s\).*got shape \(3, 5\)"):
        module(torch.zeros(3, 5))
    with pytest.raises(TypeError, match=r"must be a torch\.Tensor"):
        module(np.zeros((3, 2)))


def test_not_a_number(two_classes):
    clf, X = two_classes
    rows = double(X[:3])
    rows[1, 0] = torch.nan
    for backend in (None, "numpy"):
        assert clf.to_torch(backend=backend)(rows).isnan().tolist() == [False, True, False]
