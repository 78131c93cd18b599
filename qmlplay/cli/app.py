"""The command line: `qmlplay compare | train | predict | share | datasets | backends | play`."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sklearn.utils import Bunch

from qmlplay._version import __version__
from qmlplay.address import Address
from qmlplay.backends import list_backends
from qmlplay.classifier import save_model
from qmlplay.cli import stopping, task_options, tasks, terminal
from qmlplay.cli.export import export
from qmlplay.cli.ibm import ibm
from qmlplay.cli.options import (
    AS_JSON,
    FILE,
    NOISE,
    PROGRESS,
    SHOTS,
    TASK,
    TEST_SIZE,
    TRACK,
    CommandGroup,
    examples,
    quantum_options,
    table_options,
)
from qmlplay.cli.play import play
from qmlplay.cli.predictions import predictions
from qmlplay.cli.search import search
from qmlplay.cli.share import share
from qmlplay.cli.training_report import trained_model
from qmlplay.compare import compare as run_comparison
from qmlplay.compare import list_models
from qmlplay.compare.kept_runs import forget_runs
from qmlplay.compare.setup import TASKS
from qmlplay.tables.precedents import precedents_of

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None, *, address: Address | None = None) -> None:
    """Run the command line; bad input ends with one line and exit code 2.

    Parameters
    ----------
    arguments : sequence of str, optional
        What comes after ``qmlplay``; the words of the shell by default.
    address : Address, optional
        Where ``qmlplay play`` listens already.

    Raises
    ------
    SystemExit
        With code 2 for bad input, 130 for Ctrl-C, 1 if the reader of the output has gone.

    Examples
    --------
    >>> from qmlplay.cli import main
    >>> main(["--version"])
    qmlplay, version ...
    >>> main(["compare", "no_such_data"])
    Traceback (most recent call last):
        ...
    SystemExit: 2
    """
    try:
        with warnings.catch_warnings(), stopping.ending_as_by_ctrl_c():
            warnings.showwarning = _warn
            commands.main(arguments, prog_name="qmlplay", standalone_mode=False, obj=address)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        click.echo("qmlplay: stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:  # `qmlplay datasets | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "qmlplay"
        _fail(f"{error.format_message()} Try: {path} --help")
    except (ValueError, TypeError, OSError, ImportError, ArithmeticError, MemoryError) as error:
        _fail(str(error) or type(error).__name__)


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    """Show a warning as errors are shown, in one line."""
    click.echo("qmlplay: warning: " + " ".join(str(message).split()), err=True)


def _fail(message: str) -> None:
    click.echo("qmlplay: " + " ".join(message.split()), err=True)
    sys.exit(2)


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "qmlplay compare moons",
        "qmlplay play",
        "qmlplay datasets",
        "qmlplay train iris --backend cirq --out iris.qmlplay",
    ),
)
@click.version_option(__version__, prog_name="qmlplay")
@click.pass_context
def commands(context: click.Context) -> None:
    """Learn and compare quantum machine learning.

    One variational classifier on Qiskit, Cirq, PennyLane and NumPy, beside classical
    scikit-learn models on the same data.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@commands.command(
    epilog=examples(
        "qmlplay compare moons circles --seeds 5",
        "qmlplay compare iris --models cirq,no_entanglement,svc_rbf --metric log_loss",
        "qmlplay compare flowers.csv --cv 5 --out flowers --html flowers.html",
        "qmlplay compare diabetes",
        "qmlplay compare houses.csv --target price --task regression",
    )
)
@click.argument("data", nargs=-1, required=True)
@table_options
@TASK
@click.option(
    "--models",
    help=f"Comma-separated [default: all]: {', '.join(list_models())}; for a regression in place "
    f"of the classifiers {', '.join(TASKS['regression'].baselines)}.",
)
@click.option("--seeds", type=int, help="Repetitions [default: 3; 1 with --cv].")
@click.option("--cv", type=int, help="Folds of cross-validation, in place of --test-size.")
@TEST_SIZE
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    help="Also show balanced_accuracy, roc_auc or log_loss (a regression shows all that it has).",
)
@click.option(
    "--jobs", type=int, default=1, show_default=True, help="Processes; more distort the times."
)
@click.option(
    "--out",
    type=FILE,
    default=Path("qmlplay-results"),
    show_default=True,
    help="Folder for tables and pictures.",
)
@click.option("--csv", "csv_file", type=FILE, help="Also write the table here.")
@click.option("--html", "html_file", type=FILE, help="Also write one page with all of it here.")
@click.option(
    "--train-everywhere/--train-once",
    default=None,
    help="Train the quantum model on each simulator, or on the fastest one, whose weights the "
    "others evaluate [default: the latter where all would take over 30 s].",
)
@TRACK
@stopping.RESUME
@AS_JSON
@PROGRESS
@quantum_options
def compare(
    data: tuple[str, ...],
    target: str | None,
    separator: str | None,
    drop: tuple[str, ...],
    features: tuple[str, ...] | None,
    keep: tuple[str, ...],
    task: str,
    models: str | None,
    seeds: int | None,
    cv: int | None,
    test_size: float,
    metrics: tuple[str, ...],
    jobs: int,
    out: Path,
    csv_file: Path | None,
    html_file: Path | None,
    train_everywhere: bool | None,
    track: bool,
    resume: bool,
    as_json: bool,
    verbose: int | str,
    **quantum: Any,
) -> None:
    """Train every model on the same splits of DATA and print one honest table.

    DATA is one or more names of `qmlplay datasets`, or files with a table: CSV with any separator,
    .tsv, .data, .csv.gz, .parquet, .xlsx. What was recognised of a file is printed first. The
    quantum model runs on every installed backend and once without entanglement; the classical
    models get the same data. Classes are told apart, or numbers predicted: a regression. Ctrl-C
    (or SIGTERM) shows and saves what is done by then, and --resume goes on, after a kill as well.
    """
    tasks.check_folder("--out", out)
    tasks.check_file("--csv", csv_file)
    tasks.check_file("--html", html_file)
    items, options = tasks.read_tables(
        data, task, target=target, separator=separator, drop=drop, features=features, keep=keep
    )
    if not as_json:
        terminal.print_recognitions(items)
    found = task_options.common_task(items, task)
    task_options.check_metrics(metrics, found)
    runs_in = stopping.folder_for_runs(out, resume=resume)
    result = run_comparison(
        items,
        **options,
        task=task,
        models=None if models is None else [name.strip() for name in models.split(",")],
        **task_options.prototypes(found, quantum),
        seeds=_seeds(seeds, cv),
        test_size=test_size,
        cv=cv,
        n_jobs=jobs,
        train_everywhere="auto" if train_everywhere is None else train_everywhere,
        track=track,
        resume=runs_in,
        verbose=verbose,
    )
    # First show, then write: a full disk must not cost the result.
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=2, allow_nan=False))
    else:
        terminal.print_comparison(result, metrics)
    written = result.save(out)
    if runs_in is not None and not resume and not result.n_missing:
        forget_runs(out)
    copies = tasks.save_copies(result, csv_file, html_file)
    if not as_json:
        names = ", ".join(path.name for path in written)
        click.echo("\n".join([f"\nWritten to {out}/: {names}", *(f"Written: {c}" for c in copies)]))
    if (result.runs["status"] != "ok").all():
        raise ValueError(f"every model failed; the first one: {result.runs['status'].iloc[0]}")
    if result.n_missing:
        click.echo(
            "qmlplay: stopped early: what was done by then is shown and saved; the same with "
            "--resume goes on",
            err=True,
        )
        sys.exit(130)


def _seeds(seeds: int | None, cv: int | None) -> int | list[int]:
    """Return how often to repeat: cross-validation is done once, unless it is said how often."""
    if seeds is None:
        return 3
    return seeds if cv is None else list(range(seeds))


@commands.command(
    epilog=examples(
        "qmlplay train iris --backend qiskit --out iris.qmlplay",
        "qmlplay train flowers.csv --target species --drop id,notes",
        "qmlplay train houses.csv --target price --task regression --out prices.qmlplay",
        "qmlplay predict iris.qmlplay new_flowers.csv",
    )
)
@click.argument("data")
@table_options
@TASK
@click.option(
    "--backend",
    default="numpy",
    show_default=True,
    help=f"Simulator to train on: {', '.join(list_backends())}.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything random.")
@TEST_SIZE
@click.option(
    "--out",
    type=FILE,
    default=Path("model.qmlplay"),
    show_default=True,
    help="File for the trained model.",
)
@stopping.CHECKPOINT
@AS_JSON
@PROGRESS
@quantum_options
def train(
    data: str,
    target: str | None,
    separator: str | None,
    drop: tuple[str, ...],
    features: tuple[str, ...] | None,
    keep: tuple[str, ...],
    task: str,
    backend: str,
    seed: int,
    test_size: float,
    out: Path,
    checkpoint_file: Path | None,
    as_json: bool,
    verbose: int | str,
    **quantum: Any,
) -> None:
    """Train the quantum classifier (or regressor) on DATA, print its scores and save it.

    DATA is a name of `qmlplay datasets`, or a file with a table, as for `qmlplay compare`. Ctrl-C
    (or SIGTERM) ends the training and saves the model trained so far; with --checkpoint the same
    command goes on.
    """
    tasks.check_file("--out", out)
    tasks.check_file("--checkpoint", checkpoint_file)
    quantum |= {"backend": backend, "verbose": verbose, **stopping.checkpoint(checkpoint_file)}
    (item,), options = tasks.read_tables(
        [data], task, target=target, separator=separator, drop=drop, features=features, keep=keep
    )
    if not as_json:
        terminal.print_recognitions([item])
    precedents = None
    if isinstance(item, Bunch):  # a file was read
        precedents = precedents_of(data, item.feature_names, separator=separator)
    model, report = trained_model(
        item, options, seed, test_size, task=task, precedents=precedents, **quantum
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    save_model(model, out)
    report["file"] = str(out)
    if as_json:
        click.echo(json.dumps(report, indent=2, allow_nan=False))
    else:
        terminal.print_report(report)
    if report["interrupted"]:
        click.echo("qmlplay: stopped early: the model trained so far is saved", err=True)
        sys.exit(130)


@commands.command(
    epilog=examples(
        "qmlplay predict iris.qmlplay new_flowers.csv > labels.csv",
        "qmlplay predict iris.qmlplay new_flowers.csv --backend cirq --probabilities",
    )
)
@click.argument("model", type=FILE)
@click.argument("csv", metavar="FILE", type=FILE)
@click.option("--backend", help="Simulator [default: the one that trained the model].")
@click.option("--probabilities", is_flag=True, help="Also print the class probabilities.")
@SHOTS
@NOISE
@AS_JSON
@PROGRESS
def predict(
    model: Path, csv: Path, backend: str | None, probabilities: bool, as_json: bool, **settings: Any
) -> None:
    """Predict the label (or number) of every row of a file with a saved MODEL.

    The file is read as `train` reads one, and needs the columns that the model was trained on;
    others are ignored. The answer is CSV, on standard output.
    """
    table, notes = predictions(model, csv, backend, with_probabilities=probabilities, **settings)
    for note in notes:
        click.echo(f"qmlplay: {note}", err=True)
    if as_json:
        click.echo(json.dumps(table.astype(object).to_dict(orient="records"), indent=2))
    else:
        click.echo(table.to_csv(index=False), nl=False)


@commands.command(epilog=examples("qmlplay datasets", "qmlplay datasets ad_hoc"))
@click.argument("name", required=False)
@AS_JSON
def datasets(name: str | None, as_json: bool) -> None:
    """List the datasets, or describe the one called NAME."""
    records = tasks.dataset_rows() if name is None else tasks.dataset_record(name)
    if as_json:
        click.echo(json.dumps(records, indent=2))
    elif isinstance(records, dict):
        click.echo(records["description"])
    else:
        terminal.print_rows(records)


@commands.command(
    epilog=examples(
        "qmlplay presets", "qmlplay presets separable", "qmlplay train moons --preset separable"
    )
)
@click.argument("name", required=False)
@AS_JSON
def presets(name: str | None, as_json: bool) -> None:
    """List the models of papers for `--preset`, or describe the one called NAME."""
    records = tasks.preset_rows() if name is None else tasks.preset_record(name)
    if as_json:
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    elif isinstance(records, dict):
        terminal.print_report(records)
    else:
        terminal.print_rows(records)


@commands.command(epilog=examples("qmlplay backends", "qmlplay backends --json"))
@AS_JSON
def backends(as_json: bool) -> None:
    """List the simulators: which are installed, which versions, what to install."""
    rows = tasks.backend_rows()
    click.echo(json.dumps(rows, indent=2)) if as_json else terminal.print_rows(rows)


commands.add_command(search)
commands.add_command(play)
commands.add_command(export)
commands.add_command(ibm)
commands.add_command(share)
