"""Readings off final states: expectations and probabilities, exactly or by shots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, overload

import numpy as np

from qmlplay.backends import measurement, pauli
from qmlplay.backends.batch import Batch
from qmlplay.backends.inputs import check_angles, check_memory
from qmlplay.backends.simulator import Simulator
from qmlplay.circuit import Angle, Circuit, Observable, Observables
from qmlplay.typing import Complex, Real

__all__ = ["MeasuredSimulator"]


class MeasuredSimulator(Simulator):
    """A simulator whose final states are looked at, exactly or by shots, with noise or without."""

    @overload
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[Observable],
        *,
        return_std: Literal[False] = False,
    ) -> Real: ...
    @overload
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[Observable],
        *,
        return_std: Literal[True],
    ) -> tuple[Real, Real]: ...
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[Observable],
        *,
        return_std: bool = False,
    ) -> Real | tuple[Real, Real]:
        """Return the expectation of every observable for every sample.

        With shots, strings that differ only in identities on some qubits are read off the same
        measurements.

        Parameters
        ----------
        circuit : Circuit
            The circuit, starting from |0…0⟩.
        angles : sequence of float or ndarray of shape (n_samples,)
            One entry per slot, in radians.
        observables : sequence of (str, dict, PauliSum or int)
            Pauli strings, one letter per qubit, qubit 0 first; sums of them, string →
            coefficient; or qubits, each for its Z.
        return_std : bool, default=False
            Whether to return the standard errors of the estimates as well.

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
            n_samples is 1 when every angle is a float.
        std : ndarray of shape (n_samples, n_observables)
            Only with ``return_std=True``. With shots, √((1 − E²)/(shots − 1)), the standard
            error that the sample itself shows, 1 for a single shot, which shows none; that of a
            sum takes account of strings that share shots (see
            `qmlplay.backends.measurement.variances`). Exact expectations have 0.

        Raises
        ------
        ValueError
            If the number or the lengths of the angles, or an observable, do not fit the
            circuit, or if the state would not fit into memory.

        Examples
        --------
        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> circuit = Circuit(1, (Gate("ry", (0,), slot=0),))
        >>> get_backend("numpy").expectations(circuit, [np.array([0.0, np.pi])], ["Z"]).round(6)
        array([[ 1.],
               [-1.]])
        """
        measured = pauli.check_observables(observables, circuit.n_qubits)
        checked, n_samples = check_angles(circuit, angles)
        self._check_memory(circuit, 4)
        if self.is_exact:
            simulation = self._simulation(self, circuit.elementary, checked, frozenset())
            chunks = self._chunks(circuit.n_qubits, n_samples)
            batch = Batch(simulation, measured, chunks, self.n_threads, tell=self._tell)
            values = batch.expectations()
            return (values, np.zeros_like(values)) if return_std else values
        values, errors = self._estimates(circuit, checked, n_samples, measured, return_std)
        return (values, errors) if return_std else values

    def probabilities(self, circuit: Circuit, angles: Sequence[Angle]) -> Real:
        """Return the probability of every bit string.

        Parameters
        ----------
        circuit, angles
            As in `expectations`.

        Returns
        -------
        ndarray of shape (n_samples, 2**n_qubits)
            Qubit 0 is the most significant bit. With shots, these are observed frequencies;
            with noise, readout errors are in them.

        Raises
        ------
        ValueError
            If the angles do not fit the circuit, or the states would not fit into memory.

        Examples
        --------
        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
        >>> get_backend("numpy").probabilities(bell, []).round(6)
        array([[0.5, 0. , 0. , 0.5]])
        """
        self._check_amplitudes("probabilities need")
        checked, n_samples = check_angles(circuit, angles)
        self._check_memory(circuit, 3 * n_samples)
        basis = "Z" * circuit.n_qubits
        parts = [seen[0] for _, seen in self._readings(circuit, checked, n_samples, [basis])]
        return np.concatenate(parts)

    def statevector(self, circuit: Circuit, angles: Sequence[Angle]) -> Complex:
        """Return the final states, global phase included.

        Parameters
        ----------
        circuit, angles
            As in `expectations`.

        Returns
        -------
        ndarray of shape (n_samples, 2**n_qubits)
            complex128; qubit 0 is the most significant bit of the index.

        Raises
        ------
        ValueError
            If shots or noise leave no state vector, the angles do not fit the circuit, or the
            states would not fit into memory.

        Examples
        --------
        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> flip = Circuit(2, (Gate("x", (1,)),))
        >>> get_backend("numpy").statevector(flip, [])
        array([[0.+0.j, 1.+0.j, 0.+0.j, 0.+0.j]])
        """
        self._check_amplitudes("a state vector needs")
        if not self.is_exact:
            raise ValueError(
                f"{self!r} has no exact states: a state vector needs shots=None and noise=None"
            )
        checked, n_samples = check_angles(circuit, angles)
        check_memory(circuit.n_qubits, 3 * n_samples)
        return self._final_states(circuit, checked, n_samples)

    def state_gradients(
        self, circuit: Circuit, angles: Sequence[Angle], cotangents: Complex
    ) -> list[Angle]:
        """Return the derivatives of a real function of the final states by every angle.

        It is the vector-Jacobian product of `statevector`, by the adjoint method: what kernels are
        trained with, which are functions of several states.

        Parameters
        ----------
        circuit, angles
            As in `expectations`.
        cotangents : ndarray of shape (n_samples, 2**n_qubits)
            λ, for every sample: the function changes by Σₙ Re⟨λₙ|dψₙ⟩.

        Returns
        -------
        list of float or ndarray of shape (n_samples,)
            Like `angles`: a float (summed over the samples) for a float, an array for an array.

        Raises
        ------
        ValueError
            As in `statevector`, or if the shape of `cotangents` does not fit.

        Examples
        --------
        The amplitude of |0⟩ after RY(θ) is cos(θ/2), so its derivative is −sin(θ/2)/2.

        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> circuit = Circuit(1, (Gate("ry", (0,), slot=0),))
        >>> slopes = get_backend("numpy").state_gradients(circuit, [np.pi], np.array([[1, 0j]]))
        >>> round(slopes[0], 12)
        -0.5
        """
        self._check_amplitudes("gradients of states need")
        if not self.is_exact:
            raise ValueError(
                f"{self!r} has no exact states: their gradients need shots=None and noise=None"
            )
        checked, n_samples = check_angles(circuit, angles)
        shape = (n_samples, 2**circuit.n_qubits)
        if np.shape(cotangents) != shape:
            raise ValueError(f"cotangents must have shape {shape}, got {np.shape(cotangents)}")
        check_memory(circuit.n_qubits, 3 * n_samples)
        chunks = self._chunks(circuit.n_qubits, n_samples)
        wanted = frozenset(range(circuit.n_slots))
        simulation = self._simulation(self, circuit.elementary, checked, wanted)
        memory, totals = simulation.memory(chunks[0].stop), simulation.totals()
        for rows in chunks:
            forward = simulation.forward(rows, memory)
            # Simulations differentiate ⟨λ|ψ⟩ as in ⟨ψ|O|ψ⟩, where λ = O|ψ⟩ moves, too.
            weighted = np.asarray(cotangents[rows] / 2, self.dtype)
            simulation.backward(forward, weighted, memory, totals)
        return simulation.gradients(totals)

    def _final_states(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        simulation = self._simulation(self, circuit.elementary, angles, frozenset())
        states = simulation.forward(slice(0, n_samples), simulation.memory(n_samples)).states
        return np.broadcast_to(states, (n_samples, states.shape[1]))

    def _check_amplitudes(self, what: str) -> None:
        if not self.keeps_amplitudes:
            raise ValueError(
                f"{what} all 2**n_qubits amplitudes, which {self!r} does not keep: ask it for "
                f"expectations, or take get_backend({self.name!r}), with up to about 25 qubits"
            )

    def _check_memory(self, circuit: Circuit, n_states: int) -> None:
        if not self.keeps_amplitudes:
            return
        # Of density matrices there is a chunk at a time, and a framework's copies of it.
        check_memory(circuit.n_qubits, n_states)
        if self.has_noisy_gates:
            check_memory(circuit.n_qubits, 8, densities=True)

    def _readings(
        self, circuit: Circuit, angles: list[Angle], n_samples: int, bases: list[str]
    ) -> Iterator[tuple[slice, Real]]:
        """Yield, chunk by chunk, what is read in some bases, (n_bases, n_rows, 2**n_qubits).

        With shots, these are observed frequencies, otherwise probabilities.
        """
        confusions = self._confusions(circuit)
        simulate = self._densities if self.has_noisy_gates else self._final_states
        amplitudes = circuit.n_qubits * (2 if self.has_noisy_gates else 1)
        for rows in self._chunks(amplitudes, n_samples):
            part = [a[rows] if isinstance(a, np.ndarray) else a for a in angles]
            final = simulate(circuit, part, rows.stop - rows.start)
            seen = np.stack([measurement.basis_probabilities(final, basis) for basis in bases])
            if confusions:
                seen = measurement.misread(seen, confusions)
            if self.shots is not None:
                seen = measurement.frequencies(self._sample, seen, self.shots, self._generator)
            self._tell(rows.stop - rows.start)
            yield rows, seen

    def _estimates(
        self,
        circuit: Circuit,
        angles: list[Angle],
        n_samples: int,
        observables: Observables,
        with_errors: bool,
    ) -> tuple[Real, Real]:
        """Return expectations as they are measured, and their standard errors, or zeros."""
        settings = measurement.settings_of(observables)
        bases = [setting.basis for setting in settings]
        values, squares = np.zeros((2, n_samples, len(observables)))
        for rows, seen in self._readings(circuit, angles, n_samples, bases):
            for (_, members, readings), frequencies in zip(settings, seen, strict=True):
                values[rows, members] += frequencies @ readings
                if with_errors and self.shots is not None:
                    squares[rows, members] += measurement.variances(
                        frequencies, readings, self.shots
                    )
        return values, np.sqrt(squares)

    def _chunks(self, n_qubits: int, n_samples: int) -> list[slice]:
        """Cut the batch so that a chunk's states keep to `chunk_amplitudes`."""
        size = max(1, self.chunk_amplitudes >> n_qubits)
        return [slice(i, min(i + size, n_samples)) for i in range(0, n_samples, size)]
