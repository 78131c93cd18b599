"""Your own data in the playground: a table that came as an object or as an uploaded CSV file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
from sklearn.utils import Bunch

from qmlplay.datasets import as_dataset

__all__ = ["MAX_BYTES", "OwnData", "csv_columns"]

MAX_BYTES = 5_000_000
MAX_ROWS = 5_000
MAX_COLUMNS = 1_000
MAX_CLASSES = 8


@dataclass(frozen=True, eq=False)
class OwnData:
    r"""The user's own data, checked.

    Parameters
    ----------
    bunch : Bunch
        From `qmlplay.datasets.as_dataset`.
    csv : bytes or None
        The CSV file that they came in, if they did.
    target : str or None
        Its column with the labels; None is the last one.

    Raises
    ------
    ValueError
        If they are too large for the playground, or have a single feature.

    Examples
    --------
    >>> own_data = OwnData.from_csv("a/trees.csv", b"size,mass,kind\n1,2,fir\n3,5,oak\n")
    >>> own_data.bunch.name, own_data.bunch.X.shape, own_data.file_name
    ('trees', (2, 2), 'trees.csv')
    """

    bunch: Bunch
    csv: bytes | None = None
    target: str | None = None

    def __post_init__(self) -> None:
        n_rows, n_columns = self.bunch.X.shape
        name, n_classes = self.bunch.name, len(np.unique(self.bunch.y))
        if n_columns < 2:
            raise ValueError(
                f"{name} has one feature, {self.bunch.feature_names}: the picture needs two or more"
            )
        if n_rows > MAX_ROWS:
            raise ValueError(
                f"{name} has {n_rows} rows: the playground takes {MAX_ROWS}; draw some, for "
                f"instance with DataFrame.sample({MAX_ROWS})"
            )
        if n_columns > MAX_COLUMNS:
            raise ValueError(
                f"{name} has {n_columns} features: the playground takes {MAX_COLUMNS}; leave "
                "columns out"
            )
        if n_classes > MAX_CLASSES:
            raise ValueError(
                f"{name} has {n_classes} classes: the playground shows {MAX_CLASSES}; is the "
                "target the right column?"
            )

    @classmethod
    def from_object(cls, data: Any, target: Any = None) -> Self:
        """Take whatever `as_dataset` takes: a DataFrame, a pair (X, y), a path of a CSV file."""
        if isinstance(data, str | Path) and Path(data).suffix.lower() == ".csv":
            path = Path(data)
            return cls.from_csv(path.name, path.read_bytes() if path.is_file() else b"", target)
        return cls(as_dataset(data, target))

    @classmethod
    def from_csv(cls, file_name: str, content: bytes, target: str | None = None) -> Self:
        """Read the bytes of a CSV file; its name may come from anywhere."""
        if len(content) > MAX_BYTES:
            raise ValueError(
                f"{file_name!r} has {len(content) / 1e6:.1f} MB: the playground takes "
                f"{MAX_BYTES / 1e6:.0f} MB; keep fewer rows or columns"
            )
        with TemporaryDirectory() as folder:
            path = Path(folder) / _plain_name(file_name)
            path.write_bytes(content)
            try:
                bunch = as_dataset(path, target)
            except (TypeError, ValueError) as error:  # the temporary folder is of no interest
                raise type(error)(str(error).replace(f"{folder}/", "")) from None
        return cls(bunch, content, target)

    @property
    def file_name(self) -> str:
        """The name of the CSV file that scripts read."""
        return f"{self.bunch.name}.csv"

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that belong to these rows and labels."""
        content = hashlib.sha256(np.ascontiguousarray(self.bunch.X).tobytes())
        content.update(repr((self.bunch.X.shape, self.bunch.y.tolist())).encode())
        return content.hexdigest()[:16]


def csv_columns(content: bytes) -> list[str]:
    """Return the names in the header of a CSV file; none where it has no readable one."""
    import pandas as pd

    try:
        header = pd.read_csv(BytesIO(content[:100_000]), nrows=0, skipinitialspace=True)
    except ValueError:
        return []
    return [str(name).strip() for name in header.columns]


def _plain_name(file_name: str) -> str:
    """Return a file's name without folders, of letters that any file system takes."""
    stem = PureWindowsPath(PurePosixPath(file_name).name).stem
    plain = "".join(c if c.isalnum() or c in " -_." else "_" for c in stem).strip(" .")
    return f"{plain[:80] or 'data'}.csv"
