"""Bytes of a file → text or a frame; what no table can be in is refused, with what to do."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from qmlplay.errors import listed
from qmlplay.tables.sources.decoding import decoded
from qmlplay.tables.sources.packed import ARCHIVE, DAMAGED, PARQUET, UNPACK, is_workbook

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "TABLE_SUFFIXES",
    "FileContent",
    "content_of",
    "file_stem",
    "is_table_file",
    "is_url",
    "read_content",
]

_TEXT = {".csv", ".tsv", ".tab", ".txt", ".data", ".dat"}
_PACKED = {".gz", ".bz2", ".xz", ".zip"}
_SUFFIXES = _TEXT | {".parquet", ".xlsx", ".xls"}
#: Ends of the names of all files that may hold a table.
TABLE_SUFFIXES = tuple(sorted(_SUFFIXES | _PACKED))
_MOST_BYTES = 1_000_000_000
_PAGE = re.compile(
    r"\s*<(!doctype|html|head|body|\?xml|!--|script|meta|div|table|svg|center|title)", re.IGNORECASE
)
_JSON = re.compile(r"\s*(\{|\[\s*[\[{])")
#: First bytes of files that hold no table that can be read → what to do.
_OTHER_KINDS = {
    b"%PDF": "is a PDF: copy its table into a spreadsheet and save it as CSV",
    b"\xd0\xcf\x11\xe0": "is an old Excel file: save it as .xlsx or CSV",
    b"version https://git-lfs": "is a pointer of Git LFS: fetch the table with git lfs pull",
}


def is_url(text: str) -> bool:
    """Return whether a text is an address on a network.

    Examples
    --------
    >>> is_url("https://example.org/flowers.csv"), is_url("flowers.csv")
    (True, False)
    """
    return re.match(r"[a-z][a-z0-9+]+://", text, re.IGNORECASE) is not None


def is_table_file(name: str) -> bool:
    """Return whether a file's name says that a table is in it.

    Examples
    --------
    >>> [is_table_file(name) for name in ("a.csv", "a.TSV", "a.csv.gz", "a.parquet", "a")]
    [True, True, True, True, False]
    """
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        return True
    return bool(suffixes) and suffixes[-1] in _SUFFIXES


def file_stem(name: str) -> str:
    """Return a file's name without folders and without what says its kind.

    Examples
    --------
    >>> file_stem("data/flowers.v2.csv.gz")
    'flowers.v2'
    """
    path = Path(name)
    while path.suffix.lower() in _SUFFIXES | _PACKED:
        path = path.with_suffix("")
    return path.name


def content_of(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If there is no such file.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder: give one of the files in it")
    if not path.is_file():
        raise FileNotFoundError(f"no file {str(path)!r} (looked in {Path.cwd()}): check the path")
    return path.read_bytes()


@dataclass(frozen=True, eq=False)
class FileContent:
    """What is in a file: its text, a frame, or the cells of a sheet.

    Parameters
    ----------
    text : str
    encoding : str or None
        None where the file is no text.
    frame : DataFrame or None
        Typed columns with names.
    sheet : DataFrame or None
        Cells of a spreadsheet, a header among them.
    """

    text: str = ""
    encoding: str | None = None
    frame: pd.DataFrame | None = None
    sheet: pd.DataFrame | None = None


def read_content(content: bytes, origin: str) -> FileContent:
    """Return what is in a file.

    The bytes decide and not the name, as in a .csv that is compressed.

    Parameters
    ----------
    content : bytes
    origin : str
        The file's name, for messages.

    Raises
    ------
    ImportError
        If pandas needs a package for this kind; the text is the command that installs it.
    ValueError
        If no table is in the file.
    """
    content = _unpacked(content, origin)
    if content.startswith(PARQUET):
        return FileContent(frame=_read_frame("parquet", content, origin))
    if content.startswith(ARCHIVE):
        inner = _archived(content, origin)
        if inner is None:
            return FileContent(sheet=_read_frame("xlsx", content, origin))
        content = inner
    for start, remedy in _OTHER_KINDS.items():
        if content.lstrip()[: len(start)] == start:
            raise ValueError(f"{origin!r} {remedy}")
    text, encoding = decoded(content, origin)
    if _PAGE.match(text):
        raise ValueError(
            f"{origin!r} is a web page (HTML) and no table: download the file itself, on GitHub "
            "for instance with the button Raw"
        )
    if _JSON.match(text):
        raise ValueError(f"{origin!r} looks like JSON: in Python, pass pd.read_json({origin!r})")
    if text.lstrip()[:9].lower() == "@relation" or "\n@relation" in text[:20_000].lower():
        raise ValueError(
            f"{origin!r} is an ARFF file: in Python, pass "
            f"pd.DataFrame(scipy.io.arff.loadarff({origin!r})[0])"
        )
    if not text.strip():
        raise ValueError(f"{origin!r} is empty: no table is in it")
    return FileContent(text, encoding)


def _unpacked(content: bytes, origin: str) -> bytes:
    for start, reader in UNPACK.items():
        if content.startswith(start):
            try:
                plain = reader(BytesIO(content)).read(_MOST_BYTES + 1)
            except DAMAGED as error:
                raise ValueError(
                    f"{origin!r} is a damaged compressed file ({error}): download it again"
                ) from error
            content = plain
            break
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{origin!r} holds more than 1 GB: keep fewer rows or columns")
    return content


def _archived(content: bytes, origin: str) -> bytes | None:
    """Return the one table of a zip archive; None where it is an Excel file."""
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        files = [file for file in archive.infolist() if not file.is_dir()]
        if is_workbook(files):
            return None
        files = [file for file in files if not file.filename.startswith("__MACOSX")]
        if len(files) == 1 and files[0].file_size <= _MOST_BYTES:
            return archive.read(files[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, *DAMAGED) as error:
        reason = str(error) or "it ends early"
        raise ValueError(f"{origin!r} is damaged or locked ({reason}): unpack it first") from error
    raise ValueError(
        f"{origin!r} is an archive of {listed(file.filename for file in files)}: unpack it and "
        "give one file"
    )


def _read_frame(kind: str, content: bytes, origin: str) -> pd.DataFrame:
    import pandas as pd

    package = {"parquet": "pyarrow", "xlsx": "openpyxl"}[kind]
    try:
        if kind == "parquet":
            frame = pd.read_parquet(BytesIO(content))
            for _, column in frame.select_dtypes(exclude="number").items():
                column.tolist()  # text is decoded when it is asked for, and may be no UTF-8
            return frame
        return pd.read_excel(BytesIO(content), header=None, dtype=object, engine="openpyxl")
    except ImportError as error:
        raise ImportError(f"{origin!r} needs {package}: pip install {package}") from error
    except Exception as error:  # of the engine, which may raise anything for damaged files
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{origin!r} is no readable {kind} file: {reason}") from error
