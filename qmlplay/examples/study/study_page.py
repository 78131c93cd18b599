"""The page of the study: a picture, what it says in words, and every number."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd

from qmlplay._version import __version__
from qmlplay.examples.study.trials import RIVALS, Trial
from qmlplay.html import render
from qmlplay.palette import KIND_COLORS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["page", "picture", "sentences"]

#: How far behind still counts as near, and as far at most.
NEAR, FAR = 0.02, 0.08


def sentences(result: pd.DataFrame) -> list[str]:
    """Return what a summary says, losses first."""
    ahead = result["ahead"].round(9)
    behind = ahead[ahead < -NEAR].sort_values()
    lost = ", ".join(f"{name} ({value:+.3f})" for name, value in behind.items())
    return [
        f"Within {NEAR} of the better of logistic regression and RBF-SVC, or ahead, on "
        f"{int((ahead >= -NEAR).sum())} of {len(ahead)} tables; more than {FAR} behind on "
        f"{int((ahead < -FAR).sum())}.",
        f"Further behind than {NEAR}: {lost or 'nowhere'}.",
        f"Median training time {result['seconds'].median():.2f} s.",
    ]


def picture(result: pd.DataFrame) -> Figure:
    """Return a figure: per table the default's accuracy with its spread, and both rivals'."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.2 + 0.27 * len(result)), layout="constrained")
    ax = figure.add_subplot()
    places = range(len(result))
    low, high = result[list(RIVALS)].min(axis=1), result[list(RIVALS)].max(axis=1)
    ax.hlines(places, low, high, color=KIND_COLORS["classical"], linewidth=1, alpha=0.4)
    for rival, marker in zip(RIVALS, "s^", strict=True):
        label = {"svc_rbf": "RBF-SVC"}.get(rival, rival.replace("_", " "))
        ax.plot(result[rival], places, marker, color=KIND_COLORS["classical"], ms=5, label=label)
    ax.errorbar(
        result["mean"],
        places,
        xerr=result["spread"].fillna(0),
        fmt="D",
        color=KIND_COLORS["quantum"],
        ms=5,
        capsize=2,
        label="VariationalClassifier()",
    )
    ax.set_yticks(
        places,
        [
            f"{row.Index}  ({row.n_features} features, {row.n_classes} classes)"
            for row in result.itertuples()
        ],
        fontsize=8,
    )
    ax.margins(y=0.015)
    ax.invert_yaxis()
    ax.set_xlabel("test accuracy, mean over seeds; bars: standard deviation")
    ax.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return figure


def page(result: pd.DataFrame, trials: Iterable[Trial]) -> str:
    """Return the whole study as one self-contained page."""
    buffer = io.BytesIO()
    picture(result).savefig(buffer, format="png", dpi=120)
    runs = pd.DataFrame([asdict(trial) for trial in trials])
    return render(
        "study.html",
        title="qmlplay: the default model on many tables",
        subtitle=f"qmlplay {__version__}",
        sentences=sentences(result),
        picture=base64.b64encode(buffer.getvalue()).decode("ascii"),
        tables=[
            ("Means over seeds", *_cells(result.reset_index())),
            ("Every trial", *_cells(runs)),
        ],
    )


def _cells(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    rows = [
        [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row]
        for row in frame.itertuples(index=False)
    ]
    return [str(column) for column in frame.columns], rows
