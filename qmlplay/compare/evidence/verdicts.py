"""A verdict in plain words: who won, by how much, and whether that means anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from qmlplay.compare.evidence.ablations import about_entanglement, about_hybrids, lead_of
from qmlplay.compare.evidence.contest import Contest, contest_of
from qmlplay.compare.evidence.guessing import beyond_guessing
from qmlplay.compare.evidence.leads import Lead, lead
from qmlplay.compare.evidence.learning import learning_sentences
from qmlplay.compare.evidence.statistics import LEVEL
from qmlplay.compare.running import RunPredictions
from qmlplay.compare.setup import CLASSIFICATION, KERNEL, ON_COMPONENTS, LearningTask
from qmlplay.framework_names import model_label, simulator_label

__all__ = ["Verdict", "verdict"]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What can be said about one dataset.

    Parameters
    ----------
    dataset : str
    metric : str
        By which the models were ranked and compared.
    sentences : list of str
        Each begins with the dataset's name.
    leads : list of Lead
        The differences that the sentences speak of.
    p_value_of_guessing : dict of str to float
        Model → probability of such a score if it knew nothing of the classes.
    """

    dataset: str
    metric: str
    sentences: list[str]
    leads: list[Lead]
    p_value_of_guessing: dict[str, float]


def verdict(
    runs: pd.DataFrame,
    predictions: Mapping[tuple[str, str, int], RunPredictions],
    dataset: str,
    task: LearningTask = CLASSIFICATION,
) -> Verdict:
    """Say which kind of model did best on a dataset.

    A lead counts only when it is larger than chance explains (see ``statistics``: 5 %, with the
    choice of the best model allowed for), and than one half percentage point, or 0.005 of R².
    Where the largest class has more than twice as many samples as the smallest, balanced accuracy
    is compared instead of accuracy.

    Parameters
    ----------
    runs : DataFrame
        `Comparison.runs`.
    predictions : dict of (str, str, int) to Predictions
        `Comparison.predictions`.
    dataset : str
        Its name.
    task : LearningTask, optional

    Examples
    --------
    >>> from qmlplay import compare
    >>> result = compare("iris", models=["logistic_regression", "dummy"], seeds=1)
    >>> print(verdict(result.runs, result.predictions, "iris").sentences[0])
    iris: the best model is logistic_regression (0.978).
    """
    contest = contest_of(runs, predictions, dataset, task)
    if not contest.models:
        return Verdict(
            dataset, contest.metric, [f"{dataset}: every model failed, see the reasons."], [], {}
        )
    leads: list[Lead] = []
    sentences = [*_about_the_metric(contest)]
    quantum, classical = contest.best("quantum"), contest.best("classical")
    if quantum and classical:
        sentences.append(_against_classical(contest, quantum, classical, leads))
        sentences += _about_components(contest, leads)
    else:
        sentences.append(_the_best(contest, leads))
    sentences += about_entanglement(contest, leads)
    sentences += about_hybrids(contest, leads)
    guessing = beyond_guessing(contest.trained, contest.metric) if contest.trained else {}
    sentences += _about_guessing(contest, guessing)
    sentences += learning_sentences(contest, guessing)
    sentences += _about_splits(contest)
    named = [f"{dataset}: {sentence}" for sentence in sentences]
    return Verdict(dataset, contest.metric, named, leads, guessing)


def _about_the_metric(contest: Contest) -> list[str]:
    if not contest.is_unbalanced:
        return []
    label, share = contest.commonest
    unbalanced = (
        f"the classes are unbalanced ({100 * share:.1f} % of the test samples are {label!r})"
    )
    if contest.misses_classes:
        return [
            f"{unbalanced}, but a test part misses a class, so that models are compared by "
            f"accuracy all the same; guessing has {contest.guessed:.3f}; try stratified splits "
            "such as cv=5 (--cv 5), or join the smallest classes."
        ]
    return [
        f"{unbalanced}, so that models are compared by balanced accuracy, the mean share found of "
        f"each class; guessing has {contest.guessed:.3f}."
    ]


def _lead(contest: Contest, first: str, second: str, leads: list[Lead]) -> Lead | None:
    groups = [contest.group(contest.kinds[name]) for name in (first, second)]
    return lead_of(contest, (first, groups[0]), (second, groups[1]), leads)


def _against_classical(contest: Contest, quantum: str, classical: str, leads: list[Lead]) -> str:
    found = _lead(contest, quantum, classical, leads)
    if found is None:
        return (
            f"{model_label(quantum)} and {classical} have no split in common on which neither "
            "failed, so that they cannot be compared."
        )
    scored = contest.scored(quantum, beside=classical)
    who = "the quantum model" if quantum != KERNEL else "the quantum kernel"
    where = f", on {simulator_label(quantum)}" if quantum != KERNEL else ""
    named = f"{classical} ({contest.scored(classical, beside=quantum)})"
    sign, times = found.sign, contest.times(quantum, classical)
    if sign > 0:
        return (
            f"{who} is ahead here: {scored}{where.replace(',', '')} against {named}; "
            f"{found.interval()}. That is one dataset, on a simulator: no evidence of an advantage."
        )
    against = f"{named} against {who} ({scored}{where}){times}"
    interval = found.interval(is_turned=True)
    if sign < 0:
        return f"classical wins: {against}; {interval}."
    is_same = found.difference.test == "no disagreement"
    if is_same and contest.is_guessing(quantum):
        return f"neither {named} nor {who} ({scored}{where}) beats guessing."
    if is_same or found.is_equivalence:
        shown = f"both are {contest.task.same}" if is_same else interval
        return f"classical does as well: {against}; {shown}."
    return f"no clear winner: {against}; {interval}: the test samples cannot tell them apart."


def _about_components(contest: Contest, leads: list[Lead]) -> list[str]:
    """Say where it is the reduction to components, with any model, that costs accuracy."""
    models = contest.group("classical")
    name = next((name for name in models if name.endswith(ON_COMPONENTS)), None)
    on_all = {other: runs for other, runs in models.items() if other != name}
    if name is None or not on_all:
        return []
    best = contest.best_of(on_all)
    found = lead(name, {name: models[name]}, best, on_all, contest.metric)
    if found is None or found.sign >= 0:
        return []
    leads.append(found)
    return [
        f"fewer columns cost {contest.metric}, also without a quantum model: {best} has "
        f"{contest.scored(best, beside=name)} on all of them, {name} "
        f"{contest.scored(name, beside=best)}; {found.interval(is_turned=True)}."
    ]


def _the_best(contest: Contest, leads: list[Lead]) -> str:
    """Name the best model where not both kinds take part, and say how sure that is."""
    groups = (contest.group("quantum", "classical", "ablation"), contest.group("hybrid"))
    group = next(filter(None, groups), contest.models)
    best = contest.best_of(group)
    others = {name: runs for name, runs in group.items() if name != best}
    text = f"{model_label(best)} ({contest.scored(best)})"
    if not others:
        return f"the best model is {text}."
    second = contest.best_of(others)
    found = lead(best, {best: group[best]}, second, others, contest.metric)
    if found is None:
        return f"the best model is {text}."
    leads.append(found)
    if found.difference.test == "no disagreement":
        return f"the best model is {text}; {model_label(second)} is {contest.task.same}."
    if found.sign > 0:
        return f"the best model is {text}; to {model_label(second)}: {found.interval()}."
    return (
        f"the highest score has {text}, not clearly more than {model_label(second)} "
        f"({contest.scored(second, beside=best)}): {found.interval()}."
    )


def _about_guessing(contest: Contest, guessing: Mapping[str, float]) -> list[str]:
    if not guessing or min(guessing.values()) < LEVEL:
        return []
    return [
        f"no model is clearly better than guessing: the {contest.metric} of {contest.task.guess} "
        f"is {contest.guessed:.3f}."
    ]


def _about_splits(contest: Contest) -> list[str]:
    if contest.n_splits > 1:
        return []
    return [
        "one split tells these trained models apart, not how much another split or training would "
        "change: try seeds=5 or cv=5 (--seeds 5, --cv 5)."
    ]
