"""Regressors whose answers are known by hand: sums and products of cosines of the features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qmlplay import Feature, Operation, VariationalRegressor
from qmlplay.circuit import ParametricCircuit
from qmlplay.model import InputScaling, Readout, TrainedRegression
from qmlplay.model.target_scaling import TargetScaling


def _regressor(n_features, observables, scales):
    """Return a fitted regressor with cos(x_i) as the expectation of Z on qubit i."""
    turns = [Operation("ry", i, Feature(i)) for i in range(n_features)]
    model = TrainedRegression(
        ParametricCircuit.from_operations(n_features, turns, n_features=n_features),
        observables,
        InputScaling.identity(n_features),
        weights=np.zeros(0),
        readout=Readout(np.array(scales, dtype=float)[:, None], np.zeros(1)),
        target_scaling=TargetScaling(np.array(0.0), np.array(1.0)),
    )
    estimator = VariationalRegressor(n_layers=1, max_iter=1)
    return estimator.fit(np.eye(n_features), np.arange(n_features)).with_model(replace(model))


def additive_regressor(scales=(1.0, 1.0, 1.0)):
    """Return the product state whose answer is Σ scale_i · cos(x_i)."""
    n = len(scales)
    return _regressor(n, tuple("I" * i + "Z" + "I" * (n - 1 - i) for i in range(n)), scales)


def interaction_regressor():
    """Return the circuit whose answer is cos(x_0) · cos(x_1)."""
    return _regressor(2, ("ZZ",), [1.0])
