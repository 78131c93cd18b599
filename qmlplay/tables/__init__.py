"""Tables as people have them: read, recognised, and made into features and labels.

`read_table` takes a file and `table_from_frame` a frame; both say in one line what they took for
what. `read_features` reads new rows, which need no labels. `TablePreprocessor` makes numbers of
features, and `FeatureReduction` fewer numbers of many.
"""

from qmlplay.tables.preprocessing import FeatureReduction, TablePreprocessor
from qmlplay.tables.reading import column_names, read_features, read_table, table_from_frame
from qmlplay.tables.recognition import Recognition, Table

__all__ = [
    "FeatureReduction",
    "Recognition",
    "Table",
    "TablePreprocessor",
    "column_names",
    "read_features",
    "read_table",
    "table_from_frame",
]
