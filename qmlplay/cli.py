"""The command line: `qmlplay compare | train | predict | datasets | backends`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from qmlplay._version import __version__

__all__ = ["main"]

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs to read.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input ends with one line and exit code 2."""
    try:
        commands.main(arguments, prog_name="qmlplay", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        click.echo("qmlplay: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        _fail(error.format_message())
    except (ValueError, TypeError, OSError, ImportError) as error:
        _fail(str(error))


def _fail(message: str) -> None:
    click.echo("qmlplay: " + " ".join(message.split()), err=True)
    sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="qmlplay")
def commands() -> None:
    r"""Learn and compare quantum machine learning.

    One variational classifier on Qiskit, Cirq, PennyLane and NumPy, beside classical
    scikit-learn models on the same data. A good start:

    \b
        qmlplay compare moons
        qmlplay datasets
        qmlplay train iris --backend cirq --out iris.qmlplay
    """


def _quantum_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that describe the quantum model."""
    for option in (
        click.option("--max-iter", type=int, default=100, show_default=True, help="Iterations."),
        click.option("--n-layers", type=int, default=4, show_default=True, help="Layers."),
        click.option("--n-qubits", type=int, help="Qubits; by default one per feature, 2 to 8."),
        click.option("--ansatz", default="hardware_efficient", show_default=True, help="Layers."),
        click.option("--encoding", default="angle", show_default=True, help="Data → gates."),
        click.option("--optimizer", default="adam", show_default=True, help="How to train."),
    ):
        command = option(command)
    return command


@commands.command()
@click.argument("data", nargs=-1, required=True)
@click.option("--target", help="Column with the labels, for a CSV file (default: the last).")
@click.option("--models", help="Comma-separated names; by default all.")
@click.option("--seeds", type=int, default=3, show_default=True, help="Repetitions.")
@click.option("--test-size", type=float, default=0.3, show_default=True, help="Held-out share.")
@click.option("--metric", "metrics", multiple=True, help="Also show balanced_accuracy or log_loss.")
@click.option("--jobs", "n_jobs", type=int, default=1, show_default=True, help="Processes.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("qmlplay-results"),
    show_default=True,
    help="Folder for the table and the pictures.",
)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the table here.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write one page here.")
@_AS_JSON
@_quantum_options
def compare(
    data: tuple[str, ...],
    target: str | None,
    models: str | None,
    seeds: int,
    test_size: float,
    metrics: tuple[str, ...],
    n_jobs: int,
    out: Path,
    csv_file: Path | None,
    html_file: Path | None,
    as_json: bool,
    **quantum: Any,
) -> None:
    r"""Train every model on the same splits of DATA and print one honest table.

    DATA is one or more names of `qmlplay datasets`, or CSV files. The quantum model runs on every
    installed backend and once without entanglement; the classical models get the same data.

    \b
        qmlplay compare moons circles --seeds 5
        qmlplay compare flowers.csv --target species --models numpy,svc_rbf
    """
    from qmlplay.classifier import VariationalClassifier
    from qmlplay.compare import compare as run_comparison
    from qmlplay.terminal import print_comparison

    _check_metrics(metrics)
    for folder in {out, *(f.parent for f in (csv_file, html_file) if f is not None)}:
        _check_writable(folder)
    result = run_comparison(
        list(data),
        target,
        models=models.split(",") if models else None,
        classifier=VariationalClassifier(**quantum),
        seeds=seeds,
        test_size=test_size,
        n_jobs=n_jobs,
        verbose=int(sys.stderr.isatty()),
    )
    written = result.save(out)
    if csv_file is not None:
        result.table.to_csv(csv_file, index=False)
    if html_file is not None:
        result.to_html(html_file)
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=2))
        return
    print_comparison(result, metrics)
    names = ", ".join(path.name for path in written)
    click.echo(f"\nWritten to {out}/: {names}")


def _check_metrics(metrics: tuple[str, ...]) -> None:
    from qmlplay.comparison import METRICS
    from qmlplay.errors import unknown_name

    for metric in metrics:
        if metric not in METRICS:
            raise unknown_name("metric", metric, METRICS)


def _check_writable(folder: Path) -> None:
    """Find out before the work is done whether its result can be kept."""
    probe = folder / ".qmlplay-write-test"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"cannot write to folder {str(folder)!r} ({error.strerror}): choose another with --out"
        ) from error


@commands.command()
@click.argument("data")
@click.option("--target", help="Column with the labels, for a CSV file (default: the last).")
@click.option("--backend", default="numpy", show_default=True, help="Simulator to train on.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything random.")
@click.option("--test-size", type=float, default=0.3, show_default=True, help="Held-out share.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("model.qmlplay"),
    show_default=True,
    help="File for the trained model.",
)
@_AS_JSON
@_quantum_options
def train(
    data: str,
    target: str | None,
    backend: str,
    seed: int,
    test_size: float,
    out: Path,
    as_json: bool,
    **quantum: Any,
) -> None:
    r"""Train the quantum classifier on DATA, print its accuracy and save it.

    \b
        qmlplay train iris --backend qiskit --out iris.qmlplay
        qmlplay predict iris.qmlplay new_flowers.csv
    """
    from qmlplay.terminal import trained_model

    _check_writable(out.parent)
    verbose = int(sys.stderr.isatty())
    model, report = trained_model(
        data, target, seed, test_size, backend=backend, verbose=verbose, **quantum
    )
    model.save(out)
    report["file"] = str(out)
    _print_report(report, as_json)


def _print_report(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    for key, value in report.items():
        shown = f"{value:.3f}" if isinstance(value, float) else value
        click.echo(f"{key.replace('_', ' '):>16}: {shown}")


@commands.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("csv", type=click.Path(path_type=Path))
@click.option("--backend", help="Simulator; by default the one that trained the model.")
@click.option("--probabilities", is_flag=True, help="Also print the class probabilities.")
@_AS_JSON
def predict(
    model: Path, csv: Path, backend: str | None, probabilities: bool, as_json: bool
) -> None:
    """Predict the label of every row of a CSV file with a saved MODEL.

    The file needs the columns that the model was trained on; others are ignored. The answer is
    CSV again, on standard output.
    """
    from qmlplay.terminal import predictions

    table = predictions(model, csv, backend, with_probabilities=probabilities)
    if as_json:
        click.echo(table.to_json(orient="records", indent=2))
    else:
        click.echo(table.to_csv(index=False), nl=False)


@commands.command()
@click.argument("name", required=False)
@_AS_JSON
def datasets(name: str | None, as_json: bool) -> None:
    """List the datasets, or describe the one called NAME."""
    from qmlplay.terminal import dataset_rows, print_rows

    if name is not None:
        from qmlplay.datasets import load_dataset

        click.echo(load_dataset(name, random_state=0).DESCR)
        return
    rows = dataset_rows()
    click.echo(json.dumps(rows, indent=2)) if as_json else print_rows(rows)


@commands.command()
@_AS_JSON
def backends(as_json: bool) -> None:
    """List the simulators: which are installed, which versions, what to install."""
    from qmlplay.terminal import backend_rows, print_rows

    rows = backend_rows()
    click.echo(json.dumps(rows, indent=2)) if as_json else print_rows(rows)
