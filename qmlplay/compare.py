"""compare(): the same splits for every model, and one honest table."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import ClassifierMixin, clone
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch
from tqdm.auto import tqdm

from qmlplay.backends import backend_info, list_backends
from qmlplay.baselines import count_parameters, list_baselines, make_baseline
from qmlplay.classifier import VariationalClassifier
from qmlplay.comparison import Comparison
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.errors import unknown_name
from qmlplay.fitting import design, make_backend, n_outputs

__all__ = ["Candidate", "compare", "list_models"]

ABLATION = "no_entanglement"


@dataclass(frozen=True)
class Candidate:
    """A model that takes part in a comparison.

    Parameters
    ----------
    name : str
        Name in the table.
    kind : {"quantum", "ablation", "classical"}
        What it is; the verdict weighs them against each other.
    estimator : estimator
        Unfitted; it is cloned for every run.
    """

    name: str
    kind: str
    estimator: Any


@dataclass(frozen=True)
class _Split:
    dataset: str
    seed: int
    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any
    feature_names: Sequence[str]


def list_models() -> list[str]:
    """Return the names of all models that `compare` knows.

    Examples
    --------
    >>> list_models()[:5]
    ['numpy', 'qiskit', 'cirq', 'pennylane', 'no_entanglement']
    """
    return [*list_backends(), ABLATION, *list_baselines()]


def compare(
    data: Any = "moons",
    target: Any = None,
    *,
    models: Sequence[str] | Mapping[str, Any] | None = None,
    classifier: VariationalClassifier | None = None,
    seeds: int | Sequence[int] = 3,
    test_size: float = 0.3,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Comparison:
    """Train models on the same splits of the same data and put them side by side.

    Parameters
    ----------
    data : str, list of str, (X, y), DataFrame, path of a CSV file, or Bunch
        One or several datasets; generated ones are drawn anew for every seed.
    target : str, optional
        The column with the labels, for a DataFrame or a CSV file.
    models : list of str or dict of str to estimator, optional
        Which models: names of `list_models`, or estimators of your own. By default the quantum
        model on every installed backend, the same without entanglement, and all classical
        baselines.
    classifier : VariationalClassifier, optional
        The quantum model's settings; the defaults if left out.
    seeds : int or list of int, default=3
        How many repetitions, or the seeds themselves. A seed decides the data where they are
        generated, the split, and the models' random numbers.
    test_size : float, default=0.3
        Share of the samples that is held out, in (0, 1).
    n_jobs : int, optional
        Processes; with more than one, seconds are no longer those of a quiet machine.
    verbose : int, default=0
        1 shows a progress bar.

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
    >>> result = compare("moons", models=["numpy", "logistic_regression"], seeds=1)
    >>> result.table[["model", "test_accuracy"]]  # doctest: +SKIP
    """
    seed_list = _seeds(seeds)
    if not isinstance(test_size, float) or not 0 < test_size < 1:
        raise ValueError(f"test_size must be a number in (0, 1), got {test_size!r}")
    prototype = VariationalClassifier() if classifier is None else classifier
    splits = [
        split for item in _items(data) for split in _splits(item, target, seed_list, test_size)
    ]
    tasks = [
        (candidate, split)
        for split in splits
        for candidate in _candidates(models, prototype, split)
    ]
    runs = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_run)(candidate, split) for candidate, split in tasks
    )
    with tqdm(total=len(tasks), desc="compare", disable=not verbose) as progress:
        rows, fitted = [], {}
        for (candidate, split), (row, estimator) in zip(tasks, runs, strict=True):
            rows.append(row)
            if split.seed == seed_list[0] and estimator is not None:
                fitted[split.dataset, candidate.name] = estimator
            progress.set_postfix_str(f"{split.dataset}: {candidate.name}", refresh=False)
            progress.update()
    first = {split.dataset: split for split in splits if split.seed == seed_list[0]}
    return Comparison(
        runs=pd.DataFrame(rows),
        parity_table=_parity(fitted, first),
        fitted=fitted,
        splits={name: Bunch(**vars(split)) for name, split in first.items()},
    )


def _seeds(seeds: Any) -> list[int]:
    if isinstance(seeds, int) and not isinstance(seeds, bool):
        if seeds < 1:
            raise ValueError(f"seeds must be at least 1, got {seeds}")
        return list(range(seeds))
    values = list(seeds) if isinstance(seeds, Sequence) and not isinstance(seeds, str) else []
    if not values or not all(isinstance(seed, int) and seed >= 0 for seed in values):
        raise ValueError(
            f"seeds must be a number or a list of non-negative integers, got {seeds!r}"
        )
    return values


def _items(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [data]


def _splits(item: Any, target: Any, seeds: list[int], test_size: float) -> list[_Split]:
    generated = isinstance(item, str) and item in list_datasets()
    if generated and target is not None:
        raise TypeError(f"dataset {item!r} has its own target: leave out target={target!r}")
    own = None if generated else as_dataset(item, target)
    splits = []
    for seed in seeds:
        data = own if own is not None else load_dataset(item, random_state=seed)
        try:
            parts = train_test_split(
                data.X, data.y, test_size=test_size, stratify=data.y, random_state=seed
            )
        except ValueError as error:
            raise ValueError(
                f"{data.name}: cannot split {len(data.y)} samples with test_size={test_size} so "
                f"that every class is in both parts: {error}"
            ) from error
        X_train, X_test, y_train, y_test = parts
        splits.append(_Split(data.name, seed, X_train, X_test, y_train, y_test, data.feature_names))
    return splits


def _candidates(
    models: Sequence[str] | Mapping[str, Any] | None,
    prototype: VariationalClassifier,
    split: _Split,
) -> list[Candidate]:
    """Return the models of one split, with its seed as their random state."""
    if isinstance(models, Mapping):
        return [_own_candidate(name, estimator, split.seed) for name, estimator in models.items()]
    names = list_models() if models is None else list(models)
    if models is None:
        installed = [name for name in list_backends() if backend_info(name).is_installed]
        names = [name for name in names if name not in list_backends() or name in installed]
    return [_candidate(name, prototype, split) for name in names]


def _candidate(name: str, prototype: VariationalClassifier, split: _Split) -> Candidate:
    if name in list_backends():
        quantum = clone(prototype).set_params(backend=name, random_state=split.seed)
        return Candidate(name, "quantum", quantum)
    if name == ABLATION:
        ablation = clone(prototype).set_params(ansatz=ABLATION, random_state=split.seed)
        return Candidate(name, "ablation", ablation)
    if name not in list_baselines():
        raise unknown_name("model", name, list_models())
    n_features, n_classes = split.X_train.shape[1], len(np.unique(split.y_train))
    circuit, observables = design(prototype, n_features, n_classes)
    baseline = make_baseline(
        name,
        random_state=split.seed,
        n_parameters=circuit.n_weights + (len(observables) + 1) * n_outputs(n_classes),
        n_features=n_features,
        n_classes=n_classes,
    )
    return Candidate(name, "classical", baseline)


def _own_candidate(name: str, estimator: Any, seed: int) -> Candidate:
    if not isinstance(estimator, ClassifierMixin) and not callable(getattr(estimator, "fit", None)):
        raise TypeError(f"model {name!r} must be a scikit-learn classifier, got {estimator!r}")
    own = clone(estimator)
    if "random_state" in own.get_params():
        own.set_params(random_state=seed)
    return Candidate(
        name, "quantum" if isinstance(own, VariationalClassifier) else "classical", own
    )


def _run(candidate: Candidate, split: _Split) -> tuple[dict[str, Any], Any]:
    """Fit and score one model on one split; a failure becomes a row with its reason."""
    row = {
        "dataset": split.dataset,
        "model": candidate.name,
        "kind": candidate.kind,
        "seed": split.seed,
        "status": "ok",
    }
    try:
        with warnings.catch_warnings():
            # A warning, of slow convergence for instance, is no failure; it would only
            # tear the progress bar apart.
            warnings.simplefilter("ignore")
            estimator = clone(candidate.estimator)
            return row | _scores(estimator, split), estimator
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else ""
        return row | {"status": f"{type(error).__name__}: {reason}"}, None


def _scores(estimator: Any, split: _Split) -> dict[str, Any]:
    if isinstance(estimator, VariationalClassifier):
        make_backend(estimator)  # importing the framework is no part of training
    start = perf_counter()
    estimator.fit(split.X_train, split.y_train)
    fitted = perf_counter()
    predicted = estimator.predict(split.X_test)
    done = perf_counter()
    scores = {
        "test_accuracy": accuracy_score(split.y_test, predicted),
        "train_accuracy": accuracy_score(split.y_train, estimator.predict(split.X_train)),
        "balanced_accuracy": balanced_accuracy_score(split.y_test, predicted),
        "log_loss": log_loss(
            split.y_test, estimator.predict_proba(split.X_test), labels=estimator.classes_
        ),
        "fit_seconds": fitted - start,
        "predict_seconds": done - fitted,
    }
    return scores | _size(estimator)


def _size(estimator: Any) -> dict[str, Any]:
    if not isinstance(estimator, VariationalClassifier):
        return {"n_parameters": count_parameters(estimator)}
    circuit = estimator.circuit_.circuit
    return {
        "n_parameters": estimator.n_parameters_,
        "n_qubits": circuit.n_qubits,
        "depth": circuit.depth,
        "two_qubit_gates": circuit.n_two_qubit_gates,
        "circuit_evaluations": estimator.n_circuit_evaluations_,
    }


def _parity(fitted: Mapping[tuple[str, str], Any], splits: Mapping[str, _Split]) -> pd.DataFrame:
    """Evaluate the weights trained on each backend on all others: max |Δ probability|."""
    rows = []
    for (dataset, name), model in fitted.items():
        if name not in list_backends() or model.shots is not None:
            continue
        X = splits[dataset].X_test
        expected = model.predict_proba(X)
        for other in (n for d, n in fitted if d == dataset and n in list_backends() and n != name):
            difference = np.abs(model.with_backend(other).predict_proba(X) - expected).max()
            rows.append((dataset, name, other, float(difference)))
    return pd.DataFrame(
        rows, columns=["dataset", "trained_on", "evaluated_on", "max_probability_difference"]
    )
