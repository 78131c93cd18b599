"""The evaluation of a circuit: expectations and decision values of data, and their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends import Backend
from qmlplay.backends.cotangents import check_cotangents
from qmlplay.circuit import Angle, Observables, ParametricCircuit
from qmlplay.circuit.pauli_sum import limits
from qmlplay.errors import unknown_name
from qmlplay.model.readout import Readout, split_numbers
from qmlplay.typing import Real

__all__ = ["BOTH", "Model", "ModelPullback"]


#: What a model is differentiated by.
BOTH = ("weights", "X")
#: From cotangents to derivatives by the weights and by X.
ModelPullback = Callable[[ArrayLike], tuple[Real, Real]]


@dataclass(frozen=True)
class Model:
    """A circuit with its observables, on a backend: decision values from data and weights.

    The vector of all trainable numbers is the circuit's weights, then the readout's scale,
    then its bias.

    Parameters
    ----------
    backend : Backend
        The simulator.
    circuit : ParametricCircuit
        The circuit and the formulas of its angles.
    observables : tuple of (str or PauliSum)
        Pauli strings, one letter per qubit, qubit 0 first, and sums of them.
    fixed_readout : Readout or None, default=None
        The readout, where it is not trained: then the weights are all trainable numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Feature, Operation, Weight, get_backend
    >>> from qmlplay.circuit import ParametricCircuit
    >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    >>> circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    >>> model = Model(get_backend("numpy"), circuit, ("Z",))
    >>> w = np.array([0.0, 2.0, 0.5])  # a weight, a scale, a bias
    >>> model.decisions(np.array([[0.0], [np.pi]]), w).round(6)  # 2 cos(x + 0) + 0.5
    array([[ 2.5],
           [-1.5]])
    """

    backend: Backend
    circuit: ParametricCircuit
    observables: Observables
    fixed_readout: Readout | None = None

    def split(self, w: Real) -> tuple[Real, Readout]:
        """Split all trainable numbers into the circuit's weights and the readout."""
        if self.fixed_readout is not None:
            return w, self.fixed_readout
        return split_numbers(w, self.circuit.n_weights, len(self.observables))

    @property
    def decision_limits(self) -> tuple[Real, Real] | None:
        """The least and the largest decision values (n_outputs,) that a fixed readout can have.

        None where the readout is trained, which has no limits.
        """
        if self.fixed_readout is None:
            return None
        readout = self.fixed_readout
        ends = np.array([limits(observable) for observable in self.observables]).T
        reached = ends[:, :, None] * readout.scale  # (2, n_observables, n_outputs)
        low, high = reached.min(axis=0).sum(axis=0), reached.max(axis=0).sum(axis=0)
        return low + readout.bias, high + readout.bias

    def expectations(self, angles_data: Real, weights: Real) -> Real:
        """Return expectations (n_samples, n_observables) of data scaled to radians."""
        angles = self.circuit.angles(angles_data, weights)
        values = self.backend.expectations(self.circuit.circuit, angles, self.observables)
        return np.broadcast_to(values, (len(angles_data), len(self.observables)))

    def expectations_and_errors(self, angles_data: Real, weights: Real) -> tuple[Real, Real]:
        """Return expectations and their standard errors, (n_samples, n_observables) each."""
        angles = self.circuit.angles(angles_data, weights)
        values, std = self.backend.expectations(
            self.circuit.circuit, angles, self.observables, return_std=True
        )
        shape = (len(angles_data), len(self.observables))
        return np.broadcast_to(values, shape), np.broadcast_to(std, shape)

    def decisions(self, angles_data: Real, w: Real) -> Real:
        """Return decision values (n_samples, n_outputs) of data scaled to radians."""
        weights, readout = self.split(w)
        return readout.decisions(self.expectations(angles_data, weights))

    def vjp(
        self, angles_data: Real, weights: Real, *, by: str | Collection[str] = BOTH
    ) -> tuple[Real, ModelPullback]:
        """Return expectations, and a function from cotangents to derivatives.

        The vector–Jacobian product of the map from data and weights to expectations, on the
        terms of `Backend.vjp`: the function may be called several times.

        Parameters
        ----------
        angles_data : ndarray of shape (n_samples, n_features)
            Data scaled to radians.
        weights : ndarray of shape (n_weights,)
            The circuit's weights.
        by : str or collection of {"weights", "X"}, default=both
            Which derivatives are needed; the others are 0, and cost nothing.

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
        pullback : callable
            From cotangents (n_samples, n_observables) to derivatives of Σ cotangents ·
            expectations by the weights (n_weights,) and by the data (n_samples, n_features),
            in radians. A sample with NaN in its cotangents makes its derivatives NaN.

        Raises
        ------
        ValueError
            If `by` has another name, or the shapes do not fit.

        Examples
        --------
        >>> from qmlplay import Feature, Operation, Weight, get_backend
        >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
        >>> circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
        >>> model = Model(get_backend("numpy"), circuit, ("Z",))
        >>> values, pullback = model.vjp(np.array([[np.pi / 6], [np.pi / 2]]), np.array([0.0]))
        >>> by_weights, by_X = pullback([[1.0], [2.0]])  # −sin(x + w) · cotangent
        >>> by_weights.round(6), by_X.round(6).tolist()
        (array([-2.5]), [[-0.5], [-2.0]])
        """
        asked = _check_by(by)
        X, w = np.array(angles_data), np.array(weights)  # others may change theirs
        angles, shape = self.circuit.angles(X, w), (len(X), len(self.observables))
        values, by_angles = self.backend.vjp(
            self.circuit.circuit, angles, self.observables, slots=self._slots(asked)
        )

        def pullback(cotangents: ArrayLike) -> tuple[Real, Real]:
            weighted = check_cotangents(cotangents, shape)
            return self._chain(X, w, by_angles(_of_states(weighted, angles)), asked)

        return np.broadcast_to(values, shape), pullback

    def decisions_vjp(
        self, angles_data: Real, w: Real, *, by: str | Collection[str] = BOTH
    ) -> tuple[Real, ModelPullback]:
        """Return decision values, and a function from cotangents to derivatives.

        As `vjp`, with the readout as the last step.

        Parameters
        ----------
        angles_data : ndarray of shape (n_samples, n_features)
            Data scaled to radians.
        w : ndarray of shape (n_parameters,)
            All trainable numbers.
        by : str or collection of {"weights", "X"}, default=both
            As in `vjp`; the readout's numbers belong to the weights.

        Returns
        -------
        decisions : ndarray of shape (n_samples, n_outputs)
        pullback : callable
            From cotangents (n_samples, n_outputs) to derivatives by all trainable numbers
            (n_parameters,) and by the data (n_samples, n_features), in radians.

        Raises
        ------
        ValueError
            If `by` has another name, or the shapes do not fit.

        Examples
        --------
        >>> from qmlplay import Feature, Operation, Weight, get_backend
        >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
        >>> circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
        >>> model = Model(get_backend("numpy"), circuit, ("Z",))
        >>> w = np.array([0.0, 2.0, 0.5])  # 2 cos(x + w) + 0.5
        >>> _, pullback = model.decisions_vjp(np.array([[np.pi / 3]]), w)
        >>> pullback([[1.0]])[0].round(6)  # −2 sin(π/3), cos(π/3), 1
        array([-1.732051,  0.5     ,  1.      ])
        """
        asked = _check_by(by)
        weights, readout = self.split(np.array(w))
        values, by_expectations = self.vjp(angles_data, weights, by=asked)
        values = values.copy()
        decisions = readout.decisions(values)
        shape = decisions.shape

        def pullback(cotangents: ArrayLike) -> tuple[Real, Real]:
            slopes = check_cotangents(cotangents, shape)
            slopes = np.where(np.isfinite(slopes), slopes, np.nan)
            by_weights, by_X = by_expectations(readout.cotangents(slopes))
            by_readout = readout.gradient(values, slopes)
            if "weights" not in asked:
                by_readout = np.zeros_like(by_readout)
            return np.concatenate([by_weights, by_readout]), by_X

        return decisions, pullback

    def gradients(
        self,
        angles_data: Real,
        weights: Real,
        cotangents: ArrayLike,
        *,
        by: str | Collection[str] = BOTH,
    ) -> tuple[Real, Real]:
        """Return what ``vjp(…)[1](cotangents)`` does, with the states of one chunk at a time."""
        asked = _check_by(by)
        weighted = check_cotangents(cotangents, (len(angles_data), len(self.observables)))
        angles = self.circuit.angles(angles_data, weights)
        _, by_angles = self.backend.expectations_and_gradients(
            self.circuit.circuit,
            angles,
            self.observables,
            _of_states(weighted, angles),
            slots=self._slots(asked),
        )
        return self._chain(angles_data, weights, by_angles, asked)

    def _slots(self, by: frozenset[str]) -> frozenset[int]:
        by_weights = self.circuit.trainable_slots if "weights" in by else frozenset()
        return by_weights | self.circuit.data_slots if "X" in by else by_weights

    def _chain(
        self, X: Real, w: Real, by_angles: list[Angle], by: frozenset[str]
    ) -> tuple[Real, Real]:
        """Return derivatives by weights and data, given those by the angles."""
        circuit = self.circuit
        return (
            circuit.weight_gradient(X, w, by_angles) if "weights" in by else np.zeros(w.shape),
            circuit.input_gradient(X, w, by_angles) if "X" in by else np.zeros(X.shape),
        )


def _check_by(by: str | Collection[str]) -> frozenset[str]:
    names = frozenset([by] if isinstance(by, str) else by)
    for name in names:
        if name not in BOTH:
            raise unknown_name("name in by", name, BOTH)
    return names


def _of_states(cotangents: Real, angles: list[Angle]) -> Real:
    """Return cotangents of the states that there are: one for all samples if none differs."""
    if any(isinstance(angle, np.ndarray) for angle in angles):
        return cotangents
    return np.asarray(cotangents.sum(axis=0, keepdims=True))
