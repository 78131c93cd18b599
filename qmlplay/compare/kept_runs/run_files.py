"""The file of a run: its row, what was predicted, and its fingerprint; JSON and plain arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.compare.running import ModelRun, RunKey
from qmlplay.model.archive import from_npz, to_npz, write_whole

__all__ = ["KeptRun", "read_run", "write_run"]

#: What a row may hold.
_CELLS = (str, int, float, bool, type(None))
_ADVICE = "give a folder that you may write to, with space on its disk"
_FORMAT = "qmlplay finished run, version 1"


@dataclass(frozen=True, eq=False)
class KeptRun:
    """What a file tells of a run.

    Parameters
    ----------
    row : dict of str to object
        Of `Comparison.runs`.
    predicted : ndarray of shape (n_test,) or None
        For the test part; None if it failed.
    training_score : float
        Of the predictions for the training part.
    fingerprint : dict of str to str
    has_model : bool
        Whether its fitted model has a file beside this one.
    """

    row: dict[str, Any]
    predicted: NDArray[Any] | None
    training_score: float
    fingerprint: dict[str, str]
    has_model: bool

    @property
    def key(self) -> RunKey:
        """Dataset, model and seed."""
        return self.row["dataset"], self.row["model"], self.row["seed"]


def write_run(
    file: Path, run: ModelRun, fingerprint: Mapping[str, str], *, has_model: bool
) -> None:
    """Write a run, whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written.
    TypeError
        If something was predicted that is neither a number nor a text.
    """
    predictions = run.predictions
    content: dict[str, Any] = {
        "format": _FORMAT,
        "row": {name: _plain(value) for name, value in run.row.items()},
        "training_score": None if predictions is None else predictions.training_score,
        "fingerprint": dict(fingerprint),
        "has_model": has_model,
    }
    arrays: dict[str, NDArray[Any]] = {}
    if predictions is not None:
        predicted = np.asarray(predictions.predicted)
        if predicted.dtype.kind == "O":  # labels of text, as pandas has them
            content["predicted"] = [_plain(label) for label in predicted.tolist()]
        else:
            arrays["predicted"] = predicted
    arrays["content"] = np.array(json.dumps(content))
    write_whole(file, to_npz(arrays), advice=_ADVICE)


def read_run(file: Path) -> KeptRun:
    """Read what `write_run` wrote, and run nothing of it.

    Raises
    ------
    OSError, ValueError
        If it cannot be read, is damaged, or something else.
    """
    try:
        arrays = from_npz(file.read_bytes())
        content = json.loads(str(arrays["content"]))
        row, fingerprint = content["row"], content["fingerprint"]
        is_row = all(isinstance(cell, _CELLS) for cell in row.values())
        is_labelled = all(isinstance(t, str) for t in (row["dataset"], row["model"], row["status"]))
        is_text = all(isinstance(text, str) for text in fingerprint.values())
        if content["format"] != _FORMAT or not (is_row and is_labelled and is_text):
            raise ValueError("it is no finished run")
        predicted = arrays.get("predicted")
        if "predicted" in content:
            predicted = np.empty(len(content["predicted"]), dtype=object)
            predicted[:] = content["predicted"]
        score = content["training_score"]
        return KeptRun(
            {**row, "seed": int(row["seed"])},
            predicted,
            float("nan") if score is None else float(score),
            dict(fingerprint),
            content["has_model"] is True,
        )
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"it is no finished run ({error!r})") from error


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    plain = value.item() if isinstance(value, np.generic) else value
    if not isinstance(plain, _CELLS):
        raise TypeError(f"{plain!r:.60} is neither a number nor a text")
    return plain
