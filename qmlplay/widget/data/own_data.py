"""Your own data in the playground: a table that came as an object or as an uploaded file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Self

import numpy as np
from sklearn.utils import Bunch

from qmlplay.compare.setup import check_divisible
from qmlplay.datasets import as_dataset, check_classification
from qmlplay.tables import TablePreprocessor, column_names
from qmlplay.tables.sources import holds_more, is_table_file
from qmlplay.widget.data.upload_limits import MAX_BYTES

__all__ = ["OwnData", "Upload"]

MAX_ROWS = 5_000
MAX_COLUMNS = 1_000
MAX_CLASSES = 8
MAX_NUMBER = 1e150  # squares of larger ones are infinite


@dataclass(frozen=True, eq=False)
class Upload:
    r"""A file as it was given.

    Parameters
    ----------
    name : str
        Its name, which may come from anywhere.
    content : bytes

    Raises
    ------
    ValueError
        If it is too large for the playground.

    Examples
    --------
    >>> upload = Upload("a/trees.csv", b"size;mass;kind\n1;2;fir\n3;5;oak\n")
    >>> upload.file_name, upload.columns
    ('trees.csv', ['size', 'mass', 'kind'])
    """

    name: str
    content: bytes

    def __post_init__(self) -> None:
        if holds_more(self.content, MAX_BYTES):
            size = max(len(self.content), MAX_BYTES) / 1e6
            packed = "" if len(self.content) > MAX_BYTES else "more than "
            raise ValueError(
                f"{self.name!r} has {packed}{size:.1f} MB: the playground takes "
                f"{MAX_BYTES / 1e6:.0f} MB; keep fewer rows or columns"
            )

    @property
    def plain_name(self) -> str:
        """Its name without folders, of characters that can be shown: scripts look for it."""
        name = PureWindowsPath(PurePosixPath(self.name).name).name
        plain = "".join(c if c.isprintable() else "_" for c in name)
        kinds = "".join(PurePosixPath(plain).suffixes) if is_table_file(plain) else ""
        stem = plain.removesuffix(kinds).strip(" .")
        return f"{stem[:80] or 'data'}{kinds}"

    @property
    def file_name(self) -> str:
        """The name under which scripts read it: one that says that a table is in it."""
        return self.plain_name if is_table_file(self.plain_name) else f"{self.plain_name}.csv"

    @cached_property
    def columns(self) -> list[str]:
        """Names of its columns as recognised; none where no table is in it."""
        try:
            return column_names(self.content, name=self.plain_name)
        except (ValueError, ImportError):
            return []


@dataclass(frozen=True, eq=False)
class OwnData:
    r"""The user's own data, checked.

    Parameters
    ----------
    bunch : Bunch
        From `qmlplay.datasets.as_dataset`.
    upload : Upload or None
        The file that they came in, if they did.
    options : mapping of str to object
        How the file was read, where that was not left to the reader: ``target``, and options of
        `qmlplay.tables.read_table`.

    Raises
    ------
    ValueError
        If they are too large for the playground, or have a single feature.

    Examples
    --------
    >>> trees = Upload("a/trees.csv", b"size,site,kind\n1,a,fir\n,b,oak\n5,a,oak\n2,b,fir")
    >>> own_data = OwnData.from_upload(trees)
    >>> own_data.bunch.name, own_data.bunch.X.shape, own_data.columns
    ('trees', (4, 2), ['size', 'size is missing', 'site=b'])
    """

    bunch: Bunch
    upload: Upload | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name, n_rows, n_classes = self.bunch.name, len(self.bunch.y), len(np.unique(self.bunch.y))
        check_classification(self.bunch)
        check_divisible(self.bunch)
        if n_rows > MAX_ROWS:
            raise ValueError(
                f"{name} has {n_rows} rows: the playground takes {MAX_ROWS}; draw some, for "
                f"instance with DataFrame.sample({MAX_ROWS})"
            )
        self._check_numbers()
        if len(self.columns) < 2:
            raise ValueError(
                f"{name} has one feature, {list(self.columns)}: the picture needs two or more. "
                f"{self.recognized}"
            )
        if len(self.columns) > MAX_COLUMNS:
            raise ValueError(
                f"{name} has {len(self.columns)} features: the playground takes {MAX_COLUMNS}; "
                "leave columns out"
            )
        if n_classes > MAX_CLASSES:
            raise ValueError(
                f"{name} has {n_classes} classes: the playground shows {MAX_CLASSES}; is the "
                "target the right column?"
            )

    def _check_numbers(self) -> None:
        """Raise ValueError for numbers that nothing can be computed with."""
        X = self.bunch.X
        is_frame = not self.is_numeric
        numbers = (
            X.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan) if is_frame else X
        )
        names = X.select_dtypes("number").columns if is_frame else self.bunch.feature_names
        largest = np.nanmax(np.abs(numbers), axis=0, initial=0.0)
        for name, number in zip(names, largest.tolist(), strict=True):
            if number > MAX_NUMBER:
                raise ValueError(
                    f"{self.bunch.name}: column {str(name)!r} holds {number:.3g}, but the "
                    f"playground takes numbers up to {MAX_NUMBER:g}: use other units"
                )

    @classmethod
    def from_object(cls, data: Any, target: Any = None, **options: Any) -> Self:
        """Take whatever `as_dataset` takes: a frame, a pair (X, y), a path of a file."""
        if isinstance(data, str | Path) and Path(data).is_file():
            return cls.from_upload(Upload(str(data), Path(data).read_bytes()), target, **options)
        return cls(as_dataset(data, target, **options))

    @classmethod
    def from_upload(cls, upload: Upload, target: str | None = None, **options: Any) -> Self:
        """Read an uploaded file."""
        given = {k: v for k, v in {"target": target, **options}.items() if v not in (None, ())}
        return cls(as_dataset(upload.content, name=upload.plain_name, **given), upload, given)

    @property
    def is_numeric(self) -> bool:
        """Whether all features are numbers without gaps: they are used as they are then."""
        return isinstance(self.bunch.X, np.ndarray)

    @cached_property
    def columns(self) -> list[str]:
        """Names of the numbers that the features become, by which two can be chosen."""
        if self.is_numeric:
            return list(self.bunch.feature_names)
        preprocessor = TablePreprocessor().fit(self.bunch.X)
        return [str(name) for name in preprocessor.get_feature_names_out()]

    @property
    def recognized(self) -> str:
        """What was recognised of a file or a frame, in one line; otherwise empty."""
        recognition = self.bunch.get("recognition")
        return "" if recognition is None else str(recognition)

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that belong to these rows and labels."""
        content = hashlib.sha256()
        if self.is_numeric:
            content.update(np.ascontiguousarray(self.bunch.X).tobytes())
        else:
            for name, column in self.bunch.X.items():
                content.update(repr((str(name), _plain(column))).encode())
        content.update(repr((self.bunch.X.shape, self.bunch.y.tolist())).encode())
        return content.hexdigest()[:16]


def _plain(column: Any) -> list[Any]:
    """Return a column's values as numbers and text, whatever library it came from."""
    filled = column.astype(object).where(column.notna(), None)
    return [v if v is None or isinstance(v, str | int | float) else str(v) for v in filled]
