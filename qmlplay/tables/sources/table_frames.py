"""Frames of any library → pandas, with columns of different names, and those of training."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from sklearn.utils.validation import check_array

from qmlplay.errors import listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_frame", "as_pandas", "check_columns", "is_frame"]


@runtime_checkable
class _Interchanged(Protocol):
    """A table of another library, by the dataframe interchange protocol."""

    def __dataframe__(self) -> Any: ...


@runtime_checkable
class _Streamed(Protocol):
    """A table of another library, by Arrow's protocol."""

    def __arrow_c_stream__(self) -> Any: ...


@runtime_checkable
class _WithPandas(Protocol):
    """A table that turns itself into one of pandas."""

    def to_pandas(self) -> Any: ...


def is_frame(data: object) -> bool:
    """Return whether an object is a DataFrame of pandas, polars, pyarrow or another library.

    Examples
    --------
    >>> import pandas as pd
    >>> is_frame(pd.DataFrame({"a": [1]})), is_frame([[1]])
    (True, False)
    """
    import pandas as pd

    if isinstance(data, pd.Series):
        return False
    return isinstance(data, pd.DataFrame | _Interchanged | _Streamed) or _is_polars(data)


def _is_polars(data: object) -> bool:
    kind = type(data)
    return kind.__module__.startswith("polars.") and kind.__name__ in ("DataFrame", "LazyFrame")


def as_pandas(data: Any) -> pd.DataFrame:
    """Return a table of any library as a pandas DataFrame.

    Raises
    ------
    TypeError
        If it cannot be turned into one.
    """
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    try:
        if _is_polars(data):  # its own to_pandas needs pyarrow
            collected = data.lazy().collect()
            return pd.DataFrame({c: pd.Series(collected[c].to_list()) for c in collected.columns})
        if isinstance(data, _WithPandas):
            frame: pd.DataFrame = data.to_pandas()
            return frame
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas prefers Arrow's protocol, which needs pyarrow
            return pd.api.interchange.from_dataframe(data)
    except Exception as error:  # of another library
        kind = f"{type(data).__module__.partition('.')[0]}.{type(data).__name__}"
        reason = " ".join(str(error).split())[:200]
        raise TypeError(f"cannot read a {kind} ({reason}): pass a pandas DataFrame") from error


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


def check_columns(needed: Sequence[str], given: Sequence[str]) -> None:
    """Raise ValueError, naming what is missing, unless a table has the columns of training."""
    missing = [name for name in needed if name not in given]
    if missing:
        raise ValueError(
            f"the table lacks {len(missing)} of the {len(needed)} columns of training: "
            f"{listed(missing)}; it has {listed(given)}: add or rename columns"
        )
