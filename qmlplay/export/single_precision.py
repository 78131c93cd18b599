"""The rounding of features that come in single precision."""

from __future__ import annotations

import warnings

import numpy as np

from qmlplay.errors import listed
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.input_columns import NumberInput

__all__ = ["warn_of_rounding"]

#: Half a unit in the last place, relative to a number in single precision.
_ROUNDING = float(np.finfo(np.float32).eps) / 2
#: Radians that rounding may change an angle by before it is worth a warning.
_NOTICEABLE = 1e-4


def warn_of_rounding(inputs: ExportedInputs) -> None:
    """Warn of columns whose values single precision cannot tell apart as the model does.

    A UserWarning names those whose rounding changes an angle by more than 1e-4 radians.
    """
    slopes = np.diag(inputs.model.scaling.slope)
    for step in reversed(inputs.maps):
        slopes = step.matrix @ slopes
    coarse, place = [], 0
    for column in inputs.columns:
        if isinstance(column, NumberInput):
            largest = max(abs(column.low), abs(column.high))
            change = _ROUNDING * largest * np.abs(slopes[place]).max()
            if change > _NOTICEABLE:
                coarse.append(f"{column.name} (up to {largest:.4g}; {change:.1g} radians)")
        place += column.n_outputs
    if coarse:
        warnings.warn(
            "single precision rounds features so much that predictions change: "
            f"{listed(coarse, quoted=False)}. Subtract what all rows have in common before "
            'training, or export to ONNX with dtype="float64"',
            UserWarning,
            stacklevel=3,
        )
