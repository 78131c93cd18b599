"""The contract between the circuit and the simulators, and all that they share.

A simulator implements one method, `Backend._run`: apply a circuit to a batch of states and
return the batch after given numbers of gates. A device that knows expectations alone implements
`Backend.expectations` instead. Checks, chunking, observables, shots,
parameter shift and adjoint gradients are written once, here and in the modules beside.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import pauli
from qmlplay.backends.adjoint import Cotangents, adjoint_gradients, cotangents_of, echo
from qmlplay.backends.checks import check_angles, check_memory, check_settings
from qmlplay.backends.sampling import sampled_expectations, sampled_probabilities
from qmlplay.backends.shift import shift_gradients
from qmlplay.circuit import Angle, Circuit

__all__ = ["Backend"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


class Backend(ABC):
    """A simulator of quantum circuits that works on whole batches.

    An angle that is a float is shared by the batch; an angle that is an array has one value
    per sample.

    Parameters
    ----------
    shots : int or None, default=None
        Measurements per expectation; None means exact.
    noise : None
        Reserved: simulations are free of noise.
    seed : int or None, default=None
        Seed of the sampling; None draws a new one.

    Raises
    ------
    ValueError
        If shots is not a positive integer, seed not a non-negative integer, or noise not None.

    Examples
    --------
    A backend of your own defines `name` and `_run`, a generator; the rest is inherited. This
    one turns every gate into a full matrix, or one per sample where the angle is an array.

    >>> import numpy as np
    >>> from qmlplay import Backend, VariationalClassifier
    >>> from qmlplay.backends.testing import check_backend
    >>> from qmlplay.backends.unitary_step import embed
    >>> from qmlplay.circuit import gate_matrix
    >>> class MyBackend(Backend):
    ...     name = "mine"
    ...     def _run(self, circuit, angles, states, cuts):
    ...         done = 0
    ...         for cut in cuts:
    ...             for gate in circuit.gates[done:cut]:
    ...                 angle = None if gate.slot is None else angles[gate.slot]
    ...                 size = 2 ** len(gate.qubits)
    ...                 small = gate_matrix(gate.name, angle).reshape(-1, size, size)
    ...                 full = np.array([embed(m, gate.qubits, circuit.n_qubits) for m in small])
    ...                 states = (full @ states[..., None])[..., 0]
    ...             done = cut
    ...             yield states
    >>> check_backend(MyBackend())  # raises AssertionError where it is wrong
    >>> model = VariationalClassifier(MyBackend(), max_iter=2).fit([[0.0], [1.0]], ["a", "b"])
    >>> model.predict_proba([[0.5]]).shape
    (1, 2)
    """

    name: ClassVar[str]
    #: Amplitudes that are simulated at a time; more samples are cut into chunks.
    chunk_amplitudes: ClassVar[int] = 2**15

    def __init__(
        self, *, shots: int | None = None, noise: None = None, seed: int | None = None
    ) -> None:
        check_settings(shots, noise, seed)
        self.shots = shots
        self.noise = noise
        self.seed = seed
        self._generator = np.random.default_rng(seed)

    def __repr__(self) -> str:
        settings = {"shots": self.shots, "noise": self.noise, "seed": self.seed}
        shown = ", ".join(
            f"{key}={value!r}" for key, value in settings.items() if value is not None
        )
        return f"{type(self).__name__}({shown})"

    def __getstate__(self) -> dict[str, Any]:
        # A copy draws its shots from the seed anew.
        return {key: value for key, value in vars(self).items() if key != "_generator"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._generator = np.random.default_rng(self.seed)

    @property
    def has_states(self) -> bool:
        """Whether it simulates states; a device offers expectations alone."""
        return type(self)._run is not Backend._run

    @property
    def is_exact(self) -> bool:
        """Whether expectations are exact, and gradients come from the adjoint method."""
        return self.shots is None and self.has_states

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        """Apply a circuit to a batch of states (n_samples, 2**n_qubits), qubit 0 first.

        Yield the states after ``cuts[0]`` gates, after ``cuts[1]`` gates, and so on; the cuts
        never go down. States need not have norm 1: the map is linear.
        """
        raise NotImplementedError(
            f"{type(self).__name__} simulates no states: it must define _run, or expectations "
            f"(gradients then come from parameter shift)"
        )

    def _n_states(self, circuit: Circuit) -> int:
        """Return how many states per sample a gradient keeps in memory at most."""
        return 6 + 2 * len(echo(circuit, frozenset(range(circuit.n_slots))).cuts)

    def expectations(
        self, circuit: Circuit, angles: Sequence[Angle], observables: Sequence[str]
    ) -> Real:
        """Return the expectation of every observable for every sample.

        Parameters
        ----------
        circuit : Circuit
            The circuit, starting from |0…0⟩.
        angles : sequence of float or ndarray of shape (n_samples,)
            One entry per slot, in radians.
        observables : sequence of str
            Pauli strings, one letter per qubit, qubit 0 first.

        Returns
        -------
        ndarray of shape (n_samples, n_observables)
            n_samples is 1 when every angle is a float.

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
        strings = pauli.check_observables(observables, circuit.n_qubits)
        checked, n_samples = check_angles(circuit, angles)
        check_memory(circuit.n_qubits, 4)
        if self.shots is not None:
            return sampled_expectations(
                self._exact_probabilities, circuit, checked, strings, self.shots, self._generator
            )
        return self._exact_expectations(circuit, checked, n_samples, strings)

    def gradients(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[str],
        cotangents: Cotangents,
    ) -> list[Angle]:
        """Return the derivatives of Σ cotangents[n, k] · E[n, k] by every angle.

        Parameters
        ----------
        circuit, angles, observables
            As in `expectations`.
        cotangents : ndarray of shape (n_samples, n_observables)
            The weights of the sum, d loss / d E.

        Returns
        -------
        list of float or ndarray of shape (n_samples,)
            Like `angles`: a float (summed over the samples) for a float, an array for an array.

        Raises
        ------
        ValueError
            As in `expectations`, or if the shape of `cotangents` does not fit.

        Examples
        --------
        ⟨Z⟩ after RY(θ) is cos θ, so its derivative is −sin θ.

        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> circuit = Circuit(1, (Gate("ry", (0,), slot=0),))
        >>> theta = np.array([np.pi / 6, np.pi / 2])
        >>> slopes = get_backend("numpy").gradients(circuit, [theta], ["Z"], np.ones((2, 1)))
        >>> slopes[0].round(6)
        array([-0.5, -1. ])
        """
        return self.expectations_and_gradients(circuit, angles, observables, cotangents)[1]

    def expectations_and_gradients(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[str],
        cotangents: Cotangents,
        *,
        slots: Collection[int] | None = None,
    ) -> tuple[Real, list[Angle]]:
        """Return expectations and gradients from one forward and one backward run.

        Where states are not exact or not simulated, gradients come from parameter shift.

        Parameters
        ----------
        circuit, angles, observables
            As in `expectations`.
        cotangents : ndarray of shape (n_samples, n_observables) or callable
            As in `gradients`, or a function ``f(E, rows)`` of the expectations (rows.stop −
            rows.start, n_observables) of the samples ``rows`` (a slice), so that a loss that
            depends on E needs no second forward run.
        slots : collection of int, optional
            Compute only the derivatives by these angles, all by default; the others are 0.
            Data that are not to be trained then cost less.

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
        gradients : list of float or ndarray of shape (n_samples,)
            As in `gradients`.

        Raises
        ------
        ValueError
            As in `expectations`, or if the shape of `cotangents` does not fit.

        Examples
        --------
        The loss E², whose derivative by E is 2E:

        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> circuit = Circuit(1, (Gate("ry", (0,), slot=0),))
        >>> values, slopes = get_backend("numpy").expectations_and_gradients(
        ...     circuit, [np.pi / 3], ["Z"], lambda E, rows: 2 * E)
        >>> values.round(6), round(slopes[0], 6)  # cos θ, and −2 cos θ sin θ
        (array([[0.5]]), -0.866025)
        """
        strings = pauli.check_observables(observables, circuit.n_qubits)
        checked, n_samples = check_angles(circuit, angles)
        check_memory(circuit.n_qubits, self._n_states(circuit))
        wanted = frozenset(range(circuit.n_slots) if slots is None else slots)
        shape = (n_samples, len(strings))
        if not callable(cotangents) and np.shape(cotangents) != shape:
            raise ValueError(f"cotangents must have shape {shape}, got {np.shape(cotangents)}")
        if self.is_exact:
            return self._exact_gradients(circuit, checked, n_samples, strings, cotangents, wanted)
        values = self.expectations(circuit, checked, strings)
        weights = cotangents_of(cotangents, values, slice(0, n_samples))
        run = self.expectations
        return values, shift_gradients(run, circuit, checked, strings, weights, wanted)

    def probabilities(self, circuit: Circuit, angles: Sequence[Angle]) -> Real:
        """Return the probability of every bit string.

        Parameters
        ----------
        circuit, angles
            As in `expectations`.

        Returns
        -------
        ndarray of shape (n_samples, 2**n_qubits)
            Qubit 0 is the most significant bit. With shots, these are observed frequencies.

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
        checked, _ = check_angles(circuit, angles)
        exact = self._exact_probabilities(circuit, checked)
        if self.shots is None:
            return exact
        return sampled_probabilities(exact, self.shots, self._generator)

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
            If the backend samples (shots leave no state vector), the angles do not fit the
            circuit, or the states would not fit into memory.

        Examples
        --------
        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> flip = Circuit(2, (Gate("x", (1,)),))
        >>> get_backend("numpy").statevector(flip, [])
        array([[0.+0.j, 1.+0.j, 0.+0.j, 0.+0.j]])
        """
        if not self.is_exact:
            raise ValueError(f"{self!r} has no exact states: a state vector needs shots=None")
        checked, n_samples = check_angles(circuit, angles)
        check_memory(circuit.n_qubits, 3 * n_samples)
        return self._final_states(circuit, checked, n_samples)

    def _final_states(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        start = _all_zero(n_samples, circuit.n_qubits)
        return next(iter(self._run(circuit, angles, start, (len(circuit.gates),))))

    def _exact_probabilities(self, circuit: Circuit, angles: Sequence[Angle]) -> Real:
        checked, n_samples = check_angles(circuit, angles)
        check_memory(circuit.n_qubits, 3 * n_samples)
        states = self._final_states(circuit, checked, n_samples)
        return np.asarray(states.real**2 + states.imag**2)

    def _chunks(self, n_qubits: int, n_samples: int) -> list[slice]:
        """Cut the batch so that a chunk's states keep to `chunk_amplitudes`."""
        size = max(1, self.chunk_amplitudes >> n_qubits)
        return [slice(i, min(i + size, n_samples)) for i in range(0, n_samples, size)]

    def _exact_expectations(
        self,
        circuit: Circuit,
        angles: list[Angle],
        n_samples: int,
        observables: tuple[str, ...],
    ) -> Real:
        parts = []
        for rows in self._chunks(circuit.n_qubits, n_samples):
            part = [a[rows] if isinstance(a, np.ndarray) else a for a in angles]
            states = self._final_states(circuit, part, rows.stop - rows.start)
            parts.append(pauli.expectations(states, observables))
        return np.concatenate(parts)

    def _exact_gradients(
        self,
        circuit: Circuit,
        angles: list[Angle],
        n_samples: int,
        observables: tuple[str, ...],
        cotangents: Cotangents,
        wanted: frozenset[int],
    ) -> tuple[Real, list[Angle]]:
        plan = echo(circuit, wanted)
        values = np.empty((n_samples, len(observables)))
        total: list[Angle] = [
            np.empty(n_samples) if isinstance(a, np.ndarray) else 0.0 for a in angles
        ]
        for rows in self._chunks(circuit.n_qubits, n_samples):
            part = [a[rows] if isinstance(a, np.ndarray) else a for a in angles]
            start = _all_zero(rows.stop - rows.start, circuit.n_qubits)
            looks = list(self._run(circuit, part, start, plan.forward_cuts))
            values[rows] = pauli.expectations(looks[-1], observables)
            weights = cotangents_of(cotangents, values[rows], rows)
            weighted = pauli.weighted_sum(looks[-1], observables, weights)
            gradients = adjoint_gradients(self._run, plan, part, looks, weighted, wanted)
            for slot, gradient in enumerate(gradients):
                if isinstance(gradient, np.ndarray):
                    total[slot][rows] = gradient  # type: ignore[index]
                else:
                    total[slot] += gradient
        return values, total


def _all_zero(n_samples: int, n_qubits: int) -> Complex:
    """Return |0…0⟩ for every sample."""
    start = np.zeros((n_samples, 2**n_qubits), dtype=complex)
    start[:, 0] = 1
    return start
