"""The callback that logs trainings to MLflow, against a database of MLflow's own."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from mlflow_helpers import (
    X,
    classifier,
    database_in,
    files,
    losses,
    models,
    parent,
    runs,
    y,
)
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalRegressor, get_backend, load_dataset
from qmlplay.callbacks import Callback

pytestmark = pytest.mark.needs("mlflow")


@pytest.fixture
def quick():
    """A logger of numbers alone."""
    from qmlplay.mlflow import Logger

    return Logger(figures=False, model=False)


def test_logs_all_of_a_training(client):
    import mlflow

    from qmlplay.mlflow import Logger

    logger = Logger(run_name="first", tags={"team": "quantum"})
    clf = classifier(logger, backend="cirq").fit(X, y)
    (run,) = runs(client)
    assert [run.info.run_id] == logger.run_ids
    assert (run.info.status, run.info.run_name, parent(run)) == ("FINISHED", "first", None)
    assert losses(client, run.info.run_id) == dict(enumerate(clf.loss_curve_, start=1))
    metrics, params, tags = run.data.metrics, run.data.params, run.data.tags
    assert metrics["training_score"] == clf.score(X, y)
    assert metrics["final_loss"] == clf.loss_curve_[-1]
    assert (metrics["n_iter"], metrics["n_steps"]) == (4, 4)
    assert metrics["seconds"] > 0
    assert {name: params[name] for name in ("n_layers", "optimizer", "backend", "backend_")} == {
        "n_layers": "1",
        "optimizer": "adam",
        "backend": "cirq",
        "backend_": "cirq",
    }
    assert set(clf.get_params()) - {"callbacks"} <= set(params)
    assert (params["n_qubits_"], params["n_parameters_"]) == ("2", str(clf.n_parameters_))
    assert {"version.qmlplay", "version.python", "version.cirq-core"} <= set(params)
    assert (tags["team"], tags["stop_reason"]) == ("quantum", "max_iter")
    assert "qmlplay.left_out" not in tags
    pictures = {"circuit.png", "loss_curve.png", "decision_boundary.png"}
    assert files(client, run.info.run_id) == pictures | {"circuit.txt"}
    text = client.download_artifacts(run.info.run_id, "circuit.txt")
    with open(text, encoding="utf-8") as file:
        assert file.read() == clf.draw()
    assert run.inputs.dataset_inputs[0].dataset.source_type == "code"
    (model,) = models(client)
    assert model.source_run_id == run.info.run_id
    again = mlflow.pyfunc.load_model(model.model_uri)
    p = again.predict(X, params={"predict_method": "predict_proba"})
    np.testing.assert_array_equal(p, clf.predict_proba(X))
    assert clf.callbacks == [logger]
    assert again.get_raw_model().callbacks is None  # so that reading it warns of nothing


def test_pictures_are_pictures(client):
    from matplotlib.image import imread

    from qmlplay.mlflow import Logger

    logger = Logger(model=False)
    classifier(logger).fit(X, y)
    for name in ("circuit", "loss_curve", "decision_boundary"):
        pixels = imread(client.download_artifacts(logger.run_ids[0], f"{name}.png"))
        assert min(pixels.shape[:2]) > 50, name
        assert pixels.std() > 0.02, name


def test_logs_to_the_active_run_and_leaves_it_open(client, quick):
    import mlflow

    with mlflow.start_run() as run:
        mlflow.log_params({"n_layers": "my own", "tol": 0.0001})
        clf = classifier(quick).fit(X, y)
        assert client.get_run(run.info.run_id).info.status == "RUNNING"
    (logged,) = runs(client)
    assert quick.run_ids == [logged.info.run_id] == [run.info.run_id]
    assert logged.data.params["n_layers"] == "my own"
    assert logged.data.params["qmlplay.n_layers"] == "1"
    assert logged.data.params["tol"] == "0.0001"
    assert list(losses(client, run.info.run_id).values()) == clf.loss_curve_
    assert logged.info.status == "FINISHED"


def test_a_second_fit_in_a_run_is_nested(client, quick):
    import mlflow

    with mlflow.start_run() as run:
        for n_layers in (1, 2, 3):
            classifier(quick, n_layers=n_layers).fit(X, y)
    first, *others = quick.run_ids
    assert first == run.info.run_id
    assert [parent(client.get_run(other)) for other in others] == [first, first]
    assert [client.get_run(i).data.params["n_layers"] for i in quick.run_ids] == ["1", "2", "3"]


@pytest.mark.parametrize("is_active", [True, False])
def test_every_fit_of_a_cross_validation_has_a_run(client, quick, is_active):
    import mlflow

    if is_active:
        mlflow.start_run()
    scores = cross_val_score(classifier(quick), X, y, cv=3)
    active = mlflow.active_run()
    parent_id = active.info.run_id if is_active else None
    mlflow.end_run()
    assert len(scores) == len(quick.run_ids) == 3
    assert {parent(client.get_run(run_id)) for run_id in quick.run_ids} == {parent_id}
    assert {len(losses(client, run_id)) for run_id in quick.run_ids} == {4}
    if is_active:
        assert losses(client, parent_id) == {}


def test_every_fit_of_a_search_in_a_pipeline_has_a_run(client, quick):
    import mlflow

    pipeline = make_pipeline(StandardScaler(), classifier(quick))
    grid = {"variationalclassifier__n_layers": [1, 2]}
    with mlflow.start_run() as run:
        search = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    children = [r for r in runs(client) if parent(r) == run.info.run_id]
    assert len(children) == len(quick.run_ids) == 5
    best = client.get_run(quick.run_ids[-1])
    assert best.data.params["n_layers"] == str(search.best_estimator_[-1].n_layers)


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_other_threads_and_processes_log_to_the_same_run(client, quick, backend):
    import joblib
    import mlflow

    with mlflow.start_run() as run, joblib.parallel_config(backend, n_jobs=2):
        GridSearchCV(classifier(quick), {"n_layers": [1, 2]}, cv=3).fit(X, y)
    children = [r for r in runs(client) if parent(r) == run.info.run_id]
    assert len(children) == 7
    assert {len(losses(client, r.info.run_id)) for r in children} == {4}
    assert {r.info.status for r in children} == {"FINISHED"}


def test_a_pickled_estimator_logs(client, quick):
    again = pickle.loads(pickle.dumps(classifier(quick)))
    again.fit(X, y)
    assert len(again.callbacks[0].run_ids) == 1
    assert quick.run_ids == []
    again = pickle.loads(pickle.dumps(again))  # fitted
    assert repr(again.callbacks) == "[Logger(figures=False, model=False)]"


@pytest.mark.parametrize("is_clone", [False, True])
def test_a_pickle_of_yesterday_logs_where_it_is_today(client, quick, tmp_path, empty, is_clone):
    import mlflow

    with mlflow.start_run():
        clf = clone(classifier(quick)) if is_clone else classifier(quick)
        data = pickle.dumps(clf.fit(X, y))
    (tmp_path / "today").mkdir()
    with database_in(tmp_path / "today", empty) as today:
        again = pickle.loads(data)
        again.fit(X, y)
        assert len(runs(today)) == 1
    assert again.callbacks[0].run_ids[-1] not in quick.run_ids


def test_partial_fit_goes_on_in_one_run(client):
    from qmlplay.mlflow import Logger

    clf = classifier(logger := Logger())
    for _ in range(3):
        clf.partial_fit(X, y, classes=[0, 1])
    (run_id,) = logger.run_ids
    assert losses(client, run_id) == dict(enumerate(clf.loss_curve_, start=1))
    assert len(runs(client)) == 1
    assert files(client, run_id) == set()
    assert models(client) == []


def test_a_warm_start_goes_on_in_one_run(client, quick):
    clf = classifier(quick, warm_start=True).fit(X, y)
    clf.fit(X, y)
    (run_id,) = quick.run_ids
    assert losses(client, run_id) == dict(enumerate(clf.loss_curve_, start=1))
    assert len(clf.loss_curve_) == 8
    clf.warm_start = False
    clf.fit(X, y)  # anew
    assert len(quick.run_ids) == len(runs(client)) == 2


def test_logs_every_validation_score(client, quick):
    clf = classifier(quick, early_stopping=True, batch_size=10).fit(X, y)
    (run_id,) = quick.run_ids
    history = client.get_metric_history(run_id, "validation_score")
    assert [metric.value for metric in history] == clf.validation_scores_
    assert len(losses(client, run_id)) == clf.n_steps_ > clf.n_iter_


class Ending(Callback):
    def __init__(self, error=None):
        self.error = error

    def __call__(self, state):
        if self.error is not None and state.step == 2:
            raise self.error
        return state.step == 2


ENDINGS = [
    (None, "FINISHED", "callbacks"),
    (KeyboardInterrupt(), "KILLED", "interrupted"),
    (OSError("disk"), "FAILED", None),
]


@pytest.mark.parametrize(("error", "status", "reason"), ENDINGS, ids=str)
def test_says_how_training_ended(client, quick, error, status, reason):
    clf = classifier(quick, Ending(error))
    if isinstance(error, OSError):
        with pytest.raises(OSError, match="disk"):
            clf.fit(X, y)
    else:
        clf.fit(X, y)
    (run,) = runs(client)
    assert (run.info.status, run.data.tags.get("stop_reason")) == (status, reason)
    if reason is None:
        assert run.data.tags["error"] == "OSError: disk"
    assert len(losses(client, run.info.run_id)) == 2


def test_bad_data_open_no_run(client, quick):
    with pytest.raises(ValueError, match="NaN"):
        classifier(quick).fit([[np.nan], [1.0]], [0, 1])
    assert runs(client) == []


@pytest.mark.parametrize("settings", [{}, {"backend": "shots"}, {"shots": 50}], ids=str)
def test_changes_no_result(client, settings):
    from qmlplay.mlflow import Logger

    def trained(*callbacks):
        more = dict(settings)
        if more.get("backend") == "shots":
            more["backend"] = get_backend("numpy", shots=50, seed=3)
        clf = classifier(*callbacks, max_iter=2, optimizer="spsa", **more).fit(X, y)
        return np.concatenate([clf.weights_, clf.loss_curve_, clf.predict_proba(X[:5]).ravel()])

    np.testing.assert_array_equal(trained(Logger()), trained())


def test_a_regressor_on_a_frame(client):
    from qmlplay.mlflow import Logger, load_model

    frame = pd.DataFrame({"size": X[:, 0], "mass": X[:, 1]})
    logger = Logger(registered_model_name="masses")
    settings = {"n_layers": 1, "max_iter": 2, "random_state": 0, "callbacks": [logger]}
    model = VariationalRegressor(**settings).fit(frame, X.sum(axis=1))
    run = client.get_run(logger.run_ids[0])
    assert run.data.metrics["training_score"] == model.score(frame, X.sum(axis=1))
    assert files(client, run.info.run_id) == {"circuit.txt", "circuit.png", "loss_curve.png"}
    again = load_model("models:/masses/1")
    np.testing.assert_array_equal(again.predict(frame), model.predict(frame))
    assert list(again.feature_names_in_) == ["size", "mass"]


def test_four_features_have_no_boundary(client):
    from qmlplay.mlflow import Logger

    iris = load_dataset("iris")
    classifier(logger := Logger(model=False), max_iter=1).fit(iris.X, iris.y)
    assert "decision_boundary.png" not in files(client, logger.run_ids[0])


def test_a_picture_that_fails_costs_nothing_else(client, monkeypatch):
    from qmlplay.mlflow import Logger
    from qmlplay.plots import CircuitDisplay

    def fail(*_, **__):
        raise RuntimeError("no ink")

    monkeypatch.setattr(CircuitDisplay, "plot", fail)
    classifier(logger := Logger()).fit(X, y)
    run = client.get_run(logger.run_ids[0])
    assert "RuntimeError: no ink" in run.data.tags["qmlplay.left_out"]
    assert {"loss_curve.png", "circuit.txt"} <= files(client, run.info.run_id)
    assert len(models(client)) == 1


def test_an_experiment_is_made(client):
    from qmlplay.mlflow import Logger

    logger = Logger("moons", figures=False, model=False)
    classifier(logger).fit(X, y)
    experiment = client.get_experiment_by_name("moons")
    assert client.get_run(logger.run_ids[0]).info.experiment_id == experiment.experiment_id


def test_one_logger_for_several_models(client, quick):
    for n_layers in (1, 2):
        clone(classifier(quick, n_layers=n_layers)).fit(X, y)
    assert [client.get_run(i).data.params["n_layers"] for i in quick.run_ids] == ["1", "2"]


def test_refuses_bad_settings():
    from qmlplay.mlflow import Logger

    with pytest.raises(TypeError, match="figures"):
        Logger(figures="no")
    with pytest.raises(ValueError, match="timeout"):
        Logger(timeout=0)
