"""The use of a shared model: lines of Python that run as they stand."""

from __future__ import annotations

from typing import Any

import numpy as np

from qmlplay.sharing.shared_model import SharedModel
from qmlplay.tables import FeatureReduction, TablePreprocessor

__all__ = ["usage_code"]

_LOAD = """\
from qmlplay.sharing import load_from_folder

# A folder on this machine, or what huggingface_hub.snapshot_download("user/name") returns.
model = load_from_folder({folder!r})"""


def usage_code(shared: SharedModel, folder: str) -> str:
    """Return lines that load a model and predict one row.

    The row is made of what the model learned, the middle of each column; it is none of the
    training data.
    """
    load = _LOAD.format(folder=folder)
    row, names = _example(shared), shared.feature_names
    if row is None:
        columns = (
            ", ".join(map(repr, names))
            or f"of training, {shared.n_columns or 'not given how many'}"
        )
        return f"{load}\n# X: a table with the columns {columns}\n# model.predict(X)"
    if names:
        entries = "".join(f"    {k!r}: [{v}],\n" for k, v in zip(names, row, strict=True))
        lines = [f"X = pd.DataFrame({{\n{entries}}})"]
    else:
        lines = [f"X = [[{', '.join(row)}]]"]
    probabilities = "" if shared.is_regression else ", model.predict_proba(X)"
    lines = [load, *lines, f"print(model.predict(X){probabilities})"]
    if any("pd." in line for line in lines):
        lines = ["import pandas as pd", *lines]
    return "\n".join(lines)


def _example(shared: SharedModel) -> list[str] | None:
    """Return a row in the middle of what the model knows, as code; None where nobody can tell."""
    first = shared.steps[0][1] if shared.steps else shared.quantum
    if isinstance(first, TablePreprocessor):
        return [_middle(column) for column in first.columns_]
    if isinstance(first, FeatureReduction):
        return [_rounded(value) for value in first.center_]
    if first is not shared.quantum:
        return None
    scaling = shared.quantum.model_.scaling
    center = np.clip(scaling.center, scaling.low, scaling.high)
    # A row of zeros is no state for amplitudes.
    return [_rounded(value) for value in (center if center.any() else center + 0.1)]


def _middle(column: Any) -> str:
    match column.kind:
        case "number":
            return _rounded(column.median)
        case "category":
            return repr(column.categories[0])
        case "date":
            return f"pd.Timestamp({column.first!r})"
    return "None"


def _rounded(value: float) -> str:
    return repr(float(f"{value:.4g}"))
