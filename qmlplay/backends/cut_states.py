"""States on the way through a circuit: one run of it, looked at after given numbers of gates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from qmlplay.backends.inputs import check_angles, check_memory
from qmlplay.backends.measured import MeasuredSimulator
from qmlplay.backends.simulator import Simulator
from qmlplay.checks import is_integer
from qmlplay.circuit import Angle, Circuit
from qmlplay.typing import Complex

__all__ = ["CutSimulator", "check_cuts"]


def check_cuts(cuts: Sequence[int], n_gates: int) -> tuple[int, ...]:
    """Return the cuts of a circuit as a tuple of integers.

    Raises
    ------
    TypeError, ValueError
        If they are no whole numbers from 0 to the number of gates, or go down.

    Examples
    --------
    >>> check_cuts([0, 2, 2], n_gates=3)
    (0, 2, 2)
    """
    given: Any = cuts
    if isinstance(given, str) or not np.iterable(given) or not all(map(is_integer, given)):
        raise TypeError(f"cuts must be numbers of gates, such as [0, {n_gates}]; got {cuts!r}")
    numbers = tuple(int(cut) for cut in given)
    if not numbers:
        raise ValueError(f"cuts is empty: give numbers of gates, such as [{n_gates}]")
    if min(numbers) < 0 or max(numbers) > n_gates:
        raise ValueError(f"cuts must be from 0 to the {n_gates} gates there are; got {numbers}")
    if any(later < earlier for earlier, later in pairwise(numbers)):
        raise ValueError(f"cuts must not go down: give {sorted(numbers)} instead of {numbers}")
    return numbers


class CutSimulator(MeasuredSimulator):
    """A simulator whose states are looked at on the way as well."""

    def states_after(
        self, circuit: Circuit, angles: Sequence[Angle], cuts: Sequence[int]
    ) -> Complex:
        """Return the states on the way, after given numbers of gates, from one run.

        Parameters
        ----------
        circuit, angles
            As in `expectations`.
        cuts : sequence of int
            Numbers of gates, from 0 for |0…0⟩ to ``len(circuit.gates)``, which never go down.

        Returns
        -------
        ndarray of shape (n_cuts, n_samples, 2**n_qubits)
            complex128; qubit 0 is the most significant bit of the index. With noisy gates density
            matrices, (n_cuts, n_samples, 2**n_qubits, 2**n_qubits). Nothing is measured, so that
            shots and readout errors are not in them.

        Raises
        ------
        TypeError, ValueError
            If the cuts or the angles do not fit the circuit, the backend simulates no states, or
            they would not fit into memory.

        Examples
        --------
        The Bell state after no gate, after H and after CX:

        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
        >>> get_backend("numpy").states_after(bell, [], [0, 1, 2])[:, 0].real.round(3)
        array([[1.   , 0.   , 0.   , 0.   ],
               [0.707, 0.   , 0.707, 0.   ],
               [0.707, 0.   , 0.   , 0.707]])
        """
        self._check_amplitudes("states on the way need")
        if not self.has_states:
            raise ValueError(
                f"{self!r} simulates no states: take a simulator such as get_backend('numpy')"
            )
        checked, n_samples = check_angles(circuit, angles)
        given = check_cuts(cuts, len(circuit.gates))
        is_noisy = self.has_noisy_gates
        check_memory(circuit.n_qubits, len(given) * n_samples + 4, densities=is_noisy)
        chunks = self._chunks(circuit.n_qubits * (2 if is_noisy else 1), n_samples)
        return _cut_states(self, circuit, checked, chunks, given)


def _cut_states(
    backend: Simulator,
    circuit: Circuit,
    angles: Sequence[Angle],
    chunks: Sequence[slice],
    cuts: tuple[int, ...],
) -> Complex:
    """Return what `Backend.states_after` does, with everything checked.

    Parameters
    ----------
    backend : Simulator
    circuit : Circuit
    angles : sequence of float or ndarray of shape (n_samples,)
    chunks : sequence of slice
        The samples that are simulated together.
    cuts : tuple of int
    """
    size = 2**circuit.n_qubits
    shape = (size, size) if backend.has_noisy_gates else (size,)
    states = np.empty((len(cuts), chunks[-1].stop, *shape), dtype=complex)
    run = _densities if backend.has_noisy_gates else _amplitudes
    for rows in chunks:
        part = [angle[rows] if isinstance(angle, np.ndarray) else angle for angle in angles]
        run(backend, circuit, part, cuts, states[:, rows])
    return states


def _densities(
    backend: Simulator, circuit: Circuit, angles: list[Angle], cuts: tuple[int, ...], out: Complex
) -> None:
    """Write density matrices to out, (n_cuts, n_samples, 2**n_qubits, 2**n_qubits)."""
    for after, densities in zip(
        out, backend._densities_after(circuit, angles, out.shape[1], cuts), strict=True
    ):
        after[:] = densities


def _amplitudes(
    backend: Simulator, circuit: Circuit, angles: list[Angle], cuts: tuple[int, ...], out: Complex
) -> None:
    """Write state vectors to out, (n_cuts, n_samples, 2**n_qubits)."""
    start = np.zeros(out.shape[1:], backend.dtype)
    start[:, 0] = 1
    # Simulators see gates of several angles spelled out.
    ends = [0, *accumulate(len(gate.parts) for gate in circuit.gates)]
    elementary_cuts = tuple(ends[cut] for cut in cuts)
    for after, states in zip(
        out, backend._run(circuit.elementary, angles, start, elementary_cuts), strict=True
    ):
        after[:] = states
