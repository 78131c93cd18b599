"""What a run measured, as labels and probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.ibm.plans import Model
from qmlplay.model import probabilities

__all__ = ["Result", "chosen_classes"]

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Result:
    """What a run measured.

    Parameters
    ----------
    device : str
    expectations, standard_errors : ndarray of shape (n_samples, n_observables)
        Errors are the client's, over shots (and randomisations, from level 1 on).
    predictions : ndarray of shape (n_samples,)
        Labels.
    probabilities : ndarray of shape (n_samples, n_classes)
    accuracy : float or None
        Share of right labels, where they are known.
    estimated_seconds : float
    used_seconds : float or None
        QPU seconds charged; None where the service has not said yet.
    job_ids : tuple of str
    """

    device: str
    expectations: Real
    standard_errors: Real
    predictions: NDArray[Any]
    probabilities: Real
    accuracy: float | None
    estimated_seconds: float
    used_seconds: float | None
    job_ids: tuple[str, ...]

    @classmethod
    def of(
        cls,
        model: Model,
        targets: NDArray[np.intp] | None,
        values: Real,
        errors: Real,
        **figures: Any,
    ) -> Result:
        """Read out expectations as the model does."""
        decisions = model.readout.decisions(values)
        chosen = chosen_classes(decisions)
        return cls(
            expectations=values,
            standard_errors=errors,
            predictions=model.classes[chosen],
            probabilities=probabilities(decisions),
            accuracy=None if targets is None else float(np.mean(chosen == targets)),
            **figures,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, ready for JSON."""
        return {
            "device": self.device,
            "accuracy": self.accuracy,
            "estimated_seconds": self.estimated_seconds,
            "used_seconds": self.used_seconds,
            "job_ids": list(self.job_ids),
            "predictions": self.predictions.tolist(),
            "probabilities": self.probabilities.tolist(),
            "expectations": self.expectations.tolist(),
            "standard_errors": self.standard_errors.tolist(),
        }


def chosen_classes(decisions: Real) -> NDArray[np.intp]:
    """Return the index of the most probable class from decision values (n, n_outputs)."""
    if decisions.shape[1] == 1:
        return (decisions[:, 0] > 0).astype(np.intp)
    return np.asarray(decisions.argmax(axis=1))
