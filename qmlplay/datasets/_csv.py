"""CSV files: plain tables are read, anything else is refused, with the remedy."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_csv", "with_text_labels"]

_SEPARATORS = {";": "';'", "\t": "'\\t'"}


def read_csv(path: Path) -> pd.DataFrame:
    """Return a CSV file as a table.

    Parameters
    ----------
    path : Path
        A file with a header line, commas between the columns and UTF-8 text; spaces after the
        commas and around the names do not count, nor do unnamed columns without content.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no such table.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no file {str(path)!r} (looked in {Path.cwd()}): check the path")
    names = _header(path)
    frame = _read(path, header=0, names=names)
    top = frame.head(100)
    _refuse_separators(path, top.to_numpy(dtype=object)[top.notna().to_numpy()].tolist())
    empty = [name for name in names if _is_unnamed(name) and frame[name].isna().all()]
    return frame.drop(columns=empty) if len(frame) else frame


def with_text_labels(frame: pd.DataFrame, path: Path, target: Any) -> pd.DataFrame:
    """Return the table of a CSV file with labels such as ``None`` and ``NA`` kept as text.

    Only empty cells of the column are missing then. Among numbers, ``NA`` stays a missing value.
    """
    from pandas.api.types import is_numeric_dtype

    column = frame[target]
    if not column.isna().any() or (is_numeric_dtype(column) and column.notna().any()):
        return frame
    options = {"usecols": [target], "keep_default_na": False, "na_values": [""]}
    return frame.assign(**{target: _read(path, header=0, names=_header(path), **options)[target]})


def _header(path: Path) -> list[str]:
    """Return the names of the columns; those without one are called "Unnamed: 0" and so on."""
    first = _read(path, header=None, nrows=1, dtype=str, keep_default_na=False)
    cells = [str(cell).strip() for cell in first.iloc[0]]
    _refuse_separators(path, [cell for cell in cells if _SEPARATORS.keys() & set(cell)])
    if all(map(_is_number, cells)):
        raise ValueError(
            f"{str(path)!r} has no header: its first line is {', '.join(cells)!r}; put a line with "
            "the names of the columns on top, such as size,mass,kind"
        )
    twice = sorted({cell for cell in cells if cell and cells.count(cell) > 1})
    if twice:
        raise ValueError(f"columns that occur more than once: {twice}; rename them")
    return [cell or f"Unnamed: {index}" for index, cell in enumerate(cells)]


def _is_unnamed(name: str) -> bool:
    return name.startswith("Unnamed: ")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _refuse_separators(path: Path, cells: list[Any]) -> None:
    """Raise ValueError where there are cells and each of them holds another separator."""
    for separator, shown in _SEPARATORS.items():
        if cells and all(isinstance(cell, str) and separator in cell for cell in cells):
            raise ValueError(
                f"the columns of {str(path)!r} seem to be separated by {shown}, but those of a CSV "
                "file have to be separated by commas: save it with commas, or "
                f"pd.read_csv({str(path)!r}, sep={shown}) and pass the DataFrame"
            )


def _read(path: Path, **options: Any) -> pd.DataFrame:
    """Read with pandas; ValueError for what it refuses or would cut off."""
    import pandas as pd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            options |= {"index_col": False, "skipinitialspace": True}
            frame: pd.DataFrame = pd.read_csv(path, **options)
            return frame
    except pd.errors.ParserWarning:
        names = options["names"]
        raise ValueError(
            f"{str(path)!r} has rows with more cells than the {len(names)} columns {names} of its "
            "header: name the further columns there, or put text with commas in quotation marks"
        ) from None
    except ValueError as error:  # pandas' parser, encoding and empty-file errors are all of these
        raise ValueError(
            f"{str(path)!r} is not a readable CSV file: {error}. It needs a header line, commas "
            "between the columns and UTF-8 text"
        ) from error
