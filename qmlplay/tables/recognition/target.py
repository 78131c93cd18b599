"""The column with the labels: the one asked for, one with a name that says so, else the last."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qmlplay.errors import listed
from qmlplay.tables.cells import class_problem
from qmlplay.tables.recognition.left_out import is_id_name
from qmlplay.tables.recognition.problems import option_text
from qmlplay.tables.recognition.recognized_table import OTHER_TARGETS
from qmlplay.tables.recognition.target_values import has_numbers
from qmlplay.tables.sources import Source

__all__ = ["choose_target", "numeric_targets", "possible_targets"]

#: Names of a column with labels, without blanks and marks; the first one in a table counts.
_NAMES = (
    "target", "label", "labels", "class", "classes", "targetclass", "classlabel", "targetlabel",
    "labelclass", "targetvariable", "classification", "groundtruth", "ytrue", "outcome",
    "diagnosis", "species", "variety", "survived", "churn", "churned", "exited", "attrition",
    "isfraud", "raintomorrow", "loanstatus", "sentiment", "classtype", "response", "y",
)  # fmt: skip
#: Names of a target that columns of numbers have, too.
_ALSO_FEATURES = {"y", "response", "outcome"}
_FEW_CLASSES = 20
#: Classes from which on a last column is doubted.
_MANY_CLASSES = 10


def choose_target(
    source: Source,
    names: Sequence[str],
    left_out: Mapping[str, str],
    task: str = "classification",
) -> tuple[str, str, list[str]]:
    """Return the column with the labels, why this one, and notes.

    Parameters
    ----------
    source : Source
    names : sequence of str
        Columns that may be it, in the table's order.
    left_out : mapping of str to str
        Columns that are no features; of these, counters and names of rows are no target either.
    task : {"classification", "regression", "auto"}, default="classification"

    Raises
    ------
    ValueError
        If all of them count or name the rows.
    """
    named = _by_name(names)
    good = [name for name in named if _fits(source, name, task)]
    if names[-1] in good:
        good.insert(0, good.pop(good.index(names[-1])))
    if good:
        others = " or ".join(option_text("target", [name]) for name in good[1:])
        notes = [f"{listed(good[1:])} may be the target, too: {others}"] if others else []
        return good[0], "by its name", notes
    certain = [name for name in named if name.lower() not in _ALSO_FEATURES]
    if certain:  # it has no classes, which is an error that says so
        return certain[0], "by its name", []
    possible = [name for name in names if not _numbers_rows(name, left_out.get(name, ""))]
    if not possible:
        raise ValueError(
            f"{source.origin} has no column for a target: {listed(names)} number or name the rows, "
            "or are empty; name one with --target (in Python target=...)"
        )
    last = possible[-1]
    reason = "the last column" if last == names[-1] else "the last column not left out"
    return last, reason, _many_classes(source, last, names) or _first_text(source, last, names)


def _first_text(source: Source, target: str, names: Sequence[str]) -> list[str]:
    """Tell of text in the first column of a file without names, where the last one has numbers."""
    if source.header is None or not source.header.startswith("none") or names[0] == target:
        return []
    first = source.labels_of(names[0]).values
    is_other_kind = first.dtype.kind == "U" != source.labels_of(target).values.dtype.kind
    if not is_other_kind or class_problem(first) or len(set(first.tolist())) > _FEW_CLASSES:
        return []
    return [f"{names[0]!r} may be the target, too: {option_text('target', names[:1])}"]


def _many_classes(source: Source, target: str, names: Sequence[str]) -> list[str]:
    """Warn of a target with many classes that was taken for want of a better one."""
    if not _has_classes(source, target):
        return []  # which is an error that names the others
    n_classes = len(set(source.labels_of(target).values.tolist()))
    if n_classes <= _MANY_CLASSES:
        return []
    others = possible_targets(source, [name for name in names if name != target])
    return [f"WARNING: {n_classes} classes in {target!r}. {others}"] if others else []


def _numbers_rows(name: str, reason: str) -> bool:
    """Return whether a column is left out for what no column of labels is, or is called."""
    return bool(reason) and (
        reason == "empty" or reason.startswith(("counts", "a number", "names")) or is_id_name(name)
        or name.lower().endswith("name")
    )  # fmt: skip


def _by_name(names: Sequence[str]) -> list[str]:
    plain = {name: re.sub(r"[\W_]", "", name.lower()) for name in names}
    if "x" in plain.values():  # a place in the plane, then
        plain = {name: text for name, text in plain.items() if text != "y"}
    return sorted((n for n in plain if plain[n] in _NAMES), key=lambda n: _NAMES.index(plain[n]))


def _fits(source: Source, name: str, task: str) -> bool:
    """Tell whether a column has what a task needs; for "auto", whether it has classes."""
    return has_numbers(source, name) if task == "regression" else _has_classes(source, name)


def _has_classes(source: Source, name: str) -> bool:
    try:
        return not class_problem(source.labels_of(name).values)
    except TypeError:
        return False


def possible_targets(source: Source, names: Sequence[str]) -> str:
    """Return columns with few classes as a remedy for a target that has none; "" without any."""
    found = []
    for name in names[:500]:
        if _has_classes(source, name):
            n_classes = len(set(source.labels_of(name).values.tolist()))
            if n_classes <= min(_FEW_CLASSES, source.n_rows / 2):
                found.append((name, f"{option_text('target', [name])} ({n_classes} classes)"))
    if not found:
        return ""
    texts = listed([text for _, text in found], 5, quoted=False)
    return f"{OTHER_TARGETS}{texts}; in Python target={found[0][0]!r}"


def numeric_targets(source: Source, names: Sequence[str]) -> str:
    """Return columns of numbers as a remedy for a target that has none; "" without any."""
    found = [name for name in names[:500] if has_numbers(source, name)][:5]
    if not found:
        return ""
    texts = listed([option_text("target", [name]) for name in found], 5, quoted=False)
    return f"{OTHER_TARGETS}{texts}; in Python target={found[0]!r}"
