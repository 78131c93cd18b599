"""The table of exact, noisy and mitigated expectations of a trained model."""

import numpy as np
import pandas as pd
import pytest

from qmlplay import NoiseModel, VariationalClassifier, get_backend, load_dataset
from qmlplay.mitigation import (
    corrected_expectations,
    mitigation_table,
    zero_noise_extrapolation,
)

MOONS = load_dataset("moons", n_samples=60, random_state=0)
X, y = MOONS.X, MOONS.y
METHODS = [
    "exact",
    "noisy",
    "readout corrected",
    "ZNE linear",
    "ZNE Richardson",
    "readout + ZNE linear",
    "readout + ZNE Richardson",
]


@pytest.fixture(scope="module")
def trained():
    return VariationalClassifier(n_layers=2, max_iter=40, random_state=0).fit(X, y)


def test_errors_are_those_of_the_functions_it_stands_for(trained):
    table = mitigation_table(trained, X[:10], noise="high", scale_factors=(1, 2, 3))
    assert list(table.columns) == ["method", "mean_abs_error", "circuits"]
    assert table["method"].tolist() == METHODS
    device, circuit = get_backend("numpy", noise="high"), trained.circuit_.circuit
    angles = trained.circuit_.angles(trained.scaling_.radians(X[:10]), trained.weights_)
    exact = get_backend("numpy").expectations(circuit, angles, trained.observables_)
    ask = (device, circuit, angles, trained.observables_)
    found = [
        exact,
        device.expectations(*ask[1:]),
        corrected_expectations(*ask),
        *(
            zero_noise_extrapolation(*ask, (1, 2, 3), extrapolation, correct_readout=correct)
            for correct in (False, True)
            for extrapolation in ("linear", "richardson")
        ),
    ]
    errors = [np.abs(values - exact).mean() for values in found]
    np.testing.assert_allclose(table["mean_abs_error"], errors, atol=1e-12)
    assert table["circuits"].tolist() == [10, 10, 10, 30, 30, 30, 30]


def test_accuracies_are_those_of_the_models(trained):
    table = mitigation_table(trained, X, y, noise="high").set_index("method")
    assert list(table.columns) == ["mean_abs_error", "accuracy", "circuits"]
    assert table.loc["exact", "accuracy"] == trained.score(X, y)
    noisy = trained.with_backend("numpy", noise="high")
    assert table.loc["noisy", "accuracy"] == noisy.score(X, y)
    assert table.loc["exact", "mean_abs_error"] == 0


@pytest.mark.parametrize("noise", ["low", "medium", "high", NoiseModel(depolarizing_2q=0.02)])
def test_mitigation_helps(noise, trained):
    error = mitigation_table(trained, X[:20], noise=noise).set_index("method")["mean_abs_error"]
    assert error["readout + ZNE Richardson"] < 0.2 * error["noisy"]
    assert error["readout + ZNE Richardson"] <= error["ZNE Richardson"]
    assert error["readout corrected"] <= error["noisy"]


def test_shots_are_seeded_and_settings_counted():
    iris = load_dataset("iris")
    model = VariationalClassifier(n_qubits=1, n_layers=1, max_iter=1).fit(iris.X, iris.y)
    assert model.observables_ == ("Z", "X", "Y")  # three settings for three classes
    tables = [
        mitigation_table(model, iris.X[:5], shots=100, random_state=seed) for seed in (0, 0, 1)
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert not tables[0].equals(tables[2])
    assert tables[0]["circuits"].tolist() == [5, 15, 15, 45, 45, 45, 45]


def test_it_runs_on_the_models_own_backend_or_another_and_takes_frames():
    frame = pd.DataFrame(X, columns=["a", "b"])
    labels = np.array(["no", "yes"])[y]
    model = VariationalClassifier("cirq", n_layers=1, max_iter=5, random_state=0)
    model.fit(frame, labels)
    own = mitigation_table(model, frame[:6], labels[:6])
    other = mitigation_table(model, frame[:6], labels[:6], backend="numpy")
    pd.testing.assert_frame_equal(own, other, atol=1e-8)
    held = model.with_backend(get_backend("cirq"))
    pd.testing.assert_frame_equal(mitigation_table(held, frame[:6], labels[:6]), own)


def test_bad_input(trained):
    with pytest.raises(Exception, match="not fitted"):
        mitigation_table(VariationalClassifier(), X)
    with pytest.raises(ValueError, match="2 features"):
        mitigation_table(trained, X[:, :1])
    with pytest.raises(ValueError, match="did you mean 'medium'"):
        mitigation_table(trained, X[:2], noise="mediun")
    with pytest.raises(ValueError, match="must begin with 1, the noisy circuit itself"):
        mitigation_table(trained, X[:2], scale_factors=(3, 5))
    with pytest.raises(ValueError, match="shots must be a positive integer"):
        mitigation_table(trained, X[:2], shots=0)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        mitigation_table(trained, X[:5], y[:4])


def test_a_fake_device(trained):
    pytest.importorskip("qiskit_ibm_runtime")
    table = mitigation_table(trained, X[:5], noise="fake_manila", backend="qiskit")
    error = table.set_index("method")["mean_abs_error"]
    assert error["readout + ZNE linear"] < error["readout corrected"] < error["noisy"]
