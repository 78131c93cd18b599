"""Bad input to the classifier: what came, what is allowed, and nothing lost."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from qmlplay import VariationalClassifier, get_backend, load_dataset

MOONS = load_dataset("moons", n_samples=30, random_state=0)
X, y = MOONS.X, MOONS.y
HOLE = np.where(X.max() == X, np.nan, X)
ENDLESS = np.where(X.max() == X, np.inf, X)
DAYS = pd.Series(pd.date_range("2020", periods=2))

DATA = {
    "NaN": (HOLE, y, ValueError, "Input X contains NaN"),
    "infinity": (ENDLESS, y, ValueError, "Input X contains infinity"),
    "no samples": (X[:0], y[:0], ValueError, r"0 sample\(s\) .* minimum of 1"),
    "no features": (X[:, :0], y, ValueError, r"0 feature\(s\) .* minimum of 1"),
    "one class": (X, np.ones(30), ValueError, r"y has only one class, \[1.0\].*at least 2"),
    "one sample": (X[:1], y[:1], ValueError, r"only one class, \[.\].*at least 2|1 sample"),
    "a flat array": (X[:, 0], y, ValueError, "Expected 2D array, got 1D array"),
    "a number": (3.0, y, ValueError, "Expected 2D array, got scalar"),
    "three dimensions": (X[:, :, None], y, ValueError, "dim 3"),
    "text columns": (
        pd.DataFrame({"a": ["x", "y", "z"], "b": [1.0, 2.0, 3.0]}),
        [0, 1, 0],
        ValueError,
        "X must hold numbers .*'x'.*OneHotEncoder",
    ),
    "text": ([["a", "b"], ["c", "d"]], [0, 1], ValueError, "X must hold numbers .*'a'"),
    "complex": (X + 1j, y, ValueError, r"^Complex data not supported: X must hold real .{1,110}$"),
    "sparse": (csr_matrix(X), y, TypeError, r"Sparse data was passed.*toarray"),
    "objects": ([[{}, 1], [2, 3]], [0, 1], TypeError, r"float\(\) argument must be"),
    "no labels": (X, None, ValueError, "requires y to be passed"),
    "too few labels": (X, y[:-1], ValueError, r"inconsistent numbers of samples: \[30, 29\]"),
    "measurements as labels": (X, X[:, 0], ValueError, "Unknown label type: continuous"),
    "NaN as a label": (X, np.where(y, np.nan, 0), ValueError, "Input y contains NaN"),
    "two columns of labels": (X, np.c_[y, y], ValueError, r"y should be a 1d array"),
    "mixed labels": (X[:4], [0, "a", 0, "a"], TypeError, "y mixes text and other.*one type"),
    "mixed labels in an array": (
        X[:4],
        np.array([0, "a", 0, "a"], dtype=object),
        TypeError,
        "y mixes text and other.*one type",
    ),
    "mixed labels in a Series": (X[:2], pd.Series([True, "a"]), TypeError, "y mixes text"),
    "complex labels": (X, y * 1j, ValueError, r"y holds complex numbers, .* such as y\.real"),
    "complex labels in a list": (X[:2], [1j, 2], ValueError, "y holds complex numbers"),
    "small complex labels": (X, (y * 1j).astype(np.complex64), ValueError, "y holds complex"),
    "complex in a list": ([[1j, 1], [0, 1]], [0, 1], TypeError, "X must hold real .*'complex'"),
    "dictionaries": ([[{}, 1], [0, 1]], [0, 1], TypeError, "X must hold real numbers .*'dict'"),
    "dates": (pd.DataFrame({"a": DAYS, "b": 1.0}), [0, 1], TypeError, "dates or times.*dt.days"),
    "dates as objects": (DAYS.to_frame().astype(object), [0, 1], TypeError, "dates or times"),
    "times": (pd.DataFrame({"a": DAYS - DAYS[0], "b": 1.0}), [0, 1], TypeError, "dates or times"),
    "None among labels": (X[:4], ["a", None, "a", None], TypeError, "y mixes text"),
}


@pytest.mark.parametrize(("data", "labels", "error", "text"), DATA.values(), ids=DATA.keys())
def test_bad_data(data, labels, error, text):
    model = VariationalClassifier(max_iter=1)
    with pytest.raises(error, match=f"(?s){text}"):
        model.fit(data, labels)
    assert not hasattr(model, "weights_")
    assert not hasattr(model, "n_features_in_")


WEIGHTS = {
    "negative": (-np.ones(30), "Negative values in data passed to `sample_weight`"),
    "zero": (np.zeros(30), "at least (one non-zero|some must be positive)"),
    "NaN": (np.full(30, np.nan), "sample_weight contains NaN"),
    "infinite": (np.full(30, np.inf), "sample_weight contains infinity"),
    "too few": (np.ones(3), r"sample_weight.shape == \(3,\), expected \(30,\)"),
}


@pytest.mark.parametrize(("weights", "text"), WEIGHTS.values(), ids=WEIGHTS.keys())
def test_bad_sample_weights(weights, text):
    with pytest.raises(ValueError, match=text):
        VariationalClassifier(max_iter=1).fit(X, y, weights)


COUNT = "must be an integer of at least 1"
PARAMETERS = [
    ({"backend": "qiskti"}, ValueError, "unknown backend 'qiskti': did you mean 'qiskit'"),
    ({"backend": 3}, TypeError, "backend must be a name or a Backend, got int"),
    ({"encoding": "angel"}, ValueError, "unknown encoding 'angel': did you mean 'angle'"),
    ({"encoding": None}, TypeError, "encoding must be a name or a function .* got None"),
    ({"ansatz": "strong_entangling"}, ValueError, "did you mean 'strongly_entangling'"),
    ({"ansatz": 1.5}, TypeError, "ansatz must be a name or a function .* got 1.5"),
    ({"optimizer": "adm"}, ValueError, "unknown optimizer 'adm': did you mean 'adam'"),
    ({"optimizer": "frobnicate"}, ValueError, "Allowed: 'adam', 'cobyla', 'lbfgs'"),
    ({"optimizer": None}, TypeError, "optimizer must be one of .* got None"),
    ({"loss": "logloss"}, ValueError, "unknown loss 'logloss': did you mean 'log_loss'"),
    *[
        ({name: value}, error, f"{name} {COUNT}.*, got {value!r}")
        for name in ("n_layers", "n_qubits", "shots", "max_iter", "n_iter_no_change", "batch_size")
        for value, error in [(0, ValueError), (-2, ValueError), (True, TypeError), (1.5, TypeError)]
    ],
    *[({name: None}, TypeError, f"{name} {COUNT}, got None") for name in ("n_layers", "max_iter")],
    ({"n_qubits": "3"}, TypeError, f"n_qubits {COUNT} or None, got '3'"),
    ({"batch_size": "all"}, TypeError, f"batch_size {COUNT} or 'auto', got 'all'"),
    ({"batch_size": None}, TypeError, f"batch_size {COUNT} or 'auto', got None"),
    ({"batch_size": np.array([3])}, TypeError, f"batch_size {COUNT} or 'auto', got array"),
    *[
        ({name: value}, ValueError, f"{name} must be a positive number, got {value!r}")
        for name in ("learning_rate_init", "max_time")
        for value in (0, -0.1, np.nan, np.inf)
    ],
    *[
        ({name: value}, TypeError, f"{name} must be a positive number, got {value!r}")
        for name in ("learning_rate_init", "max_time")
        for value in ("fast", True, 1j)
    ],
    ({"learning_rate_init": None}, TypeError, "learning_rate_init must be a positive number"),
    ({"tol": -1e-4}, ValueError, r"tol must be a number in \[0, inf\), got -0.0001"),
    ({"tol": np.nan}, ValueError, r"tol must be a number in \[0, inf\), got nan"),
    ({"momentum": 1.0}, ValueError, r"momentum must be a number in \[0, 1\), got 1.0"),
    ({"momentum": -0.1}, ValueError, r"momentum must be a number in \[0, 1\), got -0.1"),
    ({"bandwidth": 0}, ValueError, r"bandwidth must be a positive number, got 0"),
    ({"bandwidth": "wide"}, TypeError, r"bandwidth must be a positive number, got 'wide'"),
    ({"alpha": -0.1}, ValueError, r"alpha must be a number in \[0, inf\), got -0.1"),
    ({"alpha": "strong"}, ValueError, r"alpha must be 'auto' or a number of at least 0"),
    ({"alpha": None}, TypeError, r"alpha must be a number in \[0, inf\), got None"),
    ({"momentum": "0.9"}, TypeError, r"momentum must be a number in \[0, 1\), got '0.9'"),
    *[
        (
            {"early_stopping": True, "validation_fraction": value},
            error,
            r"validation_fraction must be a number in \(0, 1\), got " + repr(value),
        )
        for value, error in [
            (0, ValueError),
            (1.0, ValueError),
            (-1, ValueError),
            (None, TypeError),
        ]
    ],
    (
        {"early_stopping": True, "validation_fraction": 0.01},
        ValueError,
        "validation_fraction=0.01 of 30 samples aside, which is too few",
    ),
    ({"callbacks": print}, TypeError, r"callbacks must be None or a list .* such as \[print\]"),
    ({"callbacks": ["print"]}, TypeError, r"callbacks must be .* got \['print'\]"),
    ({"callbacks": 5}, TypeError, "callbacks must be .* got 5"),
    ({"callbacks": (f for f in [print])}, TypeError, "callbacks must be None or a list"),
    *[
        ({name: "no"}, TypeError, f"{name} must be True or False, got 'no'")
        for name in ("early_stopping", "warm_start")
    ],
    *[
        ({name: value}, TypeError, f"{name} must be True, False or 'auto', got {value!r}")
        for name in ("reupload", "trainable_scaling", "scale_inputs")
        for value in ("no", "Auto", None, 1)
    ],
    ({"verbose": -1}, ValueError, "verbose must be 'auto', 0 or a positive integer, got -1"),
    (
        {"verbose": "much"},
        ValueError,
        "verbose must be 'auto', 0 or a positive integer, got 'much'",
    ),
    ({"random_state": "lucky"}, ValueError, "'lucky' cannot be used to seed"),
    ({"random_state": "lucky", "shots": 5}, ValueError, "'lucky' cannot be used to seed"),
    ({"noise": 0.1}, TypeError, r"noise must be None, .*got noise=0.1"),
    (
        {"backend": get_backend("numpy"), "shots": 10},
        ValueError,
        r"backend=NumpyBackend\(\) is an object with settings of its own",
    ),
    ({"n_qubits": 60}, ValueError, r"60 qubits need \d\S*e\+\d+ bytes .* use fewer qubits"),
    ({"n_qubits": 60, "backend": "qiskit"}, ValueError, "60 qubits need .* bytes"),
    ({"n_qubits": 60, "backend": "cirq", "shots": 5}, ValueError, "60 qubits need .* bytes"),
    ({"n_qubits": 60, "backend": "pennylane"}, ValueError, "60 qubits need .* bytes"),
]


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    PARAMETERS,
    ids=[f"{n}-{'-'.join(row[0])}" for n, row in enumerate(PARAMETERS)],
)
def test_bad_parameters(parameters, error, text):
    model = VariationalClassifier(**({"max_iter": 2, "n_layers": 1} | parameters))
    with pytest.raises(error, match=text):
        model.fit(X, y)
    assert not hasattr(model, "weights_")


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_bad_data_for_predictions(method):
    model = VariationalClassifier(max_iter=1).fit(X, y)
    ask = getattr(model, method)
    for data, error, text in [
        (HOLE, ValueError, "Input X contains NaN"),
        (X[:0], ValueError, r"0 sample\(s\)"),
        (X[:, :1], ValueError, "X has 1 features, but VariationalClassifier is expecting 2"),
        (X[0], ValueError, "Expected 2D array"),
        (X + 1j, ValueError, "Complex data not supported: X must hold real numbers"),
        ([["a", "b"]], ValueError, "X must hold numbers"),
        (csr_matrix(X), TypeError, "Sparse data was passed"),
    ]:
        with pytest.raises(error, match=text):
            ask(data)


def test_a_loss_that_overflows_says_what_to_change():
    model = VariationalClassifier(optimizer="sgd", learning_rate_init=1e200, max_iter=20)
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="learning_rate_init"):
        model.fit(X, y)


def test_numpy_numbers_are_numbers():
    model = VariationalClassifier(
        n_layers=np.int64(1),
        max_iter=np.int32(2),
        learning_rate_init=np.float32(0.1),
        tol=0,
        batch_size=np.int8(7),
        reupload=np.bool_(True),
        verbose=np.False_.item(),
        random_state=np.int64(0),
    )
    assert model.fit(X, y).n_steps_ == 10
