"""The command `qmlplay search`: the best model of a table within a time."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch

from qmlplay.backends import list_backends
from qmlplay.cli import task_options, tasks, terminal
from qmlplay.cli.options import (
    AS_JSON,
    FILE,
    PROGRESS,
    TASK,
    TEST_SIZE,
    examples,
    table_options,
)
from qmlplay.tables import TablePreprocessor
from qmlplay.tables.precedents import precedents_of

__all__ = ["search"]


def _names(_: Any, __: Any, text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(","))


@click.command(
    epilog=examples(
        "qmlplay search moons --budget 30s",
        "qmlplay search flowers.csv --target species --budget 10m --study flowers.db --jobs 2",
        "qmlplay search houses.csv --target price --task regression --budget 5m --cv 5",
    )
)
@click.argument("data")
@table_options
@TASK
@click.option(
    "--budget", default="60s", show_default=True, help="Time for all of it: 60s, 5m, 1.5h, …"
)
@click.option(
    "--study",
    type=FILE,
    help="SQLite file that keeps all trials: the same command goes on from it, and several may "
    "share it [default: none].",
)
@click.option("--jobs", type=int, default=1, show_default=True, help="Processes.")
@click.option("--trials", type=int, help="The most trials of quantum models and of each baseline.")
@click.option("--encodings", callback=_names, help="Comma-separated [default: six of them].")
@click.option("--ansatze", callback=_names, help="Comma-separated [default: five of them].")
@click.option("--max-qubits", type=int, default=8, show_default=True, help="The most qubits.")
@click.option("--baselines", callback=_names, help="Classical candidates [default: all].")
@click.option(
    "--backend",
    default="numpy",
    show_default=True,
    help=f"Simulator to train on: {', '.join(list_backends())}.",
)
@click.option("--max-iter", type=int, default=100, show_default=True, help="Training iterations.")
@TEST_SIZE
@click.option("--cv", type=int, help="Outer folds, each with a search of its own.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything random.")
@click.option(
    "--out",
    type=FILE,
    default=Path("qmlplay-search"),
    show_default=True,
    help="Folder for leaderboard, picture and model.",
)
@AS_JSON
@PROGRESS
def search(
    data: str,
    target: str | None,
    separator: str | None,
    drop: tuple[str, ...],
    features: tuple[str, ...] | None,
    keep: tuple[str, ...],
    task: str,
    study: Path | None,
    jobs: int,
    trials: int | None,
    backend: str,
    max_iter: int,
    seed: int,
    out: Path,
    as_json: bool,
    verbose: int | str,
    **settings: Any,
) -> None:
    """Search for the best model of DATA within a time: quantum and classical ones alike.

    DATA is a name of `qmlplay datasets`, or a file with a table, as for `qmlplay compare`. A part
    of the rows is held out, which no trial sees: the scores there are honest. Both kinds of models
    get the same time. Ctrl-C shows and saves what is done by then.
    """
    from qmlplay.search import search as run_search  # needs Optuna

    tasks.check_folder("--out", out)
    (item,), options = tasks.read_tables(
        [data], task, target=target, separator=separator, drop=drop, features=features, keep=keep
    )
    if not as_json:
        terminal.print_recognitions([item])
    if isinstance(item, Bunch):  # a file: the winner takes new ones by the names of their columns
        item.X = pd.DataFrame(item.X, columns=list(item.feature_names))
    of_task = task_options.common_task([item], task)
    quantum = {"backend": backend, "max_iter": max_iter}
    result = run_search(
        item,
        **options,
        task=task,
        study=study,
        n_jobs=jobs,
        n_trials=trials,
        space=_space(settings),
        **task_options.prototypes(of_task, quantum),
        baselines=settings["baselines"],
        budget=settings["budget"],
        test_size=settings["test_size"],
        cv=settings["cv"],
        random_state=seed,
        verbose=verbose,
    )
    if isinstance(item, Bunch):
        _remember_cells(result, precedents_of(data, item.feature_names, separator=separator))
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=2, allow_nan=False))
    else:
        _print(result)
    written = result.save(out)
    if not as_json:
        click.echo(f"\nWritten to {out}/: {', '.join(path.name for path in written)}")
    if result.interrupted_:
        click.echo("qmlplay: stopped early: what was done by then is shown and saved", err=True)
        sys.exit(130)


def _space(settings: dict[str, Any]) -> Any:
    from qmlplay.search import SearchSpace

    chosen = {name: settings[name] for name in ("encodings", "ansatze") if settings[name]}
    most = settings["max_qubits"]
    if most < 1:
        raise ValueError(f"--max-qubits must be at least 1, got {most}")
    return SearchSpace(n_qubits=(min(2, most), most), **chosen)


def _remember_cells(result: Any, precedents: Any) -> None:
    """Let models keep how the cells of their file are read, for new files."""
    for model in (result.best_estimator_, *result.fitted_.values()):
        if isinstance(model, Pipeline) and isinstance(model[0], TablePreprocessor):
            model[0].set_params(precedents=precedents or None)


def _print(result: Any) -> None:
    table = result.readable()
    click.echo(f"{result.dataset_}: ranked by the inner {result.metric_}")
    terminal.print_rows(table.drop(columns="settings").to_dict(orient="records"))
    best = ", ".join(f"{k}={v}" for k, v in result.best_params_.items())
    click.echo(f"\nbest: {best}")
    for sentence in result.verdict_:
        click.echo(sentence)
