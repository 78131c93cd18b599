"""The trained circuit, which predicts numbers or classes: the base of trained models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qmlplay.backends import Backend, get_backend
from qmlplay.backends.pauli import check_observables
from qmlplay.circuit import Angle, Observable, Observables, ParametricCircuit
from qmlplay.model.evaluation import BOTH, Model, ModelPullback
from qmlplay.model.readout import Readout
from qmlplay.model.scaling import InputScaling
from qmlplay.model.values import ArrayValue, real_array, real_features
from qmlplay.typing import Real

__all__ = ["TrainedCircuit"]


@dataclass(frozen=True, eq=False)
class TrainedCircuit(ArrayValue, ABC):
    """A circuit with its numbers: all that predictions need but a simulator.

    It is a value: read-only, comparable, hashable, and free of objects of any framework.
    Everything that reads a trained circuit asks this one. What its decision values stand for is
    said by `TrainedModel`, for classes, and `TrainedRegression`, for numbers.

    Parameters
    ----------
    circuit : ParametricCircuit
        The circuit and the formulas of its angles.
    observables : tuple of (str or PauliSum)
        What is measured: Pauli strings, one letter per qubit, qubit 0 first, and sums of them.
    scaling : InputScaling
        From features to radians.
    weights : ndarray of shape (n_weights,)
        The circuit's weights.
    readout : Readout
        From expectations to decision values.

    Raises
    ------
    ValueError
        If the parts do not fit together, or a number is not finite.
    """

    circuit: ParametricCircuit
    observables: Observables
    scaling: InputScaling
    weights: Real
    readout: Readout

    @property
    @abstractmethod
    def n_outputs(self) -> int:
        """Number of decision values of a sample."""

    @abstractmethod
    def answers(self, decisions: Real) -> NDArray[Any]:
        """Return the predictions that decision values (n_samples, n_outputs) stand for."""

    @abstractmethod
    def targets(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return true answers as the losses of training compare decision values with them."""

    def __post_init__(self) -> None:
        for name, kind in (
            ("circuit", ParametricCircuit),
            ("scaling", InputScaling),
            ("readout", Readout),
        ):
            if not isinstance(getattr(self, name), kind):
                came = type(getattr(self, name)).__name__
                raise TypeError(f"{name} must be an object of {kind.__name__}, got {came}")
        measured = check_observables(self.observables, self.n_qubits)
        object.__setattr__(self, "observables", measured)
        object.__setattr__(self, "weights", real_array("weights", self.weights))
        super().__post_init__()
        self._check()

    def _check(self) -> None:
        outputs = self.n_outputs
        for name, array, shape in (
            ("weights", self.weights, (self.circuit.n_weights,)),
            ("readout_scale", self.readout.scale, (len(self.observables), outputs)),
            ("readout_bias", self.readout.bias, (outputs,)),
            ("scaling_center", self.scaling.center, (self.n_features,)),
            ("scaling_half_range", self.scaling.half_range, (self.n_features,)),
        ):
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(f"its array {name!r} should hold finite numbers of shape {shape}")

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return self.circuit.n_qubits

    @property
    def n_features(self) -> int:
        """Number of columns of X."""
        return self.circuit.n_features

    @property
    def n_parameters(self) -> int:
        """Number of all trainable numbers, those of a linear readout included."""
        return self.weights.size + self.readout.numbers.size

    @property
    def sizes(self) -> dict[str, int]:
        """How large the model is: parameters, qubits, depth, two-qubit gates."""
        return {
            "n_parameters": self.n_parameters,
            "n_qubits": self.n_qubits,
            "depth": self.circuit.circuit.depth,
            "two_qubit_gates": self.circuit.circuit.n_two_qubit_gates,
        }

    @property
    def numbers(self) -> Real:
        """All trainable numbers in one row: the weights, then a linear readout's."""
        return np.concatenate([self.weights, self.readout.numbers])

    def with_numbers(self, numbers: Real) -> Self:
        """Return the model with other trainable numbers, in the order of `numbers`.

        Raises
        ------
        TypeError, ValueError
            If they are not as many finite real numbers in one row.
        """
        numbers = real_array("numbers", numbers)
        if numbers.shape != (self.n_parameters,):
            raise ValueError(f"numbers must have shape ({self.n_parameters},), got {numbers.shape}")
        n_weights = self.circuit.n_weights
        readout = self.readout.with_numbers(numbers[n_weights:])
        return replace(self, weights=numbers[:n_weights], readout=readout)

    def angles(self, X: ArrayLike) -> list[Angle]:
        """Return one angle per slot of the circuit, in radians.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite features, in the units of the training data.

        Returns
        -------
        list of float or ndarray of shape (n_samples,)
            A float where all samples share the angle.

        Raises
        ------
        ValueError
            If X has another shape, no row, or entries that are not finite.
        TypeError
            If X does not hold real numbers.
        """
        return self.circuit.angles(self._radians(self._rows(X)), self.weights)

    def sample_angles(self, x: ArrayLike) -> list[float]:
        """Return the angles of one sample, in radians.

        Parameters
        ----------
        x : array-like of shape (n_features,)
            Such as ``X[0]``, in the units of the training data.

        Raises
        ------
        ValueError
            If x is not one sample, or not finite.
        """
        row = real_features(x)
        if row.shape != (self.n_features,):
            raise ValueError(
                f"one sample of shape ({self.n_features},) is needed, such as X[0]; "
                f"got shape {row.shape}"
            )
        return [float(np.ravel(angle)[0]) for angle in self.angles(row[None])]

    def _rows(self, X: ArrayLike) -> Real:
        rows = real_features(X)
        if rows.ndim != 2 or rows.shape[1] != self.n_features:
            raise ValueError(
                f"X must have shape (n_samples, {self.n_features}), got shape {rows.shape}"
            )
        if len(rows) == 0:
            raise ValueError(f"X has no row (shape {rows.shape}): at least one sample is needed")
        if not np.isfinite(rows).all():
            raise ValueError("X must be finite, but it holds NaN or infinity")
        return rows

    def _radians(self, rows: Real) -> Real:
        radians = self.scaling.radians(rows)
        self.circuit.check_rows(radians)
        return radians

    @overload
    def expectations(
        self,
        X: ArrayLike,
        backend: str | Backend,
        *,
        observables: Sequence[Observable] | None = None,
        return_std: Literal[False] = False,
    ) -> Real: ...
    @overload
    def expectations(
        self,
        X: ArrayLike,
        backend: str | Backend,
        *,
        observables: Sequence[Observable] | None = None,
        return_std: Literal[True],
    ) -> tuple[Real, Real]: ...
    def expectations(
        self,
        X: ArrayLike,
        backend: str | Backend,
        *,
        observables: Sequence[Observable] | None = None,
        return_std: bool = False,
    ) -> Real | tuple[Real, Real]:
        """Return the expectation of every observable for every sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite features, in the units of the training data.
        backend : str or Backend
            Where the circuit runs.
        observables : sequence of (str, dict, PauliSum or int), optional
            Others than the model's own, as in `Backend.expectations`.
        return_std : bool, default=False
            Whether to return the standard errors of the estimates as well.

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
        std : ndarray of shape (n_samples, n_observables)
            Only with ``return_std=True``.
        """
        model = self.on(backend)
        if observables is not None:
            others = check_observables(observables, self.n_qubits)
            model = replace(model, observables=others, fixed_readout=None)
        radians = self._radians(self._rows(X))
        if return_std:
            return model.expectations_and_errors(radians, self.weights)
        return model.expectations(radians, self.weights)

    def decisions(self, X: ArrayLike, backend: str | Backend) -> Real:
        """Return decision values, shape (n_samples, n_outputs)."""
        return self.readout.decisions(self.expectations(X, backend))

    def predict(self, X: ArrayLike, backend: str | Backend) -> NDArray[Any]:
        """Return the prediction of every sample."""
        return self.answers(self.decisions(X, backend))

    def gradients(
        self, X: ArrayLike, backend: str | Backend, cotangents: ArrayLike
    ) -> tuple[Real, Real]:
        """Return the derivatives of Σ cotangents · expectations by the weights and by X.

        They come from one forward and one backward run where the backend is exact, and from
        parameter shift elsewhere. Where the cotangents come later, take `vjp`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite features, in the units of the training data.
        backend : str or Backend
            Where the circuit runs.
        cotangents : array-like of shape (n_samples, n_observables)
            d loss / d expectations.

        Returns
        -------
        by_weights : ndarray of shape (n_weights,)
        by_X : ndarray of shape (n_samples, n_features)
            Per unit of the features; 0 where a value is held at a limit of the scaling.

        Raises
        ------
        ValueError
            If the shapes do not fit.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> clf = VariationalClassifier(n_layers=1, max_iter=1, random_state=0)
        >>> model = clf.fit([[0.0], [1.0]], ["a", "b"]).model_
        >>> by_weights, by_X = model.gradients([[0.2], [0.7]], "numpy", np.ones((2, 2)))
        >>> by_weights.shape, by_X.shape
        ((7,), (2, 1))
        """
        return self._gradients(X, backend, cotangents, BOTH)

    def weight_gradient(self, X: ArrayLike, backend: str | Backend, cotangents: ArrayLike) -> Real:
        """Return the first of the two `gradients`, that by the weights, at its own lower cost."""
        return self._gradients(X, backend, cotangents, "weights")[0]

    def input_gradient(self, X: ArrayLike, backend: str | Backend, cotangents: ArrayLike) -> Real:
        """Return the second of the two `gradients`, that by X, at its own lower cost."""
        return self._gradients(X, backend, cotangents, "X")[1]

    def _gradients(
        self, X: ArrayLike, backend: str | Backend, cotangents: ArrayLike, by: str | Collection[str]
    ) -> tuple[Real, Real]:
        model, rows = self.on(backend), self._rows(X)
        radians = self._radians(rows)
        by_weights, by_radians = model.gradients(radians, self.weights, cotangents, by=by)
        return by_weights, by_radians * self.scaling.slopes(rows)

    def vjp(
        self, X: ArrayLike, backend: str | Backend, *, by: str | Collection[str] = BOTH
    ) -> tuple[Real, ModelPullback]:
        """Return expectations, and a function from cotangents to what `gradients` returns.

        For layers in other frameworks: the cotangents come later, and may come several times;
        the forward run is not repeated (see `Backend.vjp`).

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite features, in the units of the training data.
        backend : str or Backend
            Where the circuit runs.
        by : str or collection of {"weights", "X"}, default=both
            Which derivatives are needed; the others are 0, and cost nothing.

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
        pullback : callable
            From cotangents (n_samples, n_observables) to derivatives by the weights
            (n_weights,) and by X (n_samples, n_features), per unit of the features.

        Raises
        ------
        ValueError
            If `by` has another name, or the shapes do not fit.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> clf = VariationalClassifier(n_layers=1, max_iter=1, random_state=0)
        >>> model = clf.fit([[0.0], [1.0]], ["a", "b"]).model_
        >>> values, pullback = model.vjp([[0.2], [0.7]], "numpy")
        >>> by_weights, by_X = pullback(2 * values)  # of the sum of the squares
        >>> by_weights.shape, by_X.shape
        ((7,), (2, 1))
        """
        rows = self._rows(X)
        radians = self._radians(rows)
        values, pullback = self.on(backend).vjp(radians, self.weights, by=by)
        return values, self._per_unit(pullback, rows)

    def decisions_vjp(
        self, X: ArrayLike, backend: str | Backend, *, by: str | Collection[str] = BOTH
    ) -> tuple[Real, ModelPullback]:
        """Return decision values (n_samples, n_outputs), and a function as `vjp` does.

        Its cotangents have the shape of the decision values, and its derivatives are by all
        trainable numbers, in the order of `numbers`, and by X.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> clf = VariationalClassifier(n_layers=1, max_iter=1, random_state=0)
        >>> model = clf.fit([[0.0], [1.0]], ["a", "b"]).model_
        >>> decisions, pullback = model.decisions_vjp([[0.2], [0.7]], "numpy", by="X")
        >>> pullback(np.ones(decisions.shape))[1].shape
        (2, 1)
        """
        rows = self._rows(X)
        radians = self._radians(rows)
        values, pullback = self.on(backend).decisions_vjp(radians, self.numbers, by=by)
        return values, self._per_unit(pullback, rows)

    def on(self, backend: str | Backend) -> Model:
        """Return the function of data and trainable numbers that the model is on a backend."""
        readout = self.readout if self.readout.is_fixed else None
        return Model(get_backend(backend), self.circuit, self.observables, readout)

    def _per_unit(self, pullback: ModelPullback, rows: Real) -> ModelPullback:
        """Return the pullback whose derivatives by X are per unit of the features."""
        slopes = self.scaling.slopes(rows)

        def scaled(cotangents: ArrayLike) -> tuple[Real, Real]:
            by_numbers, by_radians = pullback(cotangents)
            return by_numbers, by_radians * slopes

        return scaled
