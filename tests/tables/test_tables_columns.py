"""Columns: which one is the target, which are no features, and what the user decides."""

from __future__ import annotations

import json

import numpy as np
import pytest
from table_helpers import columns, lines

N = 30
RANDOM = np.random.default_rng(3)
NOISE = [f"{value:.3f}" for value in RANDOM.normal(size=N)]
KIND = ["a"] * (N // 2) + ["b"] * (N // 2)
SHUFFLED = RANDOM.permutation(N)


def mixed(*values):
    return [values[k % len(values)] for k in SHUFFLED]


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("Id", range(1, N + 1), "counts the rows"),
        ("gizmo", range(N), "counts the rows"),
        ("gizmo", SHUFFLED, "counts the rows"),
        ("gizmo", SHUFFLED + 1, "counts the rows"),
        ("gizmo", [f"{k}.0" for k in SHUFFLED], "counts the rows"),
        ("", range(N), "counts the rows"),
        ("", range(7, 7 + 3 * N, 3), "a number of its own for every row"),
        ("PassengerId", SHUFFLED * 7 + 892, "a number of its own for every row"),
        ("Sample code number", SHUFFLED * 7 + 892, "a number of its own for every row"),
        ("customer_id", [1000, 1000, *range(2000, 2000 + N - 2)], "for nearly every row"),
        ("name", [f"Tree, no. {k}" for k in SHUFFLED], "a different text in every row"),
        ("code", [f"P{k:03}" for k in range(N)], "a different text in every row"),
        ("ticket", [f"A/{k % 25}" for k in range(N)], "in nearly every row, 25 in 30"),
        ("user id", [f"u{k % 18}" for k in range(N)], "names the rows"),
        ("steady", [5] * N, "the same in every row"),
        ("steady", ["x"] * N, "the same in every row"),
        ("steady", ["2020-01-01"] * N, "the same in every row"),
        ("hollow", [""] * N, "empty"),
        ("hollow", ["?", "NA", "-"] * (N // 3), "empty"),
    ],
)
def test_columns_left_out(read, name, cells, reason):
    text = columns(**{name: cells, "noise": NOISE, "species": KIND})
    table = read(text)
    name = name or "Unnamed: 0"
    assert list(table.features.columns) == ["noise"]
    assert list(table.recognition.left_out) == [name]
    assert reason in table.recognition.left_out[name]
    assert f"left out: {name!r} (" in str(table.recognition)
    for kept in (read(text, keep=[name]), read(text, features=[name, "noise"])):
        assert list(kept.features.columns) == [name, "noise"]
        assert kept.recognition.left_out == {}


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("population", RANDOM.choice(10**6, N, replace=False)),
        ("year", range(1990, 1990 + N)),
        ("humid", range(0, 5 * N, 5)),
        ("mass", NOISE[::-1]),
        ("id", mixed(1, 2, 3)),
        ("city", mixed("Rome", "Oslo", "Bern", "Lima")),
        ("text", [f"w{k % 15}" for k in range(N)]),
        ("flag", mixed("x", "x", "")),
        ("rank", [*range(2, N + 1), 2]),
        ("day", [f"2020-01-{k + 1:02}" for k in range(N)]),
    ],
)
def test_columns_kept(read, name, cells):
    table = read(columns(**{name: cells, "noise": NOISE, "species": KIND}))
    assert list(table.features.columns) == [name, "noise"]


def test_a_counter_of_a_tiny_table_may_be_a_measurement(read):
    assert list(read("size,kind\n1,a\n2,b\n3,a\n4,b\n").features) == ["size"]
    assert "id" in read("id,size,kind\n1,5,a\n2,6,b\n3,9,a\n4,8,b\n").recognition.left_out


@pytest.mark.parametrize(
    ("names", "target", "reason"),
    [
        (["p", "q", "r"], "r", "the last column"),
        (["class", "q", "r"], "class", "by its name"),
        (["p", " Target ", "r"], "Target", "by its name"),
        (["LABEL", "q", "r"], "LABEL", "by its name"),
        (["Class_Label", "q", "r"], "Class_Label", "by its name"),
        (["p", "Species", "sex"], "Species", "by its name"),
        (["Outcome", "q", "r"], "Outcome", "by its name"),
        (["diagnosis", "q", "r"], "diagnosis", "by its name"),
        (["y", "q", "r"], "y", "by its name"),
        (["x", "y", "colour"], "colour", "the last column"),
        (["p", "target", "species"], "species", "by its name"),
        (["pclass", "q", "r"], "r", "the last column"),
        (["p", "q", "id"], "q", "the last column not left out"),
    ],
)
def test_the_target(read, names, target, reason):
    cells = {name: mixed(*"uvw") for name in names}
    if "id" in names:
        cells["id"] = range(N)
    table = read(columns(**cells))
    assert (table.recognition.target, table.recognition.target_reason) == (target, reason)
    assert target not in table.features
    asked = read(columns(**cells), target=names[0].strip())
    assert (asked.recognition.target, asked.recognition.target_reason) == (
        names[0].strip(),
        "as asked for",
    )


def test_a_second_possible_target_is_told(read):
    table = read(columns(target=mixed(0, 1), noise=NOISE, species=KIND))
    assert "'target' may be the target, too: --target target" in str(table.recognition)


@pytest.mark.parametrize(
    ("cells", "labels", "note"),
    [
        (mixed("ckd", "no", "ckd\t"), {"ckd": 20, "no": 10}, r"'ckd\t' read as 'ckd'"),
        (mixed("'a'", "a", " a ", "b"), None, "read as 'a'"),
        (mixed("yes", "Yes", "'yes '", "no"), None, "'Yes' and 'yes' differ in case"),
        (mixed("big tree", "bigtree"), None, "differ in case or blanks alone"),
        (mixed("+", "-"), {"+": 15, "-": 15}, ""),
        (mixed("None", "NA", "oak"), {"NA": 10, "None": 10, "oak": 10}, ""),
        (mixed(1, 2, "NA"), {"1": 10, "2": 10}, "10 rows without a label left out"),
        (mixed("u", "v", "?", "", "u", "v"), {"u": 10, "v": 10}, "10 rows without a label"),
        (mixed("01", "10"), {"01": 15, "10": 15}, ""),
        (mixed("1.0", "2.0"), {"1.0": 15, "2.0": 15}, ""),
        (mixed("0.5", "1.5"), {"0.5": 15, "1.5": 15}, ""),
        (mixed("True", "False"), {"False": 15, "True": 15}, ""),
        (mixed("<=50K", ">50K"), {"<=50K": 15, ">50K": 15}, ""),
    ],
)
def test_labels(read, cells, labels, note):
    table = read(columns(noise=NOISE, kind=cells))
    assert labels is None or dict(table.recognition.class_counts) == labels
    assert note in str(table.recognition)
    assert len(table.features) == len(table.target)
    assert sum(table.recognition.class_counts.values()) == len(table.target)


def test_types_of_labels(read):
    for cells, kind in [((0, 1), "i"), (("1.0", 2), "f"), (("True", "False"), "b"), ("uv", "U")]:
        assert read(columns(noise=NOISE, kind=mixed(*cells))).target.dtype.kind == kind


@pytest.mark.parametrize(
    ("name", "cells", "message"),
    [
        (
            "price",
            NOISE,
            r"continuous \(30 different numbers.*pandas.cut.*--target city \(2 classes",
        ),
        ("kind", ["oak"] * N, r"single class, \['oak'\].*--target city"),
        ("kind", [f"k{k}" for k in range(N)], "different in every row: 30 labels of 30 rows"),
        ("age", [k % 20 for k in range(N)], "different in most rows: 20 labels of 30"),
        ("label", [f"k{k}" for k in range(N)], "different in every row"),
        ("target", ["oak"] * N, "single class"),
    ],
)
def test_targets_that_are_none(read, name, cells, message):
    text = columns(city=mixed("Rome", "Bern"), noise=NOISE[::-1], **{name: cells})
    for target in (None, name):
        with pytest.raises(ValueError, match=message) as caught:
            read(text, target=target)
        assert len(str(caught.value)) < 1000


def test_a_continuous_target_of_many_rows_is_a_short_message(read):
    rows = [[str(k % 7), f"{k * 0.123:.3f}"] for k in range(20_000)]
    with pytest.raises(ValueError, match="20000 different numbers") as caught:
        read(lines(rows, header=["a", "b"]))
    assert len(str(caught.value)) < 500


def test_what_the_user_names(read):
    text = columns(**{"a, b": NOISE, "c": mixed(1, 2), "d": mixed("u", "v"), "k": KIND})
    assert list(read(text, drop=["c"]).features) == ["a, b", "d"]
    assert list(read(text, drop="a, b").features) == ["c", "d"]
    assert list(read(text, target="d", features=["c", "a, b"]).features) == ["c", "a, b"]
    assert read(text, drop=["k", "d"]).recognition.target == "c"
    recognition = read(text, drop=["c"], features=["d"]).recognition
    assert recognition.left_out == {
        "a, b": "not among the features asked for",
        "c": "as asked for",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "kk"}, "unknown target column 'kk': did you mean 'k'"),
        ({"drop": ["x", "cc"]}, r"drop: no columns 'x', 'cc'"),
        ({"keep": ["dd"]}, r"keep: no columns 'dd' \(did you mean 'd'"),
        ({"target": "z", "drop": ["x"]}, "target column 'z'.*drop: no columns 'x'"),
        ({"target": "c", "features": ["c"]}, "it would tell the answer"),
        ({"target": "c", "drop": ["c"]}, "among the columns to drop"),
        ({"drop": ["c"], "features": ["c"]}, "columns to drop and to use: 'c'"),
        ({"drop": ["c", "d", "a"]}, r"\['k'\]: it needs at least one feature"),
    ],
)
def test_names_that_cannot_be_used(read, options, message):
    text = columns(a=NOISE, c=mixed(1, 2), d=mixed("u", "v"), k=KIND)
    with pytest.raises(ValueError, match=message):
        read(text, **options)


def test_an_unknown_target_among_ten_thousand_columns(read):
    header = [f"gene {k}" for k in range(10_000)]
    text = lines([["1"] * 10_000, ["2"] * 10_000], header=header)
    with pytest.raises(ValueError, match="did you mean 'gene") as caught:
        read(text, target="gene_5")
    assert len(str(caught.value)) < 1000


def test_no_feature_left(read):
    text = columns(id=range(N), name=[f"n{k}" for k in range(N)], kind=KIND)
    with pytest.raises(ValueError, match=r"no feature is left.*'id' \(counts.*--keep id"):
        read(text)


def test_all_problems_come_at_once(read):
    cells = {f"c{k}": [*(["oops"] * 2), *NOISE[2:]] for k in range(3)}
    with pytest.raises(ValueError, match=r"3 problems") as caught:
        read(columns(**cells, size=["inf", *NOISE[1:]], kind=["oak"] * N))
    for part in ("single class", "'c0'", "'c2'", "'size'", "--drop c0,c1,c2,size"):
        assert part in str(caught.value)


def test_what_makes_scores_too_good_is_told(read):
    table = read(columns(noise=NOISE, copy=[len(k) + ord(k) for k in KIND], kind=KIND))
    assert "WARNING: 'copy' tells the label of every row" in str(table.recognition)
    table = read(columns(p=mixed(1, 2, 3), q=mixed("u", "v"), kind=mixed("a", "b")))
    assert f"{N - 6} rows are copies of others" in str(table.recognition)


def test_whole_numbers_that_may_identify_the_rows_are_told(read):
    table = read(columns(stem=[k * 37 + 842302 for k in range(N)], noise=NOISE, kind=KIND))
    assert "stem" in table.features
    assert "if these identify the rows, --drop stem" in str(table.recognition)


def test_the_line_is_one_line_and_json(read):
    table = read(columns(**{"two\nwords": NOISE, "k": KIND, "l": mixed(*"abcdefghijklm")}))
    text = str(table.recognition)
    assert "\n" not in text
    assert "j: 2 and 3 more" in text.replace("j: 3", "j: 2")
    content = json.loads(json.dumps(table.recognition.to_dict(), allow_nan=False))
    assert content["text"] == text
    assert content["class_counts"]["a"] == 3
