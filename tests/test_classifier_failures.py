"""A fit that fails leaves everything that was there before."""

import numpy as np
import pytest

from qmlplay import Operation, VariationalClassifier, load_dataset

MOONS = load_dataset("moons", n_samples=40, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


def fails(state):
    raise ZeroDivisionError("of the user's own")


FAILURES = {
    "wrong feature count": ({}, (np.ones((4, 3)) * np.nan, [0, 1, 0, 1])),
    "one class": ({}, (np.ones((4, 3)), [1, 1, 1, 1])),
    "labels of another length": ({}, (np.ones((4, 3)), [1, 0])),
    "bad n_layers": ({"n_layers": 0}, (IRIS.X, IRIS.y)),
    "bad backend": ({"backend": "nump"}, (IRIS.X, IRIS.y)),
    "own ansatz with nonsense": ({"ansatz": lambda n, layer: 5}, (IRIS.X, IRIS.y)),
    "own encoding without features": ({"encoding": lambda n, f: []}, (IRIS.X, IRIS.y)),
    "own ansatz off the circuit": (
        {"ansatz": lambda n, layer: [Operation("h", n)]},
        (IRIS.X, IRIS.y),
    ),
    "too many qubits": ({"n_qubits": 60}, (IRIS.X, IRIS.y)),
    "too many classes": ({"n_qubits": 1}, (IRIS.X, np.arange(150) % 5)),
    "too few to validate": (
        {"early_stopping": True, "validation_fraction": 0.01},
        (IRIS.X, IRIS.y),
    ),
    "negative weights": ({}, (IRIS.X, IRIS.y, -np.ones(150))),
    "an error in a callback": ({"callbacks": [fails]}, (IRIS.X, IRIS.y)),
}


@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("warm_start", [False, True])
def test_a_failing_fit_leaves_the_earlier_one_as_it_was(case, warm_start):
    changes, data = FAILURES[case]
    if warm_start:
        data = (data[0][:, :2], *data[1:])
    model = classifier().fit(X, y)
    before = dict(vars(model))
    p = model.predict_proba(X)
    with pytest.raises((ValueError, TypeError, ZeroDivisionError)):
        model.set_params(warm_start=warm_start, **changes).fit(*data)
    model.set_params(**{name: before[name] for name in ("warm_start", *changes)})
    after = vars(model)
    assert set(after) == set(before)
    assert all(after[name] is before[name] for name in before)
    np.testing.assert_array_equal(model.predict_proba(X), p)


def test_a_failing_first_fit_leaves_nothing_behind():
    model = classifier(n_qubits=60)
    before = dict(vars(model))
    with pytest.raises(ValueError, match="60 qubits need"):
        model.fit(X, y)
    assert vars(model) == before


def test_a_failing_partial_fit_leaves_the_earlier_ones_as_they_were():
    model = classifier().partial_fit(X, y, classes=[0, 1])
    before = dict(vars(model))
    for data in [(X[:, :1], y), (X, y + 5), (X * np.nan, y), (X, y, [0, 1, 2])]:
        with pytest.raises(ValueError, match=r"."):
            model.partial_fit(*data)
    assert vars(model) == before
    again = classifier().partial_fit(X, y, classes=[0, 1]).partial_fit(X, y)
    np.testing.assert_array_equal(model.partial_fit(X, y).weights_, again.weights_)


def test_ctrl_c_before_the_first_step_leaves_the_earlier_fit():
    model = classifier().fit(X, y)
    before = dict(vars(model))

    def interrupted_encoding(n_qubits, n_features):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.set_params(encoding=interrupted_encoding).fit(X, y)
    model.set_params(encoding="angle_sum")
    assert vars(model) == before
