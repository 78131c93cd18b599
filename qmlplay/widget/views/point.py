"""One point of the plane on its way through the circuit, and to a class at its end."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from qmlplay.classifier import VariationalClassifier
from qmlplay.diagnostics import LayerStates
from qmlplay.model import probabilities
from qmlplay.model.readout import class_indices
from qmlplay.typing import Complex, Real
from qmlplay.widget.data.plane import Plane
from qmlplay.widget.views.drawn_blocks import DrawnBlocks
from qmlplay.widget.views.frames import drawn_by_numpy
from qmlplay.widget.views.growth import observable_label, shown_states
from qmlplay.widget.views.page_selection import PageSelection

__all__ = ["place_of", "point_view"]

#: Bit strings whose amplitudes are drawn.
_MOST_AMPLITUDES = 16


def point_view(
    estimator: VariationalClassifier,
    plane: Plane,
    selection: PageSelection,
    *,
    blocks: DrawnBlocks | None = None,
) -> dict[str, Any]:
    """Return the state of the selected point after every block, and its readout.

    Parameters
    ----------
    estimator : VariationalClassifier
        Fitted so far.
    plane : Plane
    selection : PageSelection
        A point or a sample; without either there is nothing to see.
    blocks : DrawnBlocks, optional
        Those of the estimator's circuit, where they are known already.

    Returns
    -------
    dict
        Empty without a point, and at (0, 0) where features are amplitudes: no state has these.
    """
    place = _place(plane, selection)
    if place is None or not _has_state(estimator, place[0]):
        return {}
    row, label = place
    grown = shown_states(estimator, row, (blocks or DrawnBlocks.of(estimator)).blocks)
    return {
        "x": float(row[0, 0]),
        "y": float(row[0, 1]),
        "sample": selection.sample,
        "part": selection.part if selection.sample is not None else "",
        "label": label,
        "blocks": [_block(grown, k) for k in range(len(grown.blocks))],
        "n_qubits": estimator.n_qubits_,
        "is_mixed": grown.has_densities,
        "readout": _readout(estimator, plane, row),
    }


def place_of(content: Mapping[str, Any], plane: Plane) -> dict[str, Any]:
    """Return the fields of `PageSelection` for a place that the page names.

    Raises
    ------
    ValueError
        If it is outside the plane, or no place.
    """
    if content.get("sample") is not None:
        return {"point": None, "sample": content["sample"], "part": content.get("part")}
    if content.get("x") is None and content.get("y") is None:
        return {"point": None, "sample": None}
    point = PageSelection(point=(content.get("x"), content.get("y"))).point  # type: ignore[arg-type]
    for axis, value in enumerate(point or ()):
        low, high = plane.extent[2 * axis : 2 * axis + 2]
        if not low <= value <= high:
            name = plane.split.feature_names[axis]
            raise ValueError(f"{name} = {value:.4g}: the plane goes from {low:.4g} to {high:.4g}")
    return {"point": point, "sample": None}


def _place(plane: Plane, selection: PageSelection) -> tuple[Real, int | None] | None:
    """Return the point as a row, and its class where it is a sample."""
    split = plane.split
    if selection.sample is not None:
        X, y = (
            (split.X_train, split.y_train)
            if selection.part == "train"
            else (split.X_test, split.y_test)
        )
        label = int(np.searchsorted(np.unique(split.y_train), y[selection.sample]))
        return X[selection.sample][None], label
    if selection.point is not None:
        return np.array([selection.point]), None
    return None


def _has_state(estimator: VariationalClassifier, row: Real) -> bool:
    model = estimator.model_
    try:
        model.circuit.check_rows(model.scaling.radians(row))
    except ValueError:
        return False
    return True


def _block(grown: LayerStates, k: int) -> dict[str, Any]:
    """Return the only sample's state after a block."""
    vectors = grown.bloch_vectors[k, 0]
    concurrences = grown.concurrences[k, 0]
    pairs = combinations(range(len(vectors)), 2)
    return {
        "name": grown.names[k],
        "bloch": vectors.round(5).tolist(),
        "lengths": np.linalg.norm(vectors, axis=-1).round(5).tolist(),
        "entanglement": [[a, b, round(float(concurrences[a, b]), 5)] for a, b in pairs],
        "bars": _bars(grown.states[k, 0]),
    }


def _bars(state: Complex) -> list[dict[str, Any]]:
    """Return the most probable bit strings: probability, and phase in radians of a pure state.

    A phase of the whole state means nothing: the largest amplitude has phase 0.
    """
    is_mixed = state.ndim == 2
    p = np.diagonal(state).real if is_mixed else np.abs(state) ** 2
    n_qubits = len(p).bit_length() - 1
    phases = None if is_mixed else np.angle(state * state[p.argmax()].conj())
    shown = np.sort(np.argsort(-p, kind="stable")[:_MOST_AMPLITUDES])
    return [
        {
            "bits": format(index, f"0{n_qubits}b"),
            "probability": round(float(p[index]), 6),
            "phase": None if phases is None else round(float(phases[index]), 5),
        }
        for index in shown
    ]


def _readout(estimator: VariationalClassifier, plane: Plane, row: Real) -> dict[str, Any]:
    """Return how expectations become decision values, probabilities and a class.

    They are exact, without shots, as the boundary is drawn; with noise, readout errors are in them.
    """
    drawn = drawn_by_numpy(estimator)
    model = drawn.model_
    expectations = model.expectations(row, drawn.backend_)
    decisions = model.readout.decisions(expectations)
    return {
        "observables": [observable_label(observable) for observable in model.observables],
        "expectations": expectations[0].round(6).tolist(),
        "scale": model.readout.scale.round(6).tolist(),
        "bias": model.readout.bias.round(6).tolist(),
        "decisions": decisions[0].round(6).tolist(),
        "probabilities": probabilities(decisions)[0].round(6).tolist(),
        "predicted": int(class_indices(decisions)[0]),
        "class_names": list(plane.class_names),
    }
