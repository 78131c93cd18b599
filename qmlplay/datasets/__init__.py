"""Seeded datasets for classification and regression, all offline, and a door for your own data.

`load_dataset` makes a dataset by name, `list_datasets` names them all, and `as_dataset` turns a
file with a table, a DataFrame or a pair ``(X, y)`` into the same kind of object.
"""

from qmlplay.datasets._samples import check_classification
from qmlplay.datasets.own_data import as_dataset
from qmlplay.datasets.registry import list_datasets, load_dataset

__all__ = ["as_dataset", "check_classification", "list_datasets", "load_dataset"]
