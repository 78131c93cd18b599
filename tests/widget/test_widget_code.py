"""The code that the playground shows makes the same run again, and needs what it says."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from waiting import until

from qmlplay.ansatze import ANSATZE
from qmlplay.encodings import ENCODINGS
from qmlplay.widget.code.native_code import NATIVE, native_code
from qmlplay.widget.code.script import script
from qmlplay.widget.data.own_data import OwnData
from qmlplay.widget.playing.session import Session
from qmlplay.widget.settings.choices import OWN_DATA
from qmlplay.widget.settings.configuration import Configuration


def trained(configuration, steps, own=None):
    session = Session(configuration, own, lambda *shown: None)
    session.play(steps)
    until(lambda: session.state in ("paused", "finished"))
    session.stop()
    session.join(20)
    return session


def printed(code):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "shown code", "exec"), {})
    return out.getvalue()


def check_same_run(session, own=None):
    frame = session.frames["model"]
    code = script(session.configuration, session.plane, own_data=own, course=session.course)
    scores = f"{frame.train_accuracy:.4f}\ntest accuracy {frame.test_accuracy:.4f}\n"
    assert printed(code) == f"train accuracy {scores}"
    return code


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimizer": "spsa", "max_iter": 40},
        {"optimizer": "cobyla"},
        {"optimizer": "lbfgs", "dataset": "circles"},
        {"shots": 20, "n_layers": 1, "max_iter": 3},
        {"backend": "cirq", "n_layers": 1},
        {"noise": "medium", "n_layers": 1},
        {"dataset": "iris", "data_noise": 0, "features": (0, 2), "random_state": 3},
        {"dataset": "breast_cancer", "data_noise": 0, "encoding": "iqp"},
        {"dataset": "digits", "data_noise": 0},
        {"dataset": "blobs", "data_noise": 1.5},
    ],
)
def test_the_script_makes_the_same_run(settings):
    session = trained(Configuration(**settings), 6)
    code = check_same_run(session)
    assert "from qmlplay import VariationalClassifier, load_dataset\n" in code


def own_frame(n_rows):
    random = np.random.default_rng(0)
    kind = np.array(['say "hi"', "it's"])[np.arange(n_rows) % 2]
    X = random.normal(size=(n_rows, 3)) + (np.arange(n_rows) % 2)[:, None]
    return pd.DataFrame(X, columns=["a", "b b", "c"]).assign(kind=kind)


def of(own, **settings):
    return Configuration(dataset=OWN_DATA, data_noise=0, own_data=own.fingerprint, **settings)


def test_small_data_are_written_into_the_script():
    own = OwnData.from_object(own_frame(40), "kind")
    check_same_run(trained(of(own), 6, own), own)


def test_larger_data_are_kept_in_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = OwnData.from_object(own_frame(1400), "kind")
    np.savez("own_data.npz", X=own.bunch.X, y=own.bunch.y)
    code = check_same_run(trained(of(own), 3, own), own)
    assert len(code) < 2000


def test_a_csv_file_is_read_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own_frame(40)[["kind", "a", "b b"]].to_csv("own file.csv", index=False)
    own = OwnData.from_object("own file.csv", "kind")
    code = check_same_run(trained(of(own), 6, own), own)
    assert 'as_dataset("own file.csv", "kind")' in code


def raw_frame(n_rows):
    frame = own_frame(n_rows)
    frame.loc[::9, "a"] = np.nan
    frame["b b"] = np.where(frame["b b"] > 0.5, 'it\'s "so"', np.where(frame["c"] > 0, "é", None))
    frame["c"] = pd.date_range("2021-03-01 07:30", periods=n_rows, freq="31h")
    return frame


@pytest.mark.parametrize("features", [None, (0, 2)])
def test_a_small_table_of_text_gaps_and_dates_is_written_into_the_script(features):
    own = OwnData.from_object(raw_frame(60), "kind")
    check_same_run(trained(of(own, features=features), 4, own), own)


def test_a_larger_one_is_kept_in_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = OwnData.from_object(raw_frame(1400), "kind")
    own.bunch.X.assign(kind=own.bunch.y).to_csv("own_data.csv", index=False)
    code = check_same_run(trained(of(own), 3, own), own)
    assert '"own_data.csv", dtype=' in code
    assert len(code) < 2000


@pytest.mark.parametrize("features", [None, (1, 3)])
def test_a_raw_file_is_read_and_prepared_again(features, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = raw_frame(60)
    frame.insert(0, "Id", np.arange(1, 61))
    frame.to_csv("raw.csv.gz", index=False, sep=";", decimal=",", encoding="cp1252")
    own = OwnData.from_object("raw.csv.gz")
    code = check_same_run(trained(of(own, features=features), 4, own), own)
    assert 'as_dataset("raw.csv.gz")' in code


def test_without_steps_it_trains_to_the_end():
    session = trained(Configuration(max_iter=8), 8)
    code = script(session.configuration, session.plane)
    assert "callbacks" not in code
    assert f"test accuracy {session.frames['model'].test_accuracy:.4f}" in printed(code)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [{"encoding": encoding} for encoding in ENCODINGS]
    + [{"ansatz": ansatz, "n_qubits": 3} for ansatz in ANSATZE]
    + [{"dataset": "blobs", "data_noise": 1.0, "n_qubits": 1}],
)
def test_native_code_computes_the_same_probabilities(settings):
    session = trained(Configuration(n_layers=2, **settings), 2)
    model, x = session.frames["model"].estimator, session.plane.split.X_test[4]
    for framework in NATIVE:
        code = native_code(framework, model, x)
        assert "qmlplay" not in code
        lines = [line for line in printed(code).splitlines() if line.startswith("p(")]
        assert [line.split(" = ")[0] for line in lines] == [f"p({c})" for c in model.classes_]
        found = [float(line.split(" = ")[1]) for line in lines]
        assert np.allclose(found, model.predict_proba([x])[0], atol=1e-6), framework


def test_an_unknown_framework():
    session = trained(Configuration(n_layers=1), 1)
    with pytest.raises(ValueError, match="did you mean 'qiskit'"):
        native_code("quiskit", session.frames["model"].estimator, [0, 0])


def test_how_a_file_was_read_stands_in_the_script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = own_frame(40).assign(Id=range(1, 41), note="n")
    frame.to_csv("own.csv", index=False)
    own = OwnData.from_object("own.csv", "kind", drop=("c",), keep=("Id",))
    code = check_same_run(trained(of(own), 3, own), own)
    assert "as_dataset(\"own.csv\", \"kind\", drop=['c'], keep=['Id'])" in code
