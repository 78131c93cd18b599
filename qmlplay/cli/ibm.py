"""The commands for IBM Quantum: `qmlplay ibm plan | submit | status | result | …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pandas as pd
from sklearn.pipeline import Pipeline

from qmlplay import ibm as quantum
from qmlplay.classifier import quantum_part
from qmlplay.cli import terminal
from qmlplay.cli.options import AS_JSON, FILE, CommandGroup, examples
from qmlplay.cli.predictions import label_table, model_features, read_rows
from qmlplay.cli.tasks import class_names
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.ibm.errors import StillWaitingError
from qmlplay.model.classifiers import check_classifier
from qmlplay.saving import load_model

__all__ = ["ibm"]

#: Exit code for a run that is not finished yet, which is no failure.
_NOT_YET = 3
#: Of the runs, in a terminal; the rest is in the JSON.
_COLUMNS = ("key", "device", "state", "samples", "shots", "estimated_seconds", "used_seconds")


@click.group(
    cls=CommandGroup,
    epilog=examples(
        "qmlplay ibm plan iris.qmlplay iris --device fake_manila",
        "qmlplay ibm submit iris.qmlplay iris --device fake_manila --max-qpu-seconds 30",
        "qmlplay ibm list",
    ),
)
def ibm() -> None:
    """Run a trained model on IBM Quantum, or on a simulated device of theirs.

    Only `submit` spends QPU time, and never more than you allow. Devices named fake_... are old
    snapshots simulated here: no account, no network. Tested against an emulator of the service and
    simulated devices, not against IBM's machines.
    """


def _plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that `plan` and `submit` share."""
    for option in (
        AS_JSON,
        click.option(
            "--seed", type=int, help="Of the search for a layout; on fake devices, of the shots."
        ),
        click.option(
            "--level",
            type=int,
            default=0,
            show_default=True,
            help="Resilience level of IBM's client, 0 to 2.",
        ),
        click.option("--samples", type=int, help="Take the first rows only [default: all]."),
        click.option(
            "--shots", type=int, default=512, show_default=True, help="Measurements per sample."
        ),
        click.option("--instance", help="Service instance [default: the account's own, or open]."),
        click.option("--device", help="Device, such as fake_manila [default: fewest QPU seconds]."),
        click.option("--target", help="Column with the labels, for a file [default: none]."),
        click.argument("data"),
        click.argument("model", type=FILE),
    ):
        command = option(command)
    return command


@ibm.command(epilog=examples("qmlplay ibm plan iris.qmlplay iris --device fake_manila"))
@_plan_options
def plan(model: Path, data: str, as_json: bool, **settings: Any) -> None:
    """Show what running MODEL on DATA would take; post nothing.

    MODEL is a file of `qmlplay train`; DATA a name of `qmlplay datasets`, or a file with a table.
    """
    prepared = _plan(model, data, **settings)
    click.echo(_json(prepared.to_dict()) if as_json else _command_line(str(prepared)))


@ibm.command(
    epilog=examples(
        "qmlplay ibm submit iris.qmlplay iris --samples 20 --max-qpu-seconds 10",
        "qmlplay ibm submit iris.qmlplay iris --device fake_manila --max-qpu-seconds 30",
    )
)
@_plan_options
@click.option(
    "--max-qpu-seconds",
    type=float,
    required=True,
    help="What may be spent; see `qmlplay ibm plan`.",
)
def submit(model: Path, data: str, as_json: bool, max_qpu_seconds: float, **settings: Any) -> None:
    """Post MODEL on DATA and print the key of the run. This spends QPU time.

    On simulated devices it waits for the end, as nothing goes on without this process.
    """
    prepared = _plan(model, data, **settings)
    run = quantum.submit(prepared, max_qpu_seconds=max_qpu_seconds)
    if prepared.is_fake:
        run.wait()
    if as_json:
        click.echo(_json({"key": run.key, "job_ids": list(run.job_ids)} | prepared.to_dict()))
        return
    click.echo(f"key: {run.key}\njob: {', '.join(run.job_ids)}\n")
    click.echo(f"qmlplay ibm status {run.key}\nqmlplay ibm result {run.key}")


@ibm.command(epilog=examples("qmlplay ibm status 20260131-120000-0a1b2c3d"))
@click.argument("key")
@AS_JSON
def status(key: str, as_json: bool) -> None:
    """Ask how far the run KEY is."""
    run = quantum.resume(key)
    state = run.status()
    record = {"key": key, "status": state, "job_ids": list(run.job_ids)}
    click.echo(_json(record) if as_json else state)


@ibm.command(
    epilog=examples(
        "qmlplay ibm result 20260131-120000-0a1b2c3d --timeout 60",
        "qmlplay ibm result 20260131-120000-0a1b2c3d --predictions > labels.csv",
    )
)
@click.argument("key")
@click.option("--timeout", type=float, help="Seconds to wait at most [default: to the end].")
@click.option("--predictions", is_flag=True, help="Print labels and probabilities as CSV instead.")
@AS_JSON
def result(key: str, timeout: float | None, predictions: bool, as_json: bool) -> None:
    """Wait for the run KEY and compare it with simulations of the same circuits.

    Exit code 3: not finished in time, which is no failure; the run goes on.
    """
    run = quantum.resume(key)
    try:
        measured = run.result(timeout)
    except StillWaitingError as error:
        click.echo(f"qmlplay: {error}", err=True)
        sys.exit(_NOT_YET)
    if predictions:
        classes = run.plan.model.classes
        table = label_table(measured.predictions, measured.probabilities, classes)
        rows = table.astype(object).to_dict(orient="records")
        click.echo(_json(rows) if as_json else table.to_csv(index=False), nl=as_json)
    elif as_json:
        click.echo(_json(run.compare().to_dict() | {"result": measured.to_dict()}))
    else:
        click.echo(str(run.compare()))


@ibm.command(epilog=examples("qmlplay ibm cancel 20260131-120000-0a1b2c3d"))
@click.argument("key")
@AS_JSON
def cancel(key: str, as_json: bool) -> None:
    """Cancel the run KEY."""
    run = quantum.resume(key).cancel()
    state = run.status()
    click.echo(_json({"key": key, "status": state}) if as_json else state)


@ibm.command("list", epilog=examples("qmlplay ibm list"))
@AS_JSON
def list_(as_json: bool) -> None:
    """List all runs, the newest first, from the files on this computer."""
    table = quantum.list_runs()
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    if as_json:
        click.echo(_json(rows))
    elif rows:
        terminal.print_rows([{name: _shown(row[name]) for name in _COLUMNS} for row in rows])
    else:
        click.echo("no runs yet: qmlplay ibm plan MODEL DATA --device fake_manila")


def _plan(
    file: Path, data: str, *, target: str | None, samples: int | None, level: int, **settings: Any
) -> quantum.Plan:
    estimator = load_model(file)
    check_classifier(estimator[-1] if isinstance(estimator, Pipeline) else estimator)
    features, y = _samples(estimator, data, target)
    model, X = quantum_part(estimator, features)  # preprocessing is done here
    if samples is not None:
        if samples < 1:
            raise ValueError(f"--samples must be at least 1, got {samples}")
        X, y = X[:samples], None if y is None else y[:samples]
    return quantum.plan(model, X, y, resilience_level=level, **settings)


def _samples(estimator: Any, data: str, target: str | None) -> tuple[Any, Any]:
    """Return features, and labels where they are known."""
    is_generated = target is None and data in list_datasets()
    if not is_generated and target is None:
        frame, labels = read_rows(estimator, data), None
    else:
        bunch = load_dataset(data, random_state=0) if is_generated else as_dataset(data, target)
        frame = pd.DataFrame(bunch.X, columns=bunch.feature_names)
        is_known = set(bunch.y.tolist()) <= set(estimator.classes_.tolist())
        labels = bunch.y if is_known else class_names(bunch, bunch.y)  # as `train` calls them
    return model_features(estimator, frame, Path(data)), labels


def _command_line(text: str) -> str:
    """Return a plan with the next command as it is typed in a shell."""
    *lines, last = text.splitlines()
    budget = last.rpartition("=")[2].rstrip(")")
    return "\n".join([*lines, f"  to go on: qmlplay ibm submit ... --max-qpu-seconds {budget}"])


def _shown(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.1f}"
    return "–" if value is None else value


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, allow_nan=False)
