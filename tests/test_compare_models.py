"""The choice of models for compare(): names and estimators together, in lists of both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from qmlplay import VariationalClassifier, VariationalRegressor, compare, load_dataset
from qmlplay.compare.setup import check_kinds, check_models
from qmlplay.compare.setup.model_names import distinct_names

QUICK = VariationalClassifier(max_iter=2, n_layers=1)
IRIS = load_dataset("iris")
TABLE = pd.DataFrame(IRIS.X, columns=["a", "b", "c", "d"]).assign(
    target=np.array(["setosa", "versicolor", "virginica"])[IRIS.y]
)


class OnlyNumbers(GaussianNB):
    """A classifier that refuses labels other than 0, 1, …, in the words of XGBoost."""

    def fit(self, X, y, sample_weight=None):
        if not np.array_equal(np.unique(y), np.arange(len(np.unique(y)))):
            raise ValueError(f"Invalid classes inferred from unique values of `y`: {np.unique(y)}")
        return super().fit(X, y, sample_weight)


class NeverFits(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        raise ValueError(f"never, with labels like {y[0]}")

    def predict(self, X):
        raise NotImplementedError


def models_of(result):
    return result.table["model"].tolist()


def test_names_and_estimators_in_one_list():
    chosen = ["numpy", LogisticRegression(), "dummy", ("mine", SVC(C=3))]
    result = compare("moons", models=chosen, classifier=QUICK, seeds=2)
    assert models_of(result) == ["numpy", "LogisticRegression", "dummy", "mine"]
    assert result.table["status"].eq("ok").all()
    assert result.table["kind"].tolist() == ["quantum", "classical", "classical", "classical"]
    assert result.fitted["moons", "mine"].C == 3
    # Each has the numbers that it has when it is alone.
    alone = compare("moons", models={"mine": SVC(C=3)}, seeds=2)
    by_name = compare("moons", models=["numpy"], classifier=QUICK, seeds=2)
    scores = result.table.set_index("model")["test_accuracy"]
    assert scores["mine"] == alone.table["test_accuracy"][0]
    assert scores["numpy"] == by_name.table["test_accuracy"][0]


def test_one_estimator_needs_no_list():
    assert models_of(compare("moons", models=GaussianNB(), seeds=1)) == ["GaussianNB"]
    assert list(check_models((SVC(), "numpy"))) == ["SVC", "numpy"]


def test_numbers_to_predict():
    quick = VariationalRegressor(max_iter=2, n_layers=1)
    chosen = ["numpy", Ridge(), LinearRegression(), "dummy"]
    result = compare("sine", models=chosen, regressor=quick, seeds=1)
    assert models_of(result) == ["numpy", "Ridge", "LinearRegression", "dummy"]
    assert result.table["status"].eq("ok").all()


def test_simulators_beside_own_models_are_trained_once():
    chosen = ["numpy", GaussianNB(), "cirq"]
    result = compare("moons", models=chosen, classifier=QUICK, seeds=1, train_everywhere=False)
    table = result.table.set_index("model")
    assert models_of(result) == [*chosen[:1], "GaussianNB", *chosen[2:]]
    assert len({*result.forecast.trained_on}) == 1
    assert table.loc[["numpy", "cirq"], "test_accuracy"].nunique() == 1
    assert result.parity < 1e-10


def test_an_own_model_called_like_a_simulator_stands_in_for_none():
    chosen = {"numpy": VariationalClassifier("cirq", max_iter=2, n_layers=1), "cirq": QUICK}
    result = compare("moons", models=chosen, seeds=1, train_everywhere=False)
    assert not result.forecast.trained_on


def test_the_classical_model_on_components_comes_last():
    data = load_dataset("breast_cancer")
    chosen = ["numpy", GaussianNB(), "logistic_regression"]
    result = compare((data.X[:120], data.y[:120]), models=chosen, classifier=QUICK, seeds=1)
    assert models_of(result)[1] == "GaussianNB"
    assert models_of(result)[3:] == ["logistic_regression on components"]


def test_every_name_is_another_and_can_be_read():
    scaled = make_pipeline(StandardScaler(), SVC())
    search = GridSearchCV(SVC(), {"C": [1, 2]})
    vote = VotingClassifier([("a", SVC()), ("b", GaussianNB())])
    chosen = [SVC(), SVC(C=9), scaled, search, vote, GaussianNB(), GaussianNB(), ("SVC", SVC())]
    names = list(check_models(chosen))
    assert names == [
        "SVC(C=1.0)",
        "SVC(C=9)",
        "StandardScaler + SVC",
        "GridSearchCV(SVC)",
        "VotingClassifier",
        "GaussianNB",
        "GaussianNB (2)",
        "SVC",
    ]
    same = [make_pipeline(StandardScaler(), SVC(C=c)) for c in (1, 2)]
    assert distinct_names([None] * 2, same) == [f"StandardScaler + SVC(svc__C={c})" for c in (1, 2)]
    assert distinct_names(["SVC", None], [GaussianNB(), SVC()]) == ["SVC", "SVC (2)"]
    seeds = [SVC(random_state=1), SVC(random_state=2)]
    assert distinct_names([None] * 2, seeds) == ["SVC", "SVC (2)"]


@pytest.mark.parametrize(
    ("models", "error", "words"),
    [
        (["nunpy", SVC()], ValueError, "unknown model 'nunpy': did you mean 'numpy'"),
        (["numpy", SVC(), "numpy"], ValueError, "'numpy' came 2 times"),
        (["numpy", ("numpy", SVC())], ValueError, "'numpy' came 2 times"),
        (["numpy", SVC], TypeError, "must be an unfitted scikit-learn classifier"),
        ([("mine", SVC)], TypeError, "model 'mine' must be an unfitted"),
        ([("mine", "numpy")], TypeError, "model 'mine' must be an unfitted"),
        (["numpy", LinearRegression()], TypeError, "predicts numbers, but the data are a class"),
        (["numpy", StandardScaler()], TypeError, "'StandardScaler' must be an unfitted"),
        (["numpy", None], ValueError, "unknown model None"),
        (["numpy", np.zeros(3)], ValueError, "unknown model"),
        ({"a": "numpy"}, TypeError, r"a name goes into a list: models=\['numpy', estimator\]"),
        ((), ValueError, "no model came"),
    ],
)
def test_bad_items(models, error, words):
    with pytest.raises(error, match=words):
        compare("moons", models=models)


def test_kinds_are_for_own_models_alone():
    models = check_models(["numpy", SVC()])
    assert check_kinds({"SVC": "hybrid"}, models) == {"SVC": "hybrid"}
    with pytest.raises(ValueError, match="those by name have theirs"):
        check_kinds({"numpy": "hybrid"}, models)
    with pytest.raises(ValueError, match="did you mean 'SVC'"):
        check_kinds({"SVM": "hybrid"}, models)
    result = compare("moons", models=["dummy", SVC()], kinds={"SVC": "hybrid"}, seeds=1)
    assert result.table["kind"].tolist() == ["classical", "hybrid"]


FRAMES = {
    "polars": pl.from_pandas(TABLE),
    "polars lazy": pl.from_pandas(TABLE).lazy(),
    "arrow": pa.Table.from_pandas(TABLE),
    "arrow batch": pa.RecordBatch.from_pandas(TABLE),
    "pandas": TABLE,
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_with_the_name_of_their_target(kind):
    result = compare(FRAMES[kind], "target", models=["numpy", SVC()], classifier=QUICK, seeds=1)
    expected = compare(TABLE, "target", models={"SVC": SVC()}, seeds=1)
    assert result.table["status"].eq("ok").all()
    assert result.table["test_accuracy"][1] == expected.table["test_accuracy"][0]


def test_frames_beside_a_series_of_labels():
    frame = FRAMES["polars"]
    X, y = frame.drop("target"), frame["target"]
    for data, target in ((X, y), ((X, y), None), (IRIS.X, y), (X, IRIS.y), (X, pa.array(list(y)))):
        table = compare(data, target, models=[SVC()], seeds=1).table
        assert table["test_accuracy"][0] > 0.9


def test_labels_as_text_for_a_classifier_that_knows_numbers_alone():
    result = compare(TABLE, "target", models=["dummy", OnlyNumbers(), GaussianNB()], seeds=2)
    table = result.table.set_index("model")
    assert table["status"].eq("ok").all()
    assert table.loc["OnlyNumbers", "test_accuracy"] == table.loc["GaussianNB", "test_accuracy"]
    assert table.loc["OnlyNumbers", "log_loss"] == table.loc["GaussianNB", "log_loss"]
    model = result.fitted["own data", "OnlyNumbers"]
    assert set(model.predict(IRIS.X)) == set(TABLE["target"])
    assert model.estimator_.classes_.tolist() == [0, 1, 2]


def test_the_first_reason_is_told_where_numbers_do_not_help():
    (status,) = compare(TABLE, "target", models=[NeverFits()], seeds=1).table["status"]
    assert status.startswith("ValueError: never, with labels like ")
    assert status.split()[-1] in set(TABLE["target"])
