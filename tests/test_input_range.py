"""The range of the inputs: given or learned, kept, and left by later data."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from qmlplay import VariationalClassifier, load_dataset, load_model
from qmlplay.errors import InputRangeWarning
from qmlplay.model import InputScaling

MOONS = load_dataset("moons", n_samples=60, random_state=0)
X, y = MOONS.X, MOONS.y
LOW, HIGH = X.min(axis=0), X.max(axis=0)


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 3, "n_layers": 1, "random_state": 0} | parameters))


def same_numbers(one, other):
    np.testing.assert_allclose(one.model_.numbers, other.model_.numbers, rtol=0, atol=1e-12)


RANGES = {
    "arrays": (LOW, HIGH),
    "lists": [LOW.tolist(), HIGH.tolist()],
    "numbers": (-3, 3.5),
    "a number and an array": (-3, HIGH),
    "numpy": (np.float32(-3), np.int64(4)),
}


@pytest.mark.parametrize("given", RANGES.values(), ids=RANGES.keys())
def test_a_given_range_becomes_a_half_turn(given, tmp_path):
    model = classifier(scale_inputs=given).fit(X, y)
    ends = np.stack([np.broadcast_to(end, 2) for end in given])
    np.testing.assert_allclose(
        model.scaling_.radians(ends), [[-np.pi / 2] * 2, [np.pi / 2] * 2], atol=1e-12
    )
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    same_numbers(clone(again).fit(X, y), clone(model).fit(X, y))
    same_numbers(again.partial_fit(X, y), model.partial_fit(X, y))


def test_the_range_of_the_data_is_what_is_learned():
    same_numbers(classifier(scale_inputs=(LOW, HIGH)).fit(X, y), classifier().fit(X, y))


BAD = [
    ((1, 0), ValueError, r"scale_inputs must be True, False or 'auto', got \(1, 0\): a range"),
    ((1, 1), ValueError, "with low < high"),
    ((0, np.inf), ValueError, "finite numbers"),
    ((np.nan, 1), ValueError, "finite numbers"),
    (([0, 0, 0], [1, 1]), ValueError, "arrays of shape"),
    (([], []), ValueError, "arrays of shape"),
    (([0, 2], [1, 1]), ValueError, "low < high"),
    ((0, 1, 2), TypeError, "a pair of finite"),
    (3, TypeError, "got 3"),
    (None, TypeError, "got None"),
    (("0", "1"), TypeError, "a pair of finite"),
    ((0, 1j), TypeError, "a pair of finite"),
    ((True, False), TypeError, "a pair of finite"),
    (([[0]], [[1]]), TypeError, "a pair of finite"),
    (([0, [1]], 2), TypeError, "a pair of finite"),
    ({0: 1, 2: 3}, TypeError, "a pair of finite"),
    (([0, 0, 0], [1, 1, 1]), ValueError, "a range for 3 features, but X has 2: give numbers"),
]


@pytest.mark.parametrize(("given", "error", "message"), BAD)
def test_ranges_that_are_none(given, error, message):
    with pytest.raises(error, match=message):
        classifier(scale_inputs=given).fit(X, y)


ORDER = np.argsort(X[:, 0])
BATCHES = np.split(ORDER, 6)  # the first one is narrow


def test_a_stream_that_leaves_its_first_range_warns_once(tmp_path):
    frame = pd.DataFrame(100 * X, columns=["age", "height"])
    model = classifier().partial_fit(frame.iloc[BATCHES[0]], y[BATCHES[0]], classes=[0, 1])
    with pytest.warns(InputRangeWarning) as caught:
        model.partial_fit(frame.iloc[BATCHES[5]], y[BATCHES[5]])
    (warning,) = caught
    text = str(warning.message)
    assert "1 feature(s) lie far outside the range of the first call" in text
    low, high = 100 * X[BATCHES[0], 0].min(), 100 * X[BATCHES[0], 0].max()
    assert f"age: {100 * X[BATCHES[5], 0].min():.4g} to" in text
    assert f"range {low:.4g} to {high:.4g}" in text
    assert "height" not in text
    assert "scale_inputs=(low, high)" in text
    assert warning.filename == __file__
    model.partial_fit(frame.iloc[BATCHES[5]], y[BATCHES[5]])  # once in its life
    model.save(tmp_path / "m")
    load_model(tmp_path / "m").partial_fit(frame.iloc[BATCHES[5]], y[BATCHES[5]])
    with pytest.warns(InputRangeWarning):
        clone(model).partial_fit(frame.iloc[BATCHES[0]], y[BATCHES[0]], classes=[0, 1]).partial_fit(
            frame.iloc[BATCHES[5]], y[BATCHES[5]]
        )


def test_angles_up_to_a_whole_turn_are_told_apart():
    model = classifier(scale_inputs=(-1, 1)).partial_fit([[-2.0], [2.0]], [0, 1], classes=[0, 1])
    with pytest.warns(InputRangeWarning, match=r"given as scale_inputs.*0: -2 to 2.001"):
        model.partial_fit([[-2.0], [2.001]], [0, 1])
    with pytest.warns(InputRangeWarning, match="given as scale_inputs"):
        classifier(scale_inputs=(0, 1e-3)).fit(X, y)


def test_a_warm_start_warns_as_well_and_predictions_do_not():
    model = classifier(warm_start=True).fit(X, y)
    model.predict(100 * X)
    with pytest.warns(InputRangeWarning, match="2 feature"):
        model.fit(100 * X, y)
    classifier(scale_inputs=False).fit(100 * X, y)  # radians already


def test_a_warning_that_is_an_error_loses_nothing():
    model = classifier().partial_fit(X, y, classes=[0, 1])
    before = model.weights_
    for _ in range(2):
        with pytest.raises(InputRangeWarning):
            model.partial_fit(100 * X, y)
    assert model.weights_ is before


def test_many_features_are_cut():
    wide = np.random.default_rng(0).normal(size=(20, 14))
    labels = np.arange(20) % 2
    model = classifier(n_qubits=2).partial_fit(wide, labels, classes=[0, 1])
    with pytest.warns(InputRangeWarning) as caught:
        model.partial_fit(50 * wide, labels)
    text = str(caught[0].message)
    assert "14 feature(s)" in text
    assert text.count(" to ") - 1 <= 21
    assert "…" in text
    assert len(text) < 1000


@pytest.mark.slow
def test_a_stream_with_its_range_learns_what_one_without_does_not():
    data = load_dataset("moons", n_samples=300, random_state=1)
    narrow = np.argsort(np.abs(data.X - data.X.mean(axis=0)).sum(axis=1))[:4]
    generator = np.random.default_rng(0)
    batches = [narrow] + [
        rows for _ in range(4) for rows in np.array_split(generator.permutation(300), 15)
    ]
    scores = []
    for given in (True, (data.X.min(axis=0), data.X.max(axis=0))):
        model = classifier(scale_inputs=given, n_layers=3, learning_rate_init=0.05)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for rows in batches:
                model.partial_fit(data.X[rows], data.y[rows], classes=[0, 1])
        assert [w.category for w in caught] == ([InputRangeWarning] if given is True else [])
        scores.append(model.score(data.X, data.y))
    assert scores[1] > scores[0] + 0.05


CHANGES = [
    (True, False),
    (False, True),
    (True, (-3, 3)),
    ((-3, 3), True),
    (False, (-3, 3)),
    ((-3, 3), False),
    ((-3, 3), (-3, 4)),
    (False, (-np.pi / 2, np.pi / 2)),
]


@pytest.mark.parametrize(("first", "then"), CHANGES, ids=str)
@pytest.mark.parametrize("through_a_file", [False, True])
def test_another_range_is_refused_where_training_goes_on(first, then, through_a_file, tmp_path):
    model = classifier(scale_inputs=first, warm_start=True).fit(X, y)
    if through_a_file:
        model.save(tmp_path / "m")
        model = load_model(tmp_path / "m")
    model.set_params(scale_inputs=then)
    text = re.escape(f"scale_inputs={then!r} is not what the model was first trained with")
    with pytest.raises(ValueError, match=f"{text}.*warm_start=False"):
        model.fit(X, y)
    with pytest.raises(ValueError, match=f"{text}.*clone"):
        model.partial_fit(X, y)
    model.set_params(scale_inputs=first).fit(X, y)
    model.set_params(scale_inputs=then, warm_start=False).fit(X, y)


def test_what_training_takes_anew_may_change():
    model = classifier(warm_start=True).fit(X, y)
    changes = {"loss": "squared_error", "optimizer": "sgd", "shots": 20, "max_iter": 2}
    model.set_params(**changes, gradient_method="spsa", learning_rate_init=0.01, backend="numpy")
    assert model.fit(X, y).gradient_method_ == "spsa"
    assert model.training_cost_.shots == 20


@pytest.mark.parametrize(
    "change",
    [
        {"n_layers": 2},
        {"n_qubits": 3},
        {"encoding": "angle_rx"},
        {"ansatz": "no_entanglement"},
        {"trainable_scaling": False},
        {"n_layers": 2, "reupload": False},
    ],
    ids=str,
)
def test_another_circuit_is_refused_where_training_goes_on(change):
    model = classifier(warm_start=True).fit(X, y).set_params(**change)
    for go_on in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match="the weights of another circuit"):
            go_on(X, y)


def test_a_few_outliers_have_no_say_in_the_range():
    values = np.linspace(0, 8, 81)  # the quartiles are 2 and 6: fences at −10 and 18
    for outlier, place, expected in (
        (1e6, 80, (0, 18)),
        (-1e6, 0, (-10, 8)),
        (17, 80, (0, 17)),
        (8, 80, (0, 8)),
    ):
        column = values.copy()
        column[place] = outlier  # the quartiles stay
        start, end = InputScaling.from_data(column[:, None]).seen((-np.pi / 2, np.pi / 2))
        assert (start[0], end[0]) == pytest.approx(expected)
    many = np.append(values, np.full(9, 1e6))  # one in ten has no say either
    first, third = np.percentile(many, [25, 75])
    _, end = InputScaling.from_data(many[:, None]).seen((-np.pi / 2, np.pi / 2))
    assert end[0] == pytest.approx(third + 3 * (third - first))
    flags = np.repeat([0.0, 1.0], [95, 5])  # nor is what differs from a column of one value
    start, end = InputScaling.from_data(flags[:, None]).seen((-np.pi / 2, np.pi / 2))
    assert (start[0], end[0]) == pytest.approx((0, 1))


def test_an_outlier_costs_no_accuracy_and_no_warning():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(300, 4))
    labels = (rows.sum(axis=1) > 0).astype(int)
    rows[3, 1], rows[200, 2] = 5e4, -3e5  # errors of typing
    model = VariationalClassifier(max_iter=40, random_state=0, warm_start=True)
    assert model.fit(rows[:200], labels[:200]).score(rows[200:], labels[200:]) > 0.9
    model.fit(rows[:200], labels[:200])
