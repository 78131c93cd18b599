"""compare(): the same splits for everybody, honest numbers, and failures that stay in their row."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from backend_helpers import CORE_BACKENDS, each_backend
from own_models import SEEN, Broken, Recorder, Untraceable
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.svm import SVC

from qmlplay import VariationalClassifier, compare, load_dataset
from qmlplay.baselines import make_baseline
from qmlplay.compare.setup import make_splits

QUICK = VariationalClassifier(max_iter=3, n_layers=1)


@pytest.fixture
def seen():
    SEEN.clear()
    yield SEEN
    SEEN.clear()


def columns_of(runs, *names):
    return runs[["dataset", "model", "seed", *names]]


def test_every_model_gets_the_same_splits(seen):
    compare(["moons", "blobs"], models={"a": Recorder("a"), "b": Recorder("b")}, seeds=[3, 8])
    of_a, of_b = ([entry for entry in seen if entry[1] == tag] for tag in "ab")
    assert len(of_a) == 2 * 2 * 3  # datasets, seeds; fit, predict on test and on training data
    for one, other in zip(of_a, of_b, strict=True):
        assert one[0] == other[0]
        np.testing.assert_array_equal(one[3], other[3])
    fits = [entry for entry in of_a if entry[0] == "fit"]
    assert [entry[2] for entry in fits] == [3, 8, 3, 8]  # the seed reaches the model
    for one, other in permutations(fits, 2):
        assert not np.array_equal(one[3], other[3])


def test_a_failing_model_stays_in_its_row():
    models = {"first": Recorder(), "broken": Broken(), "last": LogisticRegression()}
    result = compare("moons", models=models, seeds=3)
    failed = result.runs[result.runs["status"] != "ok"]
    assert failed[["model", "seed"]].to_numpy().tolist() == [["broken", 1]]
    assert failed["status"].item() == "RuntimeError: the moon is in the wrong house"
    assert failed["test_accuracy"].isna().all()
    table = result.table.set_index("model")
    assert table["n_seeds"].tolist() == [3, 2, 3]
    assert table["status"].tolist()[::2] == ["ok", "ok"]
    assert table.loc["broken", "status"].startswith("1 of 3 splits failed: RuntimeError: the moon")
    assert table.loc["broken", "test_accuracy"] == 0.5


def test_all_models_failing():
    result = compare("moons", models={"broken": Broken()}, seeds=[1])
    assert result.table["status"].tolist() == ["RuntimeError: the moon is in the wrong house"]
    assert result.table["n_seeds"].tolist() == [0]
    assert result.table["test_accuracy"].isna().all()
    assert result.fitted == {}
    assert np.isnan(result.parity)


@pytest.mark.parametrize("model", [Recorder(), SVC(), Untraceable()])
def test_a_model_without_probabilities_keeps_its_accuracies(model):
    row = compare("moons", models={"own": model}, seeds=1).runs.iloc[0]
    assert row["status"] == "ok"
    assert row["test_accuracy"] >= 0.5
    assert row["balanced_accuracy"] == pytest.approx(row["test_accuracy"])
    assert np.isnan(row["log_loss"])


def test_a_missing_framework_is_reported(monkeypatch):
    def missing(clf, seed=None):
        raise ImportError("backend='cirq' needs Cirq: pip install cirq-core")

    monkeypatch.setattr(VariationalClassifier, "make_backend", missing)
    result = compare("moons", models=["cirq", "dummy"], seeds=1)
    assert "pip install cirq-core" in result.table["status"][0]
    assert result.table["status"][1] == "ok"


def test_ctrl_c_ends_the_comparison():
    def stop(state):
        raise KeyboardInterrupt

    classifier = VariationalClassifier(callbacks=[stop])
    with pytest.raises(KeyboardInterrupt):
        compare("moons", models=["numpy", "dummy"], classifier=classifier, seeds=1)


@pytest.mark.slow
def test_numbers_do_not_depend_on_processes_or_order():
    names = ["numpy", "no_entanglement", "random_forest", "mlp"]
    alone = compare("moons", models=names, classifier=QUICK, seeds=2)
    parallel = compare("moons", models=names, classifier=QUICK, seeds=2, n_jobs=2)
    metrics = ["test_accuracy", "train_accuracy", "log_loss", "n_parameters"]
    pd.testing.assert_frame_equal(
        columns_of(parallel.runs, *metrics), columns_of(alone.runs, *metrics), rtol=1e-10
    )
    turned = compare("moons", models=names[::-1], classifier=QUICK, seeds=[1, 0])
    order = ["model", "seed"]
    pd.testing.assert_frame_equal(
        columns_of(turned.runs, *metrics).sort_values(order, ignore_index=True),
        columns_of(alone.runs, *metrics).sort_values(order, ignore_index=True),
        rtol=1e-10,
    )


def test_a_progress_bar_on_request(capsys):
    compare("moons", models=["dummy"], seeds=2, verbose=1)
    assert "2/2" in capsys.readouterr().err
    compare("moons", models=["dummy"], seeds=1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.backend(*CORE_BACKENDS)
def test_parity_of_all_backends(monkeypatch):
    result = compare("moons", models=CORE_BACKENDS, classifier=QUICK, seeds=2)
    pairs = result.parity_table[["trained_on", "evaluated_on"]].itertuples(index=False)
    assert sorted(map(tuple, pairs)) == sorted(permutations(CORE_BACKENDS, 2))
    assert result.parity <= 1e-10
    assert result.parity == result.parity_table["max_probability_difference"].max()
    # It can fail: turn one backend's probabilities a little.
    honest = VariationalClassifier.predict_proba

    def crooked(clf, X):
        return honest(clf, X) + (1e-6 if clf.backend == "cirq" else 0)

    monkeypatch.setattr(VariationalClassifier, "predict_proba", crooked)
    result = compare("moons", models=["numpy", "cirq"], classifier=QUICK, seeds=1)
    assert result.parity == pytest.approx(1e-6, rel=1e-3)


def test_parity_leaves_out_what_is_not_exact():
    shots = VariationalClassifier(max_iter=1, n_layers=1, shots=50, optimizer="spsa")
    result = compare("moons", models=["numpy", "cirq"], classifier=shots, seeds=1)
    assert (result.table["status"] == "ok").all()
    assert result.parity_table.empty
    assert np.isnan(result.parity)
    named_alike = {"numpy": LogisticRegression(), "cirq": QUICK}
    assert compare("moons", models=named_alike, seeds=1).parity_table.empty


@each_backend("backend", names=["numpy", "qiskit"])
def test_circuit_evaluations_by_hand(backend):
    # Per layer and qubit: one encoding and two trained rotations of two shifts each, and a trained
    # RXX: a gradient of one sample takes 1 + 2 · (2 qubits · 3 rotations + 1) = 15 circuits.
    X, y = np.array([[0.0, 1], [1, 0], [2, 1], [3, 0], [4, 1], [5, 0]]), [0, 0, 0, 1, 1, 1]
    classifier = VariationalClassifier(n_layers=1, max_iter=4, tol=0.0, n_iter_no_change=None)
    result = compare((X, y), models=[backend], classifier=classifier, seeds=1, test_size=0.34)
    model = result.fitted["own data", backend]
    rotations = [gate for gate in model.circuit_.circuit.gates if gate.slot is not None]
    assert {gate.name for gate in rotations} == {"ry", "rz", "rxx"}
    n_train, steps = 3, 4
    expected = n_train * steps * (1 + 2 * len(rotations))
    assert result.table["circuit_evaluations"].tolist() == [expected]
    assert len(rotations) == 7


def test_sizes_are_those_of_the_circuit():
    row = compare("moons", models=["numpy"], classifier=QUICK, seeds=2).table.iloc[0]
    assert row["n_qubits"] == 2
    assert row["two_qubit_gates"] == 1
    # 2 scalings, 2 · 2 rotations, an RXX, and a readout of 2 scales and a bias
    assert row["n_parameters"] == 2 + 4 + 1 + 3
    assert row["depth"] == 5  # H, the data, RY, RZ, RXX


@pytest.mark.parametrize("data", ["moons", "iris"])
def test_the_mlp_is_as_large_as_the_quantum_model(data):
    (split,) = make_splits(data, None, [0], 0.3)
    for layers in (2, 5):
        classifier = VariationalClassifier(n_layers=layers, max_iter=1)
        result = compare(data, models=["numpy", "mlp"], classifier=classifier, seeds=1)
        quantum, mlp = result.table["n_parameters"]
        n_features, n_classes = split.X_train.shape[1], len(np.unique(split.y_train))
        outputs = 1 if n_classes == 2 else n_classes
        assert abs(mlp - quantum) <= (n_features + 1 + outputs) / 2


@pytest.mark.slow
def test_table_is_mean_and_spread_of_the_runs():
    result = compare("moons", models=["numpy", "random_forest"], classifier=QUICK, seeds=3)
    runs, table = result.runs, result.table.set_index("model")
    for model in ("numpy", "random_forest"):
        own = runs[runs["model"] == model]
        assert len(own) == 3
        for metric in ("test_accuracy", "train_accuracy", "balanced_accuracy", "log_loss"):
            values = own[metric].to_numpy()
            assert table.loc[model, metric] == pytest.approx(values.mean(), abs=1e-12)
            assert table.loc[model, f"{metric}_std"] == pytest.approx(values.std(), abs=1e-12)
        for seconds in ("fit_seconds", "predict_seconds"):
            assert table.loc[model, seconds] == pytest.approx(np.median(own[seconds]))
            assert table.loc[model, seconds] > 0
        sizes = own["n_parameters"].to_numpy(dtype=float)
        assert table.loc[model, "n_parameters"] == round(np.median(sizes))
    assert table["n_seeds"].tolist() == [3, 3]
    assert table.columns.tolist() == [
        "dataset", "kind", "status", "trained_on", "test_accuracy", "test_accuracy_std",
        "train_accuracy", "train_accuracy_std", "balanced_accuracy", "balanced_accuracy_std",
        "roc_auc", "roc_auc_std", "log_loss", "log_loss_std", "fit_seconds", "predict_seconds",
        "n_columns", "n_inputs", "n_parameters", "n_qubits", "depth", "two_qubit_gates",
        "circuit_evaluations", "n_seeds",
    ]  # fmt: skip
    assert table.loc["random_forest", ["n_qubits", "depth", "circuit_evaluations"]].isna().all()


def test_scores_are_those_of_the_fitted_models():
    X, y = load_dataset("blobs", n_samples=90, random_state=0)["X"], np.repeat([0, 1], [60, 30])
    result = compare((X, y), models=["logistic_regression"], seeds=[4])
    split, row = result.splits["own data"], result.runs.iloc[0]
    again = make_baseline("logistic_regression", random_state=4).fit(split.X_train, split.y_train)
    p = again.predict_proba(split.X_test)
    assert row["log_loss"] == pytest.approx(log_loss(split.y_test, p))
    predicted = again.predict(split.X_test)
    assert row["balanced_accuracy"] == balanced_accuracy_score(split.y_test, predicted)
    assert row["train_accuracy"] == again.score(split.X_train, split.y_train)
    assert row["test_accuracy"] == np.mean(predicted == split.y_test)
    assert row["balanced_accuracy"] != row["test_accuracy"]


@pytest.mark.slow
def test_the_models_and_splits_of_the_first_seed_are_kept():
    result = compare("moons", models=["random_forest"], seeds=[5, 6])
    split, model = result.splits["moons"], result.fitted["moons", "random_forest"]
    assert (split.seed, model[-1].random_state) == (5, 5)
    score = result.runs.set_index("seed").loc[5, "test_accuracy"]
    assert model.score(split.X_test, split.y_test) == score


def test_a_class_that_the_test_part_misses():
    y = np.repeat([0, 1, 2], [30, 30, 2])
    X = np.arange(62.0)[:, None]
    result = compare((X, y), models=["logistic_regression"], seeds=1, test_size=0.1)
    assert set(result.splits["own data"].y_test) == {0, 1}
    assert result.runs["status"].tolist() == ["ok"]
    assert np.isfinite(result.runs["log_loss"]).all()
