"""Features that are no numbers: named by their column, with what to do, wherever X is taken."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from qmlplay import FeatureReduction, VariationalClassifier, ibm
from qmlplay.plots import BoundariesDisplay
from qmlplay.tables.transformers import check_numeric_columns, strange_columns

y = np.array([0, 1, 0, 1])
GOOD = np.arange(8.0).reshape(4, 2)
DAYS = pd.Series(pd.date_range("2020-01-01", periods=4))
ADVICE = r"make_pipeline\(TablePreprocessor\(\), VariationalClassifier\(\)\)"

TIMES = {
    "dates": DAYS,
    "dates with a zone": DAYS.dt.tz_localize("Europe/Berlin"),
    "dates as objects": DAYS.astype(object),
    "Python's dates": [dt.date(2020, 1, k) for k in (1, 2, 3, 4)],
    "times of the day": [dt.time(k) for k in (1, 2, 3, 4)],
    "time differences": DAYS - DAYS[0],
    "time differences as objects": (DAYS - DAYS[0]).astype(object),
    "Python's time differences": [dt.timedelta(k) for k in (1, 2, 3, 4)],
    "periods": DAYS.dt.to_period("D"),
    "periods as objects": DAYS.dt.to_period("M").astype(object),
    "NumPy's dates": pd.Series(list(DAYS.to_numpy("datetime64[D]")), dtype=object),
    "NumPy's differences": pd.Series([np.timedelta64(k, "D") for k in range(4)], dtype=object),
    "dates with a gap": pd.Series([pd.NaT, *DAYS[1:]]),
    "a gap in objects": pd.Series([1.0, pd.NaT, 2.0, 3.0], dtype=object),
    "a late date": pd.Series([1.0, 2.0, 3.0, dt.date(2020, 1, 1)], dtype=object),
}
OTHERS = {
    "categories": pd.Series(["a", "b", "a", "b"], dtype="category"),
    "categories of numbers": pd.Series([1, 2, 1, 2], dtype="category"),
    "categories of text that spells numbers": pd.Series(["1", "2", "1", "2"], dtype="category"),
    "intervals": pd.cut(pd.Series([1, 2, 3, 4]), 2),
    "intervals by their type": pd.Series(pd.interval_range(0, 4)),
    "text": pd.Series(["a", "b", "c", "d"]),
    "text of pandas": pd.Series(["a", "b", "c", "d"], dtype="string"),
    "text among numbers": pd.Series([1.0, "2", "three", 4.0], dtype=object),
    "an empty text": pd.Series(["1", "2", "", "4"], dtype=object),
}


@pytest.fixture(scope="module")
def fitted():
    return VariationalClassifier(max_iter=1, n_layers=1, random_state=0).fit(
        pd.DataFrame(GOOD, columns=["good", "odd"]), y
    )


def refusals(X, fitted):
    """Yield every call that takes features."""
    new = VariationalClassifier(max_iter=1, n_layers=1)
    yield lambda: new.fit(X, y)
    yield lambda: new.partial_fit(X, y, classes=[0, 1])
    yield lambda: new.training_cost(X, y)
    for method in ("predict", "predict_proba", "decision_function", "expectations"):
        yield lambda method=method: getattr(fitted, method)(X)
    yield lambda: fitted.score(X, y)
    yield lambda: ibm.plan(fitted, X, device="fake_manila")
    yield lambda: ibm.train(new, X, y, device="fake_manila", max_qpu_seconds=10)
    yield lambda: FeatureReduction(1).fit(X)
    yield lambda: BoundariesDisplay.from_estimator(fitted, X, y)
    yield lambda: BoundariesDisplay.from_estimator(fitted, GOOD, y, X, y)


@pytest.mark.parametrize("column", TIMES.values(), ids=TIMES.keys())
def test_dates_and_times(column, fitted):
    X = pd.DataFrame({"good": GOOD[:, 0], "odd": column})
    for call in refusals(X, fitted):
        with pytest.raises(TypeError, match=rf"dates or times.* in column 'odd'.*{ADVICE}"):
            call()


@pytest.mark.parametrize("column", OTHERS.values(), ids=OTHERS.keys())
def test_text_and_categories(column, fitted):
    X = pd.DataFrame({"good": GOOD[:, 0], "odd": column})
    for call in refusals(X, fitted):
        with pytest.raises(ValueError, match=rf"X must hold numbers \(.*'odd'.*{ADVICE}"):
            call()


ARRAYS = {
    "dates": DAYS.to_numpy("datetime64[D]")[:, None],
    "differences": (DAYS - DAYS[0]).to_numpy()[:, None],
    "objects": DAYS.astype(object).to_numpy()[:, None],
    "a list": [[day] for day in DAYS],
    "a list beside numbers": [[1.0, day] for day in DAYS],
    "a list of NumPy's beside numbers": [[1.0, np.datetime64("2020")] for _ in y],
    "Python's": [[dt.date(2020, 1, 1)] for _ in y],
    "periods": np.array([[pd.Period("2020")]] * 4, dtype=object),
    "differences in objects": np.array([[np.timedelta64(3, "D")]] * 4, dtype=object),
}


@pytest.mark.parametrize("X", ARRAYS.values(), ids=ARRAYS.keys())
def test_arrays_and_lists(X):
    with pytest.raises(TypeError, match=r"dates or times .* in column [01]"):
        VariationalClassifier(max_iter=1).fit(X, y)
    model = VariationalClassifier(max_iter=1).fit(GOOD[:, : np.shape(X)[1]], y).model_
    with pytest.raises(TypeError, match=r"dates or times|it holds|real number"):
        model.probabilities(X, "numpy")


def test_all_columns_are_named_and_many_are_cut():
    X = pd.DataFrame({"a": DAYS, "b": ["x", "y", "z", "w"], "c": GOOD[:, 0]})
    with pytest.raises(TypeError, match=r"in column 'a'; could not convert .*'x' in column 'b'\)"):
        VariationalClassifier().fit(X, y)
    wide = pd.DataFrame({f"column {k}": list("abcd") for k in range(200)})
    with pytest.raises(ValueError, match="…") as caught:
        VariationalClassifier().fit(wide, y)
    assert len(str(caught.value)) < 1000
    long = pd.DataFrame({"a": ["x" * 10_000] * 4})
    with pytest.raises(ValueError, match="X must hold numbers") as caught:
        VariationalClassifier().fit(long, y)
    assert len(str(caught.value)) < 1000


NUMBERS = {
    "Decimal": [[Decimal("0.5"), 1], [Decimal("1.5"), 2], [Decimal(2), 3], [Decimal(3), 4]],
    "text that spells numbers": [["1", "2e3"], ["3", " 4 "], ["5", "6"], ["7", "8"]],
    "objects": np.array([[1, 2.5], [True, np.int8(3)], [4, 5], [6, 7]], dtype=object),
    "booleans": [[True, False], [False, True], [True, True], [False, False]],
    "pandas' integers": pd.DataFrame({"a": pd.array([1, 2, 3, 4], dtype="Int64")}),
    "pandas' booleans": pd.DataFrame({"a": pd.array([True, False] * 2, dtype="boolean")}),
    "one name twice": pd.DataFrame(GOOD, columns=["a", "a"]).to_numpy(),
    "no features to look at": np.zeros((4, 1), dtype=np.float16),
}


@pytest.mark.parametrize("X", NUMBERS.values(), ids=NUMBERS.keys())
def test_numbers_pass(X):
    assert strange_columns(X) == []
    model = VariationalClassifier(max_iter=1, n_layers=1).fit(X, y)
    assert model.predict(X).shape == (4,)


def test_what_is_no_table_is_left_to_others():
    for thing in (None, 3, "text", [1, 2], np.zeros(3), [[1], [2, 3]], {"a": 1}, [[1j]]):
        check_numeric_columns(thing)


@pytest.fixture
def polars():
    return pytest.importorskip("polars")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda pl: pl.Series(DAYS.dt.date.tolist()), TypeError),
        (lambda pl: pl.Series(DAYS.dt.to_pydatetime().tolist()), TypeError),
        (lambda pl: pl.Series([dt.timedelta(k) for k in range(4)]), TypeError),
        (lambda pl: pl.Series([dt.time(k) for k in range(4)]), TypeError),
        (lambda pl: pl.Series(["a", "b", "c", "d"]), ValueError),
        (lambda pl: pl.Series(["1", "2", "1", "2"], dtype=pl.Categorical), ValueError),
        (lambda pl: pl.Series(["1", "2", "1", "2"], dtype=pl.Enum(["1", "2"])), ValueError),
        (lambda pl: pl.Series([[1], [2], [3], [4]]), ValueError),
    ],
    ids=["dates", "moments", "differences", "times", "text", "categories", "enum", "lists"],
)
def test_frames_of_polars(make, error, polars, fitted):
    X = polars.DataFrame({"good": GOOD[:, 0], "odd": make(polars)})
    for call in list(refusals(X, fitted))[:7]:
        with pytest.raises(error, match=rf"'odd'.*{ADVICE}"):
            call()
    good = polars.DataFrame({"good": GOOD[:, 0], "odd": GOOD[:, 1]})
    assert fitted.predict(good).shape == (4,)
