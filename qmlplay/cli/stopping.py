"""Stopping the command line: what a program that is told to end keeps, and how it goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

import click

from qmlplay.callbacks import Checkpoint
from qmlplay.compare.kept_runs import begin_anew

__all__ = ["CHECKPOINT", "RESUME", "checkpoint", "ending_as_by_ctrl_c", "folder_for_runs"]

RESUME = click.option(
    "--resume",
    is_flag=True,
    help="Go on with a comparison that was stopped or killed, from the finished runs in --out, "
    "and keep them there, so that more seeds, models or datasets may follow.",
)
CHECKPOINT = click.option(
    "--checkpoint",
    "checkpoint_file",
    type=click.Path(path_type=Path),
    help="Keep the training in this file, from which the same command goes on after a kill.",
)


@contextmanager
def ending_as_by_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, by which `kill` and clusters end programs, do what Ctrl-C does."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _press_ctrl_c)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _press_ctrl_c(*_: Any) -> None:
    raise KeyboardInterrupt


def folder_for_runs(out: Path, *, resume: bool) -> Path | None:
    """Return where finished runs are kept; those of a comparison before are put aside.

    Without `resume`, None where another process is at work there.
    """
    if resume:
        return out
    try:
        aside = begin_anew(out)
    except (ValueError, OSError) as error:
        click.echo(f"qmlplay: warning: finished runs are not kept: {error}", err=True)
        return None
    if aside is not None:
        click.echo(
            f"qmlplay: a comparison that was stopped is put aside in {aside}/: --resume would "
            f"have gone on with it",
            err=True,
        )
    return out


def checkpoint(file: Path | None) -> dict[str, Any]:
    """Return the parameters of an estimator that keeps its training in a file."""
    return {} if file is None else {"callbacks": [Checkpoint(file)]}
