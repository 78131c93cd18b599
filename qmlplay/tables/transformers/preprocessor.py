"""From a table to numbers: text, categories, booleans, dates and gaps, learned in training.

The columns are values of our own (see ``columns``) rather than skrub's or a ColumnTransformer: so
the saved file is plain JSON, columns are found by name, and an error names the cell. That is less
code than writing out the fitted attributes of eight kinds of transformers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from qmlplay.errors import listed
from qmlplay.tables.precedents import Precedents, check_precedents
from qmlplay.tables.sources import as_frame, check_columns, is_frame
from qmlplay.tables.transformers.columns import TableColumn
from qmlplay.tables.transformers.fitted_rows import check_column_count
from qmlplay.tables.transformers.learned_columns import (
    column_from_dict,
    columns_from_text,
    columns_to_text,
    learned_column,
    renamed,
)
from qmlplay.typing import Real

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TablePreprocessor"]


class TablePreprocessor(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A transformer from a table as people have it to numbers.

    Everything is learned in `fit`: inside a pipeline, from the training part alone.

    - Numbers stay, with the median for gaps. Where 5 % or more are gaps, a 0/1 column marks them.
    - Text, booleans and pandas categoricals become a 0/1 column per category, one for two. A gap
      is a category. Of more than ten, the most frequent have a column, and the others share one.
      A category that training did not have is among those others, else in none (0.5 for two).
    - Dates become the days since the first one, and sine and cosine of weekday, hour and, over
      more than a year, month.
    - Columns with one value in training, or with none, are left out.

    Parameters
    ----------
    precedents : mapping of str to mapping, optional
        Cells of the file that it is fitted to, and what they were read as: how new files are to
        be read (see `qmlplay.tables.precedents`). `fit` and `transform` do not need them.

    Attributes
    ----------
    columns_ : tuple of TableColumn
        What was learned of every column: frozen values.
    n_features_in_, n_outputs_ : int
        The number of columns of the table, and of those that `transform` returns.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, where X had any: new tables are then read by name, in any order, and may
        have further columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from qmlplay import TablePreprocessor
    >>> table = pd.DataFrame({"age": [20, None, 40], "color": ["red", "blue", "red"]})
    >>> preprocessor = TablePreprocessor().set_output(transform="pandas").fit(table)
    >>> print(preprocessor.transform(table))
        age  age is missing  color=red
    0  20.0             0.0        1.0
    1  30.0             1.0        0.0
    2  40.0             0.0        1.0
    """

    def __init__(self, precedents: Precedents | None = None) -> None:
        self.precedents = precedents

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn medians, categories and first dates.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_samples, n_features)
            Numbers, text, booleans, categories and dates, with gaps (None, NaN, NaT) or without.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If X is no table, a number is infinite, two columns have one name, cells are of other
            kinds, or no column has two different values.
        """
        check_precedents(self.precedents)
        frame = as_frame(X)
        columns = tuple(learned_column(str(name), frame.iloc[:, i]) for i, name in enumerate(frame))
        if not any(column.outputs for column in columns):
            raise ValueError(
                f"nothing to learn from {len(frame)} sample(s): each of the columns "
                f"{listed([column.name for column in columns])} has the same value in all rows, "
                f"or none (n_samples = {len(frame)})"
            )
        validate_data(self, X if not is_frame(X) else frame, skip_check_array=True)
        self.columns_ = columns
        return self

    def transform(self, X: Any) -> Real:
        """Return numbers.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_samples, n_features)
            With the columns of `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
            float64, finite; the columns are those of `get_feature_names_out`.

        Raises
        ------
        TypeError, ValueError
            If a column is missing, or a cell is not of the kind that the column had in training.
        """
        parts = [column.numbers(values) for column, values in self._matched(X)]
        return np.ascontiguousarray(np.column_stack(parts), dtype=np.float64)

    def unseen(self, X: Any) -> dict[str, dict[str, int]]:
        """Return the categories that training did not have, and in how many rows they are.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_samples, n_features)
            As in `transform`.

        Returns
        -------
        dict of str to dict of str to int
            Column → category → rows; columns without new ones are not in it.

        Examples
        --------
        >>> import pandas as pd
        >>> from qmlplay import TablePreprocessor
        >>> preprocessor = TablePreprocessor().fit(pd.DataFrame({"color": ["red", "blue"]}))
        >>> preprocessor.unseen(pd.DataFrame({"color": ["red", "lilac"]}))
        {'color': {'lilac': 1}}
        """
        counts = {column.name: column.unseen(values) for column, values in self._matched(X)}
        return {name: categories for name, categories in counts.items() if categories}

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the numbers, such as ``"age"`` and ``"color=red"``.

        Parameters
        ----------
        input_features : array-like of str, optional
            Column names, where `fit` was given an array.

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        columns = [renamed(c, str(name)) for c, name in zip(self.columns_, names, strict=True)]
        return np.array([name for c in columns for name in c.outputs], dtype=object)

    def _matched(self, X: Any) -> list[tuple[TableColumn, pd.Series[Any]]]:
        """Return every column that becomes numbers, with its values in X."""
        check_is_fitted(self)
        frame = as_frame(X)
        used = [column for column in self.columns_ if column.outputs]
        if "feature_names_in_" not in vars(self) or not is_frame(X):
            check_column_count(self, X if not is_frame(X) else frame)
            places = [i for i, column in enumerate(self.columns_) if column.outputs]
            return [(c, frame.iloc[:, i]) for c, i in zip(used, places, strict=True)]
        check_columns([column.name for column in used], [str(name) for name in frame])
        return [(column, frame[column.name]) for column in used]

    @property
    def n_outputs_(self) -> int:
        """The number of columns that `transform` returns."""
        return sum(len(column.outputs) for column in self.columns_)

    def to_dict(self) -> dict[str, Any]:
        """Return what was learned as plain values, ready for JSON.

        Examples
        --------
        >>> from qmlplay import TablePreprocessor
        >>> content = TablePreprocessor().fit([[1.0], [3.0]]).to_dict()
        >>> content["columns"]
        [{'kind': 'number', 'name': 'x0', 'median': 2.0, 'marks_gaps': False}]
        >>> TablePreprocessor.from_dict(content).transform([[5.0]])
        array([[5.]])
        """
        check_is_fitted(self)
        return {
            "has_names": "feature_names_in_" in vars(self),
            "columns": [column.to_dict() for column in self.columns_],
            "precedents": self.precedents,
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the fitted preprocessor that `to_dict` wrote.

        Raises
        ------
        ValueError
            If the content is anything else.
        """
        if set(content) != {"has_names", "columns", "precedents"}:
            raise ValueError("a preprocessor has the entries columns, has_names and precedents")
        if not isinstance(content["has_names"], bool):
            raise ValueError("has_names of a preprocessor is true or false")
        check_precedents(content["precedents"])
        if not isinstance(content["columns"], list):
            raise ValueError("the columns of a preprocessor are a list")
        self = cls(content["precedents"])
        self.columns_ = tuple(map(column_from_dict, content["columns"]))
        names = [column.name for column in self.columns_]
        if len(set(names)) < len(names) or not any(c.outputs for c in self.columns_):
            raise ValueError("a preprocessor needs columns with different names")
        self.n_features_in_ = len(names)
        if content["has_names"]:
            self.feature_names_in_ = np.array(names, dtype=object)
        return self

    def __getstate__(self) -> dict[str, Any]:
        # One text instead of objects of our own: whoever loads it with skops trusts this class.
        state: dict[str, Any] = super().__getstate__()
        if "columns_" not in state:
            return state
        return state | {"columns_": columns_to_text(state["columns_"])}

    def __setstate__(self, state: dict[str, Any]) -> None:
        learned = {"columns_": columns_from_text(state["columns_"])} if "columns_" in state else {}
        super().__setstate__(state | learned)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
        """Return what a file keeps: the values of `to_dict`, and no arrays."""
        return self.to_dict(), {}

    @classmethod
    def from_parts(cls, content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the fitted preprocessor that `to_parts` wrote; ValueError for anything else."""
        if arrays:
            raise ValueError(f"a preprocessor has no arrays, got {listed(arrays)}")
        return cls.from_dict(content)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags
