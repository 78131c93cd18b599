"""Splits: by seeds, by cross-validation, and of data given as X and y."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import (
    LeaveOneOut,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
)

from qmlplay import compare, load_dataset
from qmlplay.cli import main
from qmlplay.compare.setup import make_splits

MODELS = ["dummy", "logistic_regression"]
MOONS = load_dataset("moons", n_samples=60, random_state=3)


def splits_of(cv, data=None, seeds=(0,)):
    return make_splits(data or (MOONS.X, MOONS.y), None, list(seeds), 0.3, cv)


def test_folds_test_every_sample_once():
    splits = splits_of(5)
    assert [split.seed for split in splits] == [0, 1, 2, 3, 4]
    tested = np.sort(np.concatenate([split.test_rows for split in splits]))
    np.testing.assert_array_equal(tested, np.arange(60))
    for split in splits:
        assert np.bincount(split.y_test).tolist() == [6, 6]
        np.testing.assert_array_equal(split.X_test, MOONS.X[split.test_rows])
        np.testing.assert_array_equal(split.y_test, MOONS.y[split.test_rows])
        rest = np.setdiff1d(np.arange(60), split.test_rows)
        np.testing.assert_array_equal(np.sort(split.X_train, 0), np.sort(MOONS.X[rest], 0))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cv", "n_splits"),
    [
        (3, 3),
        (np.int64(4), 4),
        (StratifiedKFold(5), 5),
        (RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0), 6),
        (ShuffleSplit(4, test_size=0.25, random_state=0), 4),
        (list(StratifiedKFold(5).split(MOONS.X, MOONS.y)), 5),
        (([list(range(0, 60, 2)), list(range(1, 60, 2))],), 1),
        (StratifiedKFold(3).split(MOONS.X, MOONS.y), 3),  # a generator
        (LeaveOneOut(), 60),
    ],
)
def test_kinds_of_cv(cv, n_splits):
    result = compare((MOONS.X, MOONS.y), models=MODELS, cv=cv)
    assert result.table["n_seeds"].tolist() == [n_splits] * 2
    assert result.runs["seed"].nunique() == n_splits
    assert (result.table["status"] == "ok").all()
    assert len(result.verdict) >= 1


@pytest.mark.slow
def test_a_generator_serves_several_datasets():
    cv = StratifiedKFold(3).split(MOONS.X, MOONS.y)
    result = compare([(MOONS.X, MOONS.y)] * 2, models=MODELS, cv=cv)
    assert result.table["n_seeds"].tolist() == [3] * 4


@pytest.mark.slow
def test_seeds_repeat_the_folds():
    once, twice = splits_of(3, seeds=[0]), splits_of(3, seeds=[4, 5])
    assert [split.seed for split in twice] == [12, 13, 14, 15, 16, 17]
    assert len({tuple(split.test_rows) for split in once + twice}) == 9
    result = compare((MOONS.X, MOONS.y), models=MODELS, cv=3, seeds=[0, 1])
    assert result.table["n_seeds"].tolist() == [6, 6]
    assert compare("moons", models=MODELS, cv=3).table["n_seeds"].tolist() == [3, 3]


def test_generated_data_are_drawn_for_every_seed_and_divided():
    splits = splits_of(3, "moons", seeds=[0, 1])
    assert [split.table for split in splits] == [0, 0, 0, 1, 1, 1]
    for of_table in (splits[:3], splits[3:]):
        tested = np.concatenate([split.test_rows for split in of_table])
        np.testing.assert_array_equal(np.sort(tested), np.arange(300))


def test_tables_that_are_the_same_are_known_by_their_samples():
    """A dataset by name may be drawn anew, or be the same rows for every seed."""
    for name, tables in (("moons", [0, 1]), ("iris", [0, 0]), ("wine", [0, 0]), ("xor", [0, 1])):
        splits = make_splits(name, None, [0, 1], 0.3)
        assert [split.table for split in splits] == tables, name
        for split in splits:
            assert len(np.unique(split.test_rows)) == len(split.y_test)
    iris = load_dataset("iris")
    first, second = make_splits("iris", None, [0, 1], 0.3)
    shared = np.intersect1d(first.test_rows, second.test_rows)
    assert 5 < len(shared) < 30
    pairs = [dict(zip(s.test_rows, map(tuple, s.X_test), strict=True)) for s in (first, second)]
    assert all(pairs[0][row] == pairs[1][row] for row in shared)
    assert iris.X.shape[0] == 150


@pytest.mark.slow
@pytest.mark.parametrize(
    ("X", "y"),
    [
        (MOONS.X, MOONS.y),
        (MOONS.X.tolist(), MOONS.y.tolist()),
        (pd.DataFrame(MOONS.X, columns=["a", "b"]), pd.Series(MOONS.y, name="kind")),
        (pd.DataFrame(MOONS.X, columns=["a", "b"], index=range(100, 160)), MOONS.y),
    ],
)
def test_X_and_y_as_in_scikit_learn(X, y):
    expected = compare((MOONS.X, MOONS.y), models=MODELS, seeds=2).runs["test_accuracy"]
    found = compare(X, y, models=MODELS, seeds=2).runs["test_accuracy"]
    assert found.tolist() == expected.tolist()


def test_a_list_of_names_is_still_a_list_of_datasets():
    result = compare(["moons", "circles"], models=["dummy"], seeds=1)
    assert list(result.splits) == ["moons", "circles"]


THREE = (np.arange(40.0)[:, None], np.repeat(["a", "b", "c"], [20, 17, 3]))
ROWS = list(range(40))


@pytest.mark.parametrize(
    ("cv", "error", "message"),
    [
        (1, ValueError, "at least 2 folds, such as cv=5; got 1"),
        (0, ValueError, "at least 2 folds"),
        (5, ValueError, r"classes \['c'\] have fewer samples \(as few as 3\) than cv=5 folds"),
        (True, TypeError, "cv must be a number of folds"),
        (2.5, TypeError, "cv must be a number of folds"),
        ("5", TypeError, "cv must be a number of folds"),
        (StratifiedKFold, TypeError, "cv must be a number of folds"),
        ([], ValueError, "without a split"),
        ([ROWS], TypeError, "split 0 of cv must be"),
        ([(ROWS, [])], ValueError, "the test part has no rows"),
        ([([], ROWS)], ValueError, "the training part has no rows"),
        ([(ROWS[:30], [40])], ValueError, "names the row 40, but the 40 rows have the numbers"),
        ([(ROWS[:30], [-1])], ValueError, "names the row -1"),
        ([(ROWS, ROWS[30:])], ValueError, "10 rows are in the training and in the test part"),
        ([(ROWS[:37], ROWS[37:])], ValueError, r"classes \['c'\] are in the test part alone"),
        ([(ROWS[1:20], ROWS[:1])], ValueError, "only the class"),
        ([([0.5, 1], [2])], TypeError, "two lists of row numbers"),
        (StratifiedKFold(30), ValueError, "cannot divide it"),
    ],
)  # fmt: skip
def test_bad_cv(cv, error, message):
    with pytest.raises(error, match=message) as caught:
        compare(THREE, models=["dummy"], cv=cv)
    assert len(str(caught.value)) < 1000


def test_long_lists_of_classes_are_cut():
    y = np.repeat(np.arange(50), 2)
    with pytest.raises(ValueError, match="and 40 more") as caught:
        compare((np.arange(100.0)[:, None], y), models=["dummy"], cv=5)
    assert len(str(caught.value)) < 400


@pytest.mark.slow
def test_the_command_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["compare", "iris", "--models", "dummy,logistic_regression", "--no-progress"]
    main([*options, "--cv", "4"])
    shown = capsys.readouterr().out
    assert shown.startswith("iris: 112 training and 38 test samples, mean ± spread over 4 splits")
    with pytest.raises(SystemExit) as stopped:
        main([*options, "--cv", "1"])
    assert stopped.value.code == 2
    assert "at least 2 folds" in capsys.readouterr().err
