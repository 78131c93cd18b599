"""Over-fitting and under-fitting: what the scores on training data say, and what to try."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qmlplay.compare.evidence.contest import Contest
from qmlplay.compare.evidence.statistics import LEVEL
from qmlplay.compare.setup import REGRESSION
from qmlplay.framework_names import model_label

__all__ = ["learning_sentences"]

#: A model over-fits that is so much better on training data than on test data …
_GAP = 0.1
#: … and loses this share of what it seemed to have learned beyond guessing.
_LOST = 0.4
#: A model that has learned less than this share of the way from guessing to perfect did not train …
_LEARNED = 0.2
#: … unless it ranks the samples of an unbalanced table: an area under the ROC curve like this one.
_RANKS = 0.7
#: … or, for numbers, this share of what another model knows of the test part.
_MUCH_OF_OTHERS = 0.5
_MOST_NAMES = 10


def learning_sentences(contest: Contest, guessing: Mapping[str, float]) -> list[str]:
    """Say which models over-fit, did not train, or never predict a class that is there.

    Parameters
    ----------
    contest : Contest
    guessing : dict of str to float
        Model → probability of its score if it knew nothing, from `beyond_guessing`.
    """
    return [*_untrained(contest, guessing), *_over_fitting(contest), *_silent(contest)]


def _train(contest: Contest, name: str) -> float:
    """Return the mean score on training data, by the metric of the verdict."""
    if contest.metric == contest.task.metric:
        return contest.mean(name, contest.task.train_score)
    return float(np.mean([run.training_score for run in contest.models[name].values()]))


def _plain(score: float) -> str:
    return f"{score:.2f}".replace("-", "−")


def _test(contest: Contest, name: str) -> float:
    return float(np.mean([run.score(contest.metric) for run in contest.models[name].values()]))


def _has_learned(contest: Contest, name: str) -> bool:
    """Return whether a model is on its way from guessing to perfect on its training data."""
    share = (_train(contest, name) - contest.guessed) / max(1 - contest.guessed, 1e-9)
    if share >= _LEARNED:
        return True
    if contest.task is REGRESSION:  # where noise leaves others no more, it is much
        return _train(contest, name) >= _MUCH_OF_OTHERS * max(_best_known(contest), 1e-9)
    return contest.is_unbalanced and contest.mean(name, "roc_auc") > _RANKS


def _best_known(contest: Contest) -> float:
    """Return the largest score in the test parts: what there is to be learned at least."""
    return max(_test(contest, name) for name in contest.trained)


def _over_fits(contest: Contest, name: str) -> bool:
    train, test = _train(contest, name), _test(contest, name)
    samples = np.unique(np.concatenate([r.samples for r in contest.models[name].values()]))
    # Two standard errors of a share, or of R², at most.
    by_chance = (1.6 if contest.task is REGRESSION else 1.0) / np.sqrt(len(samples))
    lost = (train - test) / max(train - contest.guessed, 1e-9)
    return train - test > max(_GAP, by_chance) and lost > _LOST and _has_learned(contest, name)


def _over_fitting(contest: Contest) -> list[str]:
    names = [name for name in contest.trained if _over_fits(contest, name)]
    if not names:
        return []
    shown = names[:_MOST_NAMES]
    numbers = [(_plain(_train(contest, name)), _plain(_test(contest, name))) for name in shown]
    scores = [
        f"{model_label(name)} has {train} and {test}"
        for name, (train, test) in zip(shown, numbers, strict=True)
    ]
    remedy = "more samples, fewer features or a simpler model"
    if any(contest.kinds[name] != "classical" for name in names):
        remedy += " (fewer layers such as n_layers=2, or early_stopping=True)"
    return [
        f"over-fitting: {contest.metric} on training data is far above that on test data: "
        f"{', '.join(scores)}; try {remedy}."
    ]


def _untrained(contest: Contest, guessing: Mapping[str, float]) -> list[str]:
    """Name models that do not even fit what they were trained on."""
    failed = [name for name in contest.trained if not _has_learned(contest, name)]
    if len(failed) == len(contest.trained) > 1:
        return [
            "no model learned much even of its training data: the features may hardly tell "
            f"{contest.task.answer}; try other features or more samples."
        ]
    quantum = contest.best("quantum")
    has_signal = any(
        contest.kinds[name] == "classical" and p_value < LEVEL for name, p_value in guessing.items()
    )
    if quantum is None or quantum not in failed or not has_signal:
        return []
    train = _plain(_train(contest, quantum))
    return [
        f"{model_label(quantum)} did not train: its {contest.metric} is {train} on its own "
        "training data, too, so that this says something about these settings and nothing about "
        "quantum models; try fewer features (such as PCA), another learning_rate_init, n_layers or "
        "encoding, or a larger max_iter."
    ]


def _silent(contest: Contest) -> list[str]:
    """Name models that never predict a class which is there, where classes are unbalanced."""
    by_classes: dict[str, list[str]] = {}
    for name in contest.trained if contest.is_unbalanced else ():
        runs = contest.models[name].values()
        labels = np.unique(np.concatenate([run.labels for run in runs]))
        predicted = np.unique(np.concatenate([run.predicted for run in runs]))
        missed = [str(label) for label in np.setdiff1d(labels, predicted)]
        if missed:
            by_classes.setdefault(", ".join(missed[:_MOST_NAMES]), []).append(name)
    return [_silence(contest, names, classes) for classes, names in by_classes.items()]


def _silence(contest: Contest, names: list[str], classes: str) -> str:
    areas = {name: contest.mean(name, "roc_auc") for name in names}
    ranking = [f"{model_label(name)} {area:.2f}" for name, area in areas.items() if area > _RANKS]
    though = f", though some rank it well (ROC AUC: {', '.join(ranking)})" if ranking else ""
    never = "never predicts" if len(names) == 1 else "never predict"
    return (
        f"{', '.join(map(model_label, names[:_MOST_NAMES]))} {never} {classes}{though}: try "
        "class_weight='balanced' where a model has that."
    )
