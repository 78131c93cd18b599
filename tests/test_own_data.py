"""Own data: what is accepted, and what each mistake is answered with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets
from scipy.sparse import csr_array
from sklearn.utils import Bunch

from qmlplay.datasets import as_dataset, load_dataset

X = [[1.0, 5.0], [2.0, 6.0], [3.0, 7.0], [4.0, 8.0]]
Y = ["a", "b", "b", "a"]
FRAME = pd.DataFrame(X, columns=["size", "mass"]).assign(kind=Y)


@pytest.fixture
def csv(tmp_path):
    def write(text):
        path = tmp_path / "plants.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def check(data, names=("size", "mass")):
    np.testing.assert_array_equal(data.X, X)
    assert data.X.dtype == np.float64
    assert data.y.tolist() == Y
    assert data.target_names == ["a", "b"]
    assert data.feature_names == list(names)


def test_pairs():
    check(as_dataset((X, Y)), ["x0", "x1"])
    check(as_dataset((np.array(X), np.array(Y))), ["x0", "x1"])
    check(as_dataset((np.array(X, dtype=object), pd.Series(Y))), ["x0", "x1"])
    check(as_dataset((FRAME[["size", "mass"]], FRAME["kind"])))


def test_frames():
    check(as_dataset(FRAME))
    check(as_dataset(FRAME, "kind"))
    check(as_dataset(FRAME[["kind", "size", "mass"]], "kind"))
    check(as_dataset(FRAME.astype({"kind": "category", "size": "Int64"})))
    assert FRAME.columns.tolist() == ["size", "mass", "kind"]


def test_target_of_another_place_or_kind():
    data = as_dataset(FRAME.assign(kind=[True, False, True, False]), "kind")
    assert data.y.dtype == bool
    numbered = pd.DataFrame([[0, 1.0], [1, 2.0]])
    assert as_dataset(numbered, 0).X.tolist() == [[1.0], [2.0]]
    assert as_dataset(numbered, 0).feature_names == ["1"]


def test_csv(csv):
    path = csv("size,mass,kind\n1,5,a\n2,6,b\n3,7,b\n4,8,a\n")
    check(as_dataset(path))
    check(as_dataset(str(path), "kind"))
    assert as_dataset(path).name == "plants"
    assert as_dataset(path, name="trees").name == "trees"
    numbers = csv("size,mass\n1,5\n2,6\n")
    assert as_dataset(numbers, "size").target_names == ["1", "2"]


@pytest.mark.parametrize(
    "text",
    [
        "size, mass , kind\n1, 5, a\n2, 6, b\n3, 7, b\n4, 8, a\n",
        "size,mass,kind,\n1,5,a,\n2,6,b,\n3,7,b,\n4,8,a,\n",
        "size,mass,kind\n1,5,a,\n2,6,b,\n3,7,b,\n4,8,a,\n",
        "\ufeffsize,mass,kind\n1,5,a\n2,6,b\n\n3,7,b\n4,8,a\n",
    ],
    ids=["spaces", "trailing commas", "trailing commas below the header", "mark and empty line"],
)
def test_csv_with_harmless_oddities(csv, text):
    check(as_dataset(csv(text)))
    check(as_dataset(csv(text), "kind"))


def test_csv_labels_that_look_like_missing_values(csv):
    path = csv("y,a\nNone,1\nNA,2\nnan,3\nnull,4\n")
    assert as_dataset(path, "y").y.tolist() == ["None", "NA", "nan", "null"]
    assert as_dataset(csv("a,y\n1,None\n2,oak\n")).y.tolist() == ["None", "oak"]


def test_bunches():
    iris = sklearn.datasets.load_iris()
    data = as_dataset(iris, name="mine")
    np.testing.assert_array_equal(data.X, iris.data)
    assert data.target_names == ["setosa", "versicolor", "virginica"]
    assert data.name == "mine"
    again = as_dataset(load_dataset("iris"))
    assert again.feature_names == iris.feature_names
    assert again.name == "iris"
    check(as_dataset(Bunch(data=FRAME[["size", "mass"]], target=FRAME["kind"])))


def test_names():
    np.testing.assert_array_equal(as_dataset("wine").X, load_dataset("wine").X)
    assert as_dataset("wine", name="red").name == "red"


def test_description():
    text = as_dataset(FRAME, name="stones").DESCR
    for part in ("stones", "4 samples", "2 features", "a: 2, b: 2", "target column 'kind'"):
        assert part in text


def bad_frame(**columns):
    return FRAME.assign(**columns)


@pytest.mark.parametrize(
    ("data", "target", "kind", "message"),
    [
        ("iriss", None, ValueError, "unknown dataset 'iriss': did you mean 'iris'.*path of a file"),
        ("nowhere.csv", None, FileNotFoundError, "no file 'nowhere.csv'"),
        (42, None, TypeError, "type int: pass a dataset's name"),
        (
            bad_frame(mass=[1, np.inf, 3, 4]),
            "kind",
            ValueError,
            "such as 'inf' in row 1.*--drop mass",
        ),
        ((X, Y, Y), None, TypeError, "tuple of length 3"),
        ((X, Y), "kind", TypeError, "target='kind': only a file or a DataFrame"),
        ("iris", "kind", TypeError, "target='kind'"),
        (FRAME, "kid", ValueError, "target column 'kid': did you mean 'kind'.*'mass', 'size'"),
        (FRAME[["kind"]], None, ValueError, r"columns \['kind'\]: it needs at least one feature"),
        (bad_frame(mass=[1j, 2, 3, 4]), None, TypeError, r"complex features \['mass'\]"),
        (FRAME.iloc[:0], None, ValueError, "3 columns and no rows: at least one row"),
        (FRAME.set_axis(["a", "a", "b"], axis=1), "b", ValueError, r"more than once: \['a'\]"),
        (
            bad_frame(mass=[1, np.inf, 3, 4]),
            None,
            ValueError,
            "infinite values in 'mass': 1 of 4 cells",
        ),
        (bad_frame(kind="a"), None, ValueError, r"single class, \['a'\]"),
        (bad_frame(kind=["a", 1, "b", 2]), None, TypeError, r"mixed types \['int', 'str'\]"),
        ((X, ["a", 1, "b", 2]), None, TypeError, "mixed types"),
        (([[1], [2]], ["a", None]), None, ValueError, "1 missing labels"),
        ((X, Y), ["a", "b", "b", "a"], TypeError, "tuple of length 2|target="),
        (X, None, TypeError, r"labels are missing: pass them, too, as \(X, y\)"),
        (X, Y[:3], ValueError, "X has 4 rows but y has 3 labels"),
        (bad_frame(kind=[0.5, 1.0, 2.0, 3.0]), None, ValueError, r"continuous .*0\.5.*pandas.cut"),
        ((X, Y[:3]), None, ValueError, "X has 4 rows but y has 3 labels"),
        ((X, np.eye(4)), None, ValueError, r"y has shape \(4, 4\).*argmax"),
        ((X, np.array([1, 2, 1, 2j])), None, TypeError, "labels of type complex128"),
        ((np.ones(4), Y), None, ValueError, r"X has shape \(4,\).*reshape\(-1, 1\)"),
        (([[1], [1, 2]], Y[:2]), None, ValueError, "rows of X differ in length"),
        ((np.array(X) * 1j, Y), None, TypeError, r"complex features \['x0', 'x1'\]"),
        ((csr_array(X), Y), None, TypeError, r"X is sparse: pass X\.toarray\(\)"),
        (Bunch(X=X), None, ValueError, r"keys \['X'\]: it needs X and y"),
        (Bunch(X=X, y=Y, feature_names=["a"]), None, ValueError, "1 feature_names for 2 features"),
    ],
)
def test_errors(data, target, kind, message):
    with pytest.raises(kind, match=message):
        as_dataset(data, target)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty: no table"),
        ("a,b\n1,2\n1,2,3,4\n", r"line 1 has 2 cells.*line 3 \(4 cells\)"),
        ("a,b\n", "2 columns and no rows"),
        ("a,b,y\n1,2,3,x\n4,5,6,z\n", r"line 1 has 3 cells.*lines 2 \(4 cells\), 3 \(4 cells\)"),
        ("a,b\n1;0\n2;1\n", "line 1 has 1 cells"),
        ("a,y\n1,oak\n2,\n3,oak\n", "single class"),
        ("a,b\n1,2\n1,1\n", "no feature is left"),
    ],
)
def test_bad_files(csv, text, message):
    with pytest.raises(ValueError, match=message):
        as_dataset(csv(text))


@pytest.mark.parametrize(
    ("text", "X", "y"),
    [
        ("a;b\n1;2\n2;1\n", [[1], [2]], [2, 1]),
        (",a,b\n0,1,2\n1,2,1\n", [[1], [2]], [2, 1]),
        ("a;b\n1,5;0\n2,5;1\n", [[1.5], [2.5]], [0, 1]),
        ("size, in cm;kind\n1;oak\n2;fir\n", [[1], [2]], ["oak", "fir"]),
        ("a\tb\n1\t0\n2\t1\n", [[1], [2]], [0, 1]),
        ("5.1,3.5,0\n4.9,3.0,0\n7.0,3.2,1\n", [[5.1, 3.5], [4.9, 3], [7, 3.2]], [0, 0, 1]),
        ("a,y\n1,oak\n2,\n3,fir\n", [[1], [3]], ["oak", "fir"]),
        ("a,y\n1,0\n2,NA\n3,1\n", [[1], [3]], [0, 1]),
    ],
)
def test_files_that_were_refused_once(csv, text, X, y):
    data = as_dataset(csv(text))
    np.testing.assert_array_equal(data.X, X)
    assert data.X.dtype == np.float64
    assert data.y.tolist() == y


def test_gaps_text_and_dates_come_as_a_frame(csv):
    data = as_dataset(csv("a,b,day,y\nNA,wet,2020-01-02,oak\n2,,2021-01-01,fir\n"))
    assert [str(kind) for kind in data.X.dtypes] == ["float64", "object", "datetime64[us]"]
    np.testing.assert_array_equal(data.X["a"], [np.nan, 2])
    assert data.X["b"].tolist() == ["wet", None]
    assert data.feature_names == ["a", "b", "day"]
    again = as_dataset(data)
    pd.testing.assert_frame_equal(again.X, data.X)
    assert again.recognition is data.recognition


def test_text_that_is_no_utf8(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes("größe,art\n1,a\n2,b\n".encode("latin-1"))
    data = as_dataset(path)
    assert data.feature_names == ["größe"]
    assert data.recognition.encoding == "Windows-1252 (a guess)"
