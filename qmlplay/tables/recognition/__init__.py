"""Recognition of what the columns of a source are: the target, features, or left out, and why.

``selection`` checks what the user asked for, ``left_out`` finds columns that are no features,
``target`` the one with the labels and ``target_values`` these; ``decisions`` puts them together.
What comes out is a ``recognized_table`` with ``notes`` on it, or one error with all ``problems``.
"""

from qmlplay.tables.recognition.decisions import (
    converted_columns,
    decided_table,
    frame_of,
    wrong_cells,
)
from qmlplay.tables.recognition.left_out import reason_to_leave_out
from qmlplay.tables.recognition.notes import table_notes
from qmlplay.tables.recognition.problems import problem_text
from qmlplay.tables.recognition.recognized_table import Recognition, Table, values_of_target
from qmlplay.tables.recognition.selection import checked_selection
from qmlplay.tables.recognition.target_values import check_task_name

__all__ = [
    "Recognition",
    "Table",
    "check_task_name",
    "checked_selection",
    "converted_columns",
    "decided_table",
    "frame_of",
    "problem_text",
    "reason_to_leave_out",
    "table_notes",
    "values_of_target",
    "wrong_cells",
]
