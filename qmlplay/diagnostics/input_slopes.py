"""Slopes of a trained model's answers, probabilities or numbers, by its features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends import Backend
from qmlplay.model import TrainedCircuit, TrainedModel, TrainedRegression, probabilities
from qmlplay.model.classifiers import check_quantum_model
from qmlplay.typing import Real

__all__ = ["answers", "answers_and_slopes", "asked_model", "shaped"]


def asked_model(estimator: Any, X: ArrayLike) -> tuple[TrainedCircuit, Real, Backend]:
    """Return an estimator's model, checked rows for it, and the simulator that it asks.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    TypeError
        If it has no circuit whose features could be differentiated by.
    ValueError
        If X has another number of features, or entries that are not finite.
    """
    check_quantum_model(estimator)
    rows, backend = estimator._asked(X)  # says what is wrong with X
    return estimator.model_, rows, backend


def answers(model: TrainedCircuit, rows: Real, backend: Backend) -> Real:
    """Return the probability of every class or the number for every target, (n_samples, …)."""
    return _answers(model, model.decisions(rows, backend))


def _answers(model: TrainedCircuit, decisions: Real) -> Real:
    if isinstance(model, TrainedModel):
        return probabilities(decisions)
    return np.asarray(model.answers(decisions)).reshape(len(decisions), -1)


def answers_and_slopes(model: TrainedCircuit, rows: Real, backend: Backend) -> tuple[Real, Real]:
    """Return answers (n_samples, n_answers) and slopes (n_samples, n_features, n_answers).

    What they are says `answers`.
    """
    decisions, pullback = model.decisions_vjp(rows, backend, by="X")
    outputs = np.eye(decisions.shape[1])
    # d decision values / d X, shape (n_samples, n_features, n_outputs)
    slopes = np.stack([pullback(np.tile(row, (len(rows), 1)))[1] for row in outputs], axis=2)
    p = _answers(model, decisions)  # (n_samples, n_answers)
    if isinstance(model, TrainedRegression):
        return p, slopes * model.target_scaling.scale
    if slopes.shape[2] == 1:  # two classes: the softmax of 0 and the log-odds
        slopes = np.concatenate([np.zeros_like(slopes), slopes], axis=2)
    mean = np.einsum("nfc,nc->nf", slopes, p)
    return p, np.asarray(p[:, None] * (slopes - mean[..., None]))


def shaped(model: TrainedCircuit, values: Real) -> Real:
    """Return values (…, n_answers) without the last axis where answers are single numbers."""
    is_single = isinstance(model, TrainedRegression) and model.target_scaling.center.ndim == 0
    return values[..., 0] if is_single else values
