"""Frames of pandas and others, and arrays: what their columns become."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from qmlplay.datasets import as_dataset
from qmlplay.tables import table_from_frame
from qmlplay.tables.cells import convert_series

NAN = np.nan
KIND = ["a", "b", "a"]


@pytest.mark.parametrize(
    ("series", "values"),
    [
        (pd.Series([1, 2, 3]), [1, 2, 3]),
        (pd.Series([1, None, 3], dtype="Int64"), [1, NAN, 3]),
        (pd.Series([1.5, None, 3], dtype="Float64"), [1.5, NAN, 3]),
        (pd.Series([True, False, True]), [1, 0, 1]),
        (pd.Series([True, None, False], dtype="boolean"), [1, NAN, 0]),
        (pd.Series([1, 2.5, None], dtype=object), [1, 2.5, NAN]),
        (pd.Series(["1,234", "5", None]), [1234, 5, NAN]),
        (pd.Series(["$5", "?", "7"], dtype="string"), [5, NAN, 7]),
        (pd.Series([b"1.5", b"2", b"?"]), [1.5, 2, NAN]),
        (pd.Series(pd.to_timedelta(["1s", "1min", None])), [1, 60, NAN]),
        (pd.Series(pd.arrays.SparseArray([0, 0, 1])), [0, 0, 1]),
    ],
)
def test_numbers(series, values):
    result = convert_series(series).values
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, values)


@pytest.mark.parametrize(
    ("series", "values"),
    [
        (pd.Series(["wet", None, "NA"]), ["wet", None, None]),
        (pd.Series(["wet", pd.NA, "dry"], dtype="string"), ["wet", None, "dry"]),
        (pd.Series(["wet", None, "dry"], dtype="category"), ["wet", None, "dry"]),
        (pd.Series([1, 2, 1], dtype="category"), ["1", "2", "1"]),
        (pd.Series([1, "wet", None], dtype=object), ["1", "wet", None]),
        (pd.Series([b"wet", b"dry", b"wet"]), ["wet", "dry", "wet"]),
    ],
)
def test_text(series, values):
    assert convert_series(series).values.tolist() == values


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(pd.to_datetime(["2020-01-31", None, "2021-01-01"])),
        pd.Series(pd.to_datetime(["2020-01-31", None, "2021-01-01"])).dt.tz_localize("UTC"),
        pd.Series(pd.PeriodIndex(["2020-01-31", None, "2021-01-01"], freq="D")),
        pd.Series([datetime.date(2020, 1, 31), None, datetime.date(2021, 1, 1)]),
        pd.Series(["2020-01-31", None, "1 Jan 2021"]),
        pd.Series([np.datetime64("2020-01-31"), None, np.datetime64("2021-01-01")], dtype=object),
    ],
)
def test_dates(series):
    result = convert_series(series).values
    assert result.dtype == "datetime64[us]"
    assert result.dropna().tolist() == [pd.Timestamp(2020, 1, 31), pd.Timestamp(2021, 1, 1)]
    assert result.isna().tolist() == [False, True, False]


def test_labels_of_a_frame():
    frame = pd.DataFrame({"size": [1.5, 2, 3, 4, 5], "kind": ["a ", "b", None, "'a'", "b"]})
    table = table_from_frame(frame)
    assert table.target.tolist() == ["a", "b", "a", "b"]
    assert table.features["size"].tolist() == [1.5, 2, 4, 5]
    assert "1 row without a label left out" in str(table.recognition)
    for labels in ([True, False, None, True, False], [1, 2, None, 1, 2]):
        for kind in (object, "category"):
            typed = frame.assign(kind=pd.Series(labels, dtype=object).astype(kind))
            assert len(table_from_frame(typed).target) == 4


def test_labels_of_columns_that_are_no_text():
    frame = pd.DataFrame([[1.5, 2, 0], [2.5, 1, 1], [3.5, 7, 0]])
    table = table_from_frame(frame, 2, drop=[1])
    assert list(table.features) == ["0"]
    assert table.recognition.left_out == {"1": "as asked for"}
    frame.columns = pd.MultiIndex.from_tuples([("leaf", "x"), ("leaf", "y"), ("kind", "")])
    table = table_from_frame(frame, ("kind", ""))
    assert list(table.features) == ["leaf/x", "leaf/y"]
    assert as_dataset(frame, ("kind", "")).y.tolist() == [0, 1, 0]


def test_left_out_of_frames_as_of_files():
    n = 12
    frame = pd.DataFrame({"n": range(n), "x": np.linspace(0.5, 1, n), "kind": ["a", "b"] * 6})
    table = table_from_frame(frame, "kind")
    assert table.recognition.left_out == {"n": "counts the rows"}
    assert list(table_from_frame(frame, "kind", keep=["n"]).features) == ["n", "x"]


def test_arrays_keep_all_columns_with_a_warning():
    X = np.column_stack([np.arange(12), np.linspace(0.5, 1, 12)])
    data = as_dataset((X, [0, 1] * 6))
    np.testing.assert_array_equal(data.X, X)
    assert "WARNING: no features, perhaps: 'x0' (counts the rows)" in str(data.recognition)


@pytest.mark.parametrize(
    "X",
    [
        [[1.5, "wet"], [NAN, "dry"], [3.5, None]],
        np.array([[1.5, "wet"], [None, "dry"], [3.5, None]], dtype=object),
        pd.DataFrame({"x0": [1.5, NAN, 3.5], "x1": ["wet", "dry", None]}),
    ],
)
def test_arrays_with_gaps_and_text(X):
    for data in (as_dataset((X, KIND)), as_dataset(X, KIND), as_dataset(X, np.array(KIND))):
        np.testing.assert_array_equal(data.X["x0"], [1.5, NAN, 3.5])
        assert data.X["x1"].tolist()[:2] == ["wet", "dry"]
        assert data.y.tolist() == KIND
        assert data.recognition.target_reason == "as given"


def test_arrays_of_dates():
    X = np.array([["2020-01-01"], ["2020-02-01"], ["2020-03-01"]], dtype="datetime64[D]")
    assert as_dataset((X, KIND)).X["x0"].dtype == "datetime64[us]"


def test_polars_frames():
    polars = pytest.importorskip("polars")
    cells = {
        "size": [1.5, 2.5, None],
        "soil": ["wet", None, "dry"],
        "day": [datetime.date(2020, 1, k) for k in (1, 2, 3)],
        "kind": KIND,
    }
    for frame in (polars.DataFrame(cells), polars.DataFrame(cells).lazy()):
        data = as_dataset(frame, "kind")
        np.testing.assert_array_equal(data.X["size"], [1.5, 2.5, NAN])
        assert data.X["soil"].tolist() == ["wet", None, "dry"]
        assert data.X["day"].dtype == "datetime64[us]"
        assert data.y.tolist() == KIND
    table = pytest.importorskip("pyarrow").table({"size": [1, 2, 4], "kind": KIND})
    assert as_dataset(table).X.ravel().tolist() == [1, 2, 4]


class Interchanged:
    """A table of another library: all that it has is the interchange protocol."""

    def __init__(self, frame):
        self.frame = frame

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self.frame.__dataframe__()


class Refusing:
    """A table that cannot be read."""

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        raise RuntimeError("no data today")


def test_frames_of_other_libraries():
    frame = pd.DataFrame({"size": [1, 2, 4], "mass": [1.5, NAN, 2.5], "kind": [0, 1, 0]})
    table = table_from_frame(Interchanged(frame), "kind")
    np.testing.assert_array_equal(table.features, frame[["size", "mass"]])
    assert table.target.tolist() == [0, 1, 0]
    with pytest.raises(
        TypeError, match=r"cannot read a .*Refusing \(no data today\): pass a pandas"
    ):
        as_dataset(Refusing())


def test_complex_columns_are_named_together():
    frame = pd.DataFrame({"a": [1j, 2, 3], "b": [1j, 2, 3], "kind": KIND})
    with pytest.raises(TypeError, match=r"complex features \['a', 'b'\]"):
        table_from_frame(frame)
