"""Tables as people have them: read, recognised, and made into features and labels.

`read_table` takes a file and `table_from_frame` a frame; both say in one line what they took for
what. `read_features` reads new rows, which need no labels. `TablePreprocessor` makes numbers of
features, and `FeatureReduction` fewer numbers of many.

A table goes from `sources` (a file's bytes and lines, or a frame) over `cells` (text → numbers,
dates, labels) to the `recognition` of its columns; ``reading`` does all three, ``precedents`` reads
new rows as those in training were, and `transformers` learn from what came out.
"""

from qmlplay.tables.reading import column_names, read_features, read_table, table_from_frame
from qmlplay.tables.recognition import Recognition, Table
from qmlplay.tables.transformers import FeatureReduction, TablePreprocessor

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
