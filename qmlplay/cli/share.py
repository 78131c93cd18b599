"""The command `qmlplay share`: a trained model in a folder, with a card that others can trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from sklearn.base import clone, is_classifier
from sklearn.utils import Bunch

from qmlplay.baselines import list_baselines
from qmlplay.classifier.quantum_pipelines import pipeline_parts
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.cli import tasks
from qmlplay.cli.options import AS_JSON, FILE, PROGRESS, examples, table_options
from qmlplay.cli.predictions import model_features, read_rows
from qmlplay.compare import compare
from qmlplay.compare.comparison import Comparison
from qmlplay.datasets import as_dataset, load_dataset
from qmlplay.saving import load_model
from qmlplay.sharing import save_to_folder

__all__ = ["share"]


@click.command(
    epilog=examples(
        "qmlplay train iris --out iris.qmlplay --json > iris.json",
        "qmlplay share iris.qmlplay iris-model --report iris.json --license apache-2.0",
        "qmlplay share flowers.qmlplay flowers-model --data flowers.csv --target species --compare",
        "qmlplay share flowers.qmlplay flowers-model --held-out new_flowers.csv --target species",
    )
)
@click.argument("model", type=FILE)
@click.argument("folder", type=FILE)
@click.option("--data", help="What it was trained on: a file, or a name of `qmlplay datasets`.")
@click.option(
    "--report",
    "reports",
    type=FILE,
    multiple=True,
    help="What `qmlplay train --json` or `qmlplay compare --json` printed; may come twice.",
)
@click.option("--compared-as", help="The row of the comparison with the settings of this model.")
@click.option(
    "--held-out", type=FILE, help="A file of rows that training did not see, to score it on now."
)
@click.option(
    "--compare",
    "with_comparison",
    is_flag=True,
    help="Compare its settings with classical models now, on new splits of --data.",
)
@click.option("--seeds", type=int, default=5, show_default=True, help="Splits of --compare.")
@click.option("--name", help="Of the model [default: that of the folder].")
@click.option("--description", help="What it is for.")
@click.option(
    "--license", "license_name", help="As the Hugging Face Hub spells it: apache-2.0, mit, …"
)
@table_options
@AS_JSON
@PROGRESS
def share(
    model: Path,
    folder: Path,
    data: str | None,
    reports: tuple[Path, ...],
    compared_as: str | None,
    held_out: Path | None,
    with_comparison: bool,
    seeds: int,
    name: str | None,
    description: str | None,
    license_name: str | None,
    as_json: bool,
    verbose: int | str,
    **table: Any,
) -> None:
    """Write FOLDER with a saved MODEL and a card (README.md) that says how good it is.

    The folder is laid out as the Hugging Face Hub has it; nothing is sent anywhere. Scores in the
    card are those of rows that training did not see: of --report, --compare or --held-out. What
    is not given, the card says so.
    """
    if held_out is not None and data is not None and _is_same_file(data, held_out):
        raise ValueError("--held-out is --data: rows of the training cannot be held out of it")
    estimator = load_model(model)
    item = None if data is None else _item(data, estimator, table)
    found = [_content(path) for path in reports]
    comparisons: list[Any] = [content for content in found if "table" in content]
    training = [content for content in found if "table" not in content]
    if with_comparison:
        comparisons.append(_compared(estimator, item, seeds, verbose))
        compared_as = str(pipeline_parts(estimator)[1].make_backend().name)
    if len(comparisons) > 1 or len(training) > 1:
        raise ValueError(
            "one training and one comparison belong to a model: give --report once each"
        )
    written = save_to_folder(
        estimator,
        folder,
        name=name,
        description=description,
        license=license_name,
        data=load_dataset(item, random_state=0) if isinstance(item, str) else item,
        comparison=comparisons[0] if comparisons else None,
        compared_as=compared_as,
        report=training[0] if training else None,
        held_out=None if held_out is None else _held_out(estimator, held_out, table),
    )
    files = sorted(path.name for path in written.iterdir() if not path.name.startswith("."))
    if as_json:
        click.echo(json.dumps({"folder": str(written), "files": files}, indent=2))
        return
    click.echo(f"Written to {written}/: {', '.join(files)}")
    click.echo(f"To publish it: hf upload USER/{written.resolve().name} {written}")


def _content(path: Path) -> dict[str, Any]:
    """Return the JSON of a report."""
    text = "--report takes what `qmlplay train --json` or `qmlplay compare --json` printed"
    try:
        content = json.loads(path.read_bytes())
    except (RecursionError, ValueError) as error:
        raise ValueError(f"{str(path)!r} is no JSON ({error}): {text}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{str(path)!r} is no report: {text}")
    return content


def _item(data: str, estimator: Any, table: Mapping[str, Any]) -> str | Bunch:
    """Return the name of a dataset, or what is in a file."""
    (item,), options = tasks.read_tables([data], _task(estimator), **table)
    if isinstance(item, str) and any(options.values()):
        raise ValueError(f"{data!r} is a dataset of qmlplay: leave out the options for files")
    return item


def _is_same_file(data: str, held_out: Path) -> bool:
    return Path(data).is_file() and held_out.is_file() and held_out.samefile(data)


def _task(estimator: Any) -> str:
    return "classification" if is_classifier(estimator) else "regression"


def _held_out(estimator: Any, path: Path, table: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return features, read as in training, and answers of a file."""
    bunch = as_dataset(path, task=_task(estimator), **table)
    rows = read_rows(estimator, path)
    if len(rows) != len(bunch.y):
        raise ValueError(
            f"{str(path)!r} has {len(rows)} rows, but only {len(bunch.y)} with an answer: take "
            "the others out"
        )
    y = tasks.class_names(bunch, bunch.y) if is_classifier(estimator) else bunch.y
    return model_features(estimator, rows, path), y


def _compared(
    estimator: Any, data: str | Bunch | None, seeds: int, verbose: int | str
) -> Comparison:
    """Return a comparison of a model's settings, trained anew, with classical models."""
    if data is None:
        raise ValueError("--compare needs --data: the file, or the dataset, to compare models on")
    quantum = pipeline_parts(estimator)[1]
    if not isinstance(quantum, VariationalEstimator):
        raise ValueError(
            f"--compare trains variational models, and this is a {type(quantum).__name__}: run "
            "qmlplay compare, and give its --json with --report and --compared-as kernel"
        )
    kind = "classifier" if is_classifier(quantum) else "regressor"
    backend = str(quantum.make_backend().name)
    return compare(
        data,
        models=[backend, "no_entanglement", *list_baselines(_task(estimator))],
        seeds=seeds,
        verbose=verbose,
        **{kind: clone(quantum)},
    )
