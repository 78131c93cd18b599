"""Labels in several columns: the same advice wherever labels are taken; in one, a hint."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.exceptions import DataConversionWarning

from qmlplay import VariationalClassifier, compare, ibm, load_dataset
from qmlplay.mitigation import mitigation_table
from qmlplay.plots import (
    BlochDisplay,
    BoundariesDisplay,
    ConfusionDisplay,
    CurvesDisplay,
    TrainingFramesDisplay,
)

MOONS = load_dataset("moons", n_samples=20, random_state=0)
X, y = MOONS.X, MOONS.y
ONE_HOT = np.eye(2, dtype=int)[y]
SEVERAL = np.c_[y, 1 - y, np.ones(20, dtype=int)]

COLUMNS = {
    "one-hot": ONE_HOT,
    "booleans": ONE_HOT == 1,
    "floats": ONE_HOT + 0.0,
    "lists": ONE_HOT.tolist(),
    "a frame": pd.get_dummies(pd.Series(np.array(["a", "b"])[y])),
    "sparse": csr_matrix(ONE_HOT),
    "several labels": SEVERAL,
    "three columns": np.eye(3, dtype=int)[np.arange(20) % 3],
}


@pytest.fixture(scope="module")
def fitted():
    return VariationalClassifier(max_iter=1, n_layers=1, random_state=0).fit(X, y)


def calls(labels, fitted):
    new = VariationalClassifier(max_iter=1, n_layers=1)
    yield lambda: new.fit(X, labels)
    yield lambda: VariationalClassifier(early_stopping=True).fit(X, labels)
    yield lambda: new.partial_fit(X, labels, classes=[0, 1])
    yield lambda: new.partial_fit(X, y, classes=labels)
    yield lambda: fitted.partial_fit(X, y, classes=labels)
    yield lambda: fitted.partial_fit(X, labels)
    yield lambda: new.training_cost(X, labels)
    yield lambda: fitted.score(X, labels)
    yield lambda: ibm.train(new, X, labels, device="fake_manila", max_qpu_seconds=10)
    yield lambda: ibm.plan(fitted, X, labels, device="fake_manila")
    yield lambda: ConfusionDisplay.from_estimator(fitted, X, labels)
    yield lambda: BoundariesDisplay.from_estimator(fitted, X, labels, resolution=5)
    yield lambda: BoundariesDisplay.from_estimator(fitted, X, y, X, labels, resolution=5)
    yield lambda: BlochDisplay.from_estimator(fitted, X, labels)
    yield lambda: CurvesDisplay.from_training({"new": new}, X, labels)
    yield lambda: TrainingFramesDisplay.from_estimator(new, X, labels)
    yield lambda: mitigation_table(fitted, X, labels, noise="low")


@pytest.mark.parametrize("labels", COLUMNS.values(), ids=COLUMNS.keys())
def test_columns_of_labels(labels, fitted):
    for call in calls(labels, fitted):
        with pytest.raises(ValueError, match=r"y should be a 1d array.*y.argmax\(axis=1\)"):
            call()


def test_comparisons_say_the_same():
    with pytest.raises(ValueError, match=r"y.argmax\(axis=1\)"):
        compare((X, ONE_HOT), seeds=1)


def test_a_single_column_is_taken_with_scikit_learns_hint(fitted):
    column = y[:, None]
    new = VariationalClassifier(max_iter=1, n_layers=1, random_state=0)
    for call in (new.fit, new.training_cost, fitted.partial_fit):
        with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
            call(X, column)
    assert new.classes_.tolist() == [0, 1]
    assert new.score(X, column) == new.score(X, y)


def test_the_cost_is_that_of_the_classes(fitted):
    three = np.arange(20) % 3
    cost = VariationalClassifier(max_iter=1).training_cost(X, three)
    with pytest.warns(DataConversionWarning):
        assert VariationalClassifier(max_iter=1).training_cost(X, three[:, None]) == cost
