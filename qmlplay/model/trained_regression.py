"""The trained model of a regressor: a circuit whose decision values stand for numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from numpy.typing import NDArray

from qmlplay.model.target_scaling import TargetScaling
from qmlplay.model.trained_circuit import TrainedCircuit
from qmlplay.typing import Real

__all__ = ["TrainedRegression"]


@final
@dataclass(frozen=True, eq=False)
class TrainedRegression(TrainedCircuit):
    """A trained circuit that predicts numbers: center + scale · decision value.

    A fitted regressor has it as ``model_``.

    Parameters
    ----------
    circuit, observables, scaling, weights, readout
        As in `qmlplay.model.TrainedCircuit`.
    target_scaling : TargetScaling
        From decision values to the targets' units.

    Raises
    ------
    ValueError
        If the parts do not fit together, or a number is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Feature, Operation
    >>> from qmlplay.circuit import ParametricCircuit
    >>> from qmlplay.model import InputScaling, Readout
    >>> turn = [Operation("ry", 0, Feature(0))]
    >>> model = TrainedRegression(
    ...     ParametricCircuit.from_operations(1, turn, n_features=1), ("Z",),
    ...     InputScaling.identity(1), weights=np.zeros(0),
    ...     readout=Readout(np.array([[2.0]]), np.array([0.5])),
    ...     target_scaling=TargetScaling(np.array(100.0), np.array(10.0)))
    >>> model.predict([[0.0], [np.pi]], "numpy").round(6)  # 100 + 10 (2 cos(x) + 0.5)
    array([125.,  85.])
    """

    target_scaling: TargetScaling

    @property
    def n_outputs(self) -> int:
        """Number of decision values of a sample: one per target."""
        return self.target_scaling.n_targets

    def answers(self, decisions: Real) -> Real:
        """Return the numbers, of the shape that y had, that decision values stand for."""
        return self.target_scaling.values(decisions)

    def targets(self, y: NDArray[Any]) -> Real:
        """Return targets in standard units, shape (n_samples, n_targets)."""
        return self.target_scaling.standardized(y)
