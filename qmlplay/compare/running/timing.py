"""Timed samples of the work that a comparison is going to do: one step, or a fit to a few rows.

A look at a model is bounded. Steps grow from one sample towards a whole batch only as long as they
are quick; of a large circuit only the first gates are run. The rest is extrapolated.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, nan, sqrt
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from qmlplay.classifier.start import prepared, training_backend
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.training import TrainingCost, TrainingProblem
from qmlplay.training.cost import n_settings, samples_per_step
from qmlplay.training.optimizers import get_optimizer
from qmlplay.typing import Real

__all__ = ["FitTime", "Stopwatch", "baseline_time", "kernel_time", "quantum_time"]

Stopwatch = Callable[[Callable[[], object]], float]

#: Seconds that the next timed step may take, by what the last ones took; and a step of one sample,
#: so that another one of two follows.
_PATIENCE, _BEARABLE = 0.5, 2.0
#: Amplitudes times gates that a simulator works off in a second or so.
_QUICK_AMPLITUDES = 2**23
#: Pairs of rows by which the fit of a kernel grows: one more could not be noticed.
_PAIRS = 200
#: An adjoint gradient counts as two circuits, but takes the time of up to four.
_ADJOINT = 2
#: Rows of the timed fit of a baseline; how time grows with the rows, as a power.
_SAMPLE_ROWS = 500
_GROWTH, _USUAL_GROWTH = {"svc_rbf": 2.0, "svr_rbf": 2.0}, 1.15
#: How a baseline is shortened for that, and how many times longer it takes as it is, at most.
_SHORTENED: dict[str, tuple[dict[str, int], int]] = {
    "random_forest": ({"n_estimators": 5}, 20),
    "gradient_boosting": ({"n_estimators": 5}, 20),
    "mlp": ({"max_iter": 100}, 5),
}


@dataclass(frozen=True)
class FitTime:
    """Seconds of one model on one split.

    Parameters
    ----------
    fit : float
        To train it and to judge it, at most; NaN where nobody knows.
    evaluation : float, default=nan
        To judge it where its weights come from elsewhere; NaN where that cannot be.

    Examples
    --------
    >>> FitTime(fit=2.0, evaluation=0.1)
    FitTime(fit=2.0, evaluation=0.1)
    """

    fit: float
    evaluation: float = nan


def seconds_of(call: Callable[[], object]) -> float:
    """Return the seconds that one call takes, by the wall clock."""
    start = perf_counter()
    call()
    return perf_counter() - start


def quantum_time(
    estimator: Any, X: Any, y: Any, n_test: int, stopwatch: Stopwatch = seconds_of
) -> FitTime:
    """Return the seconds that a quantum model takes at most, from timed steps on its own data.

    Parameters
    ----------
    estimator : VariationalClassifier, VariationalRegressor or Pipeline that ends in one
        Unfitted; it stays as it is, and no random numbers of its are used up.
    X : array-like of shape (n_samples, n_features)
        The training data.
    y : array-like of shape (n_samples,)
        The labels or numbers.
    n_test : int
        Test samples to judge it on.
    stopwatch : callable
        Runs a function and returns its seconds.

    Returns
    -------
    FitTime
        `fit` is NaN for an optimiser that does not say how often it looks at the data.

    Raises
    ------
    Exception
        Whatever `fit` would raise at its start.

    Examples
    --------
    By a stopwatch that always shows a tenth of a second, for steps of all 100 samples:

    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> moons = load_dataset("moons", n_samples=100, random_state=0)
    >>> clf = VariationalClassifier(max_iter=20)
    >>> round(quantum_time(clf, moons.X, moons.y, 50, stopwatch=lambda call: 0.1).fit, 2)
    2.2
    """
    while isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            X = clone(estimator[:-1]).fit_transform(X, y)
        estimator = estimator[-1]
    clf = clone(estimator)  # with a copy of a backend that is an object: no shots are drawn there
    cost = clf.training_cost(X, y)
    problem, w = _problem(clf, X, y, cost)
    n_held_out = ceil(clf.validation_fraction * problem.n_samples) if clf.early_stopping else 0
    n_trained = problem.n_samples - n_held_out
    in_batches = get_optimizer(clf.optimizer).in_batches
    n_step = samples_per_step(clf.batch_size, n_trained) if in_batches else n_trained
    value, gradient = _times(problem, w, n_step, stopwatch)  # per sample
    per_value = n_settings(problem.model.observables, problem.model.backend.shots)
    per_circuit = value / per_value if gradient is None else gradient / cost.circuits_per_sample
    last_batches = n_step * ceil(n_trained / n_step) / n_trained  # the last one counts as whole
    evaluation = value * (2 * n_test + problem.n_samples)  # labels of both parts, probabilities
    circuits = nan if cost.max_circuits is None else cost.max_circuits
    return FitTime(per_circuit * last_batches * circuits + evaluation, evaluation)


def kernel_time(
    estimator: Any, X: Any, y: Any, n_test: int, stopwatch: Stopwatch = seconds_of
) -> FitTime:
    """Return the seconds that a kernel estimator takes, from fits to some of the rows.

    A kernel is not trained step by step: time grows with the pairs of rows.

    Parameters
    ----------
    estimator : QuantumKernelClassifier, QuantumKernelRegressor or Pipeline that ends in one
        Unfitted; it stays as it is.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    n_test : int
        Test samples to judge it on.
    stopwatch : callable
        Runs a function and returns its seconds.

    Examples
    --------
    >>> from qmlplay import QuantumKernelClassifier, load_dataset
    >>> moons = load_dataset("moons", n_samples=100, random_state=0)
    >>> round(kernel_time(QuantumKernelClassifier(), moons.X, moons.y, 50, lambda call: 0.3).fit, 2)
    0.5
    """
    y = np.asarray(y)
    n_lots = ceil(len(y) ** 2 / 2 / _PAIRS)

    def fit(n: int) -> object:
        rows = _some_rows(y, ceil(sqrt(2 * _PAIRS * n)), has_classes=is_classifier(estimator))
        return clone(estimator).fit(_safe_indexing(X, rows), y[rows])

    # The quicker of two: what a busy machine adds to one would be taken for growth.
    seconds = _growing(fit, n_lots, lambda call: min(stopwatch(call), stopwatch(call)))
    # Predictions compare each row with the support vectors, with one bandwidth of several.
    return FitTime(seconds * (1 + (2 * n_test + len(y)) / (3 * len(y))))


def _problem(
    clf: VariationalEstimator, X: Any, y: Any, cost: TrainingCost
) -> tuple[TrainingProblem, Real]:
    """Return the problem that `fit` would solve, and the numbers that it starts from."""
    ready, samples = prepared(clf, X, y)
    model = ready.model_
    problem = TrainingProblem(
        model.on(training_backend(clf)),
        model.scaling.radians(samples.X),
        model.targets(samples.y),
        samples.weights,
        loss_name=clf._loss_to_minimize(),
        gradient_method=cost.gradient_method,
        generator=np.random.default_rng(0),
        n_outputs=model.n_outputs,
    )
    return problem, model.numbers


def _times(
    problem: TrainingProblem, w: Real, n_step: int, stopwatch: Stopwatch
) -> tuple[float, float | None]:
    """Return the seconds per sample of a value and, by the adjoint method, of a gradient."""
    is_adjoint = problem.gradient_method == "adjoint"
    model = problem.model
    circuit, backend = model.circuit.circuit, model.backend
    amplitudes = 2.0 ** (circuit.n_qubits * (1 if backend.noise is None else 2))
    n_quick = max(1, int(_QUICK_AMPLITUDES / amplitudes))
    if backend.keeps_amplitudes and n_quick < len(circuit.gates):
        start = circuit.part(0, n_quick)
        angles = np.linspace(0.1, 1, start.n_slots).tolist()
        seconds = stopwatch(lambda: backend.expectations(start, angles, model.observables))
        value = seconds * len(circuit.gates) / n_quick
        return value, 2 * _ADJOINT * value if is_adjoint else None

    def first(n: int) -> TrainingProblem:
        rows = slice(n)
        X, y, weights = problem.X[rows], problem.y[rows], problem.sample_weight[rows]
        return replace(problem, X=X, y=y, sample_weight=weights, circuits=Counter())

    value = _growing(lambda n: first(n).loss(w), n_step, stopwatch) / n_step
    if not is_adjoint:
        return value, None
    step = _growing(lambda n: first(n).loss_and_gradient(w), n_step, stopwatch)
    return value, step / n_step


def _growing(step: Callable[[int], object], n_samples: int, stopwatch: Stopwatch) -> float:
    """Return the seconds of ``step(n_samples)``, extrapolated where that would take long.

    The next step has as many samples as should fit into the patience, by the last two; the second
    step at least two where that is bearable, as one sample does not tell what each one takes.
    """
    stopwatch(partial(step, 1))  # the first one translates the circuit
    n, seconds = 1, stopwatch(partial(step, 1))
    per_sample = seconds
    while n < n_samples:
        fitting = n + max(_PATIENCE - seconds, 0.0) / max(per_sample, 1e-9)
        least = 2 if n == 1 and seconds < _BEARABLE else 1
        more = int(min(max(fitting, least), n_samples))
        if more < min(2 * n, n_samples):
            break
        longer = stopwatch(partial(step, more))
        per_sample = max(longer - seconds, 0.0) / (more - n)
        n, seconds = more, longer
    return seconds + per_sample * (n_samples - n)


def baseline_time(
    name: str, estimator: Any, X: Any, y: Any, stopwatch: Stopwatch = seconds_of
) -> FitTime:
    """Return the seconds of a classical baseline, roughly.

    It is fitted to some of the rows, with fewer trees or iterations, and the time is scaled up.

    Parameters
    ----------
    name : str
        One of `qmlplay.baselines.list_baselines`.
    estimator : estimator
        Unfitted; it stays as it is.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    stopwatch : callable
        Runs a function and returns its seconds.

    Examples
    --------
    >>> from qmlplay.baselines import make_baseline
    >>> X, y = np.arange(60_000.0).reshape(-1, 6), np.arange(10_000) % 2
    >>> baseline_time("svc_rbf", make_baseline("svc_rbf"), X, y, stopwatch=lambda call: 0.01).fit
    4.0
    """
    rows = _some_rows(np.asarray(y), _SAMPLE_ROWS, has_classes=is_classifier(estimator))
    settings, factor = _SHORTENED.get(name, ({}, 1))
    model = clone(estimator)
    last = model[-1] if isinstance(model, Pipeline) else model
    if isinstance(last, TransformedTargetRegressor):
        last = last.regressor
    last.set_params(**settings)
    some_X, some_y = _safe_indexing(X, rows), _safe_indexing(y, rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a short fit does not converge
        seconds = stopwatch(lambda: model.fit(some_X, some_y))
    growth = _GROWTH.get(name, _USUAL_GROWTH)
    return FitTime(seconds * factor * (len(y) / len(rows)) ** growth)


def _some_rows(y: Any, n_rows: int, *, has_classes: bool) -> Any:
    """Return about so many rows, a part of the data with every class three times at least."""
    order = np.random.default_rng(0).permutation(len(y))
    if not has_classes:
        return order[: max(3, n_rows)]
    share = min(n_rows / len(y), 1.0)
    of_classes = [order[y[order] == label] for label in np.unique(y)]
    return np.concatenate([rows[: max(3, round(share * len(rows)))] for rows in of_classes])
