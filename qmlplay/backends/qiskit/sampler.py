"""Shots drawn by Qiskit Aer's own measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit
from qiskit_aer.library import SetStatevector

from qmlplay.backends.qiskit.aer import aer_simulator
from qmlplay.typing import Real

__all__ = ["measured_counts"]


#: Samples share a circuit up to this many qubits: Aer's time goes by circuits and by shots, and
#: hardly by qubits.
_MOST_QUBITS = 10
#: Circuits that Aer runs at a time, and what it adds to its seed from one to the next.
_CIRCUITS, _SEED_STEP = 24, 2113


def measured_counts(
    probabilities: Real,
    shots: int,
    seed: int,
    device: str = "CPU",
    tell: Callable[[], None] = lambda: None,
) -> NDArray[np.integer[Any]]:
    """Return how often each bit string was measured, counts like `probabilities`.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, 2**n_qubits)
        Each row sums to 1.
    shots : int
        Measurements of each row.
    seed : int
        Aer's seed for the first circuit; Aer moves it on from circuit to circuit.
    device : {"CPU", "GPU"}, default="CPU"
    tell : callable, optional
        Called after every part.

    Examples
    --------
    >>> measured_counts(np.array([[0.0, 1.0, 0.0, 0.0], [0.5, 0.0, 0.0, 0.5]]), 10, seed=1)[0]
    array([ 0, 10,  0,  0])
    """
    n_rows, size = probabilities.shape
    n_qubits = size.bit_length() - 1
    together = max(1, _MOST_QUBITS // n_qubits)
    amplitudes = np.sqrt(probabilities)
    circuits = [
        _measured(amplitudes[start : start + together], n_qubits)
        for start in range(0, n_rows, together)
    ]
    simulator = aer_simulator("statevector", device, fusion_enable=False)
    counts = np.zeros((n_rows, size), dtype=int)
    for number, seen in enumerate(_run(simulator, circuits, shots, seed, tell)):
        index = np.array([int(bits, 16) for bits in seen])
        times = np.array(list(seen.values()))
        # The last row is in the lowest bits.
        for row in reversed(range(number * together, min((number + 1) * together, n_rows))):
            np.add.at(counts[row], index & (size - 1), times)
            index >>= n_qubits
    return counts


def _run(
    simulator: Any, circuits: list[QuantumCircuit], shots: int, seed: int, tell: Callable[[], None]
) -> Iterator[dict[str, int]]:
    """Yield the counts of every circuit, which are run some at a time."""
    for start in range(0, len(circuits), _CIRCUITS):
        part = circuits[start : start + _CIRCUITS]
        moved = seed + _SEED_STEP * start
        result = simulator.run(part, shots=shots, seed_simulator=moved).result()
        counts = [result.data(number)["counts"] for number in range(len(part))]
        del result
        yield from counts
        tell()


def _measured(amplitudes: Real, n_qubits: int) -> QuantumCircuit:
    """Return a circuit that measures some states side by side, the first in the highest bits."""
    n_total = n_qubits * len(amplitudes)
    joint = reduce(np.multiply.outer, amplitudes).ravel()
    circuit = QuantumCircuit(n_total, n_total)
    circuit.append(SetStatevector(joint.astype(complex)), range(n_total))
    circuit.measure(range(n_total), range(n_total))
    return circuit
