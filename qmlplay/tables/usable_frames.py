"""Frames that can be worked with: columns with different names, at least one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_array

from qmlplay.errors import listed
from qmlplay.tables.table_frames import as_pandas, is_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_frame", "check_columns", "is_frame"]


def check_columns(needed: Sequence[str], given: Sequence[str]) -> None:
    """Raise ValueError, naming what is missing, unless a table has the columns of training."""
    missing = [name for name in needed if name not in given]
    if missing:
        raise ValueError(
            f"the table lacks {len(missing)} of the {len(needed)} columns of training: "
            f"{listed(missing)}; it has {listed(given)}: add or rename columns"
        )


def as_frame(X: Any) -> pd.DataFrame:
    """Return a table whose columns have different names: x0, x1, … where there are none."""
    import pandas as pd

    if not is_frame(X):
        cells = np.array(X, dtype=object) if isinstance(X, list | tuple) else X
        values = check_array(cells, dtype=None, ensure_all_finite=False)
        names = [f"x{i}" for i in range(values.shape[1])]
        return pd.DataFrame(values, columns=names).infer_objects()
    frame = as_pandas(X)
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    if not frame.columns.is_unique:
        raise ValueError(
            f"columns occur twice: {listed(frame.columns[frame.columns.duplicated()])}"
        )
    if 0 in frame.shape:
        raise ValueError(
            f"Found array with {frame.shape[0]} sample(s) and {frame.shape[1]} feature(s) "
            f"(shape={frame.shape}) while a minimum of 1 is required."
        )
    return frame
