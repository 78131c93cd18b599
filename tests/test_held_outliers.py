"""Far outliers are held at Tukey's outer fences, in training, in new data, and wherever X goes."""

import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import (
    FeatureReduction,
    VariationalClassifier,
    load_dataset,
    load_model,
    save_model,
)
from qmlplay.diagnostics import saliency
from qmlplay.errors import InputRangeWarning
from qmlplay.model import InputScaling
from qmlplay.model.archive import read_archive, write_archive

HALF = np.pi / 2
VALUES = np.linspace(0, 8, 81)  # the quartiles are 2 and 6: fences at −10 and 18


def learned(column, input_range=(-HALF, HALF)):
    """Return the ends of the range of one column, and its limits."""
    scaling = InputScaling.from_data(np.asarray(column, dtype=float)[:, None], input_range)
    start, end = scaling.seen(input_range)
    return start[0], end[0], scaling.low[0], scaling.high[0]


def with_tails(n, low=-1e6, high=1e6):
    """Return the values with n of them far out on either side; the quartiles stay."""
    column = VALUES.copy()
    column[:n], column[len(column) - n :] = low, high
    return column


# Quartiles of 1 … 41 are 11 and 31: fences at −49 and 91.
AMOUNTS = np.append(np.arange(1.0, 39), [1e5, 1e6, 1e7])

COLUMNS = {
    "few on top": (np.append(VALUES[:80], 1e6), (0, 18, -10, 18)),
    "few below": (np.append(VALUES[1:], -1e6), (-10, 8, -10, 18)),
    "few on both sides": (with_tails(2), (-10, 18, -10, 18)),
    "many on both sides": (with_tails(9), (-10, 18, -10, 18)),
    "many, not all beyond": (with_tails(9, low=-9), (-9, 18, -10, 18)),
    "nearly all zero": (np.append(np.zeros(900), AMOUNTS), (0, 91, -49, 91)),
    "a quarter zero": (np.append(np.zeros(16), AMOUNTS), (0, 91, -49, 91)),
    "zeros far below": (np.append(np.zeros(900), AMOUNTS + 1000), (0, 1091, 0, 1091)),
    "zeros far above": (np.append(np.zeros(900), -AMOUNTS - 1000), (-1091, 0, -1091, 0)),
    "another value than zero": (np.append(np.full(900, 7.0), AMOUNTS + 7), (7, 98, -42, 98)),
}


@pytest.mark.parametrize(("column", "expected"), COLUMNS.values(), ids=COLUMNS.keys())
def test_range_and_limits_by_hand(column, expected):
    assert learned(column) == pytest.approx(expected)
    assert learned(column[::-1], (0, 1)) == pytest.approx(expected)
    start, end, low, high = learned(-column)
    assert (-end, -start, -high, -low) == pytest.approx(expected)


def test_values_beyond_a_fence_have_its_angle():
    column = with_tails(9)[:, None]
    scaling = InputScaling.from_data(column)
    X = np.array([[-1e300], [-10.5], [-10], [-3], [4], [18], [18.1], [1e300]])
    turns = np.array([-1, -1, -1, -0.5, 0, 1, 1, 1])  # 28 wide, from −10 to 18
    np.testing.assert_allclose(scaling.radians(X)[:, 0], turns * HALF, atol=1e-12)
    assert scaling.is_held(X)[:, 0].tolist() == [True, True, *[False] * 4, True, True]
    np.testing.assert_allclose(
        scaling.slopes(X)[:, 0], np.where(scaling.is_held(X)[:, 0], 0, np.pi / 28)
    )
    # The lower fence counts too where far values were seen on top alone: −10 is 0 − 10/18 turns.
    above = InputScaling.from_data(np.append(VALUES[:80], 1e6)[:, None])
    np.testing.assert_allclose(above.radians(np.array([[-1e9]])), -HALF - 10 / 18 * np.pi)


def normal(size, seed=0):
    return np.random.default_rng(seed).normal(size=size)


COUNTS = np.random.default_rng(0).poisson(0.2, 400)  # zeros, ones, and few more
UNCHANGED = {
    "normal": normal((400, 8)),
    "uniform": np.random.default_rng(0).uniform(-3, 9, (400, 4)),
    "iris": load_dataset("iris").X,
    "moons": load_dataset("moons", random_state=0).X,
    "flags": np.array([np.repeat([0.0, 1.0], [n, 100 - n]) for n in (1, 5, 20, 50, 76, 99)]).T,
    "a constant": np.full((20, 1), 3.0),
    "few levels, one of them far": np.repeat([0.0, 1, 2, 1000], [80, 10, 6, 4])[:, None],
    "many far, of few levels": np.repeat([0.0, 1.0, 1000.0], [45, 45, 10])[:, None],
    "counts": COUNTS[:, None].astype(float),
    "two thirds zero": np.append(np.zeros(60), np.linspace(100, 101, 30))[:, None],
    "two frequent values": np.repeat([0.0, 1.0, *range(5, 20)], [50, 35] + 15 * [1])[:, None],
    "one row": normal((1, 3)),
    "two rows": np.array([[0.0, -1e308], [1e300, 1e308]]),
}


@pytest.mark.parametrize("X", UNCHANGED.values(), ids=UNCHANGED.keys())
def test_columns_without_far_outliers_keep_their_scaling_to_the_last_bit(X):
    scaling = InputScaling.from_data(X)
    low, high = X.min(axis=0) / 2, X.max(axis=0) / 2
    assert np.array_equal(scaling.center, low + high)
    assert np.array_equal(scaling.half_range, np.where(high > low, high - low, 1.0))
    assert not scaling.holds
    assert np.isneginf(scaling.low).all()
    assert np.isposinf(scaling.high).all()
    angles = (X - scaling.center) / scaling.half_range * (np.pi / 2)
    assert np.array_equal(scaling.radians(X), angles)


def test_values_near_the_largest_float():
    column = np.append(np.linspace(0, 1, 40) * 1e308, [-1.7e308, 1.7e308])[:, None]
    for X in (column, np.append(with_tails(9), [-1.7e308, 1.7e308])[:, None]):
        scaling = InputScaling.from_data(X)
        assert np.isfinite(scaling.radians(X)).all()
        assert np.abs(scaling.radians(X)).max() == pytest.approx(HALF)


def heavy(seed, n, n_features=6):
    """Return log-normal columns and a straight cut through their logarithms."""
    generator = np.random.default_rng(seed)
    X = generator.lognormal(sigma=2, size=(n, n_features))
    return X, (np.log(X) @ generator.normal(size=n_features) > 0).astype(int)


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 3, "n_layers": 2, "random_state": 0} | parameters))


@pytest.fixture(scope="module")
def fitted():
    return classifier().fit(*heavy(0, 60))


def test_heavy_tails_cost_no_accuracy():
    scores = []
    for seed in range(4):
        X, y = heavy(seed, 300, n_features=4)
        models = (
            VariationalClassifier(max_iter=40, n_layers=3, random_state=0),
            make_pipeline(StandardScaler(), LogisticRegression()),
        )
        scores.append([model.fit(X[:210], y[:210]).score(X[210:], y[210:]) for model in models])
    accuracy, rival = np.mean(scores, axis=0)
    assert accuracy > 0.8  # 0.69 with the range of all values
    assert accuracy > rival


def test_new_values_beyond_a_limit_count_as_the_limit_in_every_answer(fitted):
    low, high = fitted.scaling_.low, fitted.scaling_.high
    X = np.stack(
        [high + np.array([1, 1e3, 1e9, 1e300, 1, 0]), low - np.array([1e-3, 1, 1e9, 0, 0, 1])]
    )
    limits = np.stack([high, low])
    np.testing.assert_array_equal(fitted.predict_proba(X), fitted.predict_proba(limits))
    assert fitted.model_.sample_angles(X[0]) == fitted.model_.sample_angles(high)
    assert fitted.to_openqasm(X[0]) == fitted.to_openqasm(high)
    assert fitted.to_qiskit(X[0]) == fitted.to_qiskit(high)
    assert fitted.to_cirq(X[0]) == fitted.to_cirq(high)
    for name in ("qiskit", "cirq", "pennylane"):
        other = fitted.with_backend(name)
        np.testing.assert_allclose(other.predict_proba(X), fitted.predict_proba(X), atol=1e-10)


@pytest.mark.parametrize("settings", [{}, {"noise": "low"}, {"encoding": "zz"}])
def test_derivatives_by_the_features_on_both_sides_of_a_limit(settings):
    X, y = heavy(0, 60)
    model = classifier(n_layers=1, max_iter=1, **settings).fit(X[:, :3], y)
    high = model.scaling_.high
    rows = np.tile(np.median(X[:, :3], axis=0), (6, 1))
    rows[[0, 1, 2], [0, 1, 2]] = high - 0.01  # just inside, one feature each
    rows[[3, 4, 5], [0, 1, 2]] = high + 0.01  # and just outside
    slopes = saliency(model, rows)
    step = 1e-4
    for k in range(3):
        up, down = rows.copy(), rows.copy()
        up[:, k] += step
        down[:, k] -= step
        difference = (model.predict_proba(up) - model.predict_proba(down)) / (2 * step)
        np.testing.assert_allclose(slopes[:, k], difference, atol=1e-7)
        assert np.all(slopes[3 + k, k] == 0)
        assert np.abs(slopes[k, k]).max() > 0
    cotangents = normal((6, len(model.observables_)))
    _, by_X = model.model_.gradients(rows, model.backend_, cotangents)
    assert np.array_equal(by_X == 0, rows > high)


def test_a_given_range_holds_nothing():
    X, y = heavy(0, 60)
    model = classifier(scale_inputs=(X.min(axis=0), X.max(axis=0))).fit(X, y)
    assert not model.scaling_.holds
    assert not classifier(scale_inputs=False).fit(X, y).scaling_.holds


def test_limits_of_the_first_batch_stay(fitted):
    X, y = heavy(0, 60)
    model = classifier().partial_fit(X, y, classes=[0, 1])
    first = model.scaling_
    assert model.partial_fit(X * [1, 1, 1, 1, 1, 0.5], y).scaling_ == first
    model = classifier(warm_start=True).fit(X, y).fit(X / 2, y)
    assert model.scaling_ == first == fitted.scaling_


def test_held_values_are_not_warned_of_unless_most_are():
    X, y = heavy(0, 60)
    later = X.copy()
    later[:30, 0], later[30:, 0] = 1e9, 1  # half of them are held; warnings are errors here
    model = classifier(warm_start=True).fit(X, y).fit(X, y).fit(later, y)
    model.partial_fit(np.full((5, 6), 1e9), y[:5])  # a few rows say nothing
    later[30, 0] = 1e9
    with pytest.warns(InputRangeWarning, match=r"most values are held .*\(0: .* to 1e\+09, range"):
        model.fit(later, y)
    model.fit(later, y)  # once in its life


def test_a_value_that_is_equal_hashed_and_pickled(fitted):
    scaling = fitted.scaling_
    for change in ({"low": None, "high": None}, {"high": 2 * scaling.high}):
        assert replace(scaling, **change) != scaling
        assert replace(fitted.model_, scaling=replace(scaling, **change)) != fitted.model_
    again = pickle.loads(pickle.dumps(fitted)).scaling_
    assert again == scaling
    assert hash(again) == hash(scaling)
    assert not again.high.flags.writeable
    assert fitted.model_.with_numbers(fitted.model_.numbers).scaling == scaling
    plain = InputScaling(np.zeros(2), np.ones(2))
    assert plain == InputScaling([0, 0], [1, 1], [-np.inf] * 2, [np.inf] * 2)


BAD = [
    ({"low": [np.nan, 0]}, ValueError, "scaling_low must be below scaling_high"),
    ({"high": [1, np.nan]}, ValueError, "scaling_low must be below scaling_high"),
    ({"low": [0, 1], "high": [1, 1]}, ValueError, "scaling_low must be below scaling_high"),
    ({"low": [0, 2], "high": [1, 1]}, ValueError, "scaling_low must be below scaling_high"),
    ({"low": [np.inf, 0]}, ValueError, "scaling_low must be below scaling_high"),
    ({"high": [-np.inf, 0]}, ValueError, "scaling_low must be below scaling_high"),
    ({"low": 0.0}, ValueError, "scaling_low must have the shape of its center"),
    ({"low": [0.0]}, ValueError, "scaling_low must have the shape of its center"),
    ({"high": [1.0, 2.0, 3.0]}, ValueError, "scaling_high must have the shape of its center"),
    ({"high": [[1.0, 2.0]]}, ValueError, "scaling_high must have the shape of its center"),
    ({"low": ["a", "b"]}, TypeError, "scaling_low must be an array of real numbers"),
    ({"high": [1j, 1j]}, TypeError, "scaling_high must be an array of real numbers"),
    ({"high": [True, True]}, TypeError, "scaling_high must be an array of real numbers"),
]


@pytest.mark.parametrize(("limits", "error", "message"), BAD)
def test_limits_that_are_none(limits, error, message, tmp_path):
    with pytest.raises(error, match=message):
        InputScaling(np.zeros(2), np.ones(2), **limits)
    classifier(max_iter=1).fit(normal((8, 2)), [0, 1] * 4).save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    hostile = {f"scaling_{name}": np.asarray(value) for name, value in limits.items()}
    write_archive(tmp_path / "hostile", content, arrays | hostile)
    with pytest.raises(ValueError, match=f"is no model file of qmlplay.*{message}"):
        load_model(tmp_path / "hostile")


def version(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("model.json"))["format_version"]


def test_files_keep_the_limits_to_the_last_bit(fitted, tmp_path):
    X, y = heavy(2, 60)
    X[:, 0] = normal(60)  # nothing is held here
    model = classifier().fit(X, y)
    assert np.isfinite(model.scaling_.low).tolist() == [False, *[True] * 5]
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.scaling_ == model.scaling_
    assert again.model_ == model.model_
    np.testing.assert_array_equal(again.predict_proba(9 * X), model.predict_proba(9 * X))
    again.save(tmp_path / "n")
    assert (tmp_path / "n").read_bytes() == (tmp_path / "m").read_bytes()
    assert version(tmp_path / "m") == 3  # older versions would overlook the limits
    reduced = make_pipeline(FeatureReduction(2), classifier()).fit(X, y)
    save_model(reduced, tmp_path / "p")
    assert reduced[-1].scaling_.holds
    assert version(tmp_path / "p") == 3
    assert load_model(tmp_path / "p")[-1].model_ == reduced[-1].model_


def test_files_of_models_that_hold_nothing_are_as_before(tmp_path):
    model = classifier().fit(normal((40, 2)), [0, 1] * 20)
    model.save(tmp_path / "m")
    _, arrays = read_archive(tmp_path / "m")
    assert version(tmp_path / "m") == 1
    assert not [name for name in arrays if name in ("scaling_low", "scaling_high")]
    assert not load_model(tmp_path / "m").scaling_.holds


def test_an_old_file_of_a_model_with_outliers_holds_nothing(tmp_path, fitted):
    fitted.save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    del arrays["scaling_low"], arrays["scaling_high"]
    write_archive(tmp_path / "old", content, arrays)
    old = load_model(tmp_path / "old")
    assert not old.scaling_.holds
    X = np.full((1, 6), 1e6)
    expected = (X - fitted.scaling_.center) / fitted.scaling_.half_range * (np.pi / 2)
    np.testing.assert_array_equal(old.scaling_.radians(X), expected)
