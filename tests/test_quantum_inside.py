"""A model is quantum when a quantum model is anywhere inside it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier
from sklearn.ensemble import VotingClassifier as Vote
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalClassifier, compare, load_dataset
from qmlplay.baselines import count_parameters
from qmlplay.compare.setup import kind_of, quantum_models, sizes
from qmlplay.html import classifier_html

QUICK = VariationalClassifier(max_iter=12, n_layers=1)
FLAT = VariationalClassifier(max_iter=2, n_layers=1, ansatz="no_entanglement")
LINE = LogisticRegression(max_iter=1000)
IRIS = load_dataset("iris")

#: Estimator → how many quantum models it holds before and after fitting three classes.
HOLDERS = {
    "itself": (QUICK, 1, 1),
    "pipeline": (make_pipeline(PCA(2), QUICK), 1, 1),
    "pipeline in pipeline": (make_pipeline(StandardScaler(), make_pipeline(PCA(2), QUICK)), 1, 1),
    "search": (GridSearchCV(make_pipeline(PCA(2), QUICK), {"pca__whiten": [True]}, cv=2), 1, 1),
    "searched": (RandomizedSearchCV(Pipeline([("m", LINE)]), {"m": [QUICK]}, n_iter=1, cv=2), 1, 1),
    "search that chose a line": (GridSearchCV(Pipeline([("m", QUICK)]), {"m": [LINE]}, cv=2), 1, 0),
    "bag": (BaggingClassifier(QUICK, 3), 1, 3),
    "boost": (AdaBoostClassifier(QUICK, n_estimators=2, random_state=0), 1, 2),
    "one against the rest": (OneVsRestClassifier(QUICK), 1, 3),
    "pairs": (OneVsOneClassifier(make_pipeline(PCA(2), QUICK)), 1, 3),
    "calibrated": (CalibratedClassifierCV(QUICK, cv=2), 1, 2),
    "stack": (StackingClassifier([("q", QUICK), ("l", LINE)], cv=2), 1, 1),
    "top of a stack": (StackingClassifier([("l", LINE)], QUICK, cv=2), 1, 1),
    "vote": (Vote([("q", QUICK), ("l", LINE)]), 1, 1),
    "vote of two": (Vote([("q", QUICK), ("f", FLAT)]), 2, 2),
    "columns": (make_pipeline(ColumnTransformer([("a", PCA(2), [0, 1, 2])]), QUICK), 1, 1),
    "union": (make_pipeline(FeatureUnion([("a", PCA(1)), ("b", PCA(2))]), QUICK), 1, 1),
    "selection": (make_pipeline(SelectFromModel(LINE), QUICK), 1, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDERS)
def test_quantum_models_are_found(name):
    estimator, before, after = HOLDERS[name]
    estimator = clone(estimator)
    assert len(quantum_models(estimator)) == before
    assert kind_of(estimator) == "quantum"
    estimator.fit(IRIS.X, IRIS.y)
    inside = quantum_models(estimator)
    assert len(inside) == after
    for model in inside:
        assert hasattr(model, "weights_")
    assert kind_of(estimator) == ("quantum" if after else "classical")


def test_sizes_are_put_together():
    bag = BaggingClassifier(make_pipeline(PCA(2), QUICK), 3, random_state=0).fit(IRIS.X, IRIS.y)
    inside = quantum_models(bag)
    found = sizes(bag)
    assert found["n_parameters"] == sum(model.n_parameters_ for model in inside)
    assert found["circuit_evaluations"] == sum(m.n_circuit_evaluations_ for m in inside)
    assert len(inside) == 3
    assert (found["n_qubits"], found["two_qubit_gates"]) == (2, 1)


def test_classical_parts_that_can_be_counted_are():
    vote = Vote([("q", QUICK), ("l", LINE)]).fit(IRIS.X, IRIS.y)
    quantum, line = vote.estimators_
    assert sizes(vote)["n_parameters"] == quantum.n_parameters_ + count_parameters(line)
    stack = StackingClassifier([("q", QUICK)], cv=2).fit(IRIS.X, IRIS.y)
    parts = stack.estimators_[0].n_parameters_ + count_parameters(stack.final_estimator_)
    assert sizes(stack)["n_parameters"] == parts


def test_classical_estimators_stay_classical():
    for estimator in (LINE, make_pipeline(StandardScaler(), LINE), GridSearchCV(LINE, {"C": [1]})):
        assert quantum_models(estimator) == []
        assert kind_of(estimator) == "classical"


def test_all_without_entanglement_is_an_ablation():
    assert kind_of(make_pipeline(PCA(2), FLAT)) == "ablation"
    assert kind_of(Vote([("a", FLAT), ("b", LINE)])) == "ablation"
    assert kind_of(Vote([("a", FLAT), ("b", QUICK)])) == "quantum"


def test_estimators_in_a_circle_end():
    class Holder:
        pass

    first, second = Holder(), Holder()
    first.other, second.other, second.model = second, first, QUICK
    assert quantum_models(first) == [QUICK]


@pytest.fixture(scope="module")
def result():
    models = {
        "pca": make_pipeline(PCA(2), QUICK),
        "flat": make_pipeline(StandardScaler(), FLAT),
        "line": make_pipeline(StandardScaler(), LINE),
    }
    return compare("iris", models=models, seeds=2)


def test_compare_knows_them(result):
    table = result.table.set_index("model")
    assert table["kind"].tolist() == ["quantum", "ablation", "classical"]
    assert table["n_qubits"].tolist()[:2] == [2, 4]
    (inside,) = quantum_models(result.fitted["iris", "pca"])
    assert table.loc["pca", "n_parameters"] == inside.n_parameters_
    assert (table["circuit_evaluations"] > 0).tolist()[:2] == [True, True]
    assert result.runs["trained_on"].tolist()[:2] == ["numpy", "numpy"]
    assert any("against the quantum model" in sentence for sentence in result.verdict)


def test_seeds_reach_the_models_inside(result):
    model = result.fitted["iris", "pca"]
    assert (model[0].random_state, model[1].random_state) == (0, 0)


@pytest.mark.slow
def test_the_page_shows_the_circuit_inside(result):
    inside = quantum_models(result.fitted["iris", "pca"])[0]
    page = result.to_html()
    assert classifier_html(inside) in page
    assert "The quantum model of the first split, trained on NumPy" in page


def test_pictures_draw_pipelines():
    models = {"pca": make_pipeline(StandardScaler(), QUICK), "line": LINE}
    result = compare("moons", models=models, seeds=1)
    titles = [ax.get_title() for ax in result.plot(kind="boundaries").axes if ax.get_title()]
    assert [title.splitlines()[0] for title in titles] == ["pca", "line"]
    assert np.isfinite(result.table["n_parameters"].astype(float)).all()
