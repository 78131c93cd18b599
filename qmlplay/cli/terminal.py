"""Results in a terminal, narrow or wide."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qmlplay.compare.comparison import Comparison
from qmlplay.compare.reports import parity_sentence, readable
from qmlplay.compare.setup import TASKS

__all__ = ["print_comparison", "print_recognitions", "print_report", "print_rows"]

#: Columns of text when the output goes to a file or a pipe, which has no width of its own.
_PIPE_WIDTH = 120
#: Headings on two lines, so that columns stay as narrow as their numbers.
_SHORT = {"parameters": "params", "circuit evaluations": "circuit evals"}
#: Columns of the first table where one table is too wide.
_ALWAYS = (
    *(task.metrics[name] for task in TASKS.values() for name in task.shown),
    "fit [s]",
    "predict [s]",
    "parameters",
)


def _console(width: int | None) -> Console:
    """Return a console that prints names as they are: no markup, no emoji, no colours."""
    if width is None and not sys.stdout.isatty():
        width = _PIPE_WIDTH
    return Console(width=width, markup=False, emoji=False, highlight=False)


def print_comparison(
    comparison: Comparison, metrics: Sequence[str] = (), *, width: int | None = None
) -> None:
    """Print a table per dataset, the reasons of failures, the parity receipt and the verdict.

    Parameters
    ----------
    comparison : Comparison
    metrics : sequence of str
        Further metrics to show, such as ``("log_loss",)``.
    width : int, optional
        Columns of text; the terminal's by default. Where the table is wider, the circuits get
        one of their own.
    """
    console = _console(width)
    whole = readable(comparison, metrics)
    for dataset in comparison.splits:
        rows = whole[whole["dataset"] == dataset].drop(columns="dataset")
        shown = rows.drop(columns="failed because", errors="ignore")
        _print_title(console, comparison, dataset)
        _print_fitting(console, shown)
        if "failed because" in rows:
            for model, reason in zip(rows["model"], rows["failed because"], strict=True):
                if reason:
                    console.print(f"{model} failed: {reason}")
    console.print(
        "[s]: seconds, median over the splits · circuit evals: circuits that a framework user "
        "would have run for the same training"
        if "circuit evaluations" in whole
        else "[s]: seconds, median over the splits"
    )
    for sentence in (parity_sentence(comparison), *comparison.verdict):
        console.print(sentence)


def _print_title(console: Console, comparison: Comparison, dataset: str) -> None:
    split = comparison.splits[dataset]
    of_dataset = comparison.runs["dataset"] == dataset
    n_seeds = comparison.runs.loc[of_dataset, "seed"].nunique()
    splits = "one split" if n_seeds == 1 else f"mean ± spread over {n_seeds} splits"
    sizes = f"{len(split.y_train)} training and {len(split.y_test)} test samples"
    console.print(Text(f"{dataset}: {sizes}, {splits}", style="bold"))


def _print_fitting(console: Console, rows: pd.DataFrame) -> None:
    """Print one table or, where that is too wide, further columns in a second one."""
    further = [name for name in rows if name not in ("kind", "model", *_ALWAYS)]
    wide = console.options.update(width=10_000)
    if not further or console.measure(_table(rows), options=wide).maximum <= console.width:
        console.print(_table(rows))
    else:
        console.print(_table(rows.drop(columns=further)))
        console.print()
        has_any = (rows[further] != "–").any(axis=1)
        console.print(_table(rows.loc[has_any, ["kind", "model", *further]]))
    console.print()


def _table(rows: pd.DataFrame) -> Table:
    """Return rows as a table, grouped by the kind of model."""
    table = _plain_table()
    for name in rows.columns.drop("kind"):
        heading = _SHORT.get(name, name).replace(" ", "\n")
        side: Any = "left" if name == "model" else "right"
        table.add_column(
            heading, justify=side, vertical="bottom", overflow="fold", no_wrap=name == "model"
        )
    for kind, group in rows.groupby("kind", sort=False):
        table.add_row(Text(f"{kind}:", style="bold"))
        for cells in group.drop(columns="kind").itertuples(index=False):
            table.add_row(f" {cells[0]}", *cells[1:])
    return table


def _plain_table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)


def print_recognitions(items: Sequence[Any]) -> None:
    """Print a line per dataset that was read from a file: what was recognised."""
    for item in items:
        if not isinstance(item, str):
            print(f"{item.recognition}\n")


def print_report(report: dict[str, Any]) -> None:
    """Print the report of one training, a line per number."""
    for key, value in report.items():
        if key in ("interrupted", "data"):  # these have lines of their own
            continue
        shown = f"{value:.3f}" if isinstance(value, float) else "–" if value is None else value
        print(f"{key.replace('_', ' '):>17}: {shown}")


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Print a list of records as a table; True and False as yes and no."""
    table = _plain_table()
    for index, name in enumerate(rows[0]):
        table.add_column(name.replace("_", " "), no_wrap=index == 0, overflow="fold")
    for row in rows:
        table.add_row(*map(_words, row.values()))
    _console(None).print(table)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return "–" if value is None else str(value)
