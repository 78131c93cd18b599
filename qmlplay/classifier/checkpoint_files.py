"""Files of checkpoints: a model file with a snapshot, and the fingerprint of its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from qmlplay.classifier.fingerprint import digest, parameter_texts
from qmlplay.classifier.persistence import file_of
from qmlplay.classifier.start import FitStart
from qmlplay.model.archive import read_archive
from qmlplay.training.training_snapshot import TrainingSnapshot

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = ["Fingerprint", "SavedTraining", "read_checkpoint", "write_checkpoint"]

#: Parameters that may change while a training goes on.
_FREE = ("callbacks", "verbose", "max_time")


@dataclass(frozen=True)
class Fingerprint:
    """What makes a training this one.

    Parameters
    ----------
    parameters : dict of str to str
    data : str
        A digest of the samples, those held out included.
    start : str
        A digest of the first numbers, and of where the random numbers begin.
    """

    parameters: Mapping[str, str]
    data: str
    start: str

    @classmethod
    def of(cls, estimator: VariationalEstimator, start: FitStart) -> Self:
        """Return that of a training that is about to begin."""
        parts = [start.data, *([] if start.held_out is None else [start.held_out])]
        model = start.model
        return cls(
            parameter_texts(estimator, without=_FREE),
            digest([(part.X, np.asarray(part.y), part.weights) for part in parts]),
            digest(
                model.numbers,
                repr(model.circuit),
                start.generator.bit_generator.state,
                start.backend.generator_state if start.backend.shots else None,
                start.history.n_steps,
            ),
        )

    @property
    def digest(self) -> str:
        """A text that names it."""
        return digest(dict(self.parameters), self.data, self.start)

    def differences(self, other: Fingerprint) -> list[str]:
        """Return what another one has otherwise, in words."""
        names = sorted({*self.parameters, *other.parameters})
        words = [
            f"{name or 'the estimator'} was {other.parameters.get(name, 'not there')} and is "
            f"{self.parameters.get(name, 'not there')}"
            for name in names
            if self.parameters.get(name) != other.parameters.get(name)
        ]
        if self.data != other.data:
            words.append("the training data are others")
        if not words and self.start != other.start:
            words.append("it starts from other weights or random numbers (warm_start, shots)")
        return words


@dataclass(frozen=True, eq=False)
class SavedTraining:
    """What a checkpoint holds besides the model.

    Parameters
    ----------
    fingerprint : Fingerprint
    snapshot : TrainingSnapshot
        At the end of the last whole iteration.
    stop_reason : str or None
        What ended it; None where it was under way.
    """

    fingerprint: Fingerprint
    snapshot: TrainingSnapshot
    stop_reason: str | None

    def check(self, fingerprint: Fingerprint, file: Path, noun: str) -> None:
        """Raise ValueError unless it is of the training with this fingerprint."""
        if differences := fingerprint.differences(self.fingerprint):
            raise ValueError(
                f"{file} is the checkpoint of another training: {'; '.join(differences)}. It is "
                f"left as it is: give this {noun} another file, delete that one, or give a "
                f"folder, Checkpoint('folder/'), where every training has a file of its own"
            )


def write_checkpoint(file: Path, estimator: VariationalEstimator, saved: SavedTraining) -> None:
    """Write an estimator in training and where it stands, whole or not at all."""
    content, arrays = saved.snapshot.to_parts()
    fingerprint = saved.fingerprint
    checkpoint = {
        "snapshot": content,
        "parameters": dict(fingerprint.parameters),
        "data": fingerprint.data,
        "start": fingerprint.start,
        "stop_reason": saved.stop_reason,
    }
    model = file_of(estimator)
    replace(
        model,
        history={**model.history, "checkpoint": checkpoint},
        arrays={**model.arrays, **arrays},
    ).write(file)


def read_checkpoint(file: Path) -> SavedTraining:
    """Return what a checkpoint holds besides the model.

    Raises
    ------
    ValueError
        If it is damaged, or something else; with what to do.
    """
    advice = (
        "training does not begin anew in its place: give Checkpoint another file, or delete that "
        "one"
    )
    try:
        content, arrays = read_archive(file)
    except (ValueError, OSError) as error:
        raise ValueError(
            f"{file} is no checkpoint, or a damaged one ({error}): {advice}"
        ) from error
    checkpoint: Any = content.get("checkpoint")
    if checkpoint is None:
        raise ValueError(f"{file} is a model file, but no checkpoint of a training: {advice}")
    try:
        parameters = checkpoint["parameters"]
        texts = [*parameters.values(), checkpoint["data"], checkpoint["start"]]
        reason = checkpoint["stop_reason"]
        if not all(isinstance(t, str) for t in texts) or not isinstance(reason, str | None):
            raise ValueError("its fingerprint is no text")
        fingerprint = Fingerprint(dict(parameters), checkpoint["data"], checkpoint["start"])
        snapshot = TrainingSnapshot.from_parts(checkpoint["snapshot"], arrays)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{file} is a damaged checkpoint ({error!r}): {advice}") from error
    return SavedTraining(fingerprint, snapshot, reason)
