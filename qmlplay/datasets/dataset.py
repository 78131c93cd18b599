"""The object that holds a dataset."""

from __future__ import annotations

from sklearn.utils import Bunch

__all__ = ["Dataset"]


class Dataset(Bunch):  # type: ignore[misc]
    """A Bunch (a dict with attributes) that notebooks show as a table.

    Examples
    --------
    >>> from qmlplay import load_dataset
    >>> data = load_dataset("moons", n_samples=10)
    >>> data.X is data["X"]
    True
    """

    def _repr_html_(self) -> str | None:
        from qmlplay.html import dataset_html

        return dataset_html(self)
