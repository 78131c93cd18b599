"""compare(): the same splits for every model, and one honest table."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss
from sklearn.utils import Bunch
from threadpoolctl import threadpool_limits

from qmlplay.baselines import count_parameters
from qmlplay.classifier import VariationalClassifier
from qmlplay.compare.candidates import (
    ABLATION,
    Candidate,
    Models,
    check_models,
    check_prototype,
    lineup,
    list_models,
)
from qmlplay.compare.comparison import Comparison, runs_table
from qmlplay.compare.splits import Split, check_seeds, make_splits
from qmlplay.progress import check_verbose, progress_bar

__all__ = ["Candidate", "compare", "list_models"]


def compare(
    data: Any = "moons",
    target: Any = None,
    *,
    separator: str | None = None,
    drop: Sequence[Any] = (),
    features: Sequence[Any] | None = None,
    keep: Sequence[Any] = (),
    models: Models = None,
    classifier: VariationalClassifier | None = None,
    seeds: int | Sequence[int] = 3,
    test_size: float = 0.3,
    n_jobs: int | None = None,
    verbose: int | str = "auto",
) -> Comparison:
    """Train models on the same splits of the same data and put them side by side.

    Parameters
    ----------
    data : str, list of str, (X, y), DataFrame, path of a CSV file, or Bunch
        One or several datasets; generated ones are drawn anew for every seed.
    target : str, optional
        The column with the labels, for a DataFrame or a file; by default one called target,
        class, label, species or the like, else the last one.
    separator, drop, features, keep : optional
        How a file or a DataFrame is read, see `qmlplay.tables.read_table`.
    models : list of str or dict of str to estimator, optional
        Which models: names of `list_models`, or unfitted estimators of your own (name in the
        table → estimator). By default the quantum model on every installed backend, the same
        without entanglement, and all classical baselines.
    classifier : VariationalClassifier, optional
        The quantum model's settings; the defaults if left out.
    seeds : int or list of int, default=3
        How many repetitions, or the seeds themselves. A seed decides the data where they are
        generated, the split, and the models' random numbers.
    test_size : float, default=0.3
        Share of the samples that is held out, in (0, 1).
    n_jobs : int, optional
        Processes; with more than one, seconds are no longer those of a quiet machine. Each
        trains its models on one thread.
    verbose : int or "auto", default="auto"
        "auto" shows a progress bar once the work has taken two seconds, in a terminal or a
        notebook only; 0 shows none, and 1 shows one in any case.

    Returns
    -------
    Comparison
        With the table, every run, the parity receipt and a verdict in plain words.

    Raises
    ------
    TypeError, ValueError
        If the data, a name or a number is not allowed. A model that fails is reported in its
        row, and the others go on.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, compare
    >>> result = compare(
    ...     "moons",
    ...     models=["numpy", "logistic_regression"],
    ...     classifier=VariationalClassifier(max_iter=2),  # quick, not good
    ...     seeds=1,
    ... )
    >>> result.table[["model", "kind", "n_parameters", "status"]]
                     model       kind  n_parameters status
    0                numpy    quantum            27     ok
    1  logistic_regression  classical             3     ok
    >>> bool(result.table["test_accuracy"].between(0, 1).all())
    True
    """
    check_verbose(verbose)
    seed_list = check_seeds(seeds)
    chosen = check_models(models)
    prototype = check_prototype(VariationalClassifier() if classifier is None else classifier)
    options = {"separator": separator, "drop": drop, "features": features, "keep": keep}
    splits = make_splits(data, target, seed_list, test_size, options)
    tasks = [(model, split) for split in splits for model in lineup(chosen, prototype, split)]
    runs = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(_run)(*task) for task in tasks)
    rows: list[dict[str, Any]] = []
    fitted: dict[tuple[str, str], Any] = {}
    with progress_bar(len(tasks), "compare", verbose=verbose) as progress:
        for model, split in tasks:
            progress.tell(f"{split.dataset}: {model.name}")
            row, estimator = next(runs)  # in one process, the work is done here
            rows.append(row)
            if split.seed == seed_list[0] and estimator is not None:
                fitted[split.dataset, model.name] = estimator
            progress.advance()
    first = {split.dataset: split for split in splits if split.seed == seed_list[0]}
    return Comparison(
        runs=runs_table(rows),
        parity_table=_parity(fitted, first),
        fitted=fitted,
        splits={name: Bunch(**vars(split)) for name, split in first.items()},
    )


def _run(candidate: Candidate, split: Split) -> tuple[dict[str, Any], Any]:
    """Fit and score one model on one split; a failure becomes a row with its reason."""
    row = {
        "dataset": split.dataset,
        "model": candidate.name,
        "kind": candidate.kind,
        "seed": split.seed,
        "status": "ok",
    }
    try:
        # One thread for all: with many, times of small matrix products vary at random, and
        # several processes would compete for the cores.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # A warning, of slow convergence for instance, is no failure; it would only
            # break up the progress bar.
            warnings.simplefilter("ignore")
            estimator = clone(candidate.estimator)
            return row | _scores(estimator, split), estimator
    except Exception as error:
        reason = " ".join(str(error).split())
        return row | {"status": f"{type(error).__name__}: {reason}".removesuffix(": ")}, None


def _scores(estimator: Any, split: Split) -> dict[str, Any]:
    if isinstance(estimator, VariationalClassifier):
        estimator.make_backend()  # importing the framework is no part of training
    start = perf_counter()
    estimator.fit(split.X_train, split.y_train)
    fitted = perf_counter()
    predicted = estimator.predict(split.X_test)
    done = perf_counter()
    if getattr(estimator, "interrupted_", False):
        raise KeyboardInterrupt  # Ctrl-C ends the comparison, not only this model
    scores = {
        "test_accuracy": accuracy_score(split.y_test, predicted),
        "train_accuracy": accuracy_score(split.y_train, estimator.predict(split.X_train)),
        "balanced_accuracy": balanced_accuracy_score(split.y_test, predicted),
        "log_loss": np.nan,
        "fit_seconds": fitted - start,
        "predict_seconds": done - fitted,
    }
    if hasattr(estimator, "predict_proba"):
        p = estimator.predict_proba(split.X_test)
        scores["log_loss"] = log_loss(split.y_test, p, labels=np.unique(split.y_train))
    return scores | _size(estimator)


def _size(estimator: Any) -> dict[str, Any]:
    if not isinstance(estimator, VariationalClassifier):
        try:
            return {"n_parameters": count_parameters(estimator)}
        except (NotFittedError, TypeError):  # an estimator that leaves no trace of its fit
            return {"n_parameters": None}
    return estimator.model_.sizes | {"circuit_evaluations": estimator.n_circuit_evaluations_}


def _parity(fitted: Mapping[tuple[str, str], Any], splits: Mapping[str, Split]) -> pd.DataFrame:
    """Evaluate the weights trained on each backend on all others: max |Δ probability|."""
    rows = []
    for dataset, split in splits.items():
        models = {name: model for (d, name), model in fitted.items() if d == dataset}
        exact = {name: model for name, model in models.items() if _is_exact(name, model)}
        backends = dict.fromkeys(model.backend for model in exact.values())
        for name, model in exact.items():
            expected = model.predict_proba(split.X_test)
            for other in (backend for backend in backends if backend != model.backend):
                p = model.with_backend(other).predict_proba(split.X_test)
                rows.append((dataset, name, other, float(np.abs(p - expected).max())))
    return pd.DataFrame(
        rows, columns=["dataset", "trained_on", "evaluated_on", "max_probability_difference"]
    )


def _is_exact(name: str, model: Any) -> bool:
    is_quantum = isinstance(model, VariationalClassifier) and name != ABLATION
    return is_quantum and isinstance(model.backend, str) and model.shots is None
