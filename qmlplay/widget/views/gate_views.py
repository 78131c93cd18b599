"""The gates of a circuit: their weights, and how steep the loss is along each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from qmlplay.backends import get_backend
from qmlplay.circuit.labels import formula_label
from qmlplay.circuit.picture import CircuitPicture
from qmlplay.model import TrainedModel
from qmlplay.training import TrainingProblem
from qmlplay.typing import Real
from qmlplay.widget.data.plane import Plane
from qmlplay.widget.views.slices import Slice
from qmlplay.widget.views.weight_use import WeightUse

__all__ = ["FULL_COLOR", "GREY", "MOST_SLICES", "gate_gradients", "gate_view", "training_problem"]

#: Slopes of the loss, per radian: at the first gates have faded to grey, from the second on they
#: are in full color. The limits are the same for every model, so that a plateau looks like one.
GREY, FULL_COLOR = 2e-3, 1e-1
#: Weights of one gate along which the loss is drawn.
MOST_SLICES = 4


def training_problem(model: TrainedModel, plane: Plane) -> TrainingProblem:
    """Return the mean log-loss of the training data, exact: without shots, noise or penalty."""
    split = plane.split
    return TrainingProblem(
        model.on(get_backend("numpy")),
        model.scaling.radians(split.X_train),
        model.label_indices(split.y_train),
        np.ones(len(split.y_train)),
        "log_loss",
    )


def gate_gradients(
    model: TrainedModel, plane: Plane, frozen: Collection[int] = ()
) -> dict[str, Any]:
    """Return each weight with the gradient of the training loss by it.

    Parameters
    ----------
    model : TrainedModel
    plane : Plane
    frozen : collection of int
        Weights that are held.

    Returns
    -------
    dict
        ``weights`` and ``gradients`` (loss per radian, or per unit of a factor), ``loss``,
        ``prior_loss`` of always predicting the shares of the classes, ``frozen``, and the limits
        ``grey`` and ``full`` of the colours of the gates.
    """
    problem = training_problem(model, plane)
    loss, gradient = problem.loss_and_gradient(model.numbers)
    n_weights = model.circuit.n_weights
    return {
        "weights": _rounded(model.weights),
        "gradients": _rounded(gradient[:n_weights]),
        "loss": float(f"{loss:.6g}"),
        "prior_loss": problem.prior_loss,
        "frozen": sorted(frozen),
        "grey": GREY,
        "full": FULL_COLOR,
    }


def _rounded(values: Real) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]


def gate_view(model: TrainedModel, plane: Plane, place: int) -> dict[str, Any]:
    """Return what one gate does: its angles, and the loss along each of its weights.

    Parameters
    ----------
    model : TrainedModel
    plane : Plane
    place : int
        Among the gates of the circuit as it is drawn.

    Returns
    -------
    dict
        ``gate``, ``name``, ``qubits``; ``angles``, each with its formula and the least and the
        largest of the training samples' in radians; and ``slices``, see `Slice.to_dict`.
    """
    drawn = CircuitPicture.of(model.circuit).placed()[place].drawn
    problem = training_problem(model, plane)
    angles = model.circuit.angles(problem.X, model.weights)
    return {
        "gate": place,
        "name": drawn.gate.name,
        "qubits": list(drawn.gate.qubits),
        "angles": [
            {
                "formula": formula_label(model.circuit.formulas[slot]),
                "low": float(np.min(angles[slot])),
                "high": float(np.max(angles[slot])),
            }
            for slot in drawn.gate.slots
        ],
        "n_samples": problem.n_samples,
        "slices": [
            Slice.of(WeightUse(problem, model.numbers, weight)).to_dict()
            for weight in drawn.weights[:MOST_SLICES]
        ],
    }
