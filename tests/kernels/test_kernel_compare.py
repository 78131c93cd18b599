"""The kernel in a comparison: by name, in one's own machines, and what the verdict says of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from qmlplay import (
    QuantumKernel,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    VariationalClassifier,
    compare,
    list_backends,
    load_dataset,
)
from qmlplay.compare import list_models
from qmlplay.compare.setup import kind_of, quantum_models

QUICK = VariationalClassifier(n_layers=1, max_iter=2)


@pytest.fixture(scope="module")
def result():
    models = ["numpy", "cirq", "no_entanglement", "kernel", "svc_rbf", "dummy"]
    return compare("moons", models=models, classifier=QUICK, seeds=2, verbose=0)


def test_it_is_a_model_by_name(result):
    assert list_models()[len(list_backends()) + 1] == "kernel"
    rows = result.runs.set_index("model").loc["kernel"]
    assert set(rows["kind"]) == {"quantum"}
    assert set(rows["status"]) == {"ok"}
    assert set(rows["trained_on"]) == {"numpy"}
    assert (rows["test_accuracy"] > 0.85).all()
    assert (rows["circuit_evaluations"] == 210 * 6).all()
    assert (rows["n_qubits"] == 2).all()
    assert (rows["n_parameters"] > 10).all()


def test_its_forecast_is_known(result):
    forecast = result.forecast_table.set_index("model").loc["kernel"]
    assert 0 < forecast["forecast_seconds"] < 60
    assert "kernel" not in result.forecast.unknown


def test_parity_is_about_simulators_alone(result):
    assert set(result.parity_table["trained_on"]) == {"numpy", "cirq"}


def test_the_verdict_calls_it_by_its_name(result):
    first, second = result.verdict[:2]
    assert "the quantum kernel (" in first
    assert "on kernel" not in first
    assert second.startswith("moons: entanglement")
    (lead,) = [lead for lead in result.verdicts[0].leads if lead.second == "no_entanglement"]
    assert lead.first in ("numpy", "cirq")  # a kernel is not the same model with entanglement


@pytest.mark.slow
def test_pages_and_pictures(result, tmp_path):
    result.to_html(tmp_path / "page.html")
    assert ">kernel<" in (tmp_path / "page.html").read_text(encoding="utf-8")
    for kind in ("scores", "cost", "boundaries"):
        result.plot(kind=kind)


@pytest.mark.slow
def test_alone_on_a_wide_table_and_on_a_raw_one():
    wide = compare("breast_cancer", models=["kernel", "svc_rbf"], seeds=1, verbose=0)
    assert wide.runs.set_index("model").loc["kernel", "n_inputs"] == 8
    wide.to_html()
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"age": random.normal(size=60), "color": random.choice(["a", "b"], 60)})
    frame["label"] = np.where(frame["color"] == "a", "yes", "no")
    raw = compare(frame, "label", models=["kernel"], seeds=1, verbose=0)
    assert raw.runs["test_accuracy"].tolist() == [1.0]


@pytest.mark.slow
def test_it_shares_the_settings_of_the_quantum_model():
    settings = VariationalClassifier("cirq", shots=30, n_qubits=3, class_weight="balanced")
    moons = load_dataset("moons", n_samples=40, random_state=0)
    result = compare(moons, models=["kernel"], classifier=settings, seeds=1, verbose=0)
    (kernel,) = quantum_models(result.fitted["moons", "kernel"])
    assert (kernel.backend, kernel.shots, kernel.n_qubits_) == ("cirq", 30, 3)
    assert kernel.class_weight == "balanced"
    assert result.runs["trained_on"].tolist() == ["cirq"]


def test_kinds_of_ones_own_estimators():
    svc = SVC(kernel=QuantumKernel("zz"))
    assert kind_of(QuantumKernelClassifier()) == "quantum"
    assert kind_of(QuantumKernelRegressor()) == "quantum"
    assert kind_of(make_pipeline(StandardScaler(), svc)) == "quantum"
    assert kind_of(GridSearchCV(svc, {"C": [1, 2]})) == "quantum"
    assert kind_of(SVC()) == "classical"
    data = load_dataset("ad_hoc", n_samples=100, random_state=0)
    models = {"by hand": svc, "ours": QuantumKernelClassifier(), "rbf": SVC()}
    result = compare(data.X, data.y, models=models, seeds=1, verbose=0)
    table = result.runs.set_index("model")
    assert table["kind"].to_dict() == {"by hand": "quantum", "ours": "quantum", "rbf": "classical"}
    assert (table.loc[["by hand", "ours"], "test_accuracy"] == 1).all()
