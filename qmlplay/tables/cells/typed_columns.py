"""One column of a frame → numbers, dates or text, by its type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.tables.cells.conversion import Converted, convert_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cell_text", "convert_series"]


def convert_series(series: pd.Series) -> Converted:
    """Return a column as float64, datetime64 or text.

    Booleans become 0 and 1, durations seconds, periods their first moments; categories stay text,
    also where they are numbers. Text is read as in a file.

    Raises
    ------
    TypeError
        If the column is complex.

    Examples
    --------
    >>> import pandas as pd
    >>> convert_series(pd.Series([True, None], dtype="boolean")).values.tolist()
    [1.0, nan]
    >>> convert_series(pd.Series(["1,234", None])).values.tolist()
    [1234.0, nan]
    """
    import pandas as pd
    from pandas.api import types

    series = series.reset_index(drop=True)
    kind = series.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return Converted(_texts_or_none(series))
    if not types.is_numeric_dtype(kind) and not types.is_datetime64_any_dtype(kind):
        series = series.infer_objects()
        kind = series.dtype
    if types.is_complex_dtype(kind):
        raise TypeError("complex: pass real and imaginary parts as two columns")
    if types.is_numeric_dtype(kind):
        return _numbers(series)
    if types.is_datetime64_any_dtype(kind):
        return _dates(series)
    if isinstance(kind, pd.PeriodDtype):
        return _dates(series.dt.to_timestamp())
    if types.is_timedelta64_dtype(kind):
        return Converted(series.dt.total_seconds(), "durations in seconds")
    return convert_text([cell_text(cell) for cell in series.tolist()])


def _numbers(series: pd.Series) -> Converted:
    import pandas as pd

    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    is_infinite = np.isinf(values)
    if not is_infinite.any():
        return Converted(pd.Series(values))
    return Converted(pd.Series(values), "", is_infinite, "finite number")


def _dates(series: pd.Series) -> Converted:
    import pandas as pd

    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    return Converted(series.astype("datetime64[us]"), "dates")


def _texts_or_none(series: pd.Series) -> pd.Series:
    import pandas as pd

    cells = [None if pd.isna(cell) else str(cell) for cell in series.astype(object).tolist()]
    return pd.Series(cells, dtype=object)


def cell_text(cell: Any) -> str:
    """Return a cell as text; "" where it is missing.

    Examples
    --------
    >>> cell_text(None), cell_text(b"oak"), cell_text(2.0), cell_text("oak")
    ('', 'oak', '2.0', 'oak')
    """
    import pandas as pd

    if isinstance(cell, str):
        return cell
    is_missing = np.ndim(cell) == 0 and pd.isna(cell)
    if is_missing:
        return ""
    return cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else str(cell)
