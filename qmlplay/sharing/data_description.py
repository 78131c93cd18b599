"""The data of a shared model: what is known of them, and whether they can be those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from qmlplay.tables import Recognition, Table

__all__ = ["DataDescription", "check_same", "described_data"]


@dataclass(frozen=True)
class DataDescription:
    """What is known of a table.

    Parameters
    ----------
    name : str
    n_rows, n_columns : int or None
        As it came, the target among its columns where a file or a frame was read.
    reading : str
        Where it comes from and how it was read, in words; "" where nobody said.
    answers : mapping of str to int
        Label → how many rows; empty for a regression, or where nobody said.
    numbers : str
        Of a regression's target, in words; "" for classes.
    n_features : int or None
        Columns that a model gets; None where nobody said.
    notes : tuple of str
        What else was decided.
    """

    name: str
    n_rows: int | None = None
    n_columns: int | None = None
    reading: str = ""
    answers: Mapping[str, int] = field(default_factory=dict)
    numbers: str = ""
    n_features: int | None = None
    notes: tuple[str, ...] = ()


def described_data(data: Any) -> DataDescription | None:
    """Return what is known of data, in any of the forms in which people have it.

    Parameters
    ----------
    data : str, Bunch, Table, Recognition, mapping or None
        A name, or words; what `load_dataset` or `as_dataset` returned; what
        `qmlplay.tables.read_table` returned or recognised, or the same as plain values.

    Raises
    ------
    TypeError
        If it is anything else.

    Examples
    --------
    >>> from qmlplay import load_dataset
    >>> known = described_data(load_dataset("iris"))
    >>> known.name, known.n_rows, dict(known.answers)
    ('iris', 150, {'setosa': 50, 'versicolor': 50, 'virginica': 50})
    """
    match data:
        case None:
            return None
        case str():
            return DataDescription(data)
        case Bunch():
            return _of_bunch(data)
        case Table():
            return _of_recognition(data.recognition.to_dict(), data.features.shape[1])
        case Recognition():
            return _of_recognition(data.to_dict())
        case Mapping():
            return _of_recognition(data)
        case _:
            raise TypeError(
                "data must be a name, or what load_dataset, as_dataset or read_table returned; "
                f"got {type(data).__name__}: make it one with qmlplay.datasets.as_dataset(data)"
            )


def _of_bunch(data: Bunch) -> DataDescription:
    n_features = data.X.shape[1]
    recognition = data.get("recognition")
    if recognition is not None:
        return _of_recognition(recognition.to_dict(), n_features)
    names = [str(name) for name in data.target_names]
    different, counts = np.unique(data.y, return_counts=True)
    is_regression = data.get("task") == "regression"
    labels = names if len(names) == len(different) else [str(label) for label in different]
    first_line = str(data.get("DESCR", "")).strip().partition("\n")[0]
    return DataDescription(
        str(data.name),
        len(data.y),
        n_features,
        first_line,
        {} if is_regression else dict(zip(labels, counts.tolist(), strict=True)),
        f"numbers from {data.y.min():.6g} to {data.y.max():.6g}" if is_regression else "",
        n_features,
    )


def _of_recognition(content: Mapping[str, Any], n_features: int | None = None) -> DataDescription:
    try:
        numbers = content["numbers"]
        words = "" if numbers is None else "numbers from {min:.6g} to {max:.6g}".format(**numbers)
        return DataDescription(
            str(content["name"]),
            int(content["n_rows"]),
            int(content["n_columns"]),
            str(content["text"]),
            {str(label): int(count) for label, count in content["class_counts"].items()},
            words,
            n_features,
            tuple(str(note) for note in content["notes"]),
        )
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(
            "the data are described by something else than a recognition of qmlplay, such as "
            f"read_table('flowers.csv').recognition ({error!r:.200})"
        ) from error


def check_same(known: DataDescription, n_features: int | None, n_classes: int | None) -> None:
    """Raise ValueError where data cannot be those that a model was trained on.

    Parameters
    ----------
    known : DataDescription
    n_features : int or None
        Columns that the model takes, where it says so.
    n_classes : int or None
        None for a regressor.
    """
    came = (known.n_features, len(known.answers) or None)
    differences = [
        f"they have {number} {what}, and the model {expected}"
        for what, number, expected in (
            ("columns of features", came[0], n_features),
            ("classes", came[1], n_classes),
        )
        if number is not None and expected is not None and number != expected
    ]
    if differences:
        raise ValueError(
            f"the model was not trained on the data {known.name!r}: {'; '.join(differences)}. "
            "Give the data of its training, or leave data out"
        )
