"""Transformers for pipelines: from a table to numbers, learned from the training part alone.

``preprocessor`` makes numbers of a table by what every one of its ``columns`` has learned, and
``reduction`` makes fewer numbers of many. ``numeric_columns`` says where a table needs the first,
and ``fitted_rows`` checks rows against the columns that an estimator was fitted to.
"""

from qmlplay.tables.transformers.columns import CategoryColumn, NumberColumn
from qmlplay.tables.transformers.fitted_rows import checked_rows
from qmlplay.tables.transformers.numeric_columns import check_numeric_columns, strange_columns
from qmlplay.tables.transformers.preprocessor import TablePreprocessor
from qmlplay.tables.transformers.reduction import FeatureReduction

__all__ = [
    "CategoryColumn",
    "FeatureReduction",
    "NumberColumn",
    "TablePreprocessor",
    "check_numeric_columns",
    "checked_rows",
    "strange_columns",
]
