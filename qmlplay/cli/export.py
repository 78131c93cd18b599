"""`qmlplay export`: a saved model as a file for other runtimes."""

from __future__ import annotations

import json
import os
from copy import copy
from pathlib import Path
from typing import Any

import click
from sklearn.pipeline import Pipeline

from qmlplay.cli.export_formats import FORMATS, ExportFormat, format_of
from qmlplay.cli.options import AS_JSON, FILE, examples
from qmlplay.cli.tasks import check_file
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.runtimes import report
from qmlplay.model.archive import write_whole
from qmlplay.saving import load_model

__all__ = ["export"]


@click.command(
    epilog=examples(
        "qmlplay export model.qmlplay --to html",
        "qmlplay export model.qmlplay --to tflite --out phone.tflite",
        "qmlplay export model.qmlplay --out model.onnx --dtype float64",
    )
)
@click.argument("model", type=FILE)
@click.option("--to", help=f"Format: {', '.join(FORMATS)} [default: what --out is called].")
@click.option("--out", type=FILE, help="File [default: the model's, with the format's ending].")
@click.option("--dtype", help="float32 or float64, of ONNX [default: float32].")
@click.option(
    "--form",
    help="circuit (the state vector), fourier (the trigonometric polynomial, as exact) or auto "
    "[default: auto, what is shorter; circuit for html].",
)
@click.option("--title", help="Title of the html page [default: the model's file name].")
@click.option(
    "--last-step", is_flag=True, help="The quantum model without the steps of its pipeline."
)
@AS_JSON
def export(
    model: Path,
    to: str | None,
    out: Path | None,
    last_step: bool,
    as_json: bool,
    **given: str | None,
) -> None:
    """Write a saved MODEL for another runtime: ONNX, TensorFlow Lite, or a page for the browser.

    The file computes exactly what the simulator does, without shots and noise, and needs no
    qmlplay. What is printed is measured: its size, how far its answers are from the simulator's on
    random rows of the features' ranges, and the time of a prediction beside the NumPy backend's.
    """
    name = format_of(to, out)
    settings = _settings(name, given)
    file = _file(model, name, out)
    estimator = load_model(model, backend="numpy")  # no framework is needed for exact numbers
    if last_step and isinstance(estimator, Pipeline):
        estimator = _last_step(estimator)
    if name == "html":
        settings = {"title": model.stem} | settings
    data, inputs = _exported(estimator, FORMATS[name], settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    target = Path(os.path.realpath(file))
    write_whole(target, data, advice="choose another place with --out")
    facts = {
        "file": str(file),
        "format": name,
        "bytes": len(data),
        "columns": list(inputs.names),
    } | _measured(FORMATS[name], data, inputs)
    click.echo(json.dumps(facts, indent=2) if as_json else _text(facts))


def _settings(name: str, given: dict[str, str | None]) -> dict[str, Any]:
    """Return the settings that were given, if the format takes them."""
    settings = {key: value for key, value in given.items() if value is not None}
    for key in settings:
        if key not in FORMATS[name].settings:
            others = [other for other, kind in FORMATS.items() if key in kind.settings]
            raise ValueError(f"--{key} is for {' and '.join(others)} alone: leave it out")
    return settings


def _file(model: Path, name: str, out: Path | None) -> Path:
    """Return where to write: nothing is replaced but a file that was named."""
    file = model.with_suffix(f".{name}") if out is None else out
    if file.exists() and os.path.realpath(file) == os.path.realpath(model):
        raise ValueError(f"--out {str(file)!r} is the model itself: choose another name")
    if out is None and file.exists():
        raise ValueError(f"{str(file)!r} exists: give --out {file} to replace it")
    check_file("--out", file)
    return file


def _last_step(pipeline: Pipeline) -> Any:
    """Return a pipeline's model, which calls its columns as the steps before do."""
    last = copy(pipeline[-1])
    last.feature_names_in_ = pipeline[:-1].get_feature_names_out()
    return last


def _exported(
    estimator: Any, kind: ExportFormat, settings: dict[str, Any]
) -> tuple[bytes, ExportedInputs]:
    try:
        inputs = ExportedInputs.of(estimator)
        return kind.write(estimator, **settings), inputs
    except TypeError as error:
        if not isinstance(estimator, Pipeline):
            raise
        raise TypeError(f"{error} (here: --last-step)") from error


def _measured(kind: ExportFormat, data: bytes, inputs: ExportedInputs) -> dict[str, Any]:
    """Return agreement and times, or why there are none."""
    if kind.run is None:
        return {"note": "the page compares itself with the simulator whenever it is opened"}
    try:
        run = kind.run(data)
    except ImportError as error:
        return {"note": f"agreement and time were not measured: {error}"}
    found = report(inputs, run)
    return {
        "n_rows": found.n_rows,
        "largest_difference": found.largest_difference,
        "microseconds": found.microseconds,
        "simulator_microseconds": found.simulator_microseconds,
        "difference_of": "probabilities"
        if inputs.is_classifier
        else "predictions in units of the targets' spread",
    }


def _text(facts: dict[str, Any]) -> str:
    size = facts["bytes"]
    lines = [
        f"written: {facts['file']}, {size / 1e6:.1f} MB"
        if size >= 1e6
        else f"written: {facts['file']}, {size / 1e3:.1f} kB",
        f"columns: {', '.join(facts['columns'])}",
    ]
    if "note" in facts:
        lines.append(f"note: {facts['note']}")
        return "\n".join(lines)
    lines += [
        f"agreement with the simulator: {facts['largest_difference']:.1e} at most "
        f"({facts['difference_of']}, {facts['n_rows']} random rows)",
        f"time: {facts['microseconds']:.0f} µs per prediction; NumPy backend: "
        f"{facts['simulator_microseconds']:.0f} µs (one row at a time, this machine)",
    ]
    return "\n".join(lines)
