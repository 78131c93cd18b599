"""Kinds of models: what they are found to be, what the caller says, and hybrids in the verdict."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from verdict_helpers import contest

from qmlplay import VariationalClassifier, compare
from qmlplay.compare import Candidate
from qmlplay.compare.evidence import verdict
from qmlplay.compare.setup import KINDS, check_kinds, kind_of
from qmlplay.palette import KIND_COLORS
from qmlplay.plots.style import KIND_LABELS, KIND_MARKERS

QUICK = VariationalClassifier(n_layers=1, max_iter=2)


def verdict_of(kinds, **wrong):
    found = verdict(*contest(kinds=kinds, **wrong), "xor")
    return found, " ".join(found.sentences)


def test_every_kind_can_be_drawn():
    assert set(KINDS) == set(KIND_COLORS) == set(KIND_MARKERS) == set(KIND_LABELS)


def test_the_caller_says_the_kind():
    models = {"net": LogisticRegression(), "trees": KNeighborsClassifier(), "mine": QUICK}
    kinds = {"net": "hybrid", "mine": "ablation"}
    result = compare("moons", models=models, kinds=kinds, seeds=1)
    assert dict(zip(result.table["model"], result.table["kind"], strict=True)) == {
        "net": "hybrid", "trees": "classical", "mine": "ablation",
    }  # fmt: skip
    text = " ".join(result.verdict)
    assert "moons: net is a hybrid, neither quantum nor classical, and counts as none" in text
    assert "hybrid of both" in [t.get_text() for t in result.plot().legends[0].get_texts()]
    assert 'class="q-hybrid"' in result._repr_html_()


def test_a_kind_that_was_said_stays_after_the_fit():
    """A model that makes a quantum one in `fit` is found out, unless its kind was said."""

    models = {"late": Late(), "said": Late()}
    result = compare("moons", models=models, kinds={"said": "classical"}, seeds=1)
    assert list(result.table["kind"]) == ["quantum", "classical"]
    assert Candidate("a", "classical", None).is_kind_given is False


class Late(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.model_ = VariationalClassifier(n_layers=1, max_iter=1).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)


@pytest.mark.parametrize(
    ("kinds", "error", "words"),
    [
        ({"nte": "hybrid"}, ValueError, "unknown model of kinds 'nte': did you mean 'net'"),
        ({"net": "hybird"}, ValueError, "unknown kind of model 'hybird': did you mean 'hybrid'"),
        ({"net": None}, ValueError, "unknown kind of model None"),
        (["hybrid"], TypeError, "kinds must be a dict such as"),
        ("hybrid", TypeError, "kinds must be a dict such as"),
    ],
)
def test_bad_kinds(kinds, error, words):
    with pytest.raises(error, match=words):
        compare("moons", models={"net": LogisticRegression()}, kinds=kinds)


def test_models_by_name_have_their_kind():
    for models in (None, ["numpy", "dummy"]):
        with pytest.raises(ValueError, match="models of your own"):
            compare("moons", models=models, kinds={"numpy": "hybrid"})
    assert check_kinds(None, ["numpy"]) == check_kinds({}, ["numpy"]) == {}


def test_a_hybrid_wins_nothing_for_either_side():
    kinds = {"net": "hybrid"}
    _, without = verdict_of({}, numpy=[20] * 5, svc=[10] * 5)
    found, text = verdict_of(kinds, numpy=[20] * 5, svc=[10] * 5, net=[0] * 5)
    assert without.split(" xor: ")[0] in text  # the classical model still wins, by the same words
    assert "xor: classical wins: svc" in text
    line = next(s for s in found.sentences if "hybrid" in s)
    assert line.startswith(
        "xor: net is a hybrid, neither quantum nor classical, and counts as none"
    )
    assert "it reaches 1.000 ± 0.000" in line
    assert "to quantum (NumPy), the best quantum model: difference +0.200" in line
    assert "to svc, the best classical model: difference +0.100" in line
    pairs = [(one.first, one.second) for one in found.leads]
    assert pairs == [("numpy", "svc"), ("net", "numpy"), ("net", "svc")]


def test_hybrids_beside_one_kind_alone():
    _, text = verdict_of({"net": "hybrid"}, svc=[10] * 3, tree=[12] * 3, net=[0] * 3)
    assert "xor: the highest score has svc" in text or "xor: the best model is svc" in text
    assert "net is a hybrid" in text
    assert "best quantum" not in text
    _, text = verdict_of({"net": "hybrid"}, numpy=[10] * 3, net=[0] * 3)
    assert "xor: the best model is quantum (NumPy)" in text
    assert "to quantum (NumPy), the best quantum model" in text
    assert "best classical" not in text


def test_hybrids_alone_and_several():
    _, text = verdict_of({"a": "hybrid", "b": "hybrid"}, a=[10] * 3, b=[0] * 3)
    assert "xor: the best model is b" in text
    assert "is a hybrid" not in text
    found, text = verdict_of({"a": "hybrid", "b": "hybrid"}, a=[10] * 3, b=[0] * 3, svc=[5] * 3)
    assert "b (beside a) is a hybrid" in text
    against = next(one for one in found.leads if one.first == "b")
    assert (against.second, against.n_choices) == ("svc", 2)


def test_a_failed_hybrid_says_nothing():
    _, text = verdict_of({"net": "hybrid"}, numpy=[20] * 2, svc=[10] * 2, net=[None] * 2)
    assert "hybrid" not in text


def test_kinds_in_a_regression():
    result = compare(
        "sine", models={"net": Ridge(), "line": Ridge()}, kinds={"net": "hybrid"}, seeds=2
    )
    text = " ".join(result.verdict)
    assert "sine: net is a hybrid" in text
    assert (
        "to line, the best classical model: difference 0.000, 95 % interval 0.000 to 0.000" in text
    )
    assert [panel.kind for panel in _fit(result).panels] == ["hybrid", "classical"]


def _fit(result):
    from qmlplay.plots import FitDisplay

    return FitDisplay.from_comparison(result)


class QuantumLayer:
    """What `qmlplay.torch.QuantumLayer` is for the search: a type of a loaded module."""


class Net(ClassifierMixin, BaseEstimator):
    def __init__(self, layers=()):
        self.layers = layers

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.module_ = {"modules": [object(), QuantumLayer()]}
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.mark.parametrize("name", ["qmlplay.torch", "qmlplay.keras"])
def test_a_network_with_one_of_our_layers_is_a_hybrid(monkeypatch, name):
    assert kind_of(Net([QuantumLayer()])) == "classical"  # no such module is loaded
    module = ModuleType(name)
    module.QuantumLayer = QuantumLayer
    monkeypatch.setitem(sys.modules, name, module)
    assert kind_of(Net([QuantumLayer()])) == "hybrid"
    assert kind_of(make_pipeline(StandardScaler(), Net([QuantumLayer()]))) == "hybrid"
    assert kind_of(Net()) == "classical"
    assert kind_of(Net().fit([[0.0]], [0])) == "hybrid"  # made in `fit`
    assert kind_of(make_pipeline(StandardScaler(), QUICK)) == "quantum"
    result = compare("moons", models={"net": Net(), "knn": KNeighborsClassifier()}, seeds=1)
    assert list(result.table["kind"]) == ["hybrid", "classical"]
