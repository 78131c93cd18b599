"""The defaults are good: floors of the test accuracy, on every backend."""

from functools import cache

import numpy as np
import pytest
from backend_helpers import each_backend
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalClassifier, load_dataset

pytestmark = pytest.mark.slow

SEEDS = range(5)

#: name: (options of the dataset, components of a PCA or None, floor of the mean accuracy)
CASES = {
    "moons": ({"n_samples": 300, "noise": 0.15}, None, 0.96),
    "circles": ({"n_samples": 300, "noise": 0.1, "factor": 0.5}, None, 0.96),
    "xor": ({}, None, 0.93),
    "iris": ({}, None, 0.95),
    "blobs": ({}, None, 0.92),
    "breast_cancer": ({}, 4, 0.92),
    "wine": ({}, 4, 0.90),
}


@cache
def trained(name: str, seed: int, backend: str) -> tuple[float, float, tuple[float, ...]]:
    """Train with defaults; return the test accuracy, the training accuracy and the losses."""
    options, n_components, _ = CASES[name]
    data = load_dataset(name, random_state=seed, **options)
    X_train, X_test, y_train, y_test = train_test_split(
        data.X, data.y, test_size=0.3, stratify=data.y, random_state=seed
    )
    classifier = VariationalClassifier(backend=backend, random_state=seed)
    model: Pipeline = (
        make_pipeline(classifier)
        if n_components is None
        else make_pipeline(StandardScaler(), PCA(n_components, random_state=seed), classifier)
    )
    model.fit(X_train, y_train)
    losses = tuple(classifier.loss_curve_)
    return model.score(X_test, y_test), model.score(X_train, y_train), losses


@pytest.mark.parametrize("name", CASES)
def test_the_mean_test_accuracy_of_the_defaults(name, record_property):
    accuracies = [trained(name, seed, "numpy")[0] for seed in SEEDS]
    record_property("mean", float(np.mean(accuracies)))
    assert np.mean(accuracies) >= CASES[name][2], accuracies


@pytest.mark.parametrize("name", CASES)
@each_backend("backend", names=["qiskit", "cirq", "pennylane"])
def test_every_backend_trains_the_same_model(name, backend):
    test, train, losses = trained(name, 0, "numpy")
    other_test, other_train, other_losses = trained(name, 0, backend)
    np.testing.assert_allclose(other_losses, losses, rtol=0, atol=1e-6)
    assert other_test == test
    assert other_train == train


def test_three_blobs_are_three_classes():
    assert len(np.unique(load_dataset("blobs").y)) == 3
