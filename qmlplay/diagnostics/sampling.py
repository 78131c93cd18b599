"""Random weights for a whole batch at once: every slot gets one angle per weight vector."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from qmlplay.backends import Backend, get_backend
from qmlplay.checks import is_integer
from qmlplay.circuit import Angle, Circuit, ParametricCircuit
from qmlplay.typing import Complex, Real

__all__ = ["angles_of_weights", "as_row", "random_states", "random_weights"]

Seed = int | np.random.RandomState | None

#: Amplitudes that are simulated at a time.
_AMPLITUDES = 2**20


def random_weights(circuit: ParametricCircuit, n_samples: int, random_state: Seed = None) -> Real:
    """Draw weight vectors: angles uniform in [0, 2π), weights that multiply features stay 1.

    Parameters
    ----------
    circuit : ParametricCircuit
    n_samples : int
        How many weight vectors, at least 1.
    random_state : int, RandomState or None

    Returns
    -------
    ndarray of shape (n_samples, n_weights)
        In radians.

    Raises
    ------
    ValueError
        If n_samples is not positive, or the circuit has no weights.

    Examples
    --------
    >>> from qmlplay import Operation, Weight
    >>> circuit = ParametricCircuit.from_operations(1, [Operation("rx", 0, Weight(0))], 0)
    >>> random_weights(circuit, 3, random_state=0).round(2)
    array([[3.45],
           [4.49],
           [3.79]])
    """
    if not is_integer(n_samples, 1):
        raise ValueError(f"n_samples must be at least 1, and an integer; got {n_samples!r}")
    if not circuit.n_weights:
        raise ValueError("the circuit has no weights: there is nothing to draw at random")
    random = check_random_state(random_state)
    W: Real = random.uniform(0, 2 * np.pi, (n_samples, circuit.n_weights))
    W[:, list(circuit.scaling_weights)] = 1
    return W


def as_row(circuit: ParametricCircuit, x: ArrayLike | None) -> Real:
    """Return a row of data (1, n_features) in radians; None is all zeros.

    Raises
    ------
    ValueError
        If x has not one number per feature.
    """
    row = np.zeros(circuit.n_features) if x is None else np.asarray(x, dtype=float)
    if row.shape != (circuit.n_features,):
        raise ValueError(
            f"x must hold one number per feature, shape ({circuit.n_features},), got {row.shape}"
        )
    return row[None]


def angles_of_weights(circuit: ParametricCircuit, W: Real, x: Real) -> list[Angle]:
    """Return one angle per slot: an array (n_samples,) where it depends on the weights.

    Parameters
    ----------
    circuit : ParametricCircuit
    W : ndarray of shape (n_samples, n_weights)
        Weight vectors.
    x : ndarray of shape (1, n_features)
        The row of data, the same for all.
    """
    angles: list[Angle] = []
    for formula in circuit.formulas:
        if formula.weights:
            angles.append(np.array([np.ravel(formula.value(x, w))[0] for w in W]))
        else:
            angles.append(float(np.ravel(formula.value(x, W[0]))[0]))
    return angles


def random_states(
    circuit: Circuit | ParametricCircuit,
    n_samples: int,
    *,
    x: ArrayLike | None = None,
    random_state: Seed = None,
    backend: str | Backend = "numpy",
) -> Iterator[Complex]:
    """Yield the states of random weights in blocks (n_block, 2**n_qubits) that fit into memory.

    A `Circuit` is taken with every angle uniform in [0, 2π).
    """
    simulator = get_backend(backend)
    random = check_random_state(random_state)
    size = max(2, _AMPLITUDES >> circuit.n_qubits) & ~1  # even, for callers that need pairs
    for start in range(0, n_samples, size):
        block = min(size, n_samples - start)
        if isinstance(circuit, ParametricCircuit):
            neutral = circuit.circuit
            W = random_weights(circuit, block, random) if circuit.n_weights else np.zeros((1, 0))
            angles = angles_of_weights(circuit, W, as_row(circuit, x))
        else:
            neutral = circuit
            angles = list(random.uniform(0, 2 * np.pi, (circuit.n_slots, block)))
        states = simulator.statevector(neutral, angles)
        yield np.broadcast_to(states, (block, states.shape[1]))
