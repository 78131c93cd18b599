"""Parity: how far backends agree about the same circuit and the same angles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from qmlplay.backends import Backend, get_backend, list_backends
from qmlplay.circuit import Angle, Circuit, Observable

__all__ = ["parity"]


def parity(
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[Observable],
    backends: Sequence[str | Backend] | None = None,
) -> pd.DataFrame:
    """Return the largest difference of expectations between every two backends.

    Parameters
    ----------
    circuit : Circuit
    angles : sequence of float or ndarray of shape (n_samples,)
        One entry per slot, in radians.
    observables : sequence of str
        Pauli strings, qubit 0 first.
    backends : sequence of str or Backend, optional
        At least two; every installed one by default.

    Returns
    -------
    DataFrame
        A row per pair: ``first``, ``second``, ``max_difference`` = max |ΔE|. Rounding alone
        gives some 1e-16 to 1e-13; shots or noise give far more.

    Raises
    ------
    ValueError
        If there are fewer than two backends, or the angles or observables do not fit.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> circuit = Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1))))
    >>> table = parity(circuit, [np.linspace(0, 3, 5)], ["ZI", "XX"], ["numpy", "cirq"])
    >>> list(table.columns), bool(table["max_difference"].max() < 1e-12)
    (['first', 'second', 'max_difference'], True)
    """
    if backends is None:
        backends = list_backends(installed=True)
    if len(backends) < 2:
        raise ValueError(f"parity needs at least two backends, got {len(backends)}")
    simulators = [get_backend(backend) for backend in backends]
    values = [backend.expectations(circuit, angles, observables) for backend in simulators]
    plain = [backend.name for backend in simulators]
    names = [f"{name} ({i})" if plain.count(name) > 1 else name for i, name in enumerate(plain)]
    rows = [
        (names[i], names[j], float(np.abs(values[i] - values[j]).max()))
        for i, j in combinations(range(len(names)), 2)
    ]
    return pd.DataFrame(rows, columns=["first", "second", "max_difference"])
