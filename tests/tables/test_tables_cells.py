"""Cells of text: numbers in every notation, dates, codes, and gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from table_helpers import columns, lines

from qmlplay.tables.cells import Comma, convert_text
from qmlplay.tables.recognition import problem_text

NAN = np.nan


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2.5", "+.5", "3.", "1e-3", "1E3"], [1, -2.5, 0.5, 3, 0.001, 1000]),
        (["1,234", "56", "7,890,123"], [1234, 56, 7890123]),
        (["1,234.5", "0.5"], [1234.5, 0.5]),
        (["$84,835.00", "$5", "-$3.50", "($2.00)"], [84835, 5, -3.5, -2]),
        (["€1.234,50", "€ 7,00"], [1234.5, 7]),
        (["12,50 €", "1.200,00 €"], [12.5, 1200]),
        (["USD 12", "USD 1,000"], [12, 1000]),
        (["£5", "6"], [5, 6]),
        (["5%", "12.5 %"], [5, 12.5]),
        (["1,5", "2,25", "3"], [1.5, 2.25, 3]),
        (["1,5", "2,255", "13,555"], [1.5, 2.255, 13.555]),
        (["0,123", "0,456"], [0.123, 0.456]),
        (["1.234,5", "12"], [1234.5, 12]),
        (["1 234", "12"], [1234, 12]),
        (["1\u00a0234,5", "2\u202f000,1"], [1234.5, 2000.1]),
        (["1'234.50", "7"], [1234.5, 7]),
        (["1.234.567", "1"], [1234567, 1]),
        (["12,34,567", "5"], [1234567, 5]),
        (["(123)", "4"], [-123, 4]),
        (["\u22125", "3"], [-5, 3]),
        (["5 kg", "6.5 kg"], [5, 6.5]),
        (["20°C", "-5 °C"], [20, -5]),
        (["10 km/h", "7 km/h"], [10, 7]),
        (["45 m²", "1,200 m²"], [45, 1200]),
        (['"5"', " 6 "], [5, 6]),
        (["007", "12", "5"], [7, 12, 5]),
        (["true", "FALSE"], [1, 0]),
        (["yes", "No", "NO"], [1, 0, 0]),
        (["t", "f"], [1, 0]),
        (["12:30", "1:15 pm", "0:00:36"], [12.5, 13.25, 0.01]),
        (["", ""], [NAN, NAN]),
    ],
)
def test_numbers(cells, values):
    for further in ([], ["?"], ["NA", "-", "", "n/a", "#N/A", "nan", "None", "null", ".", "\\N"]):
        series = convert_text([*cells, *further]).values
        assert series.dtype == np.float64
        np.testing.assert_allclose(series, values + [NAN] * len(further), rtol=1e-15)


@pytest.mark.parametrize(
    "cells",
    [
        ["oak", "fir"], ["+", "-"], ["01234", "94110"], ["1/2", "3/4"], ["192.168.0.1", "10.0.0.7"],
        ["1,2,3", "4,5,6"], ["A/5 21171", "17463"], ["2XL", "M"], ["120/80", "130/85"], ["<5", "7"],
        ["1_000", "x"], ["0x1F", "0xFF"], ["10-20", "20-30"], ["1..2", "a"], ["infinite", "oak"],
        ["2020Q1", "2020Q2"], ["on", "yes"], ["31/02/2020", "30/02/2021"], ["5k", "3M"],
    ],
)  # fmt: skip
def test_text_stays_text(cells):
    series = convert_text(cells * 3).values
    assert series.tolist() == cells * 3
    assert convert_text([*cells * 3, "?", "NA"]).values.tolist() == [*cells * 3, None, None]


@pytest.mark.parametrize(
    ("default", "values"),
    [(Comma(False), [1234, 5678]), (Comma(True), [1.234, 5.678])],
)
def test_a_comma_that_may_be_either(default, values):
    column = convert_text(["1,234", "5,678"], default)
    np.testing.assert_array_equal(column.values, values)
    assert "a guess" in column.example
    clear = convert_text(["1,234", "5,6"], default)
    np.testing.assert_array_equal(clear.values, [1.234, 5.6])
    assert "a guess" not in clear.example


def test_a_column_that_tells_helps_one_that_does_not(read):
    kinds = ["a", "b"] * 6
    columns_of = {"clear": ["1,5", "2,5"] * 6, "open": ["1,234", "5,678"] * 6, "kind": kinds}
    assert read(columns(**columns_of)).features["open"].tolist()[:2] == [1.234, 5.678]
    columns_of["clear"] = ["1,234.5", "2"] * 6
    assert read(columns(**columns_of)).features["open"].tolist()[:2] == [1234, 5678]
    # Three decimals are no thousands, if nothing says so.
    rows = [["1.234", "a"], ["5.678", "b"]] * 6
    assert read(lines(rows, ";", header=["x", "k"])).features["x"].tolist()[:2] == [1.234, 5.678]
    rows = [["1.234", "7,5", "a"], ["5.678", "1,25", "b"]] * 6
    table = read(lines(rows, ";", header=["x", "z", "k"]))
    assert table.features["x"].tolist()[:2] == [1234, 5678]
    assert "'x' 1.234 as 1234" in str(table.recognition)


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["2020-01-31", "2021-12-01"], ["2020-01-31", "2021-12-01"]),
        (["2020-01-31 10:30", "2020-02-01T01:02:03Z"], ["2020-01-31T10:30", "2020-02-01T01:02:03"]),
        (["2020-06-01 10:00:00+02:00"] * 2, ["2020-06-01T08:00"] * 2),
        (["31/12/2020", "1/2/2021"], ["2020-12-31", "2021-02-01"]),
        (["12/31/2020", "1/2/2021"], ["2020-12-31", "2021-01-02"]),
        (["31.12.20", "01.02.21"], ["2020-12-31", "2021-02-01"]),
        (["1.2.2021", "3.4.2021"], ["2021-02-01", "2021-04-03"]),
        (["31-Dec-2020", "1 February 2021"], ["2020-12-31", "2021-02-01"]),
        (["Dec 31, 2020", "January 5, 2021 3:04 PM"], ["2020-12-31", "2021-01-05T15:04"]),
        (["2020/1/5", "1066/10/14"], ["2020-01-05", "1066-10-14"]),
        (["2020-12", "2021-01"], ["2020-12-01", "2021-01-01"]),
        (["6/30/69 12:15 AM", "1/1/00"], ["1969-06-30T00:15", "2000-01-01"]),
    ],
)
def test_dates(cells, dates):
    series = convert_text([*cells, "?", "-"]).values
    assert series.dtype == "datetime64[us]"
    expected = pd.Series([*map(np.datetime64, dates), None, None]).astype("datetime64[us]")
    pd.testing.assert_series_equal(series, expected)


def test_dates_that_may_be_either_are_told(read):
    rows = [[f"{1 + k}/{2 + k}/2020", str(k * 1.5), "ab"[k % 2]] for k in range(10)]
    table = read(lines(rows, header=["day", "x", "k"]))
    assert table.features["day"].iloc[0] == pd.Timestamp(2020, 1, 2)
    assert "'day': dates read as month/day/year, a guess" in str(table.recognition)
    table = read(lines(rows, ";", header=["day", "x", "k"]))
    assert table.features["day"].iloc[0] == pd.Timestamp(2020, 2, 1)
    assert "day/month/year, a guess" in str(table.recognition)


def test_cells_that_do_not_fit_are_counted_and_named(read):
    rows = [[str(k * 1.5), f"2020-01-{1 + k % 28:02}", "0.5", "xy"[k % 2]] for k in range(40)]
    rows[6][0], rows[9][0] = "old", "new"
    rows[7][1], rows[8][2] = "yesterday", "-inf"
    with pytest.raises(ValueError, match="3 problems") as caught:
        read(lines(rows, header=["age", "day", "z", "k"]))
    message = str(caught.value)
    for part in (
        "no number in 'age': 2 of 40 cells, such as 'old' in line 8",
        "no date in 'day': 1 of 40 cells, such as 'yesterday' in line 9",
        "infinite values in 'z': 1 of 40 cells, such as '-inf' in line 10",
        "--drop age,day,z (in Python drop=['age', 'day', 'z'])",
    ):
        assert part in message
    rows = [[*row, row[-1] * 2] for row in rows]
    table = read(lines(rows, header=["age", "day", "z", "k", "l"]), drop=["age", "day", "z"])
    assert table.features["k"].tolist() == [row[-2] for row in rows]


def test_text_among_which_are_numbers_is_text_and_told(read):
    rows = [[str(k % 7) if k % 4 else "many", str(k * 0.7), "xy"[k % 2]] for k in range(40)]
    table = read(lines(rows, header=["legs", "z", "k"]))
    assert table.features["legs"].tolist()[:2] == ["many", "1"]
    assert "'legs': text, though 75% of its cells are numbers" in str(table.recognition)


def test_messages_have_a_bound():
    for n_problems in (1, 2, 30):
        text = problem_text("a/long/path/" * 100 + "f.csv", ["x" * 5000] * n_problems, "r" * 5000)
        assert len(text) <= 1000
        assert "f.csv" in text


@pytest.mark.slow
def test_messages_stay_short_with_a_thousand_wrong_columns(read):
    header = [f"a column with a rather long name, {k}" for k in range(1000)]
    rows = [[("no" if k == 3 else str(k))] * 1000 + ["xy"[k % 2]] for k in range(30)]
    quoted = [f'"{name}"' for name in [*header, "k"]]
    with pytest.raises(ValueError, match="and 997 more") as caught:
        read(lines(rows, header=quoted))
    assert len(str(caught.value)) <= 1000
