"""Cells as people write them → numbers, dates, labels or text, by what a whole column agrees on.

``notation`` says what stands for a gap and what looks like a number; ``numbers`` and ``dates`` read
a column's different texts (``distinct``), and ``conversion`` chooses between them. Columns that
have a type already go through ``typed_columns``, and the target's through ``target_labels``;
``target_task`` says whether numbers there are classes.
"""

from qmlplay.tables.cells.conversion import Converted, convert_text
from qmlplay.tables.cells.notation import (
    GAPS,
    NUMBER_GAPS,
    looks_like_number,
    plain_number,
    unquoted,
)
from qmlplay.tables.cells.numbers import UNKNOWN_COMMA, Comma, file_comma
from qmlplay.tables.cells.target_labels import (
    Labels,
    class_problem,
    few_decimals,
    text_labels,
    typed_labels,
)
from qmlplay.tables.cells.target_task import (
    are_few_decimals,
    number_problem,
    task_doubt,
    task_of_numbers,
)
from qmlplay.tables.cells.typed_columns import cell_text, convert_series

__all__ = [
    "GAPS",
    "NUMBER_GAPS",
    "UNKNOWN_COMMA",
    "Comma",
    "Converted",
    "Labels",
    "are_few_decimals",
    "cell_text",
    "class_problem",
    "convert_series",
    "convert_text",
    "few_decimals",
    "file_comma",
    "looks_like_number",
    "number_problem",
    "plain_number",
    "task_doubt",
    "task_of_numbers",
    "text_labels",
    "typed_labels",
    "unquoted",
]
