"""Verdicts on unbalanced classes, over-fitting and models that did not train."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from verdict_helpers import predictions_of, text

from qmlplay import VariationalClassifier, compare
from qmlplay.cli.terminal import print_comparison
from qmlplay.compare.reports import readable

GENERATOR = np.random.default_rng(0)
RARE = GENERATOR.normal(size=(400, 3))
#: Twelve of 400; the first feature tells them, though not at the usual threshold.
RARE_LABELS = np.array(["common", "rare"])[(np.argsort(np.argsort(-RARE[:, 0])) < 12) * 1]
NOISE = GENERATOR.normal(size=(120, 8))
COIN = GENERATOR.permutation(np.arange(120) % 2)


class Always(LogisticRegression):
    """Ranks well, but only ever predicts the commonest class."""

    def predict(self, X):
        return np.full(len(X), "common")


@pytest.fixture(scope="module")
def rare():
    models = {"always": Always(), "line": LogisticRegression(C=1e4), "svc": SVC()}
    return compare(RARE, RARE_LABELS, models=models, seeds=3)


def test_unbalanced_classes_are_compared_by_balanced_accuracy(rare):
    said = " ".join(rare.verdict)
    assert "the classes are unbalanced (96.7 % of the test samples are 'common')" in said
    assert "guessing has 0.500" in said
    assert rare.verdicts[0].metric == "balanced accuracy"
    assert "the best model is line" in said or "the highest score has line" in said
    assert "guessing:" not in said
    assert rare.verdicts[0].p_value_of_guessing["always"] == 1
    assert rare.verdicts[0].p_value_of_guessing["line"] < 0.05
    assert rare.table.set_index("model").loc["always", "test_accuracy"] > 0.96


def test_a_class_that_is_never_predicted_is_named(rare):
    said = " ".join(rare.verdict)
    assert "always never predicts rare, though some rank it well (ROC AUC: always 1.00)" in said
    assert "try class_weight='balanced'" in said
    assert "no model learned" not in said


def test_all_metrics_are_shown_where_classes_are_unbalanced(rare, capsys):
    shown = readable(rare)
    assert {"balanced accuracy", "ROC AUC", "log-loss"} < set(shown.columns)
    balanced = readable(compare("moons", models=["dummy"], seeds=1))
    assert {"balanced accuracy", "ROC AUC", "log-loss"}.isdisjoint(balanced.columns)
    print_comparison(rare, width=80)
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "balanced" in printed


@pytest.mark.slow
def test_the_best_of_the_page_is_the_best_by_balanced_accuracy(rare):
    best = f"{rare.table.set_index('model').loc['line', 'balanced_accuracy']:.3f}"
    assert f'q-best">{best}' in rare.to_html()


def test_roc_auc_is_scikit_learns(rare):
    split, model = rare.splits["own data"], rare.fitted["own data", "line"]
    p = model.predict_proba(split.X_test)[:, 1]
    found = rare.runs.set_index(["model", "seed"])["roc_auc"]
    assert found["line", 0] == pytest.approx(roc_auc_score(split.y_test, p))
    scores = rare.fitted["own data", "svc"].decision_function(split.X_test)
    assert found["svc", 0] == pytest.approx(roc_auc_score(split.y_test, scores))
    iris = compare("iris", models=["logistic_regression"], seeds=1)
    split, model = iris.splits["iris"], iris.fitted["iris", "logistic_regression"]
    expected = roc_auc_score(split.y_test, model.predict_proba(split.X_test), multi_class="ovr")
    assert iris.runs["roc_auc"].tolist() == [pytest.approx(expected)]


@pytest.mark.slow
@pytest.mark.parametrize("n_rare", [6, 12])
def test_noise_with_rare_labels_is_guessing(n_rare):
    y = np.repeat([0, 1], [200 - n_rare, n_rare])
    X = np.random.default_rng(n_rare).normal(size=(200, 4))
    models = ["dummy", "logistic_regression", "random_forest"]
    said = " ".join(compare(X, y, models=models, seeds=3).verdict)
    assert (
        "no model is clearly better than guessing: the balanced accuracy of the commonest" in said
    )


def test_over_fitting_is_named():
    models = {"tree": DecisionTreeClassifier(), "line": LogisticRegression()}
    said = " ".join(compare(NOISE, COIN, models=models, seeds=3).verdict)
    assert (
        "over-fitting: accuracy on training data is far above that on test data: tree has 1.00"
        in said
    )
    assert "line has" not in said
    assert "try more samples, fewer features or a simpler model." in said


def test_over_fitting_of_the_quantum_model_says_which_settings_help():
    said = text(numpy=[51], svc_rbf=[51], train={"numpy": 1.0, "svc_rbf": 0.52})
    assert "quantum (NumPy) has 1.00 and 0.49; try" in said
    assert "n_layers=2, or early_stopping=True" in said


@pytest.mark.parametrize(("train", "test"), [(1.0, 0.85), (0.95, 0.88), (0.6, 0.52), (0.5, 0.5)])
def test_the_usual_gap_is_no_over_fitting(train, test):
    wrong = round(100 * (1 - test))
    said = text(
        numpy=[wrong] * 3, svc_rbf=[wrong] * 3, train=dict.fromkeys(["numpy", "svc_rbf"], train)
    )
    assert "over-fitting" not in said


def test_few_test_samples_are_no_over_fitting():
    run = predictions_of(3, 10)
    assert "over-fitting" not in text(numpy=[run], train={"numpy": 0.95})


def test_a_quantum_model_that_did_not_train_is_no_verdict_on_quantum_models():
    half = range(0, 100, 2)
    said = text(numpy=[half] * 3, svc_rbf=[5] * 3, train={"numpy": 0.54})
    assert "classical wins" in said
    assert (
        "quantum (NumPy) did not train: its accuracy is 0.54 on its own training data, too" in said
    )
    assert "nothing about quantum models" in said
    trained = text(numpy=[30] * 3, svc_rbf=[5] * 3, train={"numpy": 0.75})
    assert "did not train" not in trained


def test_all_models_that_learned_nothing():
    half = range(0, 100, 2)
    said = text(
        numpy=[half] * 2, svc_rbf=[half] * 2, train=dict.fromkeys(["numpy", "svc_rbf"], 0.53)
    )
    assert "no model learned much even of its training data" in said
    assert "neither svc_rbf (0.500 ± 0.000) nor the quantum model" in said
    assert "did not train" not in said


def test_a_model_that_cannot_train_at_all():
    stuck = VariationalClassifier(max_iter=1, learning_rate_init=1e-9, n_layers=1)
    X = np.random.default_rng(5).normal(size=(150, 6))
    y = (X.sum(axis=1) > 0) * 1
    said = " ".join(
        compare(X, y, models=["numpy", "logistic_regression"], classifier=stuck).verdict
    )
    assert "classical wins" in said
    assert "quantum (NumPy) did not train" in said
