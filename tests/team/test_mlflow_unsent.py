"""Tracking servers that are down, databases that are damaged: training goes on, nothing is lost."""

from __future__ import annotations

import json
import os
import socket
import time
import warnings
from pathlib import Path

import pytest
from mlflow_helpers import (
    SETTINGS,
    X,
    classifier,
    database_in,
    empty_database,
    files,
    free_port,
    logging_to,
    losses,
    models,
    parent,
    runs,
    y,
)
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_val_score

from qmlplay import VariationalClassifier, compare
from qmlplay.errors import TrackingWarning

pytestmark = pytest.mark.needs("mlflow")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def nothing_listens(folder):
    return f"http://127.0.0.1:{free_port()}"


def hangs(folder):
    server = socket.create_server(("127.0.0.1", 0))  # it takes connections, and answers none
    (folder / "server").touch()
    _OPEN.append(server)
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def is_no_database(folder):
    (folder / "bad.db").write_bytes(b"no database at all " * 1000)
    return f"sqlite:///{folder}/bad.db"


def is_damaged_inside(folder):
    empty = empty_database(folder)
    content = empty.read_bytes()
    empty.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    return f"sqlite:///{empty}"


def has_no_tables_we_know(folder):
    import sqlite3

    connection = sqlite3.connect(folder / "other.db")
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES ('from_the_future')")
    connection.commit()
    connection.close()
    return f"sqlite:///{folder}/other.db"


def cannot_be_written(folder):
    (folder / "file").touch()
    return f"sqlite:///{folder}/file/runs.db"


def is_a_folder(folder):
    (folder / "folder.db").mkdir()
    return f"sqlite:///{folder}/folder.db"


def is_unknown(folder):
    return "nonsense://place"


_OPEN: list[socket.socket] = []
BAD_STORES = [
    *(nothing_listens, hangs, is_no_database, is_damaged_inside),
    *(has_no_tables_we_know, cannot_be_written, is_a_folder, is_unknown),
]


@pytest.fixture
def _closing():
    yield
    while _OPEN:
        _OPEN.pop().close()


def folder_of(warning):
    """Return the folder that a warning names."""
    return Path(str(warning.message).split("is kept in ")[1].split(": qmlplay")[0])


@pytest.mark.usefixtures("_closing")
@pytest.mark.parametrize("bad_store", BAD_STORES, ids=lambda make: make.__name__)
def test_training_goes_on_and_all_of_it_is_sent_later(bad_store, tmp_path, empty, monkeypatch):
    from qmlplay.mlflow import Logger, send

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    undisturbed = VariationalClassifier(**SETTINGS).fit(X, y)
    with logging_to(bad_store(tmp_path)), pytest.warns(TrackingWarning) as warned:
        clf = classifier(logger := Logger(tags={"team": "quantum"})).fit(X, y)
    assert (clf.weights_ == undisturbed.weights_).all()
    (warning,) = warned
    assert "qmlplay.mlflow.send('" in str(warning.message)
    assert "no answer within" not in str(warning.message)  # it was found out, not waited for
    assert logger.run_ids == []
    folder = folder_of(warning)
    assert folder.parent == tmp_path / "qmlplay-unsent"
    with database_in(tmp_path, empty) as client:
        (run_id,) = send(folder, f"sqlite:///{tmp_path}/runs.db")
        run = client.get_run(run_id)
        assert losses(client, run_id) == dict(enumerate(clf.loss_curve_, start=1))
        assert (run.info.status, run.data.tags["team"]) == ("FINISHED", "quantum")
        assert run.info.end_time - run.info.start_time < 60_000
        assert run.data.params["n_layers"] == "1"
        assert len(files(client, run_id)) == 4
        assert [model.source_run_id for model in models(client)] == [run_id]
    assert not folder.exists()
    with pytest.raises(FileNotFoundError, match="nothing unsent"):
        send(folder)


def test_one_warning_and_one_folder_for_all_fits(tmp_path, empty):
    from qmlplay.mlflow import Logger, send

    logger = Logger(figures=False, model=False)
    with logging_to(nothing_listens(tmp_path)), pytest.warns(TrackingWarning) as warned:
        cross_val_score(classifier(logger), X, y, cv=3)
    (warning,) = warned
    with database_in(tmp_path, empty) as client:
        run_ids = send(folder_of(warning), f"sqlite:///{tmp_path}/runs.db")
        assert len(set(run_ids)) == 3
        assert {len(losses(client, run_id)) for run_id in run_ids} == {4}


def test_a_comparison_goes_on(tmp_path, empty):
    from qmlplay.mlflow import send

    options = {"models": ["dummy", "logistic_regression"], "seeds": 2}
    with logging_to(nothing_listens(tmp_path)), pytest.warns(TrackingWarning) as warned:
        result = compare("moons", track="later", **options)
    assert (result.runs["status"] == "ok").all()
    (warning,) = warned
    with database_in(tmp_path, empty) as client:
        first, *others = send(folder_of(warning), f"sqlite:///{tmp_path}/runs.db")
        assert [parent(client.get_run(run_id)) for run_id in others] == [first] * 4
        assert "table.csv" in files(client, first)
        experiment = client.get_experiment(client.get_run(first).info.experiment_id)
        assert experiment.name == "later"


class Slow(DummyClassifier):
    """Takes so long that what comes before is known to have failed."""

    def fit(self, X, y):
        time.sleep(3)
        return super().fit(X, y)


def test_a_comparison_whose_server_dies_goes_on(tmp_path, empty, monkeypatch):
    from qmlplay.mlflow import send
    from qmlplay.mlflow.tracking_server import TrackingServer

    log, begun = TrackingServer.log, []
    four = {name: DummyClassifier() for name in "abc"} | {"slow": Slow()}

    def dying(self, entry):
        if entry.kind == "begin":
            begun.append(entry)
        if len(begun) > 2:
            raise OSError("it is dead")
        log(self, entry)

    with database_in(tmp_path, empty) as client:
        with monkeypatch.context() as patch:
            patch.setattr(TrackingServer, "log", dying)
            with pytest.warns(TrackingWarning, match="dead") as warned:
                compare("moons", models=four, seeds=1, track=True)
        assert len(runs(client)) == 2  # the one around all others, and the first of those
        send(folder_of(warned[0]))
        first, *others = runs(client)
        assert [parent(run) for run in others] == [first.info.run_id] * 4
        assert {run.info.status for run in runs(client)} == {"FINISHED"}
        assert "table.csv" in files(client, first.info.run_id)


@pytest.mark.parametrize("kind", ["params", "metrics", "model", "end"])
def test_sending_that_breaks_off_goes_on(tmp_path, empty, monkeypatch, kind):
    from qmlplay.mlflow import Logger, send
    from qmlplay.mlflow.tracking_server import TrackingServer

    logger = Logger(figures=False)
    with logging_to(nothing_listens(tmp_path)), pytest.warns(TrackingWarning) as warned:
        clf = classifier(logger).fit(X, y)
    folder = folder_of(warned[0])
    log = TrackingServer.log

    def breaking_off(self, entry):
        if entry.kind == kind:
            raise OSError("the line is cut")
        log(self, entry)

    with database_in(tmp_path, empty) as client:
        uri = f"sqlite:///{tmp_path}/runs.db"
        with monkeypatch.context() as patch:
            patch.setattr(TrackingServer, "log", breaking_off)
            with pytest.raises(ConnectionError, match=r"the line is cut.*entries are sent"):
                send(folder, uri)
        (run_id,) = send(folder, uri)
        assert [run.info.run_id for run in runs(client)] == [run_id]
        history = client.get_metric_history(run_id, "loss")
        assert [metric.value for metric in history] == clf.loss_curve_
        assert client.get_run(run_id).info.status == "FINISHED"
        assert len(models(client)) == 1


@pytest.mark.parametrize("kind", ["params", "metrics", "artifact", "model", "end"])
def test_a_server_that_dies_loses_nothing(tmp_path, empty, monkeypatch, kind):
    """Whatever it was sent last, all of it arrives once, in the run that was begun."""
    from qmlplay.mlflow import Logger, send
    from qmlplay.mlflow.tracking_server import TrackingServer

    log, is_dead = TrackingServer.log, False

    def dying(self, entry):
        nonlocal is_dead
        is_dead = is_dead or entry.kind == kind
        if is_dead:
            raise OSError("it is dead")
        log(self, entry)

    with database_in(tmp_path, empty) as client:
        clf = classifier(logger := Logger(), max_iter=100)
        with monkeypatch.context() as patch:
            patch.setattr(TrackingServer, "log", dying)
            with pytest.warns(TrackingWarning, match="dead") as warned:
                clf.fit(X, y)
        assert send(folder_of(warned[0])) == logger.run_ids
        (run,) = runs(client)
        history = client.get_metric_history(run.info.run_id, "loss")
        assert [metric.value for metric in history] == clf.loss_curve_
        assert run.info.status == "FINISHED"
        assert len(files(client, run.info.run_id)) == 4
        assert len(models(client)) == 1


def unsent(tmp_path):
    from qmlplay.mlflow import Logger

    with logging_to(nothing_listens(tmp_path)), pytest.warns(TrackingWarning) as warned:
        classifier(Logger(figures=False, model=False)).fit(X, y)
    return folder_of(warned[0])


def test_a_line_cut_off_by_a_kill_is_left_out(tmp_path, empty):
    from qmlplay.mlflow import send

    folder = unsent(tmp_path)
    entries = folder / "entries.jsonl"
    entries.write_text(entries.read_text() + '{"kind": "met', encoding="utf-8")
    with database_in(tmp_path, empty) as client:
        (run_id,) = send(folder, f"sqlite:///{tmp_path}/runs.db")
        assert client.get_run(run_id).info.status == "FINISHED"


@pytest.mark.parametrize("text", ["", "{}\n", "no JSON\n", '{"format": "other"}\n'])
def test_another_folder_is_refused(tmp_path, text):
    from qmlplay.mlflow import send

    (tmp_path / "entries.jsonl").write_text(text)
    with pytest.raises(ValueError, match="holds no log entries of qmlplay"):
        send(tmp_path)


def test_a_folder_that_cannot_be_written_is_replaced(tmp_path, monkeypatch):
    import tempfile

    from qmlplay.mlflow import Logger

    (tmp_path / "file").touch()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    logger = Logger(figures=False, model=False, unsent=tmp_path / "file" / "unsent")
    with logging_to(nothing_listens(tmp_path)), pytest.warns(TrackingWarning) as warned:
        classifier(logger).fit(X, y)
    assert folder_of(warned[0]).parent == tmp_path / "temporary" / "unsent"


def test_a_disk_that_is_full_costs_no_training(tmp_path, monkeypatch):
    from qmlplay.mlflow import Logger
    from qmlplay.mlflow.unsent import UnsentFolder

    def fail(self, entry):
        raise OSError("no space left")

    monkeypatch.setattr(UnsentFolder, "write", fail)
    with logging_to(nothing_listens(tmp_path)), pytest.warns(TrackingWarning, match="no space"):
        clf = classifier(Logger(figures=False, model=False)).fit(X, y)
    assert clf.n_iter_ == 4


def test_a_server_that_never_answers_is_given_up(tmp_path, monkeypatch, empty):
    from qmlplay.mlflow import Logger, send
    from qmlplay.mlflow.tracking_server import TrackingServer

    log, is_slow = TrackingServer.log, True

    def hanging(self, entry):
        if is_slow and entry.kind == "params":
            socket_pair[0].recv(1)  # nothing is ever sent
        else:
            log(self, entry)

    socket_pair = socket.socketpair()
    monkeypatch.setattr(TrackingServer, "log", hanging)
    with database_in(tmp_path, empty) as client:
        logger = Logger(figures=False, model=False, timeout=2)
        with pytest.warns(TrackingWarning, match="no answer within 2 s") as warned:
            clf = classifier(logger).fit(X, y)
        (run_id,) = logger.run_ids  # it was begun
        is_slow = False
        assert send(folder_of(warned[0])) == [run_id]
        assert losses(client, run_id) == dict(enumerate(clf.loss_curve_, start=1))
        assert client.get_run(run_id).info.status == "FINISHED"
        assert len(runs(client)) == 1
    for end in socket_pair:
        end.close()


def test_a_server_that_is_back_is_asked_again(tmp_path, empty, monkeypatch):
    from qmlplay.mlflow import Logger, delivery

    monkeypatch.setattr(delivery, "_SECONDS_BEFORE_ASKING_AGAIN", 0.0)
    clf = classifier(logger := Logger(figures=False, model=False))
    database = tmp_path / "runs.db"
    database.write_bytes(b"no database")
    with logging_to(f"sqlite:///{database}"), pytest.warns(TrackingWarning):
        clf.fit(X, y)
    database.unlink()
    with database_in(tmp_path, empty) as client:
        with warnings.catch_warnings():
            warnings.simplefilter("error", TrackingWarning)
            clf.fit(X, y)
        assert [run.info.run_id for run in runs(client)] == logger.run_ids


def test_no_password_is_shown(tmp_path):
    from qmlplay.mlflow import Logger

    uri = nothing_listens(tmp_path).replace("//", "//me:secret@")
    with logging_to(uri), pytest.warns(TrackingWarning) as warned:
        classifier(Logger(figures=False, model=False)).fit(X, y)
    assert "secret" not in str(warned[0].message)


def test_patience_is_that_of_the_user_again(monkeypatch):
    from qmlplay.mlflow.tracking_server import impatient

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "77")
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    before = dict(os.environ)
    with impatient(), impatient():
        assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "0"
        assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "77"
    assert dict(os.environ) == before


def test_entries_are_lines_of_json(tmp_path):
    folder = unsent(tmp_path)
    lines = (folder / "entries.jsonl").read_text(encoding="utf-8").splitlines()
    head, *entries = map(json.loads, lines)
    assert head["tracking_uri"].startswith("http://127.0.0.1:")
    kinds = [entry["kind"] for entry in entries]
    assert kinds[:3] == ["begin", "params", "dataset"]
    assert kinds[-1] == "end"
    assert len({entry["run"] for entry in entries}) == 1
