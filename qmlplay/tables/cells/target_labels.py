"""Labels of a table: trimmed, of one kind, with a word about those that look alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.errors import listed
from qmlplay.tables.cells.notation import (
    GAPS,
    LABEL_GAPS,
    NUMBER_GAPS,
    UNKNOWN_LABELS,
    plain_number,
    unquoted,
)
from qmlplay.tables.cells.target_task import are_few_decimals
from qmlplay.typing import Booleans

__all__ = [
    "Labels",
    "as_labels",
    "class_problem",
    "few_decimals",
    "text_labels",
    "typed_labels",
]


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of a table.

    Parameters
    ----------
    values : ndarray, shape (n_labelled,)
        Integers, whole floats, booleans or text, of the rows that have one; a few decimals are
        text.
    is_missing : ndarray of bool, shape (n_rows,)
    notes : tuple of str
        What was trimmed, and what looks like a slip.
    """

    values: NDArray[Any]
    is_missing: Booleans
    notes: tuple[str, ...] = ()


def text_labels(cells: Sequence[str]) -> Labels:
    r"""Return labels that came as text.

    They are trimmed of blanks and quotation marks. An empty cell or ``?`` is missing; so are
    ``NA``, ``NaN`` and ``null`` beside two labels or more, unless all are codes of two capitals.
    ``None`` or ``-`` may be a class, but among numbers these are missing, too.

    Examples
    --------
    >>> labels = text_labels(["ckd", "ckd\t", " 'no' ", "", "None"])
    >>> labels.values.tolist(), labels.is_missing.tolist()
    (['ckd', 'ckd', 'no', 'None'], [False, False, False, True, False])
    >>> text_labels(["yes", "no", "NA"]).is_missing.tolist()
    [False, False, True]
    >>> text_labels(["1", "2", "NA"]).values
    array([1, 2])
    """
    different = dict.fromkeys(cells)
    trimmed = {cell: unquoted(cell) for cell in different}
    filled = {text for text in trimmed.values() if text.lower() not in NUMBER_GAPS}
    is_code = any(text[:1] == "0" and len(text) > 1 and text.isdigit() for text in filled)
    if filled and not is_code and all(map(plain_number, filled)):
        gaps = NUMBER_GAPS
        is_whole = all(text.lstrip("+-").isdigit() for text in filled)
        read: Any = int if is_whole else float
    else:
        gaps = LABEL_GAPS | _unknown(filled)
        is_truth = {text.lower() for text in filled} == {"true", "false"}
        read = (lambda text: text.lower() == "true") if is_truth else str
    known = {cell: read(text) for cell, text in trimmed.items() if text.lower() not in gaps}
    is_missing = np.array([cell not in known for cell in cells], dtype=bool)
    values = np.asarray([known[cell] for cell in cells if cell in known])
    gone = [t for t in dict.fromkeys(trimmed.values()) if t.lower() in gaps - LABEL_GAPS]
    missing = f"label {listed(gone)} read as missing" if gone else ""
    notes = [note for note in (missing, _trimmed(trimmed), _alike(known.values())) if note]
    return Labels(few_decimals(values), is_missing, tuple(notes))


def _unknown(texts: set[str]) -> frozenset[str]:
    """Return the texts, in lower case, that mean no label beside two others at least.

    Not so among codes of two capitals, as of countries: NA is Namibia there.
    """
    others = {text for text in texts if text.lower() not in GAPS}
    are_codes = all(len(text) == 2 and text.isupper() for text in others)
    return frozenset() if len(others) < 2 or are_codes else UNKNOWN_LABELS


def _trimmed(trimmed: dict[str, str]) -> str:
    """Say which texts became the label of others."""
    came = defaultdict(list)
    for cell, text in trimmed.items():
        came[text].append(cell)
    joined = [cell for text, cells in came.items() if text and len(cells) > 1 for cell in cells]
    changed = [f"{cell!r} read as {trimmed[cell]!r}" for cell in joined if cell != trimmed[cell]]
    return f"labels trimmed: {listed(changed, quoted=False)}" if changed else ""


def _alike(labels: Any) -> str:
    """Warn of labels that differ in their case or their blanks alone."""
    alike = defaultdict(set)
    for label in labels:
        if isinstance(label, str):
            alike["".join(label.casefold().split())].add(label)
    groups = [" and ".join(map(repr, sorted(group))) for group in alike.values() if len(group) > 1]
    if not groups:
        return ""
    return (
        f"WARNING: labels {listed(groups, quoted=False)} differ in case or blanks alone: one class?"
    )


def typed_labels(cells: Sequence[Any]) -> Labels:
    """Return labels that came as Python objects, of which None and NaN are missing.

    Raises
    ------
    TypeError
        If strings and numbers are mixed, or they are complex or of another kind.
    """
    import pandas as pd

    items = np.empty(len(cells), dtype=object)
    items[:] = [cell.decode() if isinstance(cell, bytes) else cell for cell in cells]
    is_missing = np.asarray(pd.isna(items), dtype=bool)
    known = items[~is_missing].tolist()
    if known and all(isinstance(item, str) for item in known):
        texts = text_labels(
            ["" if gone else cell for cell, gone in zip(items, is_missing, strict=True)]
        )
        if texts.values.dtype.kind == "U":
            return texts
    return Labels(few_decimals(as_labels(known)), is_missing)


def few_decimals(labels: NDArray[Any]) -> NDArray[Any]:
    """Return decimals as text where they are few, each in many rows, as half steps of a mark."""
    if labels.dtype.kind != "f" or (labels == np.floor(labels)).all():
        return labels
    if not are_few_decimals(labels):
        return labels
    return np.array([f"{label:g}" for label in labels.tolist()])


def as_labels(items: Sequence[Any]) -> NDArray[Any]:
    """Return labels, none of which is missing, as an array of one kind.

    Raises
    ------
    TypeError
        If strings and numbers are mixed, or they are complex or of another kind.

    Examples
    --------
    >>> as_labels([True, False])
    array([ True, False])
    """
    if len({isinstance(item, str) for item in items}) > 1:
        kinds = sorted({type(item).__name__ for item in items})
        raise TypeError(f"labels of mixed types {kinds}: turn all into strings, y.astype(str)")
    labels = np.asarray(items)
    if labels.dtype.kind not in "iubfU":
        raise TypeError(
            f"labels of type {labels.dtype}: must be whole numbers, strings or booleans; "
            "for others y.astype(str)"
        )
    return labels


def class_problem(labels: NDArray[Any]) -> str:
    """Return why labels make no classes, and what to do; "" where they do.

    Examples
    --------
    >>> import numpy as np
    >>> class_problem(np.array([0, 1, 1])), class_problem(np.array(["oak", "oak"]))
    ('', "has a single class, ['oak']: two are needed")
    """
    classes = np.unique(labels)
    n_classes, n_labels = len(classes), len(labels)
    if n_classes == 0:
        return "has no labels: every cell is empty"
    if n_classes == 1:
        return f"has a single class, [{listed(classes.tolist())}]: two are needed"
    if labels.dtype.kind == "f":
        broken = classes[classes != np.floor(classes)]
        if len(broken):
            return (
                f"looks continuous ({n_classes} different numbers, for instance {broken[0]}): a "
                "classifier needs classes; make some, for instance with pandas.cut, or train a "
                "qmlplay.VariationalRegressor"
            )
    if n_labels >= 10 and n_classes > n_labels / 2:
        kind = "different in every row" if n_classes == n_labels else "different in most rows"
        return (
            f"is {kind}: {n_classes} labels of {n_labels} rows, such as "
            f"{listed(classes.tolist(), 3)}; a classifier needs a few classes, each in many rows"
        )
    return ""
