"""The contract between the circuit and the simulators, and all that they share.

A framework fills in one method of `Simulator`, `_run`: apply a circuit to a batch of states and
return the batch after given numbers of gates. With `_densities` it simulates noise as well, and
with `_sample` it draws the shots itself; `capabilities` says what it can do. A device that knows
expectations alone implements `Backend.expectations` instead. Checks, chunking, observables,
readout, parameter shift and adjoint gradients are written once, here and in the modules beside.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, overload

import numpy as np

from qmlplay.backends import measurement, pauli
from qmlplay.backends.adjoint import Cotangents, added, cotangents_of, echo
from qmlplay.backends.inputs import check_angles, check_memory
from qmlplay.backends.measured import MeasuredSimulator
from qmlplay.backends.shift import shift_expectations_and_gradients
from qmlplay.backends.simulation import Simulation, in_threads
from qmlplay.circuit import Angle, Circuit
from qmlplay.typing import Real

__all__ = ["Backend"]


class Backend(MeasuredSimulator):
    """A simulator of quantum circuits that works on whole batches.

    An angle that is a float is shared by the batch; an angle that is an array has one value
    per sample.

    Parameters
    ----------
    shots : int or None, default=None
        Measurements per expectation; None means exact.
    noise : None, str or NoiseModel, default=None
        What goes wrong after every gate and at readout: None means nothing. "low", "medium" and
        "high" are presets; on the Qiskit backend, the name of a fake IBM device such as
        "fake_manila" is its noise, with the gates and qubits that `qmlplay.ibm.plan` would take
        there (the client adds two gates per qubit before measurements; here they are left out).
        Noise is simulated exactly, on density matrices, which are always of double precision.
    seed : int or None, default=None
        Seed of the sampling; None draws a new one.
    precision : {"double", "single"}, default="double"
        Precision of the amplitudes. Single takes half the memory and, on large states, less
        time; its expectations and gradients are off by up to about 1e-6.
    n_threads : int, default=1
        Threads that share the chunks of a large batch. What NumPy's linear algebra uses
        within a chunk is set by ``OMP_NUM_THREADS`` or threadpoolctl.

    Raises
    ------
    ValueError
        If a setting is not allowed.

    Examples
    --------
    A backend of your own defines `name` and `_run`, a generator; the rest is inherited. (With
    `_densities` it simulates noise as well; its `capabilities` follow from what it defines.) This
    one turns every gate into a full matrix, or one per sample where the angle is an array.

    >>> import numpy as np
    >>> from qmlplay import Backend, VariationalClassifier
    >>> from qmlplay.backends.testing import check_backend
    >>> from qmlplay.circuit import embed, gate_matrix
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

    def _n_states(self, circuit: Circuit, angles: Sequence[Angle]) -> int:
        """Return how many states per sample a gradient keeps in memory at most."""
        return 6 + 2 * len(echo(circuit.elementary, frozenset(range(circuit.n_slots))).cuts)

    @overload
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[str],
        *,
        return_std: Literal[False] = False,
    ) -> Real: ...
    @overload
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[str],
        *,
        return_std: Literal[True],
    ) -> tuple[Real, Real]: ...
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[str],
        *,
        return_std: bool = False,
    ) -> Real | tuple[Real, Real]:
        """Return the expectation of every observable for every sample.

        With shots, observables that differ only in identities on some qubits are read off the
        same measurements.

        Parameters
        ----------
        circuit : Circuit
            The circuit, starting from |0…0⟩.
        angles : sequence of float or ndarray of shape (n_samples,)
            One entry per slot, in radians.
        observables : sequence of str
            Pauli strings, one letter per qubit, qubit 0 first.
        return_std : bool, default=False
            Whether to return the standard errors of the estimates as well.

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
            n_samples is 1 when every angle is a float.
        std : ndarray of shape (n_samples, n_observables)
            Only with ``return_std=True``. With shots, √((1 − E²)/(shots − 1)), the standard
            error that the sample itself shows; 1 for a single shot, which shows none. Exact
            expectations have 0.

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
        self._check_memory(circuit, 4)
        if self.shots is None and self.noise is None:
            values, _ = self._exact(circuit, checked, n_samples, strings)
        else:
            values = self._measured_expectations(circuit, checked, n_samples, strings)
        if not return_std:
            return values
        if self.shots is None:
            return values, np.zeros_like(values)
        return values, measurement.standard_errors(values, strings, self.shots)

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
            depends on E needs no second forward run. With several threads it is called
            from all of them.
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
        check_memory(circuit.n_qubits, self._n_states(circuit, checked))
        wanted = frozenset(range(circuit.n_slots) if slots is None else slots)
        shape = (n_samples, len(strings))
        if not callable(cotangents) and np.shape(cotangents) != shape:
            raise ValueError(f"cotangents must have shape {shape}, got {np.shape(cotangents)}")
        if self.is_exact:
            return self._exact(circuit, checked, n_samples, strings, cotangents, wanted)
        return shift_expectations_and_gradients(
            self.expectations, circuit, checked, strings, cotangents, wanted
        )

    def _exact(
        self,
        circuit: Circuit,
        angles: list[Angle],
        n_samples: int,
        observables: tuple[str, ...],
        cotangents: Cotangents | None = None,
        wanted: frozenset[int] | None = None,
    ) -> tuple[Real, list[Angle]]:
        """Return expectations and, where cotangents are given, gradients by the slots wanted."""
        values = np.empty((n_samples, len(observables)))
        chunks = self._chunks(circuit.n_qubits, n_samples)
        shares = [chunks[i :: self.n_threads] for i in range(min(self.n_threads, len(chunks)))]
        elementary, n_rows = circuit.elementary, chunks[0].stop
        simulations = [self._simulation(self, elementary, angles, n_rows, wanted) for _ in shares]

        def run(simulation: Simulation, share: Sequence[slice]) -> list[Angle]:
            for rows in share:
                states = simulation.forward(rows)
                values[rows] = pauli.expectations(states, observables)
                if cotangents is not None:
                    weights = cotangents_of(cotangents, values[rows], rows)
                    simulation.backward(pauli.weighted_sum(states, observables, weights))
            return simulation.gradients()

        return values, added(in_threads(run, simulations, shares))
