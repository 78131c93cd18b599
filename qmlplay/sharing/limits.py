"""The limits of a shared model: inputs that it knows, what it cannot do, and what it gives away."""

from __future__ import annotations

from typing import Any

import numpy as np

from qmlplay.classifier.ranges import range_source
from qmlplay.encoding_use import EncodingUse, encoding_use
from qmlplay.encodings import get_encoding
from qmlplay.sharing.markdown import bullets, escaped, table
from qmlplay.sharing.shared_model import SharedModel
from qmlplay.tables import TablePreprocessor

__all__ = ["limits", "privacy"]

#: Columns that a card lists; the rest is counted.
_MOST = 50
_SOURCES = {
    "data": "seen in training, without values far from all others",
    "published": "seen in training, without values far from all others",
    "parameter": "given by whoever trained it",
}


def limits(shared: SharedModel) -> str:
    """Return what the model takes, and what it cannot do."""
    lines = [_answer_line(shared), *_history_lines(shared), _simulator_line(shared)]
    parts = [bullets(lines)]
    if shared.steps and isinstance(shared.steps[0][1], TablePreprocessor):
        parts.append(_columns_table(shared.steps[0][1]))
    parts.append(_ranges(shared))
    return "\n\n".join(parts)


def _answer_line(shared: SharedModel) -> str:
    if shared.is_regression:
        return (
            "It answers with a number for any row, also for one unlike all that it was trained "
            "on; numbers beyond those of the training are not tested."
        )
    return (
        "It answers with one of its classes for any row, also for one that belongs to none of "
        "them or is unlike all that it was trained on. Whether its probabilities are calibrated "
        "was not tested."
    )


def _history_lines(shared: SharedModel) -> list[str]:
    history = shared.history
    lines = []
    if history is not None and history.interrupted:
        lines.append("Its training was interrupted by hand before its end.")
    if history is not None and history.left_range:
        lines.append("In training, data came that lay far outside the range of its angles.")
    return lines


def _simulator_line(shared: SharedModel) -> str:
    return (
        f"Its circuit of {shared.circuit.n_qubits} qubits is simulated on an ordinary computer. "
        "Nothing here is evidence of an advantage of quantum computers; what it does on a real "
        "device is not given."
    )


def _columns_table(preprocessor: TablePreprocessor) -> str:
    rows = [[column.name, *_column_words(column)] for column in preprocessor.columns_]
    shown = table(["column", "kind", "gaps and new values"], rows[:_MOST])
    more = len(rows) - _MOST
    return shown if more <= 0 else f"{shown}\n\nand {more} more columns."


def _column_words(column: Any) -> tuple[str, str]:
    match column.kind:
        case "number":
            return "number", f"a gap counts as {column.median:.4g}"
        case "category":
            known = ", ".join("(gap)" if c is None else c for c in column.categories)
            return f"one of {known}", "others count as no or another category"
        case "date":
            return f"date, in training from {column.first} on", "a gap counts as the median day"
    return "the same value in all of training", "not looked at"


def _ranges(shared: SharedModel) -> str:
    """Return the range of every column that the quantum model itself gets."""
    scaling = shared.quantum.model_.scaling
    use = _use(shared.quantum)
    source = None if use is None else range_source(shared.quantum.scale_inputs, use)
    if shared.history is not None:
        source = shared.history.range_source
    if use is None or use.input_range is None or source not in _SOURCES:
        return (
            "The ranges of its inputs: not given. They are taken as radians as the circuit reads "
            "them; values that differ by a whole turn look alike."
        )
    low, high = scaling.seen(use.input_range)
    names = list(getattr(shared.quantum, "feature_names_in_", range(len(low))))
    rows = [
        [name, f"{low[k]:.4g} to {high[k]:.4g}", _held(scaling.low[k], scaling.high[k])]
        for k, name in enumerate(names[:_MOST])
    ]
    after = " after the steps before it" if shared.steps else ""
    text = (
        f"Ranges of the {len(low)} inputs of the quantum model{after}, {_SOURCES[source]}. Beyond "
        "them angles go on turning, so that values far outside can look like others inside:"
    )
    more = f"\n\nand {len(names) - _MOST} more." if len(names) > _MOST else ""
    headings = ["input", "range", "values beyond count as the nearest of"]
    return f"{text}\n\n{table(headings, rows)}{more}"


def _use(quantum: Any) -> EncodingUse | None:
    """Return how the encoding is used, None where its name means nothing here."""
    try:
        return encoding_use(get_encoding(quantum.encoding), scale_inputs=quantum.scale_inputs)
    except (TypeError, ValueError):
        return None


def _held(low: float, high: float) -> str:
    if not np.isfinite([low, high]).any():
        return "–"
    return f"{low:.4g} and {high:.4g}"


def privacy(shared: SharedModel) -> str:
    """Return what of the training data is in the files of the folder."""
    lines = []
    rows = getattr(shared.quantum.model_, "rows", None)
    if rows is not None:
        lines.append(
            f"**The model file holds {len(rows)} rows of the training data as they are**, as a "
            "kernel machine needs them to predict: do not share it where these are private."
        )
    for name, step in shared.steps:
        if not isinstance(step, TablePreprocessor):
            lines.append(
                f"Step {escaped(name)} ({escaped(type(step).__name__)}) keeps what it learned of "
                "the training data."
            )
            continue
        text = "The names of columns, medians, categories and first dates of the training data"
        cells = sum(map(len, (step.precedents or {}).values()))
        text += f", and {cells} cells of its file that tell how numbers and dates are written"
        lines.append(f"{text}, are in the model file.")
    lines.append(
        "Of its inputs, the model file holds ranges; trained weights can tell more of the data "
        "than they seem to."
    )
    return bullets(lines)
