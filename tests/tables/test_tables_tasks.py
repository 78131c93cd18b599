"""Which task a target sets: twenty kinds of columns, as arrays, frames and files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris

from qmlplay import load_dataset
from qmlplay.datasets import as_dataset
from qmlplay.tables import read_table
from qmlplay.tables.cells import task_of_numbers

N = 120
RANDOM = np.random.default_rng(0)
NORMAL = RANDOM.normal(size=N)
CLASSES, NUMBERS = "classification", "regression"

#: Name → cells, the task, whether a line says that it may be otherwise.
TARGETS = {
    "measurements": (NORMAL.round(3), NUMBERS, False),
    "whole measurements, hardly one twice": (RANDOM.permutation(N) * 3 + 20, NUMBERS, False),
    "whole floats, hardly one twice": (RANDOM.permutation(N) * 1e6, NUMBERS, False),
    "tiny numbers": (NORMAL * 1e-9, NUMBERS, False),
    "huge numbers": (NORMAL * 1e12, NUMBERS, False),
    "many zeros among decimals": (np.where(np.arange(N) % 2, 0.0, NORMAL.round(3)), NUMBERS, False),
    "years of age": (np.clip((40 + 12 * NORMAL).round(), 18, 90).astype(int), NUMBERS, True),
    "0 and 1": (np.arange(N) % 2, CLASSES, False),
    "-1 and 1": (np.arange(N) % 2 * 2 - 1, CLASSES, False),
    "0.0 and 1.0": (np.arange(N) % 2 * 1.0, CLASSES, False),
    "ten digits": (np.arange(N) % 10, CLASSES, False),
    "fifteen whole numbers": (np.arange(N) % 15, CLASSES, True),
    "uneven fifteen": (np.minimum(np.arange(N) % 29, 14), CLASSES, True),
    "half steps of a mark": (np.arange(N) % 5 / 2, CLASSES, True),
    "two decimals": (np.where(np.arange(N) % 2, 0.25, 0.75), CLASSES, True),
    "thirty codes, each as often": (np.arange(N) % 30, CLASSES, True),
    "truth values": (np.arange(N) % 2 == 0, CLASSES, False),
    "words": (np.where(np.arange(N) % 2, "oak", "fir"), CLASSES, False),
    "counts with a long tail": (RANDOM.geometric(0.08, N), NUMBERS, True),
    "twenty-one and more steps": (
        np.repeat(np.arange(24) * 5, 5) + (np.arange(N) % 7 == 0),
        NUMBERS,
        True,
    ),
}
KINDS = pytest.mark.parametrize(("cells", "task", "is_doubted"), TARGETS.values(), ids=TARGETS)


def check(data, task, is_doubted):
    assert data.task == data.recognition.task == task
    assert bool(data.recognition.doubt) == is_doubted
    if is_doubted:
        other = CLASSES if task == NUMBERS else NUMBERS
        assert f"--task {other} (in Python task='{other}')" in data.recognition.doubt
        assert data.recognition.doubt in str(data.recognition)
    if task == NUMBERS:
        assert data.y.dtype == np.float64
        assert data.target_names == [data.recognition.target]
        assert data.recognition.class_counts == {}
        assert data.recognition.numbers["n_different"] == len(np.unique(data.y))
        assert "different numbers from" in str(data.recognition)
    else:
        assert sum(data.recognition.class_counts.values()) == len(data.y)
        assert data.recognition.numbers is None


@KINDS
def test_arrays(cells, task, is_doubted):
    data = as_dataset((NORMAL[:, None], cells), task="auto")
    check(data, task, is_doubted)
    if task == NUMBERS:
        np.testing.assert_array_equal(data.y, cells)


@KINDS
def test_frames(cells, task, is_doubted):
    frame = pd.DataFrame({"a": NORMAL, "result": cells})
    check(as_dataset(frame, task="auto"), task, is_doubted)
    check(as_dataset(frame, "result", task="auto"), task, is_doubted)


@KINDS
def test_files(cells, task, is_doubted, tmp_path):
    path = tmp_path / "table.csv"
    pd.DataFrame({"a": NORMAL, "result": cells}).to_csv(path, index=False)
    data = as_dataset(path, task="auto")
    check(data, task, is_doubted)
    if task == NUMBERS:
        np.testing.assert_allclose(data.y, np.asarray(cells, float), rtol=1e-12)


def test_categories_are_classes_however_many():
    codes = pd.Series(np.minimum(np.arange(N) % 53, 30)).astype("category")
    for data in (pd.DataFrame({"a": NORMAL, "k": codes}), (NORMAL[:, None], codes)):
        check(as_dataset(data, task="auto"), CLASSES, is_doubted=False)


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        ([f"${v:,.2f}" for v in 1e4 + 100 * np.arange(N)], 1e4),
        ([f"{v}%" for v in np.arange(N) / 4 + 0.125], 0.125),
        ([f"{v:,}" for v in 1000 + 17 * np.arange(N) % 997], 1000),
    ],
)
def test_numbers_as_people_write_them(cells, first):
    rows = "\n".join(f'{a:.4f};"{cell}"' for a, cell in zip(NORMAL, cells, strict=True))
    table = read_table(f"a;price\n{rows}\n".encode(), name="t.csv", task="auto")
    assert table.recognition.task == NUMBERS
    assert table.target[0] in (first, first / 100)
    assert len(table.target) == N


def test_decimal_commas_and_gaps():
    cells = ["" if k in (3, 7) else f"{v:.2f}".replace(".", ",") for k, v in enumerate(NORMAL)]
    rows = "\n".join(f"{k % 9};{cell}" for k, cell in enumerate(cells))
    table = read_table(f"a;x\n{rows}\n".encode(), name="t.csv", task="auto")
    assert table.recognition.task == NUMBERS
    assert len(table.features) == len(table.target) == N - 2
    assert "2 rows without a number in the target left out" in str(table.recognition)
    np.testing.assert_allclose(table.target, np.delete(NORMAL.round(2), [3, 7]))


def test_codes_with_zeros_in_front_are_classes():
    rows = "\n".join(f"{v:.3f},{k % 40:05d}" for k, v in enumerate(NORMAL))
    table = read_table(f"a,code\n{rows}\n".encode(), name="t.csv", task="auto")
    assert table.recognition.task == CLASSES
    assert "00007" in table.recognition.class_counts


def test_a_column_called_class_has_classes():
    cells = np.minimum(np.arange(N) % 53, 24)
    for name, task in (("class", CLASSES), ("Class label", CLASSES), ("rings", NUMBERS)):
        frame = pd.DataFrame({"a": NORMAL, name: cells})
        check(as_dataset(frame, name, task="auto"), task, is_doubted=True)


def test_another_column_may_be_meant():
    frame = pd.DataFrame({"city": np.where(np.arange(N) % 2, "Rome", "Bern"), "price": NORMAL})
    doubt = as_dataset(frame, task="auto").recognition.doubt
    assert "'price', the last column, is predicted as numbers, a regression." in doubt
    assert "--target city (2 classes)" in doubt
    assert as_dataset(frame, "price", task="auto").recognition.doubt == ""


@pytest.mark.parametrize("task", [NUMBERS, "auto"])
def test_a_target_by_its_name(task):
    frame = pd.DataFrame({"target": NORMAL, "a": NORMAL[::-1], "b": np.arange(N) % 2})
    data = as_dataset(frame, task=task)
    assert (data.recognition.target, data.task) == ("target", NUMBERS)


def test_what_is_asked_for_is_done():
    ages = TARGETS["years of age"][0]
    assert as_dataset((NORMAL[:, None], ages), task=CLASSES).task == CLASSES
    assert as_dataset((NORMAL[:, None], np.arange(N) % 2), task=NUMBERS).task == NUMBERS
    assert (
        as_dataset(pd.DataFrame({"a": NORMAL, "k": np.arange(N) % 3}), task=NUMBERS).y.dtype
        == float
    )


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            ["oak", "fir"] * (N // 2),
            r"holds text such as 'oak': a regression needs numbers.*--target a",
        ),
        ([True, False] * (N // 2), "a regression needs numbers"),
        (pd.date_range("2020-01-01", periods=N), "holds dates"),
        ([2.5] * N, "has the same number in every row, 2.5"),
        ([np.inf, *range(N - 1)], "an infinite value in 1 of 120 cells"),
        (["oops", *map(str, range(N - 1))], "has no number in 1 of 120 cells, such as 'oops'"),
        ([None] * N, "no numbers|empty|needs numbers"),
    ],
)
def test_what_is_no_regression(cells, words):
    with pytest.raises(ValueError, match=words) as caught:
        as_dataset(pd.DataFrame({"a": NORMAL, "k": cells}), "k", task=NUMBERS)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (["oak", "fir"] * (N // 2), "y holds str such as 'oak': a regression needs numbers"),
        ([True, False] * (N // 2), "a regression needs numbers"),
        ([1.5] * N, "the same number in every row"),
        ([np.inf, *range(N - 1)], "1 infinite values"),
        ([np.nan, *range(N - 1)], "1 missing"),
        (np.ones((N, 2)), r"for several targets one at a time: y\[:, 0\]"),
        (range(N - 1), "120 rows but y has 119"),
    ],
)
def test_arrays_that_are_no_regression(y, words):
    with pytest.raises(ValueError, match=words):
        as_dataset((NORMAL[:, None], y), task=NUMBERS)


def test_datasets_have_their_own():
    assert as_dataset("diabetes", task="auto").task == NUMBERS
    assert as_dataset(load_dataset("diabetes")).task == NUMBERS
    assert as_dataset(load_dataset("iris"), task="auto").task == CLASSES
    assert as_dataset(load_diabetes(), task="auto").task == NUMBERS  # of scikit-learn, without one
    assert as_dataset(load_iris(), task="auto").task == CLASSES
    for data in ("iris", load_dataset("iris")):
        with pytest.raises(ValueError, match="iris is a classification, but task='regression'"):
            as_dataset(data, task=NUMBERS)
    with pytest.raises(ValueError, match="unknown task 'ranking'"):
        as_dataset((NORMAL[:, None], NORMAL), task="ranking")
    with pytest.raises(ValueError, match="unknown task 'regresion': did you mean 'regression'"):
        read_table(b"a,b\n1,2\n", name="t.csv", task="regresion")


def test_without_a_word_classes_are_wanted_as_ever():
    with pytest.raises(ValueError, match="continuous"):
        as_dataset((NORMAL[:, None], NORMAL))
    with pytest.raises(ValueError, match="continuous"):
        as_dataset(pd.DataFrame({"a": NORMAL, "b": NORMAL}))


def test_a_feature_that_is_the_target_is_told():
    frame = pd.DataFrame({"a": NORMAL, "euros": 0.9 * NORMAL + 3, "dollars": NORMAL})
    notes = " ".join(as_dataset(frame, "dollars", task="auto").recognition.notes)
    assert "WARNING: 'a', 'euros' tells the target of every row" in notes


def test_rounding_and_order_do_not_matter():
    for target, task, is_doubted in TARGETS.values():
        cells = np.asarray(target)
        if cells.dtype.kind in "iuf":
            assert task_of_numbers(cells[::-1]) == (task, is_doubted)
            assert task_of_numbers(cells.astype(np.float64)) == (task, is_doubted)
