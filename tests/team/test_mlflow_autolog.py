"""``mlflow.sklearn.autolog()``, called as for scikit-learn's own estimators, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from mlflow_helpers import (
    SETTINGS,
    X,
    classifier,
    losses,
    models,
    parent,
    runs,
    y,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import (
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    VariationalClassifier,
    VariationalRegressor,
    compare,
)

pytestmark = [
    pytest.mark.needs("mlflow"),
    # What MLflow does while it logs a pipeline or a search of its own accord.
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint is inferred as AnyType"),
]


@pytest.fixture
def autolog():
    """Return MLflow's function, and switch it off at the end."""
    import mlflow

    yield mlflow.sklearn.autolog
    mlflow.sklearn.autolog(disable=True, silent=True)


def test_a_classifier_alone_is_logged(client, autolog):
    import mlflow

    autolog()
    clf = VariationalClassifier(**SETTINGS).fit(X, y)
    (run,) = runs(client)
    assert mlflow.last_active_run().info.run_id == run.info.run_id
    assert run.info.status == "FINISHED"
    assert losses(client, run.info.run_id) == dict(enumerate(clf.loss_curve_, start=1))
    assert run.data.tags["mlflow.autologging"] == "sklearn"
    assert run.data.tags["estimator_name"] == "VariationalClassifier"
    assert run.data.params["n_layers"] == "1"
    (model,) = models(client)
    again = mlflow.pyfunc.load_model(model.model_uri)
    np.testing.assert_array_equal(again.predict(X), clf.predict(X))
    assert clf.callbacks is None
    assert mlflow.active_run() is None


def test_it_has_the_metrics_of_scikit_learns_own(client, autolog):
    autolog(log_models=False)
    LogisticRegression().fit(X, y)
    VariationalClassifier(**SETTINGS).fit(X, y)
    QuantumKernelClassifier(bandwidth=1.0).fit(X, y)
    classical, *quantum = [set(run.data.metrics) for run in runs(client)]
    for metrics in quantum:
        assert classical | {"training_log_loss"} <= metrics


@pytest.mark.parametrize("n_classes", [2, 3])
def test_metrics_are_those_of_scikit_learn(client, autolog, n_classes):
    from sklearn import metrics

    autolog(log_models=False)
    target = np.array(["a", "b", "c"])[np.arange(40) % n_classes]
    clf = VariationalClassifier(**SETTINGS).fit(X, target)
    (run,) = runs(client)
    predicted, p = clf.predict(X), clf.predict_proba(X)
    expected = {
        "accuracy_score": metrics.accuracy_score(target, predicted),
        "f1_score": metrics.f1_score(target, predicted, average="weighted"),
        "log_loss": metrics.log_loss(target, p),
        "roc_auc": metrics.roc_auc_score(
            target, p[:, 1] if n_classes == 2 else p, multi_class="ovo", average="weighted"
        ),
    }
    for name, value in expected.items():
        assert run.data.metrics[f"training_{name}"] == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize("kind", [VariationalRegressor, QuantumKernelRegressor])
def test_regressors_are_logged(client, autolog, kind):
    autolog()
    settings = SETTINGS if kind is VariationalRegressor else {"bandwidth": 1.0}
    model = kind(**settings).fit(X, X.sum(axis=1))
    (run,) = runs(client)
    assert run.data.metrics["training_r2_score"] == pytest.approx(model.score(X, X.sum(axis=1)))
    assert run.data.params["n_qubits_"] == "2"
    assert len(models(client)) == 1


def test_what_comes_after_training_is_logged(client, autolog):
    from sklearn import metrics

    autolog(log_models=False)
    X_test, y_test = X[:20], y[:20]
    clf = VariationalClassifier(**SETTINGS).fit(X, y)
    score = clf.score(X_test, y_test)
    f1 = metrics.f1_score(y_test, clf.predict(X_test))
    (run,) = runs(client)
    assert run.data.metrics["VariationalClassifier_score_X_test"] == score
    assert run.data.metrics["f1_score_X_test"] == f1


def test_a_pipeline_and_a_search_are_logged_as_before(client, autolog):
    autolog(log_models=False)
    model = make_pipeline(StandardScaler(), VariationalClassifier(**SETTINGS)).fit(X, y)
    (run,) = runs(client)
    assert run.data.tags["estimator_name"] == "Pipeline"
    assert run.data.params["variationalclassifier__n_layers"] == "1"
    assert model[-1].callbacks is None
    GridSearchCV(VariationalClassifier(**SETTINGS), {"n_layers": [1, 2]}, cv=2).fit(X, y)
    others = [other for other in runs(client) if other.info.run_id != run.info.run_id]
    (search,) = [r for r in others if r.data.tags["estimator_name"] == "GridSearchCV"]
    children = [r for r in others if r is not search]
    assert [parent(child) for child in children] == [search.info.run_id] * 2


def test_logs_to_the_active_run(client, autolog):
    import mlflow

    autolog(log_models=False)
    with mlflow.start_run() as run:
        VariationalClassifier(**SETTINGS).fit(X, y)
    assert [r.info.run_id for r in runs(client)] == [run.info.run_id]
    assert len(losses(client, run.info.run_id)) == 4
    autolog(log_models=False, exclusive=True)
    with mlflow.start_run() as other:
        VariationalClassifier(**SETTINGS).fit(X, y)
    assert client.get_run(other.info.run_id).data.params == {}


def test_keeps_to_its_settings(client, autolog):
    autolog(log_models=False, log_datasets=False, extra_tags={"team": "quantum"})
    clf = VariationalClassifier(**SETTINGS).fit(X, y)
    (run,) = runs(client)
    assert models(client) == []
    assert run.inputs.dataset_inputs == []
    assert run.data.tags["team"] == "quantum"
    autolog(registered_model_name="auto")
    clf.fit(X, y)
    assert [version.version for version in client.search_model_versions("name = 'auto'")] == [1]
    autolog(disable=True)
    clf.fit(X, y)
    clf.score(X, y)
    assert len(runs(client)) == 2


def test_a_logger_of_ones_own_is_enough(client, autolog):
    from qmlplay.mlflow import Logger

    autolog(log_models=False)
    classifier(Logger(figures=False, model=False)).fit(X, y)
    assert len(runs(client)) == 1


def test_a_failed_fit_is_marked_and_raised(client, autolog):
    def fail(state):
        raise OSError("disk")

    autolog()
    clf = classifier(fail)
    with pytest.raises(OSError, match="disk"):
        clf.fit(X, y)
    with pytest.raises(ValueError, match="bandwidth"):
        QuantumKernelClassifier(bandwidth=-1).fit(X, y)
    assert [run.info.status for run in runs(client)] == ["FAILED", "FAILED"]
    assert clf.callbacks == [fail]


def test_nothing_is_logged_inside_a_cross_validation(client, autolog):
    from sklearn import model_selection

    autolog(log_models=False)
    model_selection.cross_val_score(VariationalClassifier(**SETTINGS), X, y, cv=2)
    assert runs(client) == []  # as with scikit-learn's own
    assert cross_val_score is not model_selection.cross_val_score


def test_positional_and_named_arguments(client, autolog):
    autolog(log_models=False)
    weights = np.linspace(0, 1, 40)
    VariationalClassifier(**SETTINGS).fit(X=X, y=y, sample_weight=weights)
    QuantumKernelClassifier(bandwidth=1.0).fit(X=X, y=y, sample_weight=weights)
    QuantumKernelClassifier(bandwidth=1.0).fit(X.tolist(), y.tolist(), weights)
    assert {run.info.status for run in runs(client)} == {"FINISHED"}
    assert len(runs(client)) == 3


@pytest.mark.parametrize("call", ["mlflow.autolog()", "mlflow.sklearn.autolog()"])
@pytest.mark.parametrize("first", ["mlflow", "qmlplay"])
@pytest.mark.slow
def test_in_any_order_of_imports(tmp_path, call, first):
    second = {"mlflow": "qmlplay", "qmlplay": "mlflow"}[first]
    code = f"""
import {first}, {second}
mlflow.set_tracking_uri("sqlite:///{tmp_path}/runs.db")
{call}
qmlplay.VariationalClassifier(max_iter=2).fit([[0.0], [1.0]], [0, 1])
(run,) = mlflow.search_runs(output_format="list")
assert len(mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")) == 2
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_a_comparison_is_one_log(client, autolog):
    autolog(log_models=False)
    names = ["numpy", "logistic_regression"]
    compare("moons", models=names, seeds=1, classifier=classifier(max_iter=1), track=True)
    assert len(runs(client)) == 3  # the comparison, and its two models
    LogisticRegression().fit(X, y)
    assert len(runs(client)) == 4
