"""What training on a device writes down, and gives back in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from qmlplay.ibm import store
from qmlplay.ibm.errors import StoreError

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["KIND", "Checkpoint", "TrainingResult", "list_trainings"]

#: Of stored records.
KIND = "training"


@dataclass(frozen=True)
class Checkpoint:
    """What is written down after every iteration.

    Parameters
    ----------
    created : str
        Date and time of the beginning, in UTC.
    iterations, batch_size : int
    learning_rate, max_qpu_seconds : float
    weights : tuple of float
        All trainable numbers: the circuit's weights, then the readout's scale and bias.
    losses : tuple of float
        Mean of the two losses of every iteration so far.
    generator : dict
        State of the random generator.
    spent_seconds : float
        QPU seconds so far; on simulated devices, what they would have been.
    run : str or None
        Key of the iteration that is under way.
    job_ids : tuple of str
        Jobs of the iterations so far.
    """

    created: str
    iterations: int
    batch_size: int
    learning_rate: float
    max_qpu_seconds: float
    weights: tuple[float, ...]
    losses: tuple[float, ...]
    generator: dict[str, Any]
    spent_seconds: float = 0.0
    run: str | None = None
    job_ids: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """Number of iterations so far."""
        return len(self.losses)


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A classifier trained on a device.

    Parameters
    ----------
    key : str
    classifier : VariationalClassifier
        A fitted copy.
    losses : tuple of float
        Of every iteration.
    spent_seconds : float
        QPU seconds; on simulated devices, what they would have been.
    job_ids : tuple of str
    """

    key: str
    classifier: VariationalClassifier
    losses: tuple[float, ...]
    spent_seconds: float
    job_ids: tuple[str, ...]


def list_trainings() -> pd.DataFrame:
    """Return all trainings on devices, the newest first.

    Returns
    -------
    pandas.DataFrame
        Columns key, created, device, done, iterations, loss and spent_seconds.

    Examples
    --------
    >>> from qmlplay import ibm
    >>> list(ibm.list_trainings())[:4]
    ['key', 'created', 'device', 'done']
    """
    columns = ["key", "created", "device", "done", "iterations", "loss", "spent_seconds"]
    return pd.DataFrame([_summary(key) for key in store.stored_keys(KIND)], columns=columns)


def _summary(key: str) -> dict[str, Any]:
    try:
        content = store.read_record(key, KIND)
        found = {name: content[name] for name in ("created", "iterations", "spent_seconds")}
        losses = content["losses"]
        return found | {
            "key": key,
            "device": content["plan"]["device"],
            "done": len(losses),
            "loss": losses[-1] if losses else None,
        }
    except (KeyError, TypeError, StoreError):
        return {"key": key, "device": "damaged, or from a newer version"}
