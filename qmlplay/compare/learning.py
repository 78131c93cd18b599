"""Over-fitting and under-fitting: what the scores on training data say, and what to try."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qmlplay.compare.contest import Contest
from qmlplay.compare.scoring import ACCURACY
from qmlplay.compare.statistics import LEVEL

__all__ = ["learning_sentences"]

#: A model over-fits that is so much better on training data than on test data …
_GAP = 0.1
#: … and loses this share of what it seemed to have learned beyond guessing.
_LOST = 0.4
#: A model that has learned less than this share of the way from guessing to perfect did not train.
_LEARNED = 0.2
#: An area under the ROC curve that is worth a word.
_RANKS = 0.7


def learning_sentences(contest: Contest, guessing: Mapping[str, float]) -> list[str]:
    """Say which of the best models over-fit, did not train, or never name a class.

    Parameters
    ----------
    contest : Contest
    guessing : dict of str to float
        Model → probability of its score if it knew nothing, from `beyond_guessing`.
    """
    best = {kind: contest.best(kind) for kind in ("quantum", "classical", "ablation")}
    named = {kind: name for kind, name in best.items() if name is not None}
    sentences = _untrained(contest, named, guessing)
    sentences += [
        _over_fitting(contest, kind, name)
        for kind, name in named.items()
        if _over_fits(contest, name)
    ]
    return sentences + _silent(contest, named)


def _train(contest: Contest, name: str) -> float:
    """Return the mean score on training data, by the metric of the verdict."""
    if contest.metric == ACCURACY:
        of_model = contest.runs["model"] == name
        return float(contest.runs.loc[of_model, "train_accuracy"].mean())
    return float(np.mean([run.train_balanced_accuracy for run in contest.models[name].values()]))


def _test(contest: Contest, name: str) -> float:
    return float(np.mean([run.score(contest.metric) for run in contest.models[name].values()]))


def _learned(contest: Contest, value: float) -> float:
    """Return how far a score is on the way from guessing (0) to perfect (1)."""
    return (value - contest.guessed) / max(1 - contest.guessed, 1e-9)


def _over_fits(contest: Contest, name: str) -> bool:
    train, test = _train(contest, name), _test(contest, name)
    lost = (train - test) / max(train - contest.guessed, 1e-9)
    return train - test > _GAP and lost > _LOST and _learned(contest, train) >= _LEARNED


def _over_fitting(contest: Contest, kind: str, name: str) -> str:
    remedy = (
        "more samples, fewer features or a more regular model"
        if kind == "classical"
        else "more samples, fewer features, fewer layers (n_layers=2) or early_stopping=True"
    )
    return (
        f"over-fitting: the {contest.metric} of {name} is {_train(contest, name):.2f} on its "
        f"training data, {_test(contest, name):.2f} on test data; try {remedy}."
    )


def _untrained(
    contest: Contest, named: Mapping[str, str], guessing: Mapping[str, float]
) -> list[str]:
    """Name models that do not even fit what they were trained on."""
    failed = [n for n in named.values() if _learned(contest, _train(contest, n)) < _LEARNED]
    if len(failed) == len(named) > 1:
        return [
            "no model learned much even of its training data: the features may hardly tell the "
            "classes apart; try other features or more samples."
        ]
    quantum = named.get("quantum")
    classical_learned = any(
        guessing.get(name, 1.0) < LEVEL
        for name in contest.trained
        if contest.kinds[name] == "classical"
    )
    if quantum not in failed or not classical_learned:
        return []
    train = _train(contest, str(quantum))
    return [
        f"{quantum} did not train: its {contest.metric} is {train:.2f} on its own training data, "
        "too, so that this says something about these settings and nothing about quantum models; "
        "try fewer features (such as PCA), another learning_rate_init, n_layers or encoding, or a "
        "larger max_iter."
    ]


def _silent(contest: Contest, named: Mapping[str, str]) -> list[str]:
    """Name models that never predict a class which is there."""
    sentences = []
    for name in named.values() if contest.is_unbalanced else ():
        runs = contest.models[name].values()
        labels = np.unique(np.concatenate([run.labels for run in runs]))
        predicted = np.unique(np.concatenate([run.predicted for run in runs]))
        missed = [str(label) for label in np.setdiff1d(labels, predicted)]
        if not missed:
            continue
        auc = contest.runs.loc[contest.runs["model"] == name, "roc_auc"].mean()
        ranks = f", though it ranks the classes well (ROC AUC {auc:.2f})" if auc > _RANKS else ""
        listed = ", ".join(missed[:10])
        sentences.append(
            f"{name} never predicts {listed}{ranks}: try class_weight='balanced' where it has that."
        )
    return sentences
