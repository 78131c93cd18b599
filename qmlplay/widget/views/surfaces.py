"""Surfaces over the plane: a fine grid of values from as few runs of a circuit as suffice.

Where every angle is a smooth function of the features, expectations are sums of waves whose
frequencies the gates of the encoding decide. Polynomials through a few Chebyshev nodes then
agree with them everywhere; how many nodes are needed follows from the frequencies, and whether
they were enough is seen from the last coefficients. Other circuits, and those with more
frequencies than can be followed, are run on a grid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.polynomial.chebyshev import chebvander

from qmlplay.circuit import ParametricCircuit
from qmlplay.circuit.gates import gate_type
from qmlplay.model import TrainedModel
from qmlplay.typing import Integers, Real
from qmlplay.widget.data.plane import Plane

__all__ = ["Surface", "frequencies", "surface"]

#: Of rows in radians (n, 2): values (n, n_values).
Values = Callable[[Real], Real]

#: Points along each side of a picture, at least and at most.
_FEWEST, _MOST = 112, 384
#: Points of a picture per node: enough to interpolate between them in straight lines, and what
#: a picture needs at least to show all there is.
_POINTS_PER_NODE, _FEWEST_PER_NODE = 3, 2
#: Nodes beyond those that the frequencies ask for, so that the rest is small.
_EXTRA_NODES = 12
#: What the last coefficients may be, as a share of the largest value; and where more nodes would
#: cost too much, as the same nodes on a grid would show less.
_TOLERANCE, _ROUGH = 1e-3, 3e-2
_GROWTH = 1.3
#: Nodes beyond those that a similar surface needed.
_SPARE = 4
#: Amplitudes times gates that a picture may cost.
_BUDGET = 4e8
#: Places along each side where the slopes of angles are measured.
_PLACES = 7


@dataclass(frozen=True, eq=False)
class Surface:
    """Values on a square grid, row by row from the top left.

    Parameters
    ----------
    values : ndarray of shape (resolution, resolution, n_values)
    n_runs : int
        Samples that the circuit was run for.
    is_resolved : bool
        Whether the values between those samples are known as well, and the grid shows them.
    nodes : tuple of int or None
        How many nodes along each side a similar surface will need.
    """

    values: Real
    n_runs: int
    is_resolved: bool
    nodes: tuple[int, int] | None = None

    @property
    def resolution(self) -> int:
        """Points along each side."""
        return len(self.values)


def surface(
    values: Values,
    model: TrainedModel,
    plane: Plane,
    cost: float = 1.0,
    nodes: tuple[int, int] | None = None,
) -> Surface:
    """Return a function of the circuit's expectations on a grid over the plane.

    Parameters
    ----------
    values : callable
        ``values(rows)`` of rows in radians (n, 2) is what is drawn, linear in expectations or
        probabilities of the circuit: (n, n_values).
    model : TrainedModel
        Of two features.
    plane : Plane
    cost : float
        Of a sample, in terms of a state vector's: a density matrix costs more.
    nodes : tuple of int, optional
        What a similar surface said it would need.
    """
    circuit = model.circuit
    gates = len(circuit.circuit.gates) * 2**circuit.n_qubits
    most_runs = max(400, int(_BUDGET / (gates * cost)))
    x_low, x_high, y_low, y_high = plane.extent
    ends = model.scaling.radians(np.array([[x_low, y_low], [x_high, y_high]]))
    is_smooth = all(formula.joint is None for formula in circuit.formulas)
    if is_smooth and (ends[0] < ends[1]).all():
        through_nodes = _interpolated(values, model, plane, ends, most_runs, nodes)
        if through_nodes is not None:
            return through_nodes
    side = int(min(sqrt(most_runs), 128 if not is_smooth else _MOST))
    rows = model.scaling.radians(plane.grid(side))
    return Surface(values(rows).reshape(side, side, -1), side**2, not is_smooth)


def frequencies(circuit: ParametricCircuit, weights: Real, ends: Real) -> Real:
    """Return the highest frequency of each slot in each feature, in cycles of 2π per radian.

    It is the largest difference of eigenvalues of the gates that read the slot, times how much
    the angle changes with the feature.

    Parameters
    ----------
    circuit : ParametricCircuit
    weights : ndarray of shape (n_weights,)
    ends : ndarray of shape (2, 2)
        The lowest and the highest features, in radians.

    Returns
    -------
    ndarray of shape (n_slots, 2)
    """
    places = np.linspace(ends[0], ends[1], _PLACES)  # (n_places, 2)
    rows = np.stack(np.meshgrid(places[:, 0], places[:, 1], indexing="ij"), axis=-1)
    angles = circuit.angles(rows.reshape(-1, 2), weights)
    gaps = np.zeros(len(angles))
    for gate in circuit.circuit.elementary.gates:
        for slot in gate.slots:
            gaps[slot] += gate_type(gate.name).gaps[-1]
    slopes = np.zeros((len(angles), 2))
    for slot, angle in enumerate(angles):
        if isinstance(angle, np.ndarray) and angle.size > 1:
            square = angle.reshape(_PLACES, _PLACES)
            for axis in (0, 1):
                steps = np.abs(np.diff(square, axis=axis)).max()
                slopes[slot, axis] = steps / (places[1, axis] - places[0, axis])
    return slopes * gaps[:, None]


def _interpolated(
    values: Values,
    model: TrainedModel,
    plane: Plane,
    ends: Real,
    most_runs: int,
    first: tuple[int, int] | None,
) -> Surface | None:
    """Return the surface through Chebyshev nodes, or None where it would take too many."""
    highest, usual = _expected(model, ends, most_runs)
    wanted, n_runs = np.minimum(highest, usual if first is None else first), 0
    while (counts := _affordable(wanted, most_runs)).prod() > wanted.prod() / 4:
        n_runs += int(counts.prod())
        coefficients, largest = _coefficients(values, ends, counts)
        tails = _tails(coefficients) / max(largest, 1e-300)
        is_enough, is_last = (tails <= _TOLERANCE) | (counts >= highest), (counts < wanted).any()
        if is_enough.all() or (is_last and tails.max() <= _ROUGH):
            drawn = _drawn(coefficients, model, plane, ends)
            needed = _needed(coefficients, largest)
            is_shown = len(drawn) >= _FEWEST_PER_NODE * max(needed)
            return Surface(drawn, n_runs, bool(is_enough.all()) and is_shown, needed)
        if is_last:
            return None
        more = np.minimum(np.ceil(_GROWTH * counts), highest).astype(int)
        wanted = np.where(is_enough, counts, more)
    return None


def _expected(model: TrainedModel, ends: Real, most_runs: int) -> tuple[Integers, Integers]:
    """Return how many nodes along both sides are enough for certain, and how many usually are."""
    waves = frequencies(model.circuit, model.weights, ends)  # (n_slots, 2)
    half_widths = (ends[1] - ends[0]) / 2
    highest = _whole(half_widths * waves.sum(axis=0), most_runs)
    # High frequencies, where all gates add up, are rarely strong.
    usual = _whole(2 * half_widths * np.sqrt((waves**2).sum(axis=0)), most_runs)
    return highest, usual


def _coefficients(values: Values, ends: Real, counts: Integers) -> tuple[Real, float]:
    """Return the Chebyshev coefficients (*counts, n_values), and the largest value at the nodes."""
    nodes = [
        (low + high) / 2 + (high - low) / 2 * _nodes(count)
        for low, high, count in zip(*ends, counts.tolist(), strict=True)
    ]
    rows = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1).reshape(-1, 2)
    at_nodes = values(rows).reshape(*counts, -1)
    coefficients = np.einsum("ax,by,xyk->abk", *map(_analysis, counts), at_nodes, optimize=True)
    return np.asarray(coefficients), float(np.abs(at_nodes).max())


def _affordable(counts: Integers, most_runs: int) -> Integers:
    """Return these numbers of nodes, or fewer where they cost too much or no picture has them."""
    counts = np.minimum(counts, _MOST)
    return np.asarray((counts * min(1.0, sqrt(most_runs / counts.prod()))).astype(int))


def _whole(counts: Real, most: int) -> Integers:
    """Return counts of nodes as whole numbers; more than the most are as good as endless."""
    return np.ceil(np.minimum(counts, most)).astype(int) + _EXTRA_NODES


def _drawn(coefficients: Real, model: TrainedModel, plane: Plane, ends: Real) -> Real:
    """Return the values on the grid of Chebyshev coefficients (n, m, n_values)."""
    counts = coefficients.shape[:2]
    resolution = int(np.clip(_POINTS_PER_NODE * max(counts), _FEWEST, _MOST))
    x_low, x_high, y_low, y_high = plane.extent
    edges = np.linspace((x_low, y_low), (x_high, y_high), resolution)  # left to right, bottom up
    places = (2 * model.scaling.radians(edges) - ends[0] - ends[1]) / (ends[1] - ends[0])
    across = chebvander(places[:, 0], counts[0] - 1)
    up = chebvander(places[::-1, 1], counts[1] - 1)
    return np.asarray(np.einsum("xa,yb,abk->yxk", across, up, coefficients, optimize=True))


def _tails(coefficients: Real) -> Real:
    """Return for both axes the largest of the last coefficients, a tenth of them."""
    sizes = np.abs(coefficients).max(axis=2)
    tails = [rows[-max(2, len(rows) // 10) :].max(initial=0.0) for rows in (sizes, sizes.T)]
    return np.asarray(tails)


def _needed(coefficients: Real, largest: float) -> tuple[int, int]:
    """Return up to which coefficients along both sides any is large, and a few more."""
    sizes = np.abs(coefficients).max(axis=2)
    x, y = (
        int(np.flatnonzero(rows.max(axis=1) > _TOLERANCE * largest).max(initial=0))
        for rows in (sizes, sizes.T)
    )
    return int(1.15 * x) + _SPARE, int(1.15 * y) + _SPARE


@lru_cache(maxsize=32)
def _nodes(count: int) -> Real:
    """Return the Chebyshev nodes in (−1, 1), as many as asked for."""
    return np.cos(np.pi * (np.arange(count) + 0.5) / count)


@lru_cache(maxsize=32)
def _analysis(count: int) -> Real:
    """Return the matrix from values at the nodes to Chebyshev coefficients."""
    matrix = chebvander(_nodes(count), count - 1).T * (2 / count)
    matrix[0] /= 2
    return np.asarray(matrix)
