"""The page in plain values: choices, settings, data, circuit, and how the run goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from math import isnan
from typing import Any

import numpy as np

from qmlplay.backends import backend_info
from qmlplay.circuit import ParametricCircuit, draw_text
from qmlplay.circuit.picture import KINDS, CircuitPicture
from qmlplay.palette import (
    DARK_PAGE_COLORS,
    GATE_COLORS,
    KIND_COLORS,
    PAGE_COLORS,
    class_color,
)
from qmlplay.tables.sources import TABLE_SUFFIXES
from qmlplay.widget.data.own_data import OwnData, Upload
from qmlplay.widget.data.upload_limits import MAX_BYTES
from qmlplay.widget.experiments import EXPERIMENTS, matching
from qmlplay.widget.playing.session import Session
from qmlplay.widget.settings.choices import (
    DRAWN,
    DRAWN_LABEL,
    FIELD_LABELS,
    TOYS,
    label,
    optimizer_help,
)
from qmlplay.widget.settings.configuration import RULES, Choice, Number, WholeNumber
from qmlplay.widget.settings.drawn_points import CLASS_NAMES
from qmlplay.widget.views.frames import Frame

__all__ = [
    "SPEEDS",
    "circuit",
    "circuit_of",
    "options",
    "own_data",
    "page_code",
    "page_style",
    "plane",
    "progress",
    "run",
    "settings",
]

#: Training steps per second on the page → its label; 0 is as fast as it goes.
SPEEDS = {2: "2 steps/s", 10: "10 steps/s", 30: "30 steps/s", 0: "full speed"}
_SHOTS = {"": "exact", "100": "100", "1000": "1 000", "10000": "10 000"}


def page_code() -> str:
    """Return the JavaScript of the page, one module."""
    colors = {"light": dict(PAGE_COLORS), "dark": dict(DARK_PAGE_COLORS)}
    return f"const PAGE_COLORS = {json.dumps(colors)};\n{_joined('.js')}"


def page_style() -> str:
    """Return the style sheet of the page, for light and for dark."""
    light, dark = map(_custom_properties, (PAGE_COLORS, DARK_PAGE_COLORS))
    return (
        f".qmlplay {{ color-scheme: light;{light} }}\n"
        f'.qmlplay[data-scheme="dark"] {{ color-scheme: dark;{dark} }}\n{_joined(".css")}'
    )


def _joined(suffix: str) -> str:
    """Return all static files of one kind, in the order of their names."""
    folder = files("qmlplay.widget") / "static"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(suffix))
    return "\n".join((folder / name).read_text("utf-8") for name in names)


def _custom_properties(colors: Mapping[str, str]) -> str:
    return "".join(f" --{name}: {color};" for name, color in colors.items())


def options() -> dict[str, Any]:
    """Return all choices on the page."""
    fields = {name: asdict(field) for name, field in FIELD_LABELS.items()}
    fields["optimizer"]["help"] = optimizer_help()
    choices: dict[str, list[dict[str, Any]]] = {
        name: [{"value": value, "label": label(value)} for value in rule.allowed]
        for name, rule in RULES.items()
        if isinstance(rule, Choice)
    }
    choices["dataset"] = [{"value": name, "label": toy.label} for name, toy in TOYS.items()]
    choices["dataset"].append({"value": DRAWN, "label": DRAWN_LABEL})
    choices["shots"] = _labeled(_SHOTS)
    choices["backend"] = [choice for choice in choices["backend"] if _is_offered(choice["value"])]
    for choice in choices["backend"]:
        if not backend_info(choice["value"]).is_installed:
            choice |= {"label": f"{choice['label']} (not installed)", "disabled": True}
    return {
        "choices": choices,
        "ranges": {
            name: {"low": rule.low, "high": rule.high}
            for name, rule in RULES.items()
            if isinstance(rule, WholeNumber | Number)
        },
        "speeds": _labeled({str(value): label for value, label in SPEEDS.items()}),
        "fields": fields,
        "kind_colors": {"model": KIND_COLORS["quantum"], "ablation": KIND_COLORS["ablation"]},
        "drawn_classes": [
            {"name": name, "color": class_color(k)} for k, name in enumerate(CLASS_NAMES)
        ],
        "experiments": {name: shown.to_dict() for name, shown in EXPERIMENTS.items()},
        "max_bytes": MAX_BYTES,
        "suffixes": ",".join(TABLE_SUFFIXES),
    }


def _is_offered(backend: str) -> bool:
    """Return whether a backend is shown: those of an extra are where it is installed."""
    info = backend_info(backend)
    return info.extra is None or info.is_installed


def _labeled(labels: dict[str, str]) -> list[dict[str, Any]]:
    return [{"value": value, "label": text} for value, text in labels.items()]


def settings(session: Session, own_data: dict[str, Any] | None) -> dict[str, Any]:
    """Return the settings as they are, and what the controls need beside them."""
    return {
        "values": session.configuration.to_dict(),
        "has_data_noise": session.configuration.has_data_noise,
        "columns": list(session.plane.columns),
        "own": own_data,
        "experiments": matching(session.configuration),
    }


def own_data(loaded: OwnData | None, upload: Upload | None) -> dict[str, Any] | None:
    """Return what the page shows of the user's own data.

    A file that could not be taken is included, so that another column can be chosen as target.
    """
    if loaded is None and upload is None:
        return None
    is_this = loaded is not None and loaded.upload is upload
    return {
        "name": None if loaded is None else loaded.bunch.name,
        "recognized": "" if loaded is None else loaded.recognized,
        "file": "" if upload is None else upload.name,
        "columns": [] if upload is None else upload.columns,
        "target": loaded.bunch.recognition.target if upload and loaded and is_this else "",
    }


def plane(session: Session) -> dict[str, Any]:
    """Return the points of the plane, with their classes numbered."""
    shown, split = session.plane, session.plane.split
    classes = np.unique(split.y_train)
    parts = {
        part: {"X": X.tolist(), "labels": np.searchsorted(classes, y).tolist()}
        for part, X, y in (
            ("train", split.X_train, split.y_train),
            ("test", split.X_test, split.y_test),
        )
    }
    return parts | {
        "extent": list(shown.extent),
        "axes": list(split.feature_names),
        "class_names": list(shown.class_names),
        "colors": [class_color(number) for number in shown.class_numbers],
        "baseline": label(session.configuration.baseline),
        "notice": shown.notice,
        "lacks": shown.lacks,
    }


def circuit(drawn: ParametricCircuit) -> dict[str, Any]:
    """Return the gates of a circuit in one row, their colours, and it all as text."""
    picture = CircuitPicture.of(drawn)
    gates = [
        {
            "x": gate.x,
            "width": gate.drawn.width,
            "symbols": [asdict(symbol) for symbol in gate.drawn.symbols],
            "name": gate.drawn.gate.name,
            "index": gate.drawn.index,
            "weights": list(gate.drawn.weights),
        }
        for gate in picture.placed()
    ]
    kinds = {kind: {"label": KINDS[kind], **asdict(GATE_COLORS[kind])} for kind in picture.kinds}
    return {"n_qubits": drawn.n_qubits, "gates": gates, "kinds": kinds, "text": draw_text(drawn)}


def circuit_of(session: Session) -> dict[str, Any]:
    """Return the circuit of a run, its entanglers that are out, and gates that may be taken out."""
    drawn, entanglers = circuit(session.circuit), session.entanglers
    places = [entanglers.places[gate["index"]] for gate in drawn["gates"]]
    removable = [k for k, place in enumerate(places) if entanglers.is_removable(place)]
    return drawn | {"removed": entanglers.listed(), "removable": removable}


def run(session: Session, frame: Frame | None, speed: int) -> dict[str, Any]:
    """Return how the run goes, as far as the frame of its model."""
    fit = session.training
    step = 0 if frame is None else frame.step
    return {
        "state": session.state,
        "step": step,
        "speed": speed,
        "max_iter": session.configuration.max_iter,
        "max_steps": session.configuration.max_iter * fit.model.steps_per_iteration,
        "shots": session.configuration.shots,
        "losses": _rounded(fit.losses[:step]),
        "ablation_losses": _rounded(session.ablation.losses),
        "hardware_circuits": session.hardware_circuits,
        "circuits_so_far": session.circuits_of(step),
        "parameters": dict(session.n_parameters),
        **progress(session),
    }


def progress(session: Session) -> dict[str, Any]:
    """Return how far a long step is, in [0, 1), and the seconds of one, as far as they are known.

    The forecast is that of the quantum model's own step, from a few samples before the first.
    """
    fit = session.training
    forecast = fit.forecast
    return {
        "progress": round(fit.progress, 3),
        "seconds_per_step": fit.seconds_per_step,
        "forecast_seconds": None if forecast is None or isnan(forecast) else forecast,
    }


def _rounded(losses: list[float]) -> list[float]:
    return [float(f"{loss:.5g}") for loss in losses]
