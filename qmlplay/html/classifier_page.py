"""A fitted quantum model at a glance: its circuit, its training, what was chosen for the user."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import Any

from sklearn.base import is_classifier

from qmlplay.circuit.drawing import drawing_pieces
from qmlplay.circuit.picture import KINDS
from qmlplay.framework_names import simulator_label
from qmlplay.html.charts import line_chart
from qmlplay.html.circuit_svg import circuit_svg
from qmlplay.html.rendering import render

__all__ = ["classifier_html"]

_MOST_NAMES, _MOST_CHARACTERS = 8, 20_000


def classifier_html(clf: Any) -> str:
    """Return facts, training curves and circuit of a fitted quantum model as a piece of HTML.

    Parameters
    ----------
    clf : VariationalClassifier or VariationalRegressor
        Fitted, or in training.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> "<dt>qubits</dt>" in classifier_html(model)
    True
    """
    parameters = clf.get_params(deep=False)
    defaults = type(clf)().get_params(deep=False)
    pieces = drawing_pieces(clf.model_.circuit)
    lengths = accumulate(len(text) for text, _ in pieces)
    shown = sum(1 for _ in takewhile(lambda length: length <= _MOST_CHARACTERS, lengths))
    possible = [
        line_chart("training loss", clf.loss_curve_),
        line_chart(
            f"validation {'accuracy' if is_classifier(clf) else 'R²'}", clf.validation_scores_
        ),
    ]
    return render(
        "classifier.html",
        name=type(clf).__name__,
        facts=_facts(clf),
        curves=[chart for chart in possible if chart is not None],
        circuit=circuit_svg(clf.model_.circuit),
        drawing=pieces[:shown],
        is_cut=shown < len(pieces),
        kinds=[(kind, KINDS[kind]) for kind in KINDS if any(kind == k for _, k in pieces)],
        parameters=[
            (name, _value(value), repr(value) != repr(defaults[name]))
            for name, value in parameters.items()
        ],
    )


def _facts(clf: Any) -> list[dict[str, Any]]:
    """Return what is worth knowing, and whether it was chosen automatically."""
    features = getattr(clf, "feature_names_in_", [f"x{i}" for i in range(clf.n_features_in_)])
    layers = f"{clf.n_layers} × {_value(clf.encoding)} encoding and {_value(clf.ansatz)} ansatz"
    once = f"{_value(clf.encoding)} encoding, {clf.n_layers} × {_value(clf.ansatz)} ansatz"
    facts = [
        _answers(clf),
        ("features", _listed(features), False),
        ("backend", _simulator(clf), False),
        ("qubits", f"{clf.n_qubits_}", clf.n_qubits is None),
        ("observables", _listed(clf.model_.observables), True),
        ("layers", layers if clf.encoding_use().reupload else once, False),
        ("trainable numbers", f"{clf.n_parameters_:,}", False),
        ("optimizer", _value(clf.optimizer), False),
        ("gradients", _gradients(clf), clf.gradient_method == "auto"),
        ("batch size", _batch_size(clf), clf.batch_size == "auto"),
        ("iterations", _iterations(clf), False),
        ("loss", _loss(clf), False),
        ("circuits", f"{clf.n_circuit_evaluations_:,} that hardware would have run", False),
    ]
    return [
        {"name": name, "text": text, "is_automatic": is_automatic}
        for name, text, is_automatic in facts
        if text
    ]


def _answers(clf: Any) -> tuple[str, str, bool]:
    """Return what is predicted: the classes, or the targets' middles and spreads."""
    if is_classifier(clf):
        return "classes", _listed(clf.model_.classes), False
    scaling = clf.model_.target_scaling
    pairs = zip(scaling.center.ravel(), scaling.scale.ravel(), strict=True)
    return "targets", _listed([f"{middle:.4g} ± {spread:.4g}" for middle, spread in pairs]), False


def _simulator(clf: Any) -> str:
    """Return the simulator's name, shots and noise: an object has its own."""
    has_name = isinstance(clf.backend, str)
    name, settings = (clf.backend, clf) if has_name else (clf.backend.name, clf.backend)
    shots = "exact" if settings.shots is None else f"{settings.shots:,} shots per circuit"
    noise = "" if settings.noise is None else f", noise {_value(settings.noise)}"
    return f"{simulator_label(name)}, {shots}{noise}"


def _gradients(clf: Any) -> str:
    return "" if clf.gradient_method_ is None else str(clf.gradient_method_).replace("_", " ")


def _batch_size(clf: Any) -> str:
    return "" if clf.batch_size_ is None else f"{clf.batch_size_:,} samples per step"


def _iterations(clf: Any) -> str:
    reasons = {
        None: "",
        "max_iter": "all that were allowed",
        "n_iter_no_change": f"no better by {clf.tol:g} for {clf.n_iter_no_change} iterations",
        "max_time": f"max_time={clf.max_time} s was over",
        "callbacks": "a callback ended it",
        "optimizer": f"{_value(clf.optimizer)} was done",
        "interrupted": "interrupted by Ctrl-C",
        "partial_fit": "by partial_fit",
        "diverged": "it ran away",
    }
    reason = reasons.get(clf.stop_reason_, "")
    count = f"{len(clf.loss_curve_)} of at most {clf.max_iter}"
    return f"{count}: {reason}" if reason else count


def _loss(clf: Any) -> str:
    curve = clf.loss_curve_
    loss = clf.loss if isinstance(clf.loss, str) else clf.loss[0]  # of a pair of functions
    return f"{curve[0]:.4g} → {curve[-1]:.4g} ({_value(loss)})" if curve else ""


def _listed(names: Sequence[Any]) -> str:
    shown = ", ".join(str(name) for name in names[:_MOST_NAMES])
    hidden = len(names) - _MOST_NAMES
    return f"{shown}, and {hidden} more" if hidden > 0 else shown


def _value(value: Any) -> str:
    """Return a parameter in a few words: a function by its name."""
    if isinstance(value, str):
        return value
    text = str(getattr(value, "__name__", repr(value)))
    return text if len(text) <= 200 else text[:199] + "…"
