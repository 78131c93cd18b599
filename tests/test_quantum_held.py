"""Quantum models held by functions, lists, dicts and classes of the user's own."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from qmlplay import VariationalClassifier, compare
from qmlplay.compare.setup import fitted_models, kind_of, quantum_models

QUICK = VariationalClassifier(max_iter=1, n_layers=1)
LINE = LogisticRegression()
X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)
HELD = []  # what a function finds among the names of its module


class Own(ClassifierMixin, BaseEstimator):
    """A holder whose fitted models stand in an attribute without the underscore at its end."""

    def __init__(self, models=None):
        self.models = models

    def _templates(self):
        return list(self.models.values()) if isinstance(self.models, dict) else self.models

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self._trained = {i: clone(model).fit(X, y) for i, model in enumerate(self._templates())}
        return self

    def predict(self, X):
        return self._trained[0].predict(X)


class MadeInFit(Own):
    """A classifier that shows its quantum model only when it is fitted."""

    def _templates(self):
        return [VariationalClassifier(max_iter=1, n_layers=1, random_state=0)]


def probabilities(X, model=None):
    return model.predict_proba(X)


def closure(model):
    return lambda X: 2 * model.predict_proba(X)


FUNCTIONS = {
    "method": lambda model: model.predict_proba,
    "fixed argument": lambda model: partial(probabilities, model=model),
    "closure": closure,
    "global": lambda _: lambda X: 2 * HELD[0].predict_proba(X),
    "default": lambda model: lambda X, held=model: held.predict_proba(X),
}


@pytest.fixture(scope="module")
def trained():
    HELD[:] = [clone(QUICK).fit(X, Y)]
    yield HELD[0]
    HELD.clear()


def runs_of(estimator):
    return compare(X, Y, models={"it": estimator, "line": LINE}, seeds=1).runs.iloc[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_that_call_a_quantum_model(name, trained):
    estimator = make_pipeline(FunctionTransformer(FUNCTIONS[name](trained)), LINE)
    assert kind_of(estimator) == "quantum"
    row = runs_of(estimator)
    assert (row["kind"], row["status"], row["n_qubits"]) == ("quantum", "ok", 3)


def test_other_functions_are_classical():
    for function in (np.log1p, None, lambda X: X * len(Y), partial(np.clip, a_min=0, a_max=1)):
        assert kind_of(make_pipeline(FunctionTransformer(function), LINE)) == "classical"


@pytest.mark.parametrize("models", [[QUICK], (QUICK,), {"a": QUICK}])
def test_models_in_lists_and_dicts_have_their_random_state(models, trained):
    row = runs_of(Own(models))
    assert (row["kind"], row["status"]) == ("quantum", "ok")
    assert row["n_parameters"] == trained.n_parameters_
    result = compare(X, Y, models={"own": Own(models)}, seeds=[7])
    assert [m.random_state for m in fitted_models(result.fitted["own data", "own"])] == [7]
    assert QUICK.random_state is None


def test_candidates_of_a_search_have_their_random_state():
    search = GridSearchCV(Pipeline([("m", LINE)]), {"m": [QUICK]}, cv=2)
    fitted = compare(X, Y, models={"search": search}, seeds=[5]).fitted["own data", "search"]
    assert [model.random_state for model in quantum_models(fitted)] == [5]


def test_fitted_copies_count_and_templates_do_not():
    fitted = Own([QUICK, QUICK]).fit(X, Y)
    assert quantum_models(fitted) == list(fitted._trained.values())


def test_a_quantum_model_made_in_fit():
    assert kind_of(MadeInFit()) == "classical"
    row = runs_of(MadeInFit())
    assert (row["kind"], row["n_qubits"], row["trained_on"]) == ("quantum", 3, "numpy")


@pytest.mark.slow
def test_a_selection_keeps_no_quantum_model_and_is_judged_all_the_same():
    select = SequentialFeatureSelector(QUICK, n_features_to_select=1, cv=2)
    result = compare(X, Y, models={"select": make_pipeline(select, LINE)}, seeds=1)
    row = result.runs.iloc[0]
    assert (row["kind"], row["status"], row["n_parameters"]) == ("quantum", "ok", 2)
    assert "select" in result.to_html()


def test_a_stack_without_a_final_estimator_is_a_classifier():
    row = runs_of(StackingClassifier([("q", QUICK), ("l", LINE)], cv=2))
    assert (row["kind"], row["status"], row["n_qubits"]) == ("quantum", "ok", 3)
    with pytest.raises(TypeError, match="must be an unfitted scikit-learn classifier"):
        compare(X, Y, models={"scaler": make_pipeline(StandardScaler())})


REDUCED = make_pipeline(PCA(2), QUICK)
LAYERS = {"variationalclassifier__n_layers": [1]}


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), REDUCED),
        GridSearchCV(REDUCED, LAYERS, cv=2),
        RandomizedSearchCV(REDUCED, LAYERS, n_iter=1, cv=2),
        HalvingGridSearchCV(REDUCED, LAYERS, cv=2, min_resources=20),
        BaggingClassifier(REDUCED, 2),
        make_pipeline(StandardScaler(), RandomizedSearchCV(REDUCED, LAYERS, n_iter=1, cv=2)),
        RandomizedSearchCV(make_pipeline(PCA(2), LINE), {"pca__whiten": [True]}, n_iter=1, cv=2),
    ],
)
def test_columns_that_reach_the_model(estimator):
    row = runs_of(estimator)
    assert (row["status"], row["n_columns"], row["n_inputs"]) == ("ok", 3, 2)


def test_all_simulators_of_a_vote_are_named():
    models = {"both": Own([QUICK, clone(QUICK).set_params(backend="cirq")])}
    assert compare(X, Y, models=models, seeds=1).runs["trained_on"].tolist() == ["numpy, cirq"]
