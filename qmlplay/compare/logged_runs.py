"""The log of a comparison in MLflow, where one is asked for: every run, then the whole."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from qmlplay.checks import is_flag
from qmlplay.compare.running import ModelRun

__all__ = ["check_track", "logged_to"]


class _NoLog:
    """Takes no note of anything."""

    def add(self, runs: Sequence[ModelRun]) -> None:
        pass

    def finish(self, comparison: Any) -> None:
        pass


def logged_to(track: bool | str, **parameters: Any) -> AbstractContextManager[Any]:
    """Return a log, to be entered: it has ``add(runs)`` and ``finish(comparison)``.

    Parameters
    ----------
    track : bool or str
        As in `qmlplay.compare`.
    **parameters
        Of the comparison, to be logged with it.
    """
    if track is False:
        return nullcontext(_NoLog())
    from qmlplay.mlflow.comparison_log import logged_comparison

    return logged_comparison(track, parameters)


def check_track(track: Any) -> None:
    """Raise TypeError for what is no answer, ImportError where MLflow is missing."""
    if not (is_flag(track) or (isinstance(track, str) and track.strip())):
        raise TypeError(f"track must be True, False or the name of an experiment, got {track!r}")
    if track is not False:
        import qmlplay.mlflow  # noqa: F401 - said before anything is trained
