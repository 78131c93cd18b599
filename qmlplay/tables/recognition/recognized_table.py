"""The recognition of a table, and the table itself: two frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.errors import listed
from qmlplay.tables.sources import SEPARATORS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OTHER_TARGETS", "Recognition", "Table", "values_of_target"]


#: How a note begins that names other columns for the target.
OTHER_TARGETS = "Other columns could be it: "
#: Characters of the line; what is cut there stands in `Recognition.notes`.
_LONGEST = 990
_LONGEST_NOTE = 150
_LONGEST_PARTS = 700


def _shortened(notes: Sequence[str], room: int) -> list[str]:
    """Return as many notes, cut where they are long, as there is room for; warnings first."""
    ordered = sorted(notes, key=lambda note: not note.startswith("WARNING"))
    cut = [n if len(n) <= _LONGEST_NOTE else f"{n[: _LONGEST_NOTE - 1]}…" for n in ordered]
    kept = list[str]()
    for note in cut:
        if sum(len(text) + 2 for text in (*kept, note)) > room - len(_MORE):
            break
        kept.append(note)
    n_more = len(cut) - len(kept)
    return [*kept, _MORE.format(n_more)] if n_more else kept


_MORE = "{} more notes, see --json (in Python recognition.notes)"


@dataclass(frozen=True)
class Recognition:
    """What was recognised of a file or a frame; `str` makes one line of it.

    Parameters
    ----------
    name : str
        What the dataset is called, for instance ``"flowers"``.
    origin : str
        Where it comes from, for instance ``"flowers.csv"``.
    n_rows, n_columns : int
        Size of what came, before anything was left out; a header is no row.
    separator, encoding, header : str or None
        How a text file was read; None for frames and for files that are no text.
    target : str
        The column with the labels.
    target_reason : str
        Why this one, for instance ``"the last column"``.
    class_counts : mapping of str to int
        Label → how many rows; empty for a regression.
    task : {"classification", "regression"}, default="classification"
    numbers : mapping of str to float or None
        Of a regression's target ``n_different``, ``min``, ``max``, ``mean`` and ``std``.
    doubt : str
        Where the task or the target was found out and may be another one: what to type.
    left_out : mapping of str to str
        Column → why it is no feature.
    notes : tuple of str
        What else was decided or should be looked at.

    Examples
    --------
    >>> recognition = Recognition(
    ...     name="flowers", origin="flowers.csv", n_rows=3, n_columns=3, separator=";",
    ...     header="in line 1", target="kind", target_reason="the last column",
    ...     class_counts={"lily": 1, "rose": 2}, left_out={"id": "counts the rows"},
    ... )
    >>> print(recognition)
    flowers.csv: 3 rows × 3 columns, separator ';', header in line 1; target column 'kind' (the \
last column) with lily: 1, rose: 2; left out: 'id' (counts the rows)
    """

    name: str
    origin: str
    n_rows: int
    n_columns: int
    target: str
    target_reason: str
    class_counts: Mapping[str, int]
    separator: str | None = None
    encoding: str | None = None
    header: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    task: str = "classification"
    numbers: Mapping[str, float] | None = None
    doubt: str = ""

    def __str__(self) -> str:
        """Return one line of less than a thousand characters."""
        parts = self._parts(10)
        if len(parts) > _LONGEST_PARTS:
            parts = self._parts(3)
        notes = (self.doubt, *self.notes) if self.doubt else self.notes
        line = "; ".join([parts, *notes])
        if len(line) > _LONGEST:
            line = "; ".join([parts, *_shortened(notes, _LONGEST - len(parts))])
        return " ".join(line.split())

    @property
    def other_targets(self) -> str:
        """Columns that could be the target instead, in words; "" where this one is not doubted."""
        notes = (self.doubt, *self.notes)
        found = [n.partition(OTHER_TARGETS) for n in notes if OTHER_TARGETS in n]
        return "".join(found[0][1:]) if found else ""

    def _parts(self, most: int) -> str:
        """Return all but the notes, with lists cut after so many names."""
        parts = [f"{self.origin[-200:]}: {self.n_rows} rows × {self.n_columns} columns"]
        if self.separator is not None:
            parts[0] += f", separator {SEPARATORS.get(self.separator, repr(self.separator))}"
        if self.encoding not in (None, "UTF-8"):
            parts[0] += f", encoding {self.encoding}"
        if self.header is not None:
            parts[0] += f", header {self.header}"
        shown = self._values(most)
        target = listed([self.target])
        parts.append(f"target column {target} ({self.target_reason}) with {shown}")
        if self.left_out:
            reasons = [f"{listed([name])} ({reason})" for name, reason in self.left_out.items()]
            parts.append(f"left out: {listed(reasons, most, quoted=False, longest=120)}")
        return "; ".join(parts)

    def _values(self, most: int) -> str:
        """Return what is in the target, in words."""
        if self.numbers is not None:
            return "{n_different} different numbers from {min:.6g} to {max:.6g}".format(
                **self.numbers
            )
        classes = [f"{label[:50]}: {count}" for label, count in self.class_counts.items()]
        return listed(classes, most, quoted=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, ready for JSON, with the line under ``"text"``."""
        fields = asdict(self)
        fields["notes"] = list(self.notes)
        return fields | {"text": str(self)}


@dataclass(frozen=True, eq=False)
class Table:
    """A table as features and labels.

    Parameters
    ----------
    features : DataFrame, shape (n_samples, n_features)
        Columns by name: float64 (NaN is a gap), text (object, None is a gap) or datetime64 (NaT
        is a gap); never the target.
    target : ndarray, shape (n_samples,)
        Labels of one kind: integers, whole floats, booleans or text; of a regression float64.
    recognition : Recognition
        What was recognised.
    """

    features: pd.DataFrame
    target: Any
    recognition: Recognition


def values_of_target(task: str, values: Any) -> dict[str, Any]:
    """Return what `Recognition` says of a target's values: classes with counts, or numbers.

    Examples
    --------
    >>> import numpy as np
    >>> values_of_target("classification", np.array(["fir", "oak", "fir"]))
    {'task': 'classification', 'class_counts': {'fir': 2, 'oak': 1}, 'numbers': None}
    >>> values_of_target("regression", np.array([1.0, 3.0]))["numbers"]
    {'n_different': 2, 'min': 1.0, 'max': 3.0, 'mean': 2.0, 'std': 1.0}
    """
    different, counts = np.unique(values, return_counts=True)
    if task == "classification":
        classes = dict(zip(map(str, different.tolist()), counts.tolist(), strict=True))
        return {"task": task, "class_counts": classes, "numbers": None}
    moments = {"min": values.min(), "max": values.max(), "mean": values.mean(), "std": values.std()}
    numbers = {"n_different": len(different)} | {k: float(v) for k, v in moments.items()}
    return {"task": task, "class_counts": {}, "numbers": numbers}
