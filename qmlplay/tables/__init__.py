"""Tables as people have them: read, recognised, and made into features and labels.

`read_table` takes a file and `table_from_frame` a frame; both say in one line what they took for
what. `read_features` reads new rows, which need no labels.
"""

from qmlplay.tables.reading import read_features, read_table, table_from_frame
from qmlplay.tables.recognition import Recognition, Table

__all__ = ["Recognition", "Table", "read_features", "read_table", "table_from_frame"]
