"""The study of the default model: its suite, its divisions, and its page."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qmlplay.examples.study.__main__ import main
from qmlplay.examples.study.study_page import sentences
from qmlplay.examples.study.suite import SUITE, divided
from qmlplay.examples.study.trials import DEFAULT, RIVALS, Trial, summary


def test_the_suite_is_as_wide_as_the_promise():
    sizes = []
    for name in SUITE:
        X_train, X_test, y_train, _ = divided(name, 0)
        sizes.append((X_train.shape[1], len(np.unique(y_train)), len(X_train) + len(X_test)))
    n_features, n_classes, n_samples = np.array(sizes).T
    assert len(SUITE) >= 20
    assert (n_features.min(), n_features.max()) == (2, 64)
    assert (n_classes.min(), n_classes.max()) == (2, 10)
    assert 100 <= n_samples.min() <= n_samples.max() <= 2000


@pytest.mark.parametrize("name", ["moons", "iris", "linear 12", "wine, PCA 4"])
def test_validation_never_sees_a_test_sample(name):
    X_train, X_test, _, _ = divided(name, 3)
    X_fit, X_check, _, _ = divided(name, 3, validates=True)
    assert len(X_fit) + len(X_check) == len(X_train)
    if SUITE[name].n_components is None:
        seen = {tuple(row) for row in np.concatenate([X_fit, X_check]).tolist()}
        assert seen == {tuple(row) for row in X_train.tolist()}
        if name != "iris":  # where flowers come twice
            assert not seen & {tuple(row) for row in X_test.tolist()}


def trial(table, model, seed, accuracy):
    return Trial(table, model, seed, 2, 2, 100, accuracy, 1.0, 0.5)


def test_the_summary_by_hand():
    accuracies = {DEFAULT: [0.9, 0.8], RIVALS[0]: [0.7, 0.9], RIVALS[1]: [0.88, 0.90]}
    trials = [
        trial("a", model, seed, value)
        for model, values in accuracies.items()
        for seed, value in enumerate(values)
    ]
    row = summary(trials).loc["a"]
    assert row["mean"] == pytest.approx(0.85)
    assert row["spread"] == pytest.approx(0.1 / np.sqrt(2))
    assert row["ahead"] == pytest.approx(0.85 - 0.89)  # behind the better mean
    said = sentences(summary(trials))
    assert said[0].endswith("or ahead, on 0 of 1 tables; more than 0.08 behind on 0.")
    assert said[1] == "Further behind than 0.02: a (-0.040)."


@pytest.mark.slow
def test_a_quick_study_writes_its_page_and_goes_on(tmp_path, capsys):
    chosen = ["--quick", "--tables", "moons", "iris", "--output", str(tmp_path)]
    main([*chosen, "--models", DEFAULT, *RIVALS])
    assert "on 2 of 2 tables" in capsys.readouterr().out
    lines = (tmp_path / "trials.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 * 3
    assert json.loads(lines[0])["model"] in (DEFAULT, *RIVALS)
    page = (tmp_path / "study.html").read_text(encoding="utf-8")
    assert "logistic_regression" in page
    assert "data:image/png;base64," in page
    assert "http" not in page.replace("http-equiv", "")  # one file, without a network
    assert (tmp_path / "study.png").stat().st_size > 5_000
    main([*chosen, "--models", DEFAULT, *RIVALS, "--resume"])
    again = (tmp_path / "trials.jsonl").read_text(encoding="utf-8").splitlines()
    assert again == lines
