"""The growth of the state: every qubit's expectation over the plane, block after block."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import get_backend
from qmlplay.circuit import CircuitBlock, PauliSum
from qmlplay.classifier import VariationalClassifier
from qmlplay.diagnostics import LayerStates, bloch_vectors, pair_concurrences
from qmlplay.diagnostics.layer_states import states_of_model
from qmlplay.model import TrainedModel
from qmlplay.typing import Real
from qmlplay.widget.data.plane import Plane
from qmlplay.widget.views.drawn_blocks import DrawnBlocks
from qmlplay.widget.views.frames import MOST_QUICK_NOISY_QUBITS
from qmlplay.widget.views.page_selection import BASES, PageSelection

__all__ = ["growth_view", "observable_label", "parameter_sum", "shown_states"]

#: Points along each side of a small map, by the number of qubits; fewer where it has to be quick.
_RESOLUTIONS = {1: 28, 2: 28, 3: 28, 4: 24, 5: 20, 6: 16, 7: 12, 8: 10}
_NOISY_RESOLUTIONS, _QUICK_RESOLUTION = {1: 20, 2: 20, 3: 16, 4: 12}, 16
#: Samples drawn as dots, and fewer where states are large or noisy.
_MOST_DOTS, _FEW_DOTS = 400, 60
#: Two-qubit states whose entanglement is computed for the lines between qubits.
_MOST_PAIR_STATES, _FEW_PAIR_STATES = 2_000, 500


def shown_states(
    estimator: VariationalClassifier, rows: Real, blocks: tuple[CircuitBlock, ...]
) -> LayerStates:
    """Return the states of rows (n_samples, 2) after every block, as the page draws them.

    NumPy simulates them, as it does the boundary, with the device's noise as long as that is quick.
    """
    noise = estimator.noise if has_shown_noise(estimator) else None
    return states_of_model(estimator.model_, rows, get_backend("numpy", noise=noise), blocks)


def has_shown_noise(estimator: VariationalClassifier) -> bool:
    """Return whether the device's noise is in what is drawn."""
    return estimator.noise is not None and estimator.n_qubits_ <= MOST_QUICK_NOISY_QUBITS


def growth_view(
    estimator: VariationalClassifier,
    plane: Plane,
    selection: PageSelection,
    *,
    coarse: bool = False,
    blocks: DrawnBlocks | None = None,
) -> dict[str, Any]:
    """Return what the page draws of the growing state.

    The points of the maps and the samples are one batch, which the circuit runs once.

    Parameters
    ----------
    estimator : VariationalClassifier
        Fitted so far.
    plane : Plane
    selection : PageSelection
        Its basis is the expectation that is mapped.
    coarse : bool, default=False
        Whether a quick picture is enough.
    blocks : DrawnBlocks, optional
        Those of the estimator's circuit, where they are known already.

    Returns
    -------
    dict
        ``maps`` are bytes, (n_blocks, n_qubits, resolution, resolution) from the top left, in
        255ths from −1 to 1; ``dots`` are bytes, signed, (n_blocks, n_dots, n_qubits, 3), Bloch
        vectors in 127ths. All that is a mean is one over the samples drawn as dots, that of
        entanglement over ``n_paired`` of them.
    """
    model, blocks = estimator.model_, blocks or DrawnBlocks.of(estimator)
    resolution = _resolution(estimator, coarse)
    samples, labels = _dots(estimator, plane)
    grid = plane.grid(resolution)
    grown = shown_states(estimator, np.concatenate([grid, samples]), blocks.blocks)
    of_maps, of_samples = grown.states[:, : len(grid)], grown.states[:, len(grid) :]
    letter = BASES.index(selection.basis)
    maps = _vectors(of_maps)[..., letter]  # (n_blocks, resolution², n_qubits)
    vectors = _vectors(of_samples)  # (n_blocks, n_dots, n_qubits, 3)
    most_pairs = _FEW_PAIR_STATES if coarse else _MOST_PAIR_STATES
    paired = _evenly(len(samples), _n_paired(model.n_qubits, len(blocks.blocks), most_pairs))
    return {
        "basis": selection.basis,
        "is_coarse": coarse,
        "n_qubits": model.n_qubits,
        "resolution": resolution,
        "blocks": blocks.drawn,
        "maps": _as_bytes(maps.transpose(0, 2, 1)),
        "dots": np.round(127 * vectors).astype(np.int8).tobytes(),
        "labels": labels.tolist(),
        "n_samples": len(plane.split.y_train) + len(plane.split.y_test),
        "means": vectors[..., letter].mean(axis=1).round(4).tolist(),
        "lengths": np.linalg.norm(vectors, axis=-1).mean(axis=1).round(4).tolist(),
        "pairs": [list(pair) for pair in combinations(range(model.n_qubits), 2)],
        "entanglement": _mean_concurrences(of_samples[:, paired]).round(4).tolist(),
        "n_paired": len(paired),
        "observables": [observable_label(observable) for observable in model.observables],
        "scale": model.readout.scale.round(4).tolist(),
        "bias": model.readout.bias.round(4).tolist(),
        "parameters": parameter_sum(model),
        "notice": _notice(estimator),
    }


def parameter_sum(model: TrainedModel) -> dict[str, int]:
    """Return what the number of parameters is made of.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> model = VariationalClassifier(n_layers=2, max_iter=1).fit([[0.0], [1.0]], ["a", "b"]).model_
    >>> parameter_sum(model)
    {'angles': 10, 'data_scales': 4, 'readout_scales': 2, 'readout_biases': 1, 'total': 17}
    """
    data_scales, readout = len(model.circuit.scaling_weights), model.readout
    return {
        "angles": model.circuit.n_weights - data_scales,
        "data_scales": data_scales,
        "readout_scales": 0 if readout.is_fixed else readout.scale.size,
        "readout_biases": 0 if readout.is_fixed else readout.bias.size,
        "total": model.n_parameters,
    }


def observable_label(observable: str | PauliSum) -> str:
    """Return an observable as people write it, with its qubits.

    Examples
    --------
    >>> observable_label("ZIX"), observable_label("III")
    ('Z0·X2', '1')
    """
    if isinstance(observable, PauliSum):
        terms = [f"{value:g} {observable_label(string)}" for string, value in observable.terms]
        return " + ".join(terms).replace("+ -", "− ")
    letters = [f"{letter}{q}" for q, letter in enumerate(observable) if letter != "I"]
    return "·".join(letters) or "1"


def _resolution(estimator: VariationalClassifier, coarse: bool) -> int:
    resolution = _RESOLUTIONS.get(estimator.n_qubits_, min(_RESOLUTIONS.values()))
    if has_shown_noise(estimator):
        resolution = _NOISY_RESOLUTIONS[estimator.n_qubits_]
    return min(resolution, _QUICK_RESOLUTION) if coarse else resolution


def _dots(estimator: VariationalClassifier, plane: Plane) -> tuple[Real, NDArray[np.intp]]:
    """Return the samples that are drawn as dots, training ones first, and their classes."""
    split = plane.split
    X = np.concatenate([split.X_train, split.X_test])
    y = np.concatenate([split.y_train, split.y_test])
    is_large = estimator.n_qubits_ > 4 or has_shown_noise(estimator)
    shown = _evenly(len(X), _FEW_DOTS if is_large else _MOST_DOTS)
    return X[shown], np.searchsorted(np.unique(split.y_train), y[shown])


def _evenly(n: int, most: int) -> NDArray[np.intp]:
    """Return so many of n indices at most, at equal distances."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.intp))


def _n_paired(n_qubits: int, n_blocks: int, most_pairs: int) -> int:
    n_pairs = max(1, n_qubits * (n_qubits - 1) // 2)
    return max(4, most_pairs // (n_pairs * n_blocks))


def _vectors(states: NDArray[np.complexfloating]) -> Real:
    """Return Bloch vectors (n_blocks, n_samples, n_qubits, 3)."""
    vectors = bloch_vectors(states.reshape(-1, *states.shape[2:]))
    return vectors.reshape(*states.shape[:2], *vectors.shape[1:])


def _mean_concurrences(states: NDArray[np.complexfloating]) -> Real:
    """Return the mean entanglement of every two qubits, (n_blocks, n_pairs)."""
    values = pair_concurrences(states.reshape(-1, *states.shape[2:]))
    first, second = np.triu_indices(values.shape[1], 1)
    by_block = values[:, first, second].reshape(*states.shape[:2], len(first))
    return np.asarray(by_block.mean(axis=1))


def _as_bytes(expectations: Real) -> bytes:
    return np.round(127.5 * (np.clip(expectations, -1, 1) + 1)).astype(np.uint8).tobytes()


def _notice(estimator: VariationalClassifier) -> str:
    if estimator.noise is None or has_shown_noise(estimator):
        return ""
    return (
        f"Drawn without the device's noise: on {estimator.n_qubits_} qubits that would take too "
        "long at every step."
    )
