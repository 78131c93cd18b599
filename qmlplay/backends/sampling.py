"""Shots: what a finite number of measurements would have shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import pauli
from qmlplay.circuit import Angle, Circuit, Gate

__all__ = ["sampled_expectations", "sampled_probabilities"]

Real = NDArray[np.float64]
Probabilities = Callable[[Circuit, Sequence[Angle]], Real]

_TO_Z_BASIS = {"X": ("h",), "Y": ("sdg", "h")}


def sampled_probabilities(exact: Real, shots: int, generator: np.random.Generator) -> Real:
    """Return observed frequencies (n_samples, 2**n_qubits) of `shots` measurements each."""
    normalised = exact / exact.sum(axis=1, keepdims=True)
    return np.asarray(generator.multinomial(shots, normalised) / shots)


def sampled_expectations(
    probabilities: Probabilities,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: tuple[str, ...],
    shots: int,
    generator: np.random.Generator,
) -> Real:
    """Return estimates (n_samples, n_observables), `shots` measurements per setting.

    Observables that differ only in identities are read off the same measurements.
    """
    columns: dict[int, Real] = {}
    for basis, members in pauli.measurement_groups(observables):
        turns = [
            Gate(name, (qubit,))
            for qubit, letter in enumerate(basis)
            for name in _TO_Z_BASIS.get(letter, ())
        ]
        exact = probabilities(circuit.then(turns), angles)
        seen = sampled_probabilities(exact, shots, generator)
        for k in members:
            string = observables[k].translate(str.maketrans("XY", "ZZ"))
            columns[k] = seen @ pauli.action(string)[1].real
    return np.stack([columns[k] for k in range(len(observables))], axis=1)
