"""Preprocessing inside a pipeline: transformers that learn from the training part alone.

``preprocessor`` makes numbers of a table by what every one of its ``columns`` has learned, and
``reduction`` makes fewer numbers of many. ``numeric_columns`` says where a table needs the first.
"""

from qmlplay.tables.preprocessing.columns import CategoryColumn
from qmlplay.tables.preprocessing.numeric_columns import check_numeric_columns, strange_columns
from qmlplay.tables.preprocessing.preprocessor import TablePreprocessor
from qmlplay.tables.preprocessing.reduction import FeatureReduction

__all__ = [
    "CategoryColumn",
    "FeatureReduction",
    "TablePreprocessor",
    "check_numeric_columns",
    "strange_columns",
]
