"""From a table to numbers: right answers worked out by hand, pandas and scikit-learn."""

from __future__ import annotations

import datetime as dt
import json
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.estimator_checks import parametrize_with_checks

from qmlplay import FeatureReduction, TablePreprocessor
from qmlplay.tables.transformers import CategoryColumn
from qmlplay.tables.transformers.columns import ConstantColumn, NumberColumn
from qmlplay.tables.transformers.date_column import DateColumn


@parametrize_with_checks([TablePreprocessor(), FeatureReduction(2), FeatureReduction(2, "pls")])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "age": [31.0, np.nan, 45.0, 20.0, 38.0, np.nan],
            "color": ["red", "blue", " red ", None, "green", "red"],
            "member": [True, False, True, True, False, True],
            "size": pd.Categorical(["S", "M", "S", "M", "S", "S"], categories=["S", "M", "L"]),
            "joined": pd.to_datetime(
                ["2024-03-05", "2024-01-31", "2024-02-01", None, "2025-12-24", "2024-01-31"]
            ),
            "empty": [None] * 6,
            "same": ["x"] * 6,
        }
    )


def numbers(preprocessor, table):
    """Return the transformed table with the names of its columns."""
    names = preprocessor.get_feature_names_out()
    return pd.DataFrame(preprocessor.transform(table), columns=names, index=table.index)


def test_every_kind_of_column(table):
    after = numbers(TablePreprocessor().fit(table), table)
    assert after["age"].tolist() == [31, 34.5, 45, 20, 38, 34.5]  # median of 20, 31, 38, 45
    assert after["age is missing"].tolist() == [0, 1, 0, 0, 0, 1]
    assert after["color=red"].tolist() == [1, 0, 1, 0, 0, 1]
    assert after["color=blue"].tolist() == [0, 1, 0, 0, 0, 0]
    assert after["color is missing"].tolist() == [0, 0, 0, 1, 0, 0]
    assert after["member=True"].tolist() == [1, 0, 1, 1, 0, 1]
    assert after["size=S"].tolist() == [1, 0, 1, 0, 1, 1]
    # from 31 January: 34 days to 5 March in a leap year, 1 to 1 February, 328 + 365 to 24 December
    assert after["joined"].tolist() == [34, 0, 1, 1, 693, 0]
    month = 2 * np.pi * np.array([3, 1, 2, np.nan, 12, 1]) / 12
    np.testing.assert_allclose(
        after["joined: month sine"], np.nan_to_num(np.sin(month)), atol=1e-12
    )
    np.testing.assert_allclose(after["joined: month cosine"], np.nan_to_num(np.cos(month)))
    weekday = 2 * np.pi * np.array([1, 2, 3, np.nan, 2, 2]) / 7  # 5 March 2024 was a Tuesday
    np.testing.assert_allclose(after["joined: weekday sine"], np.nan_to_num(np.sin(weekday)))
    assert not [name for name in after if name.split(":")[0] in ("empty", "same", "joined: hour")]
    assert after.shape[1] == 2 + 4 + 1 + 1 + 5
    assert after.dtypes.eq("float64").all()


def test_the_same_as_scikit_learn_on_numbers_and_text():
    random = np.random.default_rng(0)
    numbers_with_gaps = random.normal(size=(200, 3))
    numbers_with_gaps[random.random((200, 3)) < 0.2] = np.nan
    text = random.choice(["a", "b", "c", "d"], size=(200, 2))
    table = pd.DataFrame(numbers_with_gaps, columns=list("pqr")).join(
        pd.DataFrame(text, columns=list("st"))
    )
    train, test = table[:150], table[150:]
    ours = TablePreprocessor().fit(train)
    imputer = SimpleImputer(strategy="median", add_indicator=True).fit(train[list("pqr")])
    encoder = OneHotEncoder(sparse_output=False).fit(train[list("st")])
    after = numbers(ours, test)
    order = ["p", "q", "r", "p is missing", "q is missing", "r is missing"]
    np.testing.assert_array_equal(after[order], imputer.transform(test[list("pqr")]))
    encoded = encoder.transform(test[list("st")])
    np.testing.assert_array_equal(after.iloc[:, 6:], encoded)


def test_what_is_learned_is_learned_from_the_training_part_alone(table):
    train, test = table[:4], table[4:].copy()
    preprocessor = TablePreprocessor().fit(train)
    before = preprocessor.transform(train)
    content = json.dumps(preprocessor.to_dict())
    test["age"], test["color"] = 1e9, "a color of the test part"
    preprocessor.transform(test)
    np.testing.assert_array_equal(preprocessor.transform(train), before)
    assert json.dumps(preprocessor.to_dict()) == content
    assert "green" not in content  # it is in the test part only
    assert preprocessor.columns_[0].median == 31.0  # of 20, 31, 45


def test_inside_cross_validation_every_part_learns_its_own():
    X = pd.DataFrame({"n": [1.0, None, 3, 4, 5, 6, None, 8], "t": list("abcabcab")})
    y = [0, 1] * 4
    model = make_pipeline(TablePreprocessor(), LogisticRegression())
    assert cross_val_score(model, X, y, cv=4).shape == (4,)


def test_rare_categories_share_a_column():
    counts = {f"c{i:02}": 30 - i for i in range(14)}
    values = [name for name, n in counts.items() for _ in range(n)]
    preprocessor = TablePreprocessor().fit(pd.DataFrame({"t": values}))
    names = preprocessor.get_feature_names_out().tolist()
    assert names == [f"t=c{i:02}" for i in range(10)] + ["t: other"]
    new = pd.DataFrame({"t": ["c03", "c12", "never seen", None]})
    after = preprocessor.transform(new)
    assert after[0].tolist() == [0, 0, 0, 1] + [0] * 7
    assert after[1:, -1].tolist() == [1, 1, 1]
    assert after.sum() == 4
    assert preprocessor.unseen(new) == {"t": {"never seen": 1}}  # c12 was rare, not unseen


def test_categories_that_training_did_not_have():
    train = pd.DataFrame({"two": ["a", "b", "a"], "three": ["x", "y", "z"]})
    preprocessor = TablePreprocessor().fit(train)
    new = pd.DataFrame({"two": ["c", None, "b"], "three": ["w", None, "y"]})
    assert preprocessor.transform(new).tolist() == [[0.5, 0, 0, 0], [0.5, 0, 0, 0], [1, 0, 1, 0]]
    assert preprocessor.unseen(new) == {"two": {"c": 1}, "three": {"w": 1}}


def test_columns_of_gaps_alone():
    train = pd.DataFrame({"gaps": [np.nan] * 3, "none": [None] * 3, "n": [1.0, 2.0, 3.0]})
    preprocessor = TablePreprocessor().fit(train)
    assert preprocessor.columns_[:2] == (ConstantColumn("gaps"), ConstantColumn("none"))
    new = pd.DataFrame({"gaps": ["text", 2, None], "n": [4, 5, None]})  # one even left out
    assert preprocessor.transform(new).ravel().tolist() == [4, 5, 2]
    with pytest.raises(ValueError, match="columns 'gaps', 'none' has the same value in all rows"):
        TablePreprocessor().fit(train[["gaps", "none"]])


def test_a_gap_that_training_did_not_have_takes_the_median():
    preprocessor = TablePreprocessor().fit([[1.0], [2.0], [9.0]])
    assert preprocessor.transform([[None], [4.0]]).ravel().tolist() == [2, 4]


@pytest.mark.parametrize("share", [0.04, 0.05])
def test_gaps_are_marked_from_five_percent_on(share):
    values = np.arange(100.0)
    values[: round(100 * share)] = np.nan
    columns = TablePreprocessor().fit(pd.DataFrame({"a": values})).columns_
    assert columns[0].outputs == (("a", "a is missing") if share == 0.05 else ("a",))


@pytest.mark.parametrize(
    ("values", "kind", "after"),
    [
        (pd.array([1, None, 3], dtype="Int64"), NumberColumn, [1, 2, 3]),
        (pd.array([1.5, None, 3.5], dtype="Float64"), NumberColumn, [1.5, 2.5, 3.5]),
        (np.array([1, 2, 3], dtype=np.uint8), NumberColumn, [1, 2, 3]),
        (np.array([1, 2, 3], dtype=np.float16), NumberColumn, [1, 2, 3]),
        ([Decimal("1.5"), Decimal(2), 3], NumberColumn, [1.5, 2, 3]),
        (pd.to_timedelta([1, 2, 12], unit="h"), NumberColumn, [1 / 24, 2 / 24, 0.5]),
        ([10**30, 2, 3], NumberColumn, [1e30, 2, 3]),
        (pd.array([True, False, None], dtype="boolean"), CategoryColumn, [0, 1, 0]),
        ([True, False, True], CategoryColumn, [1, 0, 1]),
        (pd.Categorical([7, 9, 7]), CategoryColumn, [0, 1, 0]),
        (pd.Categorical.from_codes([0, 1, 0], ["a", "b"]), CategoryColumn, [0, 1, 0]),
        (pd.array(["u", "v", "u"], dtype="string"), CategoryColumn, [0, 1, 0]),
        (pd.period_range("2024-01", periods=3, freq="M"), DateColumn, [0, 31, 60]),
        ([date(2024, 1, 1), None, date(2024, 1, 3)], DateColumn, [0, 1, 2]),
        (
            pd.to_datetime(
                ["2024-01-01T00:00+02:00", "2024-01-01", "2024-01-02"], utc=True, format="mixed"
            ),
            DateColumn,
            [22 / 24, 1, 2],
        ),
    ],
    ids=range(15),
)
def test_every_type_of_values(values, kind, after):
    table = pd.DataFrame({"a": values})
    preprocessor = TablePreprocessor().fit(table)
    assert type(preprocessor.columns_[0]) is kind
    np.testing.assert_allclose(preprocessor.transform(table)[:, 0], after)


def test_a_column_of_codes_is_the_same_with_and_without_gaps():
    preprocessor = TablePreprocessor().fit(pd.DataFrame({"a": pd.Categorical([1, 2, 3, 2])}))
    with_gap = pd.DataFrame({"a": [3.0, np.nan]})
    assert preprocessor.transform(with_gap).tolist() == [[0, 0, 1], [0, 0, 0]]


def test_columns_are_found_by_name(table):
    preprocessor = TablePreprocessor().fit(table)
    mixed = table[list(reversed(table.columns))].assign(more=1).drop(columns=["empty", "same"])
    np.testing.assert_array_equal(preprocessor.transform(mixed), preprocessor.transform(table))
    with pytest.raises(
        ValueError, match=r"lacks 2 of the 5 columns of training: 'age', 'size'; it"
    ):
        preprocessor.transform(table.drop(columns=["size", "age"]))


def test_long_lists_of_missing_columns_are_cut():
    wide = pd.DataFrame(np.random.default_rng(0).random((3, 500))).add_prefix("a long name " * 9)
    with pytest.raises(ValueError, match="and 490 more") as caught:
        TablePreprocessor().fit(wide).transform(pd.DataFrame({"a": [1]}))
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"age": ["31", "forty", None, 3, 4, 5]}, r"'age' has 'forty' in row 2, but held numbers"),
        ({"age": pd.to_datetime(["2024-01-01"] * 6)}, r"'age' has Timestamp.* in row 1, but held"),
        ({"age": [1, 2, np.inf, 4, 5, 6]}, r"'age' has inf in row 3: numbers must be finite"),
        (
            {"joined": ["2024-01-01", "soon", *[None] * 4]},
            r"'joined' has 'soon' in row 2, but held",
        ),
        ({"joined": [5.0] * 6}, r"'joined' has 5.0 in row 1, but held dates"),
        ({"color": ["red", {}, [], 1, 2, 3]}, r"'color' has {} in row 2, which is no text"),
        ({"color": [b"red"] * 6}, r"'color' has b'red' in row 1, which is no text"),
    ],
)
def test_cells_of_another_kind_than_in_training(table, changes, words):
    preprocessor = TablePreprocessor().fit(table)
    with pytest.raises((TypeError, ValueError), match=words):
        preprocessor.transform(table.assign(**changes))


def test_text_that_is_a_number_or_a_date_is_read_as_one(table):
    preprocessor = TablePreprocessor().fit(table)
    texts = table.assign(
        age=["31", "", "45.0", "20", "38", None],
        joined=["2024-03-05", "2024-01-31", "2024-02-01", None, "2025-12-24", "2024-01-31"],
    )
    np.testing.assert_array_equal(preprocessor.transform(texts), preprocessor.transform(table))


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (pd.DataFrame({"a": [1j, 2]}), "Complex|which is no text"),
        (pd.DataFrame({"a": [1.0, np.inf]}), "column 'a' has inf in row 2"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "columns occur twice: 'a'"),
        (pd.DataFrame({"a": []}), "0 sample"),
        (pd.DataFrame(index=[0, 1]), "0 feature"),
        ([1, 2, 3], "Expected 2D array"),
        (pd.DataFrame({"a": [[1], [2]]}), r"'a' has \[1\] in row 1"),
        (pd.DataFrame({"a": [3, 3]}), "nothing to learn from 2 sample"),
    ],
    ids=range(8),
)
def test_tables_that_are_refused(X, words):
    with pytest.raises((TypeError, ValueError), match=words):
        TablePreprocessor().fit(X)


def test_arrays_and_output_as_a_frame(table):
    mixed = np.array([[1.0, "a"], [None, "b"], [3.0, "a"]], dtype=object)
    preprocessor = TablePreprocessor().fit(mixed)
    assert "feature_names_in_" not in vars(preprocessor)
    assert preprocessor.transform([[5, "b"]]).tolist() == [[5, 0, 1]]
    assert preprocessor.get_feature_names_out(["p", "q"]).tolist() == ["p", "p is missing", "q=b"]
    with pytest.raises(ValueError, match="X has 3 features, but TablePreprocessor is expecting 2"):
        preprocessor.transform([[1, 2, 3]])
    frame = clone(TablePreprocessor().set_output(transform="pandas")).fit_transform(table)
    assert frame.index.equals(table.index)
    assert frame.columns[0] == "age"


def test_json_and_back(table):
    preprocessor = TablePreprocessor().fit(table)
    again = TablePreprocessor.from_dict(json.loads(json.dumps(preprocessor.to_dict())))
    assert again.columns_ == preprocessor.columns_
    assert again.feature_names_in_.tolist() == list(table.columns)
    np.testing.assert_array_equal(again.transform(table), preprocessor.transform(table))


def test_the_month_counts_over_more_than_a_year_only():
    days = pd.Series(pd.date_range("2024-01-01", periods=366, freq="D"))
    short = TablePreprocessor().fit(days.to_frame("day")).columns_[0]
    assert short.cycles == ("weekday",)
    later = pd.concat([days, pd.Series(pd.to_datetime(["2025-01-02 12:00"]))])
    assert TablePreprocessor().fit(later.to_frame("day")).columns_[0].cycles == (
        "month",
        "weekday",
        "hour",
    )


def test_frames_of_polars_keep_their_names_and_kinds():
    polars = pytest.importorskip("polars")
    days = [dt.datetime(2020, 1, day) for day in (1, 2, 4)]
    columns = {"when": days, "size": [1.0, 2.5, None], "kind": ["a", "b", "a"]}
    frame = polars.DataFrame(columns)
    fitted = TablePreprocessor().fit(frame)
    of_pandas = TablePreprocessor().fit(pd.DataFrame(columns))
    assert fitted.get_feature_names_out().tolist() == of_pandas.get_feature_names_out().tolist()
    np.testing.assert_array_equal(fitted.transform(frame), of_pandas.transform(frame))
    turned = frame.select("kind", "when", "size")  # columns are found by name
    np.testing.assert_array_equal(fitted.transform(turned), fitted.transform(frame))
    again = TablePreprocessor.from_dict(fitted.to_dict())
    np.testing.assert_array_equal(again.transform(frame), fitted.transform(frame))
