"""A trained model as a web page: one file that computes in the browser, with sliders."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from qmlplay._version import __version__
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.page_content import RAMP, page_content, plain_text
from qmlplay.html import render
from qmlplay.model.archive import write_whole
from qmlplay.palette import CLASS_COLORS, PAGE_COLORS

__all__ = ["to_html"]

_SCRIPTS = ("simulation", "inputs", "paint", "picture", "rows", "page")


def to_html(
    estimator: Any,
    path: str | PathLike[str] | None = None,
    *,
    title: str | None = None,
    form: str = "circuit",
) -> str:
    """Return a page that runs a trained model in a browser, and write it where a path is given.

    The page is one file that loads nothing and sends nothing: its security policy forbids both.
    It has a slider and a field for every feature, the class probabilities (or the predicted
    numbers), a picture of the plane of two features with a point that can be dragged, and a place
    for many rows at once, whose answers can be saved as CSV. It simulates the state vector with
    double precision, and compares itself with Python on a few rows when it is opened.

    The range of a slider is that of the training data, as the model's scaling keeps it; where a
    step before mixes columns it is a guess of three spreads, and the page says so. The page holds
    the trained numbers, names, and no training data. Programs call its function
    ``qmlplay.predict(rows)``.

    Parameters
    ----------
    estimator : VariationalClassifier, VariationalRegressor, or Pipeline that ends in one
        Fitted. The steps of a pipeline may be `TablePreprocessor` (numbers and categories),
        `FeatureReduction`, and scikit-learn's StandardScaler, MinMaxScaler, RobustScaler,
        MaxAbsScaler and PCA; the page then takes columns as the first of them does.
    path : str or path-like, optional
        The file; an older one of that name is replaced.
    title : str, optional
        Of the page; the name of the estimator's class by default.
    form : {"circuit", "fourier", "auto"}, default="circuit"
        As in `qmlplay.export.ExportPlan.of`.

    Returns
    -------
    str
        The page.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If it is something else, or a step of the pipeline cannot be exported.
    ValueError
        If the model has more than 10 qubits, or angles that are no sums of products of features.
    OSError
        If the file cannot be written; an older file of that name is then left whole.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> clf = VariationalClassifier(max_iter=1).fit([[0.0, 1.0], [1.0, 3.0]], ["fir", "oak"])
    >>> page = to_html(clf, title="Trees")
    >>> page.splitlines()[0], "<title>Trees</title>" in page, len(page) < 100_000
    ('<!DOCTYPE html>', True, True)
    """
    inputs = ExportedInputs.of(estimator)
    content = page_content(inputs, ExportPlan.of(inputs.model, form))
    title = plain_text(title or inputs.kind)
    page = _page(title, content, size=_size(_page(title, content, size="")))
    if path is not None:
        write_whole(
            Path(os.path.realpath(path)),
            page.encode("utf-8"),
            advice="give a file in a folder that exists and that you may write to",
        )
    return page


def _page(title: str, content: dict[str, Any], *, size: str) -> str:
    from markupsafe import Markup

    folder = files("qmlplay.export") / "static"
    parts = [(folder / f"{name}.js").read_text("utf-8") for name in _SCRIPTS]
    script = '\n"use strict";\n' + "\n".join(parts)
    rules = (folder / "page.css").read_text("utf-8")
    style = f"\n{_page_colors()}\n{rules}{_color_style()}\n{render('circuit.css')}"
    shown = {key: value for key, value in content.items() if key != "plan"}
    return render(
        "model_page.html",
        title=title,
        version=__version__,
        script=Markup(script),  # our own, as is the style
        style=Markup(style),
        script_hash=_hash(script),
        style_hash=_hash(style),
        plan=Markup(_as_json(content["plan"])),
        n_colors=len(CLASS_COLORS),
        size=size,
        **shown,
    )


def _page_colors() -> str:
    """Return the colours of the playground's page as custom properties, for a light page."""
    properties = "".join(f" --{name}: {color};" for name, color in PAGE_COLORS.items())
    return f":root {{{properties} }}"


def _color_style() -> str:
    """Return the colours of classes, and of numbers from low to high, as rules of CSS."""
    rules = [f".color-{k} {{ background: {color}; }}" for k, color in enumerate(CLASS_COLORS)]
    return "\n".join(
        [*rules, f".ramp {{ background: linear-gradient(90deg, {', '.join(RAMP)}); }}"]
    )


def _hash(text: str) -> str:
    """Return what a security policy calls a script or a style that it allows."""
    return (
        "sha256-" + base64.urlsafe_b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
    )


def _as_json(content: Any) -> str:
    """Return JSON that ends no script element, whatever names are in it."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _size(page: str) -> str:
    n_bytes = len(page.encode("utf-8"))
    return f"{n_bytes / 1000:.0f} kB" if n_bytes < 1e6 else f"{n_bytes / 1e6:.1f} MB"
