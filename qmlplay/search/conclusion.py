"""The conclusion of a search: the winner, chosen by inner scores, trained on all rows."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.search.finalists import Finalist, estimator_of_choice, last_model
from qmlplay.search.leaderboard import in_all_splits, leaderboard
from qmlplay.search.outer_loop import OuterLoop
from qmlplay.search.search_result import SearchResult
from qmlplay.search.search_verdict import lead_of_quantum, search_verdict, time_sentence

__all__ = ["conclusion"]


def conclusion(loop: OuterLoop, finalists: Sequence[Sequence[Finalist]]) -> SearchResult:
    """Return the result of a search.

    Raises
    ------
    KeyboardInterrupt
        If nothing was done before Ctrl-C.
    ValueError
        If no model could be trained.
    """
    done = [of_split for of_split in finalists if of_split]
    if not done:
        raise _nothing(loop)
    settings, studies = loop.settings, loop.studies[: len(done)]
    metric, budget = settings.metric, loop.budget
    table = leaderboard(done, studies, metric)
    by_name = in_all_splits(done)
    winner = max(by_name[table["model"].iloc[0]], key=lambda finalist: finalist.inner)
    estimator, is_cut = _fitted_to_all(loop, winner)
    sentences = search_verdict(table, by_name, studies, metric, settings.n_folds, budget)
    if is_cut:
        sentences.append("The winner's training on all rows was ended by the budget.")
    seconds = time.time() - loop.start
    where_it_went = time_sentence(
        studies, seconds, budget, loop.before, settings, is_interrupted=loop.is_interrupted
    )
    name = loop.splits[0].dataset
    return SearchResult(
        dataset_=name,
        metric_=metric,
        leaderboard_=table,
        runs_=pd.DataFrame([f.row for of_split in done for f in of_split]),
        best_estimator_=estimator,
        best_params_={"model": winner.name} | _plain(winner.params),
        best_score_=float(table["inner_score"].iloc[0]),
        test_score_=float(table["test_score"].iloc[0]),
        verdict_=[f"{name}: {sentence}" for sentence in [*sentences, where_it_went, *loop.notes]],
        fitted_={f.name: f.estimator for f in done[0] if f.estimator is not None},
        studies_=studies,
        seconds_=seconds,
        budget_=budget,
        interrupted_=loop.is_interrupted,
        lead_=lead_of_quantum(table, by_name, metric),
    )


def _plain(params: Any) -> dict[str, Any]:
    return {name.split("__")[-1]: value for name, value in params.items() if name != "model"}


def _nothing(loop: OuterLoop) -> BaseException:
    """Return the error where no model was trained: of any trial, or of Ctrl-C."""
    if loop.is_interrupted:
        return KeyboardInterrupt()
    trials = [t for s in loop.studies[0].values() for t in s.get_trials(deepcopy=False)]
    errors = [t.user_attrs["error"] for t in trials if "error" in t.user_attrs]
    if errors:
        return ValueError(f"every trial failed; the first one: {errors[0]}")
    used = f", of which earlier runs used {loop.before:.1f} s" if loop.before else ""
    return ValueError(
        f"budget={loop.budget:g} s{used} is too small for any model on {len(loop.table.y)} rows: "
        f"give more (--budget), such as {max(60, round(2 * loop.budget))} s"
    )


def _fitted_to_all(loop: OuterLoop, winner: Finalist) -> tuple[Any, bool]:
    """Return the winner fitted to all rows, and whether its training was ended by the time."""
    estimator = estimator_of_choice(winner.params, loop.settings)
    model = last_model(estimator)
    is_quantum = isinstance(model, QuantumEstimator)
    before = loop.settings.prototype.get_params(deep=False)
    if is_quantum:
        least = 3 * float(winner.row.get("fit_seconds", 1.0))
        model.set_params(max_time=max(loop.deadline - time.time(), least, 1.0), verbose=0)
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(loop.table.X, loop.table.y)
    if not is_quantum:
        return estimator, False
    model.set_params(max_time=before["max_time"], verbose=before["verbose"])
    return estimator, model.stop_reason_ == "max_time"
