"""The sections of a model card: sentences whose numbers come from the objects, or "not given"."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from types import FunctionType
from typing import Any

import numpy as np

from qmlplay._version import __version__
from qmlplay.backends import Backend, backend_info, list_backends
from qmlplay.sharing.card_scores import shown_scores
from qmlplay.sharing.drawings import text_drawing
from qmlplay.sharing.markdown import bullets, escaped, fenced, table
from qmlplay.sharing.shared_model import SharedModel

__all__ = ["circuit", "data", "prediction", "scores", "training", "versions"]

NOT_GIVEN = "not given"
#: Rows of lists that a card shows; the rest is counted.
_MOST = 30
#: Why training ended, in words.
_STOP_REASONS = {
    "max_iter": "all iterations done (max_iter)",
    "n_iter_no_change": "no further progress (n_iter_no_change)",
    "max_time": "time was up (max_time)",
    "callback": "a callback ended it",
    "interrupted": "**interrupted by hand before its end**",
    "diverged": "**the loss was no longer finite; these are the last good weights**",
    "partial_fit": "trained call by call (partial_fit)",
    "optimizer": "the optimizer's own rule",
}
#: Columns of the table of a comparison that a card shows, and their headings.
_COLUMNS = {
    "dataset": "dataset",
    "model": "model",
    "kind": "kind",
    "test_accuracy": "test accuracy",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log-loss",
    "test_r2": "test R²",
    "mae": "MAE",
    "rmse": "RMSE",
    "n_parameters": "parameters",
    "fit_seconds": "seconds of training",
    "status": "status",
}


def prediction(shared: SharedModel) -> str:
    """Return what goes in and what comes out."""
    kind = type(shared.quantum).__name__
    before = " → ".join(escaped(type(step).__name__) for _, step in shared.steps)
    lines = [f"**Model:** {before + ' → ' if before else ''}{escaped(kind)} of qmlplay"]
    if shared.is_regression:
        lines.append("**Predicts:** numbers")
    else:
        labels = [escaped(repr(label)) for label in shared.quantum.classes_.tolist()]
        lines.append(f"**Predicts:** one of {len(labels)} classes: {_several(labels)}")
    n_columns = _number(shared.n_columns)
    names = [escaped(repr(name)) for name in shared.feature_names]
    lines.append(f"**From:** {n_columns} columns{': ' + _several(names) if names else ''}")
    return bullets(lines)


def scores(shared: SharedModel) -> str:
    """Return the scores of rows that training did not see, the verdict, and the comparison."""
    parts = []
    if shared.scores:
        headings = ["metric", "value", "how far it may be off", "rows"]
        parts.append(table(headings, shown_scores(shared.scores)))
    else:
        parts.append(
            "Scores on rows that training did not see: not given. A score in training says "
            "little of new rows, and is not shown."
        )
    compared = shared.compared
    if compared is None:
        return (
            f"{parts[0]}\n\nA comparison with other models, classical ones among them: not given."
        )
    if compared.row is None:
        parts.append("Which row of this comparison has the settings of this model: not given.")
    else:
        name = escaped(compared.row["model"])
        parts.append(f"In this comparison, the row **{name}** is of {escaped(compared.relation)}.")
    parts.append(bullets(escaped(sentence, 2000) for sentence in compared.verdict))
    parts.append(_compared_rows(shared))
    return "\n\n".join(parts)


def _compared_rows(shared: SharedModel) -> str:
    assert shared.compared is not None
    rows = shared.compared.rows
    shown = [name for name in _COLUMNS if any(row.get(name) is not None for row in rows)]
    if all(row["status"] == "ok" for row in rows):
        shown.remove("status")
    if shared.compared.dataset is not None:
        shown.remove("dataset")
    cells = [[_cell(row, name) for name in shown] for row in rows]
    n_splits = sorted({int(row["n_seeds"]) for row in rows})
    over = " or ".join(map(str, n_splits))
    text = (
        f"Means over {over} split(s); ± is the standard deviation of the splits' scores, which "
        "overlap, so it is no standard error. Seconds are of the machine that ran it."
    )
    return f"{table([_COLUMNS[name] for name in shown], cells)}\n\n{text}"


def _cell(row: Mapping[str, Any], name: str) -> str:
    value, spread = row.get(name), row.get(f"{name}_std")
    if value is None:
        return "–"
    if isinstance(value, float) and isinstance(spread, float) and row["n_seeds"] > 1:
        return f"{value:.3g} ± {spread:.2g}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def data(shared: SharedModel) -> str:
    """Return what is known of the data."""
    known = shared.data
    if known is None:
        return "The data of its training: not given."
    n_train, n_test = shared.report.get("train_rows"), shared.report.get("test_rows")
    lines = [
        f"**Name:** {escaped(known.name)}",
        f"**Rows:** {_number(known.n_rows)}"
        + (f", of which {n_train} trained this model and {n_test} tested it" if n_train else ""),
        f"**Columns:** {_number(known.n_columns)}",
        f"**How it was read:** {escaped(known.reading, 2000) or NOT_GIVEN}",
    ]
    if shared.report.get("seed") is not None:
        lines.append(f"**Seed of the split:** {escaped(shared.report['seed'])}")
    if known.answers:
        counts = [f"{escaped(label)}: {count}" for label, count in known.answers.items()]
        lines.append(f"**Rows per class:** {_several(counts)}")
    if known.numbers:
        lines.append(f"**Target:** {escaped(known.numbers)}")
    lines += [escaped(note) for note in known.notes[:_MOST]]
    return bullets(lines)


def circuit(shared: SharedModel, picture: str | None) -> str:
    """Return the circuit in numbers, as text, and as a picture where there is one."""
    quantum, parametric = shared.quantum, shared.circuit
    gates = parametric.circuit
    parameters = quantum.get_params(deep=False)
    asked = {
        name: parameters[name]
        for name in ("encoding", "ansatz", "n_layers", "kind", "bandwidth", "readout")
        if name in parameters
    }
    lines = [
        f"**Qubits:** {gates.n_qubits}",
        f"**Depth, gates, gates on two qubits or more:** {gates.depth}, {len(gates.gates)}, "
        f"{gates.n_two_qubit_gates}",
        f"**Trained numbers:** {quantum.model_.n_parameters}",
        *(f"**{name.replace('_', ' ')}:** {_setting(value)}" for name, value in asked.items()),
    ]
    if shared.history is not None:
        measured = [escaped(str(observable)) for observable in quantum.model_.observables]
        lines.append(f"**Measured:** {_several(measured)}")
    text = fenced(text_drawing(parametric))
    drawing = f"<details><summary>The circuit as text</summary>\n\n{text}\n\n</details>"
    image = "" if picture is None else f"\n\n![The circuit]({picture})"
    note = "`x0` is column 0 of its input in radians, `w0` a trained weight."
    return f"{bullets(lines)}{image}\n\n{drawing}\n\n{note}"


def training(shared: SharedModel) -> str:
    """Return how it was trained; scores in training are not told."""
    history, quantum = shared.history, shared.quantum
    parameters = quantum.get_params(deep=False)
    lines = [f"**Simulator:** {_simulator(shared)}"]
    if history is None:
        lines.append(f"**Circuits run:** {quantum.n_circuit_evaluations_:,}")
        return bullets([*lines, f"**Seconds:** {_seconds(shared)}"])
    if not history.n_steps:
        return bullets([*lines, "How it was trained: not given."])
    curve = history.loss_curve
    lines += [
        f"**Optimizer:** {_setting(parameters['optimizer'])}, learning rate "
        f"{_setting(parameters['learning_rate_init'])}",
        f"**Iterations:** {len(curve)} ({history.n_steps} steps of {_number(history.batch_size)} "
        "rows at most)",
        f"**Ended because:** {_STOP_REASONS.get(str(history.stop_reason), NOT_GIVEN)}",
        f"**Circuits run:** {history.n_circuit_evaluations:,}",
        f"**Seconds:** {_seconds(shared)}",
    ]
    if parameters["callbacks"]:
        lines.append(f"{len(parameters['callbacks'])} callbacks watched it; they are not shared.")
    if curve:
        text = f"**Loss ({_setting(parameters['loss'])}) in training:** {curve[-1]:.4g}"
        if history.prior_loss is not None:
            text += f"; the best answer that looks at no column has {history.prior_loss:.4g}"
        lines.append(text)
    if history.beats_prior is False:
        lines.append("**In training it did not become clearly better than that answer.**")
    return bullets(lines)


def _setting(value: Any) -> str:
    """Return a parameter in words; of functions the name, as they have addresses in their text."""
    functions = value if isinstance(value, tuple | list) else (value,)
    names = [f"function {f.__name__}" for f in functions if isinstance(f, FunctionType)]
    return escaped(", ".join(names) or value)


def _seconds(shared: SharedModel) -> str:
    row = None if shared.compared is None else shared.compared.row
    if row is None or row.get("fit_seconds") is None:
        return NOT_GIVEN
    return f"{row['fit_seconds']:.3g} (median of the comparison's trainings)"


def _simulator(shared: SharedModel) -> str:
    quantum = shared.quantum
    backend = quantum.make_backend()
    noise = backend.noise if quantum.backend is backend else quantum.noise
    shots = "exact" if backend.shots is None else f"{backend.shots} shots"
    return f"{escaped(backend.name)}, {shots}, noise: {escaped(noise or 'none')}"


def versions(shared: SharedModel) -> str:
    """Return the versions that wrote the folder."""
    backend = shared.quantum.backend
    name = backend.name if isinstance(backend, Backend) else backend
    packages = backend_info(name).versions if name in list_backends() else {}
    rows = {
        "qmlplay": __version__,
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": version("scikit-learn"),
        **packages,
    }
    return table(["package", "version"], rows.items())


def _number(count: int | None) -> str:
    return NOT_GIVEN if count is None else f"{count:,}"


def _several(texts: list[str]) -> str:
    shown = ", ".join(texts[:_MOST])
    return shown if len(texts) <= _MOST else f"{shown} and {len(texts) - _MOST} more"
