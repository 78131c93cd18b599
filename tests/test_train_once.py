"""Long comparisons: one simulator trains, the others evaluate its weights, and it is said."""

from __future__ import annotations

import json
from math import isnan

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalClassifier, compare
from qmlplay.cli import main
from qmlplay.compare.reports import parity_sentence, readable, report
from qmlplay.compare.running import parity_table, planning
from qmlplay.compare.running.timing import FitTime
from qmlplay.compare.setup import first_splits, make_splits

QUICK = VariationalClassifier(max_iter=3, n_layers=1)
NAMES = ["numpy", "cirq", "no_entanglement", "dummy"]


@pytest.fixture
def seconds(monkeypatch):
    """Seconds of one fit by simulator, in place of a stopwatch; they may be changed."""
    table = {"numpy": 20.0, "cirq": 4.0, "pennylane": 50.0, "qiskit": 50.0}

    def look(estimator, X, y, n_test):
        if isinstance(table[estimator.backend], Exception):
            raise table[estimator.backend]
        return FitTime(table[estimator.backend], 0.5)

    monkeypatch.setattr(planning, "quantum_time", look)
    monkeypatch.setattr(planning, "baseline_time", lambda *arguments: FitTime(0.25))
    return table


@pytest.fixture
def trained(monkeypatch):
    """The simulators that have trained, in order."""
    order = []
    fit = VariationalClassifier.fit

    def noted(clf, X, y, sample_weight=None):
        order.append((clf.backend, clf.ansatz))
        return fit(clf, X, y, sample_weight)

    monkeypatch.setattr(VariationalClassifier, "fit", noted)
    return [] if order is None else order


def once(names=NAMES, data="moons", **options):
    return compare(data, models=names, classifier=QUICK, verbose=0, **({"seeds": 2} | options))


@pytest.mark.backend("numpy", "cirq")
def test_the_fastest_trains_and_the_others_evaluate_its_weights(seconds, trained):
    result = once()
    backends = [backend for backend, ansatz in trained if ansatz != "no_entanglement"]
    assert backends == ["cirq", "cirq"]
    runs = result.runs.set_index(["model", "seed"])
    assert runs.loc["numpy", "trained_on"].tolist() == ["cirq", "cirq"]
    assert runs.loc["cirq", "trained_on"].tolist() == ["cirq", "cirq"]
    assert runs.loc["dummy", "trained_on"].isna().all()
    assert runs.loc["numpy", "fit_seconds"].isna().all()
    assert runs.loc["numpy", "circuit_evaluations"].isna().all()
    assert (runs.loc["numpy", "predict_seconds"] > 0).all()
    assert (runs.loc["cirq", "fit_seconds"] > 0).all()
    assert runs["status"].eq("ok").all()
    assert list(result.table["model"]) == NAMES  # in the order asked for

    # The same scores as those weights have, computed apart.
    for split in make_splits("moons", None, [0, 1], 0.3):
        model = VariationalClassifier("cirq", max_iter=3, n_layers=1, random_state=split.seed)
        other = model.fit(split.X_train, split.y_train).with_backend("numpy")
        row = runs.loc["numpy", split.seed]
        assert row["test_accuracy"] == other.score(split.X_test, split.y_test)
        assert row["train_accuracy"] == other.score(split.X_train, split.y_train)
        p = other.predict_proba(split.X_test)
        assert row["log_loss"] == pytest.approx(log_loss(split.y_test, p), rel=1e-12)
    assert result.fitted["moons", "numpy"].backend == "numpy"


@pytest.mark.slow
@pytest.mark.backend("numpy", "cirq")
def test_table_receipt_verdict_and_json_say_so(seconds):
    result = once()
    table = readable(result).set_index("model")
    assert table.loc["quantum (NumPy)", "fit [s]"] == "weights of Cirq"
    assert float(table.loc["quantum (Cirq)", "fit [s]"]) > 0
    pairs = result.parity_table[["trained_on", "evaluated_on"]].to_numpy().tolist()
    assert pairs == [["cirq", "numpy"]]
    assert result.parity < 1e-10
    assert "the weights trained on Cirq (first split), evaluated on the others (1 pair)" in (
        parity_sentence(result)
    )
    (note,) = [line for line in result.verdict if "not trained" in line]
    assert note.startswith("moons: NumPy not trained: it evaluates the weights trained on Cirq")
    assert "--train-everywhere" in note
    assert not any("(on numpy" in line or ", on numpy" in line for line in result.verdict)
    content = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert content["forecast"]["forecast_seconds"] == 2 * (0.5 + 4 + 20 + 0.25)
    assert content["forecast"]["train_everywhere_seconds"] == 2 * (20 + 4 + 20 + 0.25)
    assert 0 < content["forecast"]["actual_seconds"] < 100
    models = {row["model"]: row for row in content["forecast"]["models"]}
    assert models["numpy"]["forecast_seconds"] == 1.0
    assert models["cirq"]["forecast_seconds"] == 8.0
    taken = result.runs.query("model == 'cirq'")[["fit_seconds", "predict_seconds"]].sum().sum()
    assert models["cirq"]["actual_seconds"] == pytest.approx(taken)
    assert "weights of Cirq" in result.to_html()
    assert "Forecast against what it took" in result.to_html()


@pytest.mark.slow
@pytest.mark.backend("numpy", "cirq")
def test_when(seconds, trained):
    once(train_everywhere=True)
    assert {backend for backend, _ in trained} == {"numpy", "cirq"}
    seconds |= {"numpy": 4.0}  # 2 · (4 + 4 + 4 + 0.25) s in all
    trained.clear()
    result = once()
    assert [backend for backend, _ in trained] == ["numpy", "cirq", "numpy"] * 2
    assert not any("not trained" in line for line in result.verdict)
    assert "each backend" in parity_sentence(result)
    trained.clear()
    once(train_everywhere=False)
    assert len(trained) == 2 + 2


@pytest.mark.backend("numpy", "cirq", "pennylane")
def test_only_simulators_that_were_asked_for(seconds, trained):
    seconds["pennylane"] = 19.0
    result = once(["numpy", "pennylane"])
    assert [backend for backend, _ in trained] == ["pennylane"] * 2
    assert set(result.runs["trained_on"]) == {"pennylane"}
    trained.clear()
    once(["numpy"])
    assert [backend for backend, _ in trained] == ["numpy"] * 2


@pytest.mark.backend("numpy", "cirq")
def test_models_of_ones_own_are_trained_as_they_are(seconds, trained):
    seconds |= {"numpy": 100.0, "cirq": 100.0}
    own = {"numpy": QUICK, "cirq": VariationalClassifier("cirq", max_iter=1, n_layers=1)}
    compare("moons", models=own, seeds=1, train_everywhere=False, verbose=0)
    assert [backend for backend, _ in trained] == ["numpy", "cirq"]


@pytest.mark.backend("numpy", "cirq")
def test_a_failure_of_the_one_that_trains_is_told_by_all(seconds, monkeypatch):
    def fail(clf, X, y, sample_weight=None):
        raise FloatingPointError("training ran away")

    monkeypatch.setattr(VariationalClassifier, "fit", fail)
    runs = once(["numpy", "cirq", "dummy"]).runs.query("seed == 0").set_index("model")
    assert runs.loc["cirq", "status"] == "FloatingPointError: training ran away"
    assert runs.loc["numpy", "status"] == "no weights came from cirq, which failed"
    assert runs.loc["dummy", "status"] == "ok"


@pytest.mark.backend("numpy", "cirq")
def test_a_simulator_that_cannot_start_keeps_its_reason(seconds, monkeypatch):
    seconds |= {"cirq": ImportError("pip install cirq-core"), "pennylane": 30.0}
    make_backend = VariationalClassifier.make_backend

    def missing(clf, seed=None):
        if clf.backend == "cirq":
            raise ImportError("backend='cirq' needs Cirq: pip install cirq-core")
        return make_backend(clf, seed)

    monkeypatch.setattr(VariationalClassifier, "make_backend", missing)
    runs = once(["numpy", "cirq", "no_entanglement"], seeds=1).runs.set_index("model")
    assert runs.loc["numpy", "status"] == "ok"
    assert "pip install cirq-core" in runs.loc["cirq", "status"]


@pytest.mark.backend("numpy", "cirq")
def test_shots_are_drawn_anew_and_that_is_said(seconds):
    shots = VariationalClassifier(max_iter=1, n_layers=1, shots=20, optimizer="spsa")
    result = compare("moons", models=["numpy", "cirq"], classifier=shots, seeds=1, verbose=0,
                     train_everywhere=False)  # fmt: skip
    assert result.runs["status"].eq("ok").all()
    assert any("each evaluation of the same weights is a new draw" in v for v in result.verdict)
    assert result.parity_table.empty


@pytest.mark.backend("numpy", "cirq")
def test_each_dataset_has_its_own_fastest(seconds, monkeypatch):
    def look(estimator, X, y, n_test):
        is_fast = (estimator.backend == "numpy") == (X.shape[1] == 2)
        return FitTime(20.0 if is_fast else 30.0, 1.0)

    monkeypatch.setattr(planning, "quantum_time", look)
    runs = once(["numpy", "cirq"], data=["moons", "iris"], seeds=1).runs
    sources = runs.groupby("dataset")["trained_on"].agg(set).to_dict()
    assert sources == {"moons": {"numpy"}, "iris": {"cirq"}}


@pytest.mark.slow
@pytest.mark.backend("numpy", "cirq")
def test_processes_change_nothing(seconds):
    alone, parallel = (once(n_jobs=n_jobs) for n_jobs in (None, 2))
    columns = ["dataset", "model", "seed", "trained_on", "test_accuracy", "log_loss"]
    pd.testing.assert_frame_equal(parallel.runs[columns], alone.runs[columns], rtol=1e-10)


@pytest.mark.backend("numpy", "cirq")
def test_parity_of_pipelines_that_end_in_a_quantum_model():
    (split,) = make_splits("iris", None, [0], 0.3)
    fitted = {
        ("iris", name): make_pipeline(
            StandardScaler(), make_pipeline(StandardScaler(), QUICK.set_params(backend=name))
        ).fit(split.X_train, split.y_train)
        for name in ("numpy",)
    }
    cirq = VariationalClassifier("cirq", max_iter=2, n_layers=1, random_state=0)
    fitted["iris", "cirq"] = cirq.fit(split.X_train, split.y_train)
    fitted["iris", "line"] = LogisticRegression(max_iter=500).fit(split.X_train, split.y_train)
    table = parity_table(fitted, first_splits([split]))
    assert table[["trained_on", "evaluated_on"]].to_numpy().tolist() == [
        ["numpy", "cirq"],
        ["cirq", "numpy"],
    ]
    assert table["max_probability_difference"].max() < 1e-10
    assert len(parity_table(fitted, first_splits([split]), [("iris", "cirq")])) == 1


@pytest.mark.parametrize("value", ["yes", 1, None, 0.5])
def test_train_everywhere_is_checked(value):
    with pytest.raises(ValueError, match="train_everywhere must be True, False or 'auto'"):
        compare("moons", models=["dummy"], train_everywhere=value)


# What is said beforehand


@pytest.mark.slow
@pytest.mark.backend("numpy", "cirq")
def test_the_forecast_is_one_line_on_standard_error(seconds, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "figures", lambda comparison: {})
    command = ["compare", "moons", "--models", "numpy,cirq", "--seeds", "2", "--max-iter", "1"]
    main([*command, "--json"])
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert line.startswith("compare: at most about 9 s (Cirq 8 s, NumPy 1 s): the quantum model is")
    assert json.loads(shown.out)["forecast"]["forecast_seconds"] == 9.0
    main([*command, "--json", "--train-everywhere"])
    shown = capsys.readouterr()
    assert shown.err == "compare: at most about 48 s (NumPy 40 s, Cirq 8 s)\n"
    assert json.loads(shown.out)["forecast"]["train_everywhere_seconds"] is None
    main([*command, "--no-progress"])
    assert capsys.readouterr().err == ""
    seconds |= {"numpy": 1.0, "cirq": 1.0}
    main(command)
    assert capsys.readouterr().err == ""  # 4 s are no time
    main([*command, "--train-once"])
    assert "weights of NumPy" in capsys.readouterr().out


def test_what_is_not_touched_beforehand():
    class Untouched(LogisticRegression):
        def fit(self, X, y):
            assert len(X) > 150, "fitted to a few rows"
            return super().fit(X, y)

    result = compare("moons", models={"mine": Untouched()}, seeds=1)
    assert result.runs["status"].tolist() == ["ok"]
    assert isnan(result.forecast.models[0].seconds)
    assert result.forecast.unknown == ("mine",)


# Ctrl-C


class Stop(LogisticRegression):
    def fit(self, X, y):
        raise KeyboardInterrupt


def test_ctrl_c_leaves_what_is_done():
    models = {"first": LogisticRegression(), "stop": Stop(), "last": LogisticRegression()}
    result = compare("moons", models=models, seeds=2)
    assert result.runs["model"].tolist() == ["first"]
    assert result.n_missing == 5
    assert result.verdict[-1] == "stopped early: 1 of 6 runs were done."
    with pytest.raises(KeyboardInterrupt):
        compare("moons", models={"stop": Stop(), "last": LogisticRegression()}, seeds=1)


def test_ctrl_c_on_the_command_line_shows_and_saves(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "figures", lambda comparison: {})

    def fit(clf, X, y, sample_weight=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(VariationalClassifier, "fit", fit)
    with pytest.raises(SystemExit) as stopped:
        main(["compare", "moons", "--models", "dummy,numpy", "--seeds", "1", "--no-progress"])
    assert stopped.value.code == 130
    shown = capsys.readouterr()
    assert "dummy" in shown.out
    assert "stopped early: 1 of 2 runs were done." in shown.out
    assert shown.err == (
        "qmlplay: stopped early: what was done by then is shown and saved; the same with --resume "
        "goes on\n"
    )
    saved = json.loads((tmp_path / "qmlplay-results" / "comparison.json").read_text())
    assert [row["model"] for row in saved["runs"]] == ["dummy"]


def test_ctrl_c_among_the_evaluated_ones(seconds, monkeypatch):
    predict = VariationalClassifier.predict

    def stop(clf, X):
        if clf.backend == "numpy":
            raise KeyboardInterrupt
        return predict(clf, X)

    monkeypatch.setattr(VariationalClassifier, "predict", stop)
    result = once(["dummy", "cirq", "numpy"])
    assert result.runs["model"].tolist() == ["dummy", "cirq"]
    assert result.n_missing == 4
