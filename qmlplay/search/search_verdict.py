"""The verdict of a search in plain words: who won, by how much, and where the time went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna
import pandas as pd
from optuna.trial import TrialState

from qmlplay.compare.evidence import Lead, lead
from qmlplay.progress import duration
from qmlplay.search.enough_trials import has_enough
from qmlplay.search.finalists import Finalist
from qmlplay.search.leaderboard import DUMMY
from qmlplay.search.search_settings import SIDES, SearchSettings
from qmlplay.search.time_budget import rounded_up, spent_seconds
from qmlplay.search.trial_run import TOO_SLOW

__all__ = ["lead_of_quantum", "search_verdict", "time_sentence"]

Finalists = Mapping[str, Sequence[Finalist]]


def search_verdict(
    table: pd.DataFrame,
    finalists: Finalists,
    studies: Sequence[Mapping[str, optuna.Study]],
    metric: str,
    n_folds: int,
    budget: float,
) -> list[str]:
    """Return the sentences of a verdict.

    Parameters
    ----------
    table : DataFrame
        The leaderboard.
    finalists : mapping of str to sequence of Finalist
        Row → the finalist of every outer split.
    studies : sequence of dict of str to Study
        Of every outer split.
    metric : str
    n_folds : int
        Of the inner validation.
    budget : float
        Seconds.
    """
    sentences = [_about_the_winner(table, studies, metric, n_folds)]
    sentences += _quantum_against_classical(table, finalists, metric)
    sentences += _about_entanglement(table, finalists, metric)
    sentences += _about_quantum_trials(table, studies, budget)
    return sentences


def _about_the_winner(
    table: pd.DataFrame, studies: Sequence[Mapping[str, optuna.Study]], metric: str, n_folds: int
) -> str:
    best = table.iloc[0]
    n_splits, n_trials = len(studies), int(table["n_trials"].sum())
    where = (
        "the test part, which no trial saw,"
        if n_splits == 1
        else f"the test parts of {n_splits} outer splits, which no trial of theirs saw,"
    )
    tested = "it failed" if np.isnan(best["test_score"]) else f"it has {_scored(best, 'test')}"
    return (
        f"{best['model']} ({best['kind']}) is chosen, by its inner {metric} "
        f"{_scored(best, 'inner')} ({n_folds} folds of the training part; that of "
        f"the best of {n_trials} trials flatters). "
        f"In {where} {tested}."
    )


def _scored(row: pd.Series[Any], part: str) -> str:
    return f"{row[f'{part}_score']:.3f} ± {row[f'{part}_std']:.3f}".replace("-", "−")


def _best_of(table: pd.DataFrame, kind: str) -> pd.Series[Any] | None:
    rows = table[(table["kind"] == kind) & (table["model"] != DUMMY)]
    return None if rows.empty else rows.iloc[0]


def _lead(finalists: Finalists, one: str, other: str, metric: str) -> Lead | None:
    """Compare two rows on the test parts; both were chosen by inner scores, so no allowance."""
    groups = [
        {name: {f.row["seed"]: f.predictions for f in finalists[name] if f.predictions is not None}}
        for name in (one, other)
    ]
    if not all(group[name] for group, name in zip(groups, (one, other), strict=True)):
        return None
    return lead(one, groups[0], other, groups[1], metric)


def lead_of_quantum(table: pd.DataFrame, finalists: Finalists, metric: str) -> Lead | None:
    """Return the lead of the best quantum over the best classical row, each by inner scores."""
    quantum, classical = _best_of(table, "quantum"), _best_of(table, "classical")
    if quantum is None or classical is None:
        return None
    return _lead(finalists, quantum["model"], classical["model"], metric)


def _quantum_against_classical(table: pd.DataFrame, finalists: Finalists, metric: str) -> list[str]:
    quantum, classical = _best_of(table, "quantum"), _best_of(table, "classical")
    found = lead_of_quantum(table, finalists, metric)
    if quantum is None or classical is None or found is None:
        return []
    name = classical["model"]
    scores = (
        f"{name} has {_scored(classical, 'test')}, the quantum model {_scored(quantum, 'test')}"
    )
    interval = found.interval(is_turned=True)
    if found.sign > 0:
        return [
            f"The quantum model is ahead in the test part: {scores}; {found.interval()}. That is "
            "one dataset, on a simulator: no evidence of an advantage."
        ]
    if found.sign < 0:
        return [f"Classical wins in the test part: {scores}; {interval}."]
    if found.difference.test == "no disagreement" or found.is_equivalence:
        return [f"Classical does as well in the test part: {scores}; {interval}."]
    return [
        f"No clear winner between quantum and classical in the test part: {scores}; {interval}: "
        "its samples cannot tell them apart."
    ]


def _about_entanglement(table: pd.DataFrame, finalists: Finalists, metric: str) -> list[str]:
    quantum, ablation = _best_of(table, "quantum"), _best_of(table, "ablation")
    if quantum is None or ablation is None:
        return []
    found = _lead(finalists, quantum["model"], ablation["model"], metric)
    if found is None:
        return []
    gates = [finalist.row.get("two_qubit_gates") for finalist in finalists[quantum["model"]]]
    if not any(gate is None or gate > 0 for gate in gates):
        return ["The quantum model has no two-qubit gates: there is no entanglement to leave out."]
    # An encoding may entangle, too, and with weights.
    kept = any(finalist.row.get("two_qubit_gates") for finalist in finalists[ablation["model"]])
    what = "trainable entanglement of the ansatz" if kept else "entanglement"
    words = {1: f"{what} helps", -1: f"{what} hurts", 0: f"{what} is not needed"}
    if found.sign == 0 and not found.is_equivalence:
        words[0] = f"whether {what} helps is not clear"
    said = words[found.sign]
    return [
        f"{said[0].upper()}{said[1:]}: without it the best model has "
        f"{_scored(ablation, 'test')}, with it {_scored(quantum, 'test')}; {found.interval()}."
    ]


def _about_quantum_trials(
    table: pd.DataFrame, studies: Sequence[Mapping[str, optuna.Study]], budget: float
) -> list[str]:
    """Say what it would take where no quantum model could be trained at all."""
    if set(table["kind"]) & {"quantum", "ablation"}:
        return []
    trials = [t for of_split in studies for t in of_split["quantum"].get_trials(deepcopy=False)]
    forecasts = [t.user_attrs["forecast"] for t in trials if "forecast" in t.user_attrs]
    errors = [t.user_attrs["error"] for t in trials if "error" in t.user_attrs]
    if any(t.user_attrs.get("skipped") == TOO_SLOW for t in trials) and forecasts:
        # A trial may take half of the time that is left, which is shared by the splits.
        needed = rounded_up(budget + 4 * len(studies) * min(forecasts))
        return [
            "No quantum model was trained: the quickest trial would take about "
            f"{duration(min(forecasts))}. Give a budget of about {needed} s (--budget), fewer "
            "rows, or a smaller space."
        ]
    if errors:
        return [f"No quantum model was trained, as every trial failed; the first: {errors[0]}"]
    return ["No quantum model was trained: there was no time for a trial. Give a larger budget."]


def time_sentence(
    studies: Sequence[Mapping[str, optuna.Study]],
    seconds: float,
    budget: float,
    before: float,
    settings: SearchSettings,
    *,
    is_interrupted: bool,
) -> str:
    """Say how the budget was shared, whether it was kept, and why it was not used up."""
    parts = []
    for side in SIDES:
        trials = [t for of_split in studies for t in of_split[side].get_trials(deepcopy=False)]
        parts.append(f"{spent_seconds(trials):.1f} s for {side} trials, {_counted(trials)},")
    earlier = f" after {before:.1f} s in earlier runs" if before else ""
    over = seconds + before - budget
    kept = f"{over:.1f} s more than" if over > 0.05 else "within"
    early = _why_early(studies, settings, is_interrupted) if over < -0.3 * budget else ""
    return (
        f"{seconds:.1f} s were taken{earlier}, {kept} the budget of {budget:g} s{early}: "
        f"{' and '.join(parts)} each side in turn whenever it had had less time, after the "
        "usual settings of every classical model; the rest for training the best of each again."
    )


def _why_early(
    studies: Sequence[Mapping[str, optuna.Study]], settings: SearchSettings, is_interrupted: bool
) -> str:
    if is_interrupted:
        return ", as it was interrupted"
    has_all = all(
        has_enough(side, study.get_trials(deepcopy=False), settings)
        for of_split in studies
        for side, study in of_split.items()
    )
    if not has_all:  # what is left is too slow, which the verdict says elsewhere
        return ""
    made = "no score got better any more" if settings.n_trials is None else "all trials were made"
    return f", as {made}"


def _counted(trials: Sequence[Any]) -> str:
    """Return how many trials there were, and how many of them came to no score, and why."""
    ended = [t for t in trials if t.state.is_finished()]
    n_of: Counter[str] = Counter()
    for trial in ended:
        skipped = trial.user_attrs.get("skipped")
        if skipped is not None:
            n_of["too slow" if skipped == TOO_SLOW else "repeated"] += 1
        elif trial.state != TrialState.COMPLETE:
            n_of["pruned" if trial.state == TrialState.PRUNED else "failed"] += 1
    asides = [f"{n} {word}" for word, n in n_of.items()]
    return f"{len(ended)} ({', '.join(asides)})" if asides else str(len(ended))
