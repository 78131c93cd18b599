"""search(): quantum and classical models in the same time, chosen inside, judged outside."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from typing import Any

from sklearn.base import clone

from qmlplay.checks import check_optional_count, check_seed, is_integer
from qmlplay.classifier import VariationalClassifier, VariationalRegressor
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.compare.setup import TASKS, make_splits, prototype_of
from qmlplay.progress import check_verbose
from qmlplay.search.conclusion import conclusion
from qmlplay.search.inner_validation import inner_folds as folds_of
from qmlplay.search.inner_validation import metric_of
from qmlplay.search.outer_loop import OuterLoop
from qmlplay.search.search_result import SearchResult
from qmlplay.search.search_settings import SearchSettings
from qmlplay.search.searched_table import check_baselines, n_processes, searched_table, shape_of
from qmlplay.search.space import SearchSpace
from qmlplay.search.study_file import check_study_file, quiet
from qmlplay.search.study_storage import close_storage
from qmlplay.search.time_budget import seconds_of_budget

__all__ = ["search"]


def search(
    data: Any,
    target: Any = None,
    *,
    budget: float | str = 60,
    study: str | PathLike[str] | None = None,
    n_jobs: int | None = None,
    n_trials: int | None = None,
    separator: str | None = None,
    drop: Sequence[Any] = (),
    features: Sequence[Any] | None = None,
    keep: Sequence[Any] = (),
    task: str = "auto",
    space: SearchSpace | None = None,
    classifier: VariationalClassifier | None = None,
    regressor: VariationalRegressor | None = None,
    baselines: Sequence[str] | None = None,
    test_size: float = 0.3,
    cv: Any = None,
    inner_folds: int = 3,
    random_state: int = 0,
    verbose: int | str = "auto",
) -> SearchResult:
    """Search for the best model of a table within a time: quantum and classical ones alike.

    A part of the rows is held out, and no trial sees it. On the others Optuna's TPE chooses
    encodings, ansätze, layers, qubits, learning rate, bandwidth and reduction of quantum models,
    and in the same time the settings of the classical baselines, by cross-validation; trials
    that lag behind are pruned. The best of each kind is trained again and judged on the held-out
    part: its score there is honest, whereas the inner score of the best of many trials flatters.
    The winner, chosen by the inner score, is fitted to all rows.

    Parameters
    ----------
    data : str, (X, y), X, DataFrame, path of a table, or Bunch
        One dataset, as for `qmlplay.compare`; a generated one is drawn with `random_state`.
    target : str or array-like of shape (n_samples,), optional
        The column to predict, or the labels or numbers themselves: ``search(X, y)``.
    budget : float or str, default=60
        Seconds for all of it, or a text such as "5m" or "1.5h". Time that earlier runs of the
        same study used counts.
    study : str or path-like, optional
        An SQLite file of Optuna that keeps all trials: the same call goes on from it after a kill,
        and several processes may share it. In memory by default.
    n_jobs : int, optional
        Processes that share the trials; each one trains on one thread.
    n_trials : int, optional
        The most trials of quantum models and of each baseline; with it, and with time enough, a
        search repeats itself exactly in one process. Without it a side also ends when 50 quantum
        trials, or 20 per baseline, have brought nothing better.
    separator, drop, features, keep, task : optional
        As in `qmlplay.compare`.
    space : SearchSpace, optional
        What is searched of the quantum models.
    classifier, regressor : VariationalClassifier, VariationalRegressor, optional
        All else of them, such as ``max_iter`` or ``backend``; its settings are the first trial.
    baselines : sequence of str, optional
        Classical candidates, names of `qmlplay.baselines.list_baselines`; all by default.
    test_size : float, default=0.3
        The part held out, in (0, 1).
    cv : int, splitter, or iterable of (train, test), optional
        Several outer splits in place of one, as in `qmlplay.compare`: each has a search of its
        own, and its share of the budget. The leaderboard then has means over them, and the spread.
    inner_folds : int, default=3
        Folds of the inner validation, at least 2.
    random_state : int, default=0
        Seed of the splits, the samplers and the models.
    verbose : int or "auto", default="auto"
        Progress, as in `qmlplay.compare`.

    Returns
    -------
    SearchResult
        After Ctrl-C with what was done by then, as far as there is anything.

    Raises
    ------
    TypeError, ValueError
        If something is not allowed, the study is damaged or belongs to another search, or no
        model could be trained.
    KeyboardInterrupt
        If Ctrl-C came before the first model was done, or came again.

    Examples
    --------
    >>> from qmlplay.search import SearchSpace, search
    >>> small = SearchSpace(encodings=("angle_sum",), n_layers=(1, 2))
    >>> result = search("moons", budget="60s", n_trials=3, space=small, baselines=["svc_rbf"])
    >>> sorted(result.leaderboard_["model"])
    ['quantum', 'svc_rbf']
    >>> len(result.study_.trials)
    3
    """
    start = time.time()
    seconds = seconds_of_budget(budget)
    check_verbose(verbose)
    check_optional_count("n_trials", n_trials)
    if not is_integer(inner_folds, 2):
        raise ValueError(f"inner_folds must be an integer of at least 2, got {inner_folds!r}")
    if space is not None and not isinstance(space, SearchSpace):
        raise TypeError(f"space must be a SearchSpace(...) of qmlplay.search, got {space!r}")
    seed, processes = check_seed(random_state), n_processes(n_jobs)
    path = None if study is None else Path(study)
    if path is not None:
        check_study_file(path)
    options = {"separator": separator, "drop": drop, "features": features, "keep": keep}
    table = searched_table(data, target, task, options, seed)
    of_task = TASKS[table.task]
    splits = make_splits(table, None, [seed], test_size, cv)
    folds = [
        fold for s in splits for fold in folds_of(table.task, int(inner_folds), seed, s.y_train)
    ]
    settings = SearchSettings(
        task=table.task,
        metric=metric_of(table.task, table.y),
        space=SearchSpace() if space is None else space,
        prototype=_seeded(prototype_of(of_task, classifier, regressor), seed),
        baselines=check_baselines(baselines, of_task),
        n_folds=int(inner_folds),
        random_state=seed,
        shape=shape_of(table),
        n_fewest=min(len(train) for train, _ in folds),
        n_trials=n_trials,
    )
    needs_file = path is None and processes > 1
    with tempfile.TemporaryDirectory() if needs_file else nullcontext() as folder, quiet():
        file = Path(str(folder)) / "study.db" if needs_file else path
        loop = OuterLoop.begin(settings, table, splits, file, seconds, start)
        try:
            finalists = loop.run(processes, verbose)
            return conclusion(loop.in_memory(), finalists)
        finally:
            close_storage(loop.storage)


def _seeded(prototype: VariationalEstimator, seed: int) -> VariationalEstimator:
    """Return the quantum model's settings with a seed, the search's where they have none."""
    own = prototype.random_state
    model: VariationalEstimator = clone(prototype)
    model.set_params(random_state=seed if own is None else own)
    return model
