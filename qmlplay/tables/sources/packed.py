"""Compressed files and archives: how they begin, and how large what is in them is."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from io import BytesIO

__all__ = ["ARCHIVE", "DAMAGED", "PARQUET", "UNPACK", "holds_more", "is_workbook"]

#: How a zip archive, an Excel workbook among them, and a Parquet file begin.
ARCHIVE, PARQUET = b"PK\x03\x04", b"PAR1"
#: How a compressed file begins → what opens it.
UNPACK: dict[bytes, Callable[[BytesIO], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
#: What is raised for a damaged one.
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError)
_XML_PER_TEXT = 10  # bytes of a workbook for one of text, or fewer


def holds_more(content: bytes, n_bytes: int) -> bool:
    """Return whether a file is larger than so many bytes, once it is unpacked.

    Examples
    --------
    >>> holds_more(gzip.compress(b"1,2" * 1000), 2000), holds_more(b"1,2", 2000)
    (True, False)
    """
    try:
        for start, reader in UNPACK.items():
            if content.startswith(start):
                content = reader(BytesIO(content)).read(n_bytes + 1)
                break
        return max(len(content), _size_inside(content)) > n_bytes
    except Exception:  # damaged in whatever way, as will be said when it is read
        return False


def _size_inside(content: bytes) -> int:
    """Return about how many bytes of text a zip archive, workbook or Parquet file holds, or 0."""
    if content.startswith(PARQUET) and find_spec("pyarrow") is not None:
        from pyarrow.parquet import read_metadata

        about = read_metadata(BytesIO(content))
        # Not from its column chunks: of damaged ones pyarrow 25 ends the whole process.
        return int(about.num_rows) * int(about.num_columns)
    if not content.startswith(ARCHIVE):
        return 0
    with zipfile.ZipFile(BytesIO(content)) as archive:
        files = archive.infolist()
    size = sum(file.file_size for file in files)
    return size // _XML_PER_TEXT if is_workbook(files) else size


def is_workbook(files: Iterable[zipfile.ZipInfo]) -> bool:
    """Return whether the files of an archive are those of an Excel workbook."""
    return any(file.filename.startswith("xl/") for file in files)
