"""The contract between the circuit and the simulators, and all that they share.

A framework fills in one method of `Simulator`, `_run`: apply a circuit to a batch of states and
return the batch after given numbers of gates. With `_densities` it simulates noise as well, and
with `_sample` it draws the shots itself; `capabilities` says what it can do. A device that knows
expectations alone implements `Backend.expectations` instead; observables may be sums of Pauli
strings, which `qmlplay.backends.pauli.expanded` takes apart. Checks, chunking, observables,
readout, parameter shift and adjoint gradients are written once, here and in the modules beside.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from qmlplay.backends import pauli
from qmlplay.backends.adjoint import echo
from qmlplay.backends.batch import Batch
from qmlplay.backends.cotangents import Cotangents, Pullback, check_cotangents
from qmlplay.backends.cut_states import CutSimulator
from qmlplay.backends.inputs import check_angles, check_slots
from qmlplay.backends.shift import shift_expectations_and_gradients, shift_vjp
from qmlplay.circuit import Angle, Circuit, Observable
from qmlplay.typing import Real

__all__ = ["Backend"]


class Backend(CutSimulator):
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

    def gradients(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[Observable],
        cotangents: Cotangents,
    ) -> list[Angle]:
        """Return the derivatives of Σ cotangents[n, k] · E[n, k] by every angle.

        Parameters
        ----------
        circuit, angles, observables
            As in `expectations`.
        cotangents : array-like of shape (n_samples, n_observables)
            The weights of the sum, d loss / d E. Where those of a sample hold NaN or infinity,
            the derivatives that it has a part in are NaN.

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
        observables: Sequence[Observable],
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
        cotangents : array-like of shape (n_samples, n_observables) or callable
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
            As in `gradients`, or if there is no such slot.

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
        measured = pauli.check_observables(observables, circuit.n_qubits)
        checked, n_samples = check_angles(circuit, angles)
        self._check_memory(circuit, self._n_states(circuit, checked))
        wanted = check_slots(slots, circuit.n_slots)
        if not callable(cotangents):
            cotangents = check_cotangents(cotangents, (n_samples, len(measured)))
        if not self.is_exact:
            return shift_expectations_and_gradients(
                self.expectations, circuit, checked, measured, cotangents, wanted
            )
        simulation = self._simulation(self, circuit.elementary, checked, wanted)
        chunks = self._chunks(circuit.n_qubits, n_samples)
        batch = Batch(simulation, measured, chunks, self.n_threads, wanted, self._tell)
        return batch.expectations_and_gradients(cotangents)

    def vjp(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[Observable],
        *,
        slots: Collection[int] | None = None,
    ) -> tuple[Real, Pullback]:
        """Return expectations, and a function from cotangents to gradients.

        This is the vector–Jacobian product that frameworks with automatic differentiation ask
        for: the cotangents come later, and may come several times, from any thread.

        Where states are exact the forward run is not repeated. The states that it keeps, up to
        `kept_bytes` (128 MiB), live as long as the function; the samples beyond are run forward
        again by every call. A loss that is known at once is better off with
        `expectations_and_gradients`, which keeps one chunk at a time. Where states are not exact
        or not simulated, gradients come from parameter shift, with new shots in every call.

        Parameters
        ----------
        circuit, angles, observables
            As in `expectations`. Arrays may be changed afterwards.
        slots : collection of int, optional
            As in `expectations_and_gradients`.

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
        pullback : callable
            ``pullback(cotangents)`` returns what `gradients` does for these cotangents, an
            array of shape (n_samples, n_observables), and raises ValueError for others.

        Raises
        ------
        ValueError
            As in `expectations`, or if there is no such slot.

        Examples
        --------
        >>> from qmlplay import get_backend
        >>> from qmlplay.circuit import Circuit, Gate
        >>> circuit = Circuit(1, (Gate("ry", (0,), slot=0),))
        >>> values, pullback = get_backend("numpy").vjp(circuit, [np.pi / 6], ["Z", "X"])
        >>> round(pullback([[1.0, 0.0]])[0], 6), round(pullback([[0.0, 2.0]])[0], 6)
        (-0.5, 1.732051)
        """
        measured = pauli.check_observables(observables, circuit.n_qubits)
        checked, n_samples = check_angles(circuit, angles)
        self._check_memory(circuit, self._n_states(circuit, checked))
        wanted = check_slots(slots, circuit.n_slots)
        kept = [angle.copy() if isinstance(angle, np.ndarray) else angle for angle in checked]
        if not self.is_exact:
            return shift_vjp(self.expectations, circuit, kept, measured, wanted)
        simulation = self._simulation(self, circuit.elementary, kept, wanted)
        chunks = self._chunks(circuit.n_qubits, n_samples)
        batch = Batch(simulation, measured, chunks, self.n_threads, wanted, self._tell)
        return batch.vjp(self.kept_bytes)
