"""The picture of growth.py: time above, memory below, one column per axis that is varied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

AXES = {
    "n_qubits": "qubits",
    "n_samples": "samples",
    "n_layers": "layers",
    "n_observables": "observables",
}
FIGURES = {"seconds": "seconds per step", "memory_mb": "peak memory over imports (MB)"}
#: Okabe and Ito's palette; every curve has its own marker as well.
STYLES = {
    "numpy": ("#0072B2", "o", "-"),
    "qiskit": ("#E69F00", "s", "-"),
    "cirq": ("#009E73", "^", "-"),
    "pennylane": ("#CC79A7", "D", "-"),
    "pennylane_broadcast": ("#D55E00", "v", "--"),
    "pennylane_jax": ("#000000", "x", "--"),
}
OTHER = ("#56B4E9", "P", "--")


def draw(rows: Sequence[Mapping[str, object]], labels: Mapping[str, str], path: Path) -> None:
    """Draw the rows of growth.csv."""
    varied = [name for name in AXES if any(row["varied"] == name for row in rows)]
    if not varied:
        return
    figure = Figure(figsize=(3.4 * len(varied) + 0.6, 6.6), layout="constrained")
    grid = figure.subplots(2, len(varied), squeeze=False, sharex="col", sharey="row")
    for column, axis in enumerate(varied):
        for row, quantity in enumerate(FIGURES):
            _curves(grid[row, column], rows, axis, quantity, labels)
        grid[1, column].set_xlabel(AXES[axis])
    for row, text in enumerate(FIGURES.values()):
        grid[row, 0].set_ylabel(text)
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize=9)
    figure.savefig(path, dpi=150)


def _curves(
    ax: Axes,
    rows: Sequence[Mapping[str, object]],
    axis: str,
    quantity: str,
    labels: Mapping[str, str],
) -> None:
    for name in dict.fromkeys(str(row["who"]) for row in rows):
        points = [
            (float(str(row["value"])), float(str(row[quantity])))
            for row in rows
            if row["who"] == name and row["varied"] == axis and row.get(quantity)
        ]
        x, y = zip(*points, strict=True) if points else ((), ())
        if quantity == "memory_mb":
            y = tuple(max(value, 0.1) for value in y)  # below that, pages are counted
        color, marker, line = STYLES.get(name, OTHER)
        label = labels.get(name, f"qmlplay on {name}")
        ax.plot(x, y, color=color, marker=marker, linestyle=line, markersize=4, label=label)
    # A qubit doubles the state, so its axis is the one that is logarithmic already.
    ax.set_xscale("linear" if axis == "n_qubits" else "log")
    ax.set_yscale("log")
    values = sorted({int(str(row["value"])) for row in rows if row["varied"] == axis})
    ax.set_xticks(values[:: 1 + len(values) // 9], minor=False)
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.yaxis.set_major_formatter("{x:g}")
    for side in (ax.xaxis, ax.yaxis):
        side.set_minor_formatter(NullFormatter())
    ax.grid(color="0.9")
