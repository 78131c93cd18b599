"""Tables in the form of well-known public files: what each of them has that others have not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils import Bunch
from table_helpers import columns, lines

from qmlplay.compare.setup import check_divisible
from qmlplay.tables.precedents import read_new_rows

N = 30
RANDOM = np.random.default_rng(5)
NOISE = [f"{value:.3f}" for value in RANDOM.normal(size=N)]
SORTED = ["a"] * (N // 2) + ["b"] * (N // 2)
SHUFFLED = RANDOM.permutation(N)
MIXED = [SORTED[k] for k in SHUFFLED]
DAYS = [f"2020-01-{k + 1:02}" for k in range(N)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (range(1000, 1000 + N), "counts the rows, from 1000"),
        (range(5000 + N, 5000, -1), "counts the rows, from 5030"),
        (SHUFFLED + 4000, "counts the rows"),
        ([k if k % 5 else "" for k in range(N)], "counts the rows, from 1"),
        ([k + k // 12 for k in range(N)], "counts the rows, from 0"),
    ],
)
@pytest.mark.parametrize("kind", [SORTED, MIXED])
def test_counters_that_start_anywhere(read, cells, reason, kind):
    text = columns(gizmo=cells, noise=NOISE, species=kind)
    assert reason in read(text).recognition.left_out["gizmo"]
    assert "gizmo" in read(text, keep=["gizmo"]).features


@pytest.mark.parametrize(
    "cells", [DAYS, DAYS[::-1], [k // 2 for k in range(N)], [round(k * 0.1, 1) for k in range(N)]]
)
def test_columns_that_follow_a_sorted_file(read, cells):
    warning = "'gizmo' follows the order of the rows"
    told = str(read(columns(noise=NOISE, gizmo=cells, species=SORTED)).recognition)
    assert warning in told
    assert "--drop gizmo" in told
    assert warning not in str(read(columns(gizmo=cells, species=MIXED)).recognition)
    nearly = ["b", *SORTED[1:]]
    assert warning in str(read(columns(gizmo=cells, noise=NOISE, species=nearly)).recognition)
    shuffled = [cells[k] for k in SHUFFLED]
    assert warning not in str(read(columns(gizmo=shuffled, species=SORTED)).recognition)


def test_an_id_that_occurs_twice_is_told(read):
    rows = [
        [str(k * 37 + 842302), noise, kind]
        for k, noise, kind in zip(range(N), NOISE, SORTED, strict=True)
    ]
    rows[3][0] = rows[2][0]
    told = str(read(lines(rows, header=None)).recognition)
    assert "'x0' has another whole number in nearly every row" in told


def test_columns_of_one_name(read):
    rows = [
        [noise, str(k % 7), kind] for k, noise, kind in zip(SHUFFLED, NOISE, MIXED, strict=True)
    ]
    table = read(lines(rows, header=("a", " a", "species")))
    assert list(table.features) == ["a", "a (2)"]
    assert table.features["a (2)"].tolist() == [k % 7 for k in SHUFFLED]
    assert "columns of one name, renamed: 'a (2)'" in str(table.recognition)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_column_called_by_a_number_sign(read, separator):
    rows = [[str(k), noise, kind] for k, noise, kind in zip(SHUFFLED, NOISE, MIXED, strict=True)]
    table = read(lines(rows, separator, header=("#", "noise", "species")))
    assert table.recognition.left_out == {"#": "counts the rows"}
    named = read(lines(rows, separator, header=("# tree", "noise", "species")))
    assert list(named.recognition.left_out) == ["tree"]


def test_tabs_of_uneven_number(read):
    rows = [[noise, noise, str(1 + k % 3)] for k, noise in enumerate(NOISE)]
    text = "".join("\t".join(row) + "\n" for row in rows)
    text = text.replace("\t", "\t\t", 1).replace("\t2\n", "\t\t2\n")
    table = read(text)
    assert table.recognition.separator == " "
    assert table.features.shape == (N, 2)
    assert table.target.tolist() == [1, 2, 3] * 10


def test_labels_beside_free_text_without_a_header(read):
    rows = [[kind, f"so it is, number {k}"] for k, kind in enumerate(MIXED)]
    table = read(lines(rows, "\t", header=None), target="x0", keep=["x1"])
    assert table.recognition.separator == "\t"
    assert table.recognition.class_counts == {"a": 15, "b": 15}


@pytest.mark.parametrize(
    ("labels", "counts", "words"),
    [
        (["no", "yes", "NA"], {"no": 10, "yes": 10}, "label 'NA' read as missing; 10 rows"),
        (["no", "yes", "null"], {"no": 10, "yes": 10}, "label 'null' read as missing"),
        (["EU", "AS", "NA"], {"AS": 10, "EU": 10, "NA": 10}, ""),
        (["oak", "None", "NA"], {"NA": 10, "None": 10, "oak": 10}, ""),
    ],
)
def test_labels_that_are_unknown(read, labels, counts, words):
    table = read(columns(noise=NOISE, kind=labels * (N // 3)))
    assert table.recognition.class_counts == counts
    assert words in str(table.recognition)


def test_a_last_column_with_many_classes_is_doubted(read):
    told = str(read(columns(won=MIXED, noise=NOISE, years=[k % 13 for k in SHUFFLED])).recognition)
    assert "target column 'years' (the last column)" in told
    assert "WARNING: 13 classes in 'years'. Other columns could be it: --target won" in told
    assert "'Attrition' (by its name)" in str(
        read(columns(Attrition=MIXED, years=[k % 13 for k in SHUFFLED])).recognition
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("1.5,oak,7\n", (1.5, "oak")),  # a row alone is no header
        ("1.5,oak\n", (1.5, "oak")),
        (",oak,7\n", (np.nan, "oak")),  # and a gap is no reason to move the others
        ("?,oak,7\n1,fir,8\n", (np.nan, "oak")),
        ("x1,x0\noak,1.5\n", (1.5, "oak")),
    ],
)
def test_new_rows_without_a_header(text, first):
    new = read_new_rows(text.encode(), ["x0", "x1"], texts=["x1"])
    number, word = new.loc[0, ["x0", "x1"]]
    np.testing.assert_equal((float(number), word), first)
    assert len(new) == text.count("\n") - text.startswith("x")


def test_new_rows_of_a_table_with_a_header():
    new = read_new_rows(b"size,2019,kind\n1.5,3,oak\n", ["size", "2019"])
    assert new["2019"].tolist() == [3]
    twice = read_new_rows(b"a,a,b\nw,w,w\n", ["a", "a (2)"], texts=["a", "a (2)"])
    assert twice["a (2)"].tolist() == ["w"]


def test_names_by_place_behind_an_empty_column(read):
    rows = [
        [noise, "", str(k), kind] for k, noise, kind in zip(range(N), NOISE, MIXED, strict=True)
    ]
    table = read(lines(rows, header=None))
    assert list(table.features) == ["x0"]
    assert list(table.recognition.left_out) == ["x2"]
    assert table.recognition.target == "x3"


def test_the_line_stays_short_and_warnings_stay_in_it(read):
    amounts = {
        f"what was paid in month number {m}": [f"${k},{m:03}" for k in range(1, N + 1)]
        for m in range(20)
    }
    answers = {
        f"whether it rained in month number {m}": ["yes", "no"] * (N // 2) for m in range(20)
    }
    empty = {f"what nobody has ever filled in, {m}": [""] * N for m in range(20)}
    kinds = [f"{'a long name of a class ' * 3}{k % 14}" for k in SHUFFLED]
    table = read(columns(**amounts, **answers, **empty, copy=kinds, kind=kinds))
    told = str(table.recognition)
    assert len(told) < 1000
    assert "\n" not in told
    assert "WARNING: 'copy' tells the label" in told
    assert "more notes, see --json" in told
    assert len(table.recognition.to_dict()["left_out"]) == 20
    assert any("no: 20" in note or "yes/no" in note for note in table.recognition.notes)


def test_numbers_too_large_are_infinite(read):
    cells = ["1e400", *NOISE[1:]]
    with pytest.raises(
        ValueError, match=r"infinite values in 'size': 1 of 30 cells, such as '1e400'"
    ):
        read(columns(size=cells, noise=NOISE, kind=MIXED))


def test_dates_without_marks_are_told(read):
    days = [f"2021{1 + k % 12:02}{1 + k % 28:02}" for k in range(N)]
    warning = "'day' may be dates such as 20210101"
    assert warning in str(read(columns(day=days, kind=MIXED)).recognition)
    days[4] = "20210230"
    assert warning not in str(read(columns(day=days, kind=MIXED)).recognition)


def test_classes_of_one_sample_and_what_could_be_the_target(read):
    grades = [k % 13 for k in range(N - 1)] + [20]
    table = read(columns(passed=MIXED, noise=NOISE, grade=grades))
    data = Bunch(y=table.target, name="pupils", recognition=table.recognition)
    with pytest.raises(ValueError, match=r"\[.*'20'\] have one .* could be it: --target passed"):
        check_divisible(data)


def test_new_cells_written_in_another_way_and_no_rows():
    precedents = {"mass": {"62.9 kg": 62.9, "70 kg": 70.0}}
    assert read_new_rows(b"mass\n65 kg\n", ["mass"], precedents=precedents)["mass"][0] == 65
    with pytest.raises(
        ValueError, match=r"no number written as '62.9 kg' in training in 'mass'.*'65 lb'"
    ):
        read_new_rows(b"mass\n65 lb\n", ["mass"], precedents=precedents)
    with pytest.raises(ValueError, match="the file has 1 columns and no rows: at least one row"):
        read_new_rows(b"mass\n", ["mass"], precedents=precedents)


def test_text_in_front_of_numbers_may_be_the_target(read):
    rows = [[kind, str(k % 5), str(k % 3)] for k, kind in enumerate(MIXED)]
    hint = "'x0' may be the target, too: --target x0"
    table = read(lines(rows, header=None))
    assert table.recognition.target == "x2"
    assert hint in str(table.recognition)
    assert hint not in str(read(lines([row[::-1] for row in rows], header=None)).recognition)
    assert "may be the target" not in str(read(lines(rows)).recognition)
