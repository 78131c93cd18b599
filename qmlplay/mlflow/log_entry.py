"""Log entries: what is to be logged, as plain values that a thread can send and a file can keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any, Literal

__all__ = ["Kind", "LogEntry", "now"]

Kind = Literal["begin", "params", "metrics", "tags", "dataset", "artifact", "model", "end"]


@dataclass(frozen=True)
class LogEntry:
    """One thing to log to one run.

    Parameters
    ----------
    kind : {"begin", "params", "metrics", "tags", "dataset", "artifact", "model", "end"}
        The first entry of a run is its "begin", the last one its "end".
    run : str
        A key of the run, which has an id of MLflow's only once it is begun there.
    content : mapping
        Values for JSON: of "params" and "tags" name → text, of "metrics" name → list of
        (value, time, step).
    path : Path, optional
        The file of an "artifact", or the folder of a "model".

    Examples
    --------
    >>> LogEntry("params", "a", {"n_layers": "4"}).kind
    'params'
    """

    kind: Kind
    run: str
    content: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None


def now() -> int:
    """Return the time as MLflow writes it: milliseconds since 1970."""
    return int(time() * 1000)
