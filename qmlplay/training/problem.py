"""The training problem: the loss of a model on data, and its gradient."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.shift import shift_expectations_and_gradients
from qmlplay.circuit import Angle
from qmlplay.model.evaluation import Model
from qmlplay.model.readout import Readout, n_outputs
from qmlplay.training.best_constant import best_constant_loss
from qmlplay.training.cost import n_settings, shift_circuits_per_sample
from qmlplay.training.divergence import LARGEST, NotFiniteError
from qmlplay.training.gradients import spsa_gradients
from qmlplay.training.losses import LOSSES, PROPER, Loss, constant_loss, prior_loss
from qmlplay.training.optimizer import Rows
from qmlplay.training.own_losses import LossPair
from qmlplay.typing import Real

__all__ = ["TrainingProblem"]


#: How far SPSA moves every angle, in radians: less, and shot noise grows; more, and so does the
#: error of the slope.
SPSA_WIDTH = 0.1
#: Derivatives beyond this are as good as infinite: optimisers square them.
_STEEPEST = 1e150


@dataclass(frozen=True)
class TrainingProblem:
    """The mean loss of a model on training data, as optimisers see it.

    Parameters
    ----------
    model : Model
    X : ndarray of shape (n_samples, n_features)
        Data, scaled to radians.
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Class indices, or numbers in standard units.
    sample_weight : ndarray of shape (n_samples,)
        Positive weights.
    loss_name : str or callable
        A name of `qmlplay.training.losses.LOSSES` for class indices; a function for numbers, such
        as those of `qmlplay.training.regression_losses`; or a `LossPair`.
    gradient_method : {"adjoint", "parameter_shift", "spsa"} or None, default=None
        How gradients are found; None takes the adjoint method where the backend has it, and
        parameter shift elsewhere.
    generator : numpy.random.Generator
        Draws the directions of SPSA.
    circuits : Counter
        Samples whose expectations ("values") and whose gradients were asked for.
    n_outputs : int or None, default=None
        Decision values of a sample; None counts the classes or targets of y.

    Raises
    ------
    NotFiniteError
        From `loss` and `loss_and_gradient`, where the loss is NaN, or numbers or derivatives are
        not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Feature, Operation, Weight, get_backend
    >>> from qmlplay.circuit import ParametricCircuit
    >>> from qmlplay.training import Model, TrainingProblem
    >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    >>> circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    >>> model = Model(get_backend("numpy"), circuit, ("Z",))
    >>> X, y = np.array([[0.0], [np.pi]]), np.array([1, 0])
    >>> problem = TrainingProblem(model, X, y, np.ones(2), "log_loss")
    >>> w = np.array([0.0, 1.0, 0.0])  # a weight, a scale, a bias
    >>> loss, gradient = problem.loss_and_gradient(w)
    >>> round(loss, 3), gradient.shape  # log(1 + exp(−1))
    (0.313, (3,))
    """

    model: Model
    X: Real
    y: NDArray[Any]
    sample_weight: Real
    loss_name: str | Loss
    gradient_method: str | None = None
    generator: np.random.Generator = field(default_factory=np.random.default_rng)
    circuits: Counter[str] = field(default_factory=Counter)
    n_outputs: int | None = None

    @property
    def n_samples(self) -> int:
        """Number of training samples."""
        return len(self.X)

    @cached_property
    def prior_loss(self) -> float | None:
        """The loss of the best answer that does not look at the features.

        It is that of predicting the shares of the classes, or the best constants; None where
        there is none.
        """
        limits = self.model.decision_limits
        if limits is None and self.loss_name in PROPER:
            return prior_loss(str(self.loss_name), self.y, self.sample_weight)
        is_separable = not isinstance(self.loss_name, str | LossPair)
        if limits is None and is_separable:
            return constant_loss(self.loss_function, self.y, self.sample_weight)
        n = self.n_outputs or (n_outputs(self.y.max() + 1) if self.y.ndim == 1 else self.y.shape[1])
        return best_constant_loss(self.loss_function, self.y, self.sample_weight, n, limits)

    @property
    def loss_function(self) -> Loss:
        """The function of the loss."""
        return LOSSES[self.loss_name] if isinstance(self.loss_name, str) else self.loss_name

    @property
    def n_circuit_evaluations(self) -> int:
        """Circuits run so far, had every sample, setting and shift been one circuit."""
        model = self.model
        shots = model.backend.shots
        per_value = n_settings(model.observables, shots)
        per_gradient = (
            2 * per_value
            if self.gradient_method == "spsa"
            else shift_circuits_per_sample(model.circuit, model.observables, shots)
        )
        return per_value * self.circuits["values"] + per_gradient * self.circuits["gradients"]

    def loss(self, w: Real) -> float:
        """Return the weighted mean loss over all samples."""
        _check_size("a trainable number", w, LARGEST)
        self.circuits["values"] += self.n_samples
        losses, _ = self.loss_function(self.model.decisions(self.X, w), self.y)
        loss = float(np.average(losses, weights=self.sample_weight))
        _check_loss(loss)
        return loss

    def loss_and_gradient(self, w: Real, rows: Rows = None) -> tuple[float, Real]:
        """Return the weighted mean loss over some samples (None: all) and its gradient."""
        _check_size("a trainable number", w, LARGEST)
        X, y, shares = self.X, self.y, self.sample_weight
        if rows is not None:
            X, y, shares = X[rows], y[rows], shares[rows]
        self.circuits["gradients"] += len(X)
        weights, readout = self.model.split(w)
        batch = _Batch(X, y, shares / shares.sum(), readout, self.loss_function)
        by_gates = self._estimate if self.gradient_method == "spsa" else self._differentiate
        loss, by_weights, by_readout = by_gates(batch, weights)
        gradient = np.concatenate([by_weights, by_readout])
        _check_loss(loss)
        _check_size("a derivative", gradient, _STEEPEST)
        return loss, gradient

    def _estimate(self, batch: _Batch, weights: Real) -> tuple[float, Real, Real]:
        """Return loss, gradient by the weights from SPSA, and the readout's gradient.

        The readout is no circuit: its derivatives are known, at both ends of SPSA's step.
        """
        circuit = self.model.circuit
        ends: list[tuple[float, Real]] = []

        def losses(angles: list[Angle]) -> Real:
            values = self.model.backend.expectations(
                circuit.circuit, angles, self.model.observables
            )
            by_sample, slopes = batch.losses(values, slice(None))
            ends.append((float(by_sample @ batch.shares), batch.readout.gradient(values, slopes)))
            return by_sample * batch.shares

        angles, n_samples = circuit.angles(batch.X, weights), len(batch.X)
        gradients = spsa_gradients(
            losses, angles, n_samples, circuit.trainable_slots, SPSA_WIDTH, self.generator
        )
        by_weights = circuit.weight_gradient(batch.X, weights, gradients)
        (loss_up, readout_up), (loss_down, readout_down) = ends
        return (loss_up + loss_down) / 2, by_weights, (readout_up + readout_down) / 2

    def _differentiate(self, batch: _Batch, weights: Real) -> tuple[float, Real, Real]:
        """Return loss, gradient by the weights, and the readout's gradient."""
        losses, slopes = np.empty(len(batch.X)), np.empty((len(batch.X), len(batch.readout.bias)))

        def cotangents(values: Real, part: slice) -> Real:
            losses[part], slopes[part] = batch.losses(values, part)
            return batch.readout.cotangents(slopes[part])

        circuit, backend = self.model.circuit, self.model.backend
        # By itself the backend takes the adjoint method where it can.
        shifts = self.gradient_method == "parameter_shift" and backend.is_exact
        by_shift = partial(shift_expectations_and_gradients, backend.expectations)
        run = by_shift if shifts else backend.expectations_and_gradients
        values, gradients = run(
            circuit.circuit,
            circuit.angles(batch.X, weights),
            self.model.observables,
            cotangents,
            slots=circuit.trainable_slots,
        )
        by_weights = circuit.weight_gradient(batch.X, weights, gradients)
        return float(losses @ batch.shares), by_weights, batch.readout.gradient(values, slopes)


def _check_size(what: str, values: Real, largest: float) -> None:
    # NaN and infinity spoil the product: the common case costs nothing else.
    if not np.vdot(values, values) <= largest**2:
        raise NotFiniteError(f"{what} is NaN, infinite or larger than {largest:g}")


def _check_loss(loss: float) -> None:
    if isnan(loss):  # if infinite, the optimiser may have looked too far
        raise NotFiniteError("the loss is NaN")


@dataclass(frozen=True)
class _Batch:
    """Some samples, scaled to radians, and how their expectations become a loss."""

    X: Real
    y: NDArray[Any]
    shares: Real  # their weights, which sum to 1
    readout: Readout
    loss: Loss

    def losses(self, values: Real, part: slice) -> tuple[Real, Real]:
        """Return the losses of some samples, and their share in d loss / d decisions."""
        losses, derivative = self.loss(self.readout.decisions(values), self.y[part])
        return losses, derivative * self.shares[part, None]
