"""Names that the user gave for columns: to drop, to use, to keep, and the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from qmlplay.errors import listed, unknown_name
from qmlplay.tables.sources import Source

__all__ = ["Selection", "checked_selection"]


@dataclass(frozen=True)
class Selection:
    """Columns by name, all of which the table has.

    Parameters
    ----------
    columns : tuple of str
        All but those dropped.
    target : str or None
    features : tuple of str or None
        None for all that are not left out.
    keep : frozenset of str
        Never left out.
    """

    columns: tuple[str, ...]
    target: str | None
    features: tuple[str, ...] | None
    keep: frozenset[str]


def checked_selection(
    source: Source, target: Any, drop: Any, features: Any, keep: Any
) -> Selection:
    """Return the columns that the user named, checked.

    Raises
    ------
    ValueError
        If the table lacks one of them, or a column is asked for in two ways that exclude each
        other; all such problems are in one message.
    """
    by_label = {label: name for name, label in source.labels.items()}
    wanted = {
        "drop": _names(drop, by_label),
        "features": _names(features, by_label),
        "keep": _names(keep, by_label),
    }
    goal = None if target is None else _names([target], by_label)[0]
    problems = []
    if goal is not None and goal not in source.columns:
        problems.append(str(unknown_name("target column", goal, source.columns)))
    for option, names in wanted.items():
        absent = [name for name in names if name not in source.columns]
        if absent:
            near = get_close_matches(absent[0], list(source.columns), n=1, cutoff=0.5)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            problems.append(f"{option}: no columns {listed(absent)}{hint}")
    if problems and len(problems) + (goal is None) > 1:
        problems.append(f"it has {listed(source.columns)}")
    if goal in wanted["drop"]:
        problems.append(f"the target {goal!r} is among the columns to drop")
    if goal in wanted["features"]:
        problems.append(f"the target {goal!r} is among the features: it would tell the answer")
    both = sorted(set(wanted["drop"]) & set(wanted["features"] + wanted["keep"]))
    if both:
        problems.append(f"columns to drop and to use: {listed(both)}")
    if problems:
        raise ValueError("; ".join(problems))
    columns = tuple(name for name in source.columns if name not in wanted["drop"])
    chosen = tuple(dict.fromkeys(wanted["features"])) if features is not None else None
    return Selection(columns, goal, chosen, frozenset(wanted["keep"]))


def _names(names: Any, by_label: dict[Any, str]) -> list[str]:
    """Return names or labels of columns as names; a single text is one name."""
    if names is None:
        return []
    items: Sequence[Any] = [names] if isinstance(names, str) else list(names)
    return [
        by_label.get(item, item.strip() if isinstance(item, str) else str(item)) for item in items
    ]
