"""The trained model of a classifier: a frozen value that answers every question about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qmlplay.backends import Backend
from qmlplay.model.readout import class_indices, n_outputs, probabilities
from qmlplay.model.trained_circuit import TrainedCircuit
from qmlplay.typing import Real

__all__ = ["TrainedModel"]


@final
@dataclass(frozen=True, eq=False)
class TrainedModel(TrainedCircuit):
    """A trained circuit that predicts classes.

    A fitted classifier has it as ``model_``.

    Parameters
    ----------
    circuit, observables, scaling, weights, readout
        As in `qmlplay.model.TrainedCircuit`.
    classes : ndarray of shape (n_classes,)
        The labels, in the order of the probabilities.

    Raises
    ------
    ValueError
        If the parts do not fit together, or a number is not finite.

    Examples
    --------
    >>> from qmlplay import Feature, Operation, Weight
    >>> from qmlplay.circuit import ParametricCircuit
    >>> from qmlplay.model import InputScaling, Readout
    >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    >>> model = TrainedModel(
    ...     ParametricCircuit.from_operations(1, turns, n_features=1), ("Z",),
    ...     InputScaling.identity(1), weights=np.array([0.0]),
    ...     readout=Readout(np.array([[2.0]]), np.array([0.5])), classes=np.array(["a", "b"]))
    >>> X = np.array([[0.0], [np.pi]])
    >>> model.decisions(X, "numpy").round(6)  # 2 cos(x + 0) + 0.5
    array([[ 2.5],
           [-1.5]])
    >>> model.predict(X, "cirq").tolist(), model.n_parameters
    (['b', 'a'], 3)
    """

    classes: NDArray[Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", np.asarray(self.classes))
        super().__post_init__()

    def _check(self) -> None:
        if self.classes.ndim != 1 or len(self.classes) < 2:
            raise ValueError(
                f"classes must be a row of at least 2 labels, got shape {self.classes.shape}"
            )
        if len(set(self.classes.tolist())) < len(self.classes):
            raise ValueError(f"classes must differ, got {self.classes.tolist()}")
        super()._check()

    @property
    def n_outputs(self) -> int:
        """Number of decision values of a sample: one for two classes, one per class for more."""
        return n_outputs(len(self.classes))

    def probabilities(self, X: ArrayLike, backend: str | Backend) -> Real:
        """Return class probabilities, shape (n_samples, n_classes)."""
        return probabilities(self.decisions(X, backend))

    def answers(self, decisions: Real) -> NDArray[Any]:
        """Return the most probable labels: see `labels`."""
        return self.labels(decisions)

    def labels(self, decisions: Real) -> NDArray[Any]:
        """Return the labels (n_samples,) that decision values (n_samples, n_outputs) stand for."""
        return np.asarray(self.classes[class_indices(decisions)])

    def targets(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return the places of labels: see `label_indices`."""
        return self.label_indices(y)

    def label_indices(self, labels: ArrayLike) -> NDArray[np.intp]:
        """Return the places in `classes` of known labels (n_samples,), shape (n_samples,)."""
        order = np.argsort(self.classes)
        return np.asarray(order[np.searchsorted(self.classes, labels, sorter=order)])
