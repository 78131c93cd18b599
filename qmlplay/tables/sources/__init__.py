"""Sources of tables, files and frames, taken apart into columns before anything is decided.

A file goes from bytes (``file_content``, ``decoding``) over lines (``separators``, ``rows``) and
the question of a first line with names (``header``) to a ``grid`` of cells; a frame of any library
goes through ``table_frames``. Both become a ``source``.
"""

from qmlplay.tables.sources.file_content import TABLE_SUFFIXES, is_table_file, is_url
from qmlplay.tables.sources.header import first_is_row
from qmlplay.tables.sources.packed import holds_more
from qmlplay.tables.sources.separators import SEPARATORS
from qmlplay.tables.sources.source import Source, file_source, frame_source
from qmlplay.tables.sources.table_frames import as_frame, as_pandas, check_columns, is_frame

__all__ = [
    "SEPARATORS",
    "TABLE_SUFFIXES",
    "Source",
    "as_frame",
    "as_pandas",
    "check_columns",
    "file_source",
    "first_is_row",
    "frame_source",
    "holds_more",
    "is_frame",
    "is_table_file",
    "is_url",
]
