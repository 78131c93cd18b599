"""The variational quantum regressor, in scikit-learn's manners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from qmlplay.ansatze import Ansatz
from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.checks import check_count, check_interval
from qmlplay.circuit import Observable
from qmlplay.classifier import fitting
from qmlplay.classifier.attributes import View
from qmlplay.classifier.callback_calls import telling_callbacks
from qmlplay.classifier.common_parameters import COMMON_CHECKS
from qmlplay.classifier.start import start_of_partial_fit
from qmlplay.classifier.validation import TrainingData, check_numbers, checked_data
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.encodings import Encoding
from qmlplay.model import (
    InputScaling,
    ModelDesign,
    TargetScaling,
    TrainedCircuit,
    TrainedRegression,
)
from qmlplay.training import Optimizer, TrainingHistory, TrainingState
from qmlplay.training.learning_rate import LearningRate
from qmlplay.training.losses import Loss, beats_prior
from qmlplay.training.optimizer import Run
from qmlplay.training.own_losses import LossFunctions, check_loss, loss_pair
from qmlplay.training.regression_losses import REGRESSION_LOSSES, regression_loss
from qmlplay.typing import Real

__all__ = ["VariationalRegressor"]


class VariationalRegressor(RegressorMixin, VariationalEstimator):  # type: ignore[misc]
    """A variational quantum regressor that runs on several simulators.

    It is `VariationalClassifier` for numbers: the same circuits, trained in the same ways, whose
    decision values Σ scale · expectation + bias stand for targets in standard units. Targets of
    any units work, as their middle and spread are learned in `fit`.

    Parameters
    ----------
    backend : str or Backend, default="numpy"
        The simulator.
    encoding, ansatz, n_qubits, n_layers, reupload, trainable_scaling, scale_inputs, bandwidth
        The circuit: as in `VariationalClassifier`, which describes all that is only named here.
    observables : "auto" or list of (str, dict or int), default="auto"
        What is measured; at least one per target.
    readout : {"linear", "fixed"}, default="linear"
        "fixed" trains no readout: observable k belongs to target k mod n_targets, and the mean
        of those of a target is its decision value. Targets are then scaled by their range to
        [−1, 1], as expectations are, and all losses are in such units, half of the range.
    initial_weights : array-like of shape (n_weights,) or None, default=None
        Weights of the circuit that training starts from.
    shots, noise
        Measurements per circuit, and what goes wrong.
    optimizer, gradient_method, learning_rate_init, momentum, alpha
        How it is trained.
    loss : {"squared_error", "huber"} or pair of callable, default="squared_error"
        What is minimised, the mean over all targets, in standard units. The squared error is
        then 1 − R² in training. Huber's loss grows in a line from `huber_epsilon` on, so that
        few targets far from all others matter less. A pair of functions is a loss of your own, as
        in `VariationalClassifier`; y holds the targets in standard units, as decision values are,
        and both have the shape (n_samples, n_targets).
    huber_epsilon : float, default=1.35
        Where that line begins, in standard units, as in scikit-learn's ``HuberRegressor``.
    max_iter, batch_size, tol, n_iter_no_change
        When training ends.
    early_stopping : bool, default=False
        Whether to watch R² on a part of the training data and keep the best weights.
    validation_fraction, warm_start, max_time, callbacks, verbose, random_state
        As in `VariationalClassifier`.

    Attributes
    ----------
    model_ : TrainedRegression
        All that was trained, in one frozen value.
    target_scaling_ : TargetScaling
        The targets' middle and spread, from the data of the first call of `fit` or
        `partial_fit`: mean and standard deviation; with ``loss="huber"`` the median and the
        distance of the quartiles over 1.349; with ``readout="fixed"`` the middle and half of the
        range.
    loss_curve_ : list of float
        Training loss of every iteration, in standard units.
    validation_scores_ : list of float
        R² on the validation part, with `early_stopping`.
    prior_loss_ : float
        Training loss of the best constants: with the squared error 1, where targets differ.
    n_features_in_, feature_names_in_, weights_, readout_, circuit_, observables_, scaling_
        As in `VariationalClassifier`.
    n_iter_, n_steps_, n_circuit_evaluations_, training_cost_, batch_size_
        As there.
    stop_reason_, interrupted_, beats_prior_, gradient_method_
        As there.

    References
    ----------
    Schuld et al., "Effect of data encoding on the expressive power of variational quantum
    machine learning models", arXiv:2008.08605.

    Huber, "Robust Estimation of a Location Parameter", Ann. Math. Stat. 35 (1964).

    Examples
    --------
    >>> from qmlplay import VariationalRegressor
    >>> X = np.linspace(0, 6, 60)[:, None]
    >>> y = 1e6 * np.sin(X[:, 0])
    >>> model = VariationalRegressor(random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.99
    True
    """

    parameter_checks: ClassVar[Mapping[str, Callable[[str, Any], object]]] = {
        **COMMON_CHECKS,
        "loss": partial(check_loss, allowed=REGRESSION_LOSSES),
        "huber_epsilon": partial(check_interval, low=0, high=inf, closed="neither"),
    }
    model_type: ClassVar[type[TrainedCircuit]] = TrainedRegression
    _outputs_are: ClassVar[str] = "targets"

    model_: TrainedRegression
    target_scaling_ = View[TargetScaling]("model_", "target_scaling")

    def __init__(
        self,
        backend: str | Backend = "numpy",
        *,
        encoding: str | Encoding = "angle_sum",
        ansatz: str | Ansatz = "hardware_efficient_rxx",
        n_qubits: int | None = None,
        n_layers: int = 4,
        reupload: bool | str = "auto",
        trainable_scaling: bool | str = "auto",
        scale_inputs: bool | str | tuple[ArrayLike, ArrayLike] = "auto",
        bandwidth: float = 1.0,
        observables: str | Sequence[Observable] = "auto",
        readout: str = "linear",
        initial_weights: ArrayLike | None = None,
        shots: int | None = None,
        noise: str | NoiseModel | None = None,
        optimizer: str | Optimizer | Run = "adam",
        gradient_method: str = "auto",
        learning_rate_init: LearningRate = 0.1,
        momentum: float = 0.9,
        alpha: float | str = "auto",
        loss: str | LossFunctions = "squared_error",
        huber_epsilon: float = 1.35,
        max_iter: int = 100,
        batch_size: int | str = "auto",
        tol: float = 1e-4,
        n_iter_no_change: int | None = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        max_time: float | None = None,
        callbacks: Sequence[Callable[[TrainingState], Any]] | None = None,
        verbose: int | str = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self._store(locals())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = True
        tags.target_tags.multi_output = True
        # A mean of expectations is not flexible enough for data that are mostly noise.
        tags.regressor_tags.poor_score = self.readout == "fixed"
        return tags

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train for one more iteration on some data.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`. The scalings of features and targets are learned from the first call,
            whose targets should therefore be spread as all that will come.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the optimiser cannot go on step by step, or y has another number of targets.
        """
        with telling_callbacks(self) as begin, fitting.all_or_nothing(self):
            start = start_of_partial_fit(
                self, X, y, sample_weight, lambda data, _: self._possible_answers(data.y)
            )
            self._take(*fitting.run_fit(self, start, self._take, begin))
        return self

    def predict(self, X: ArrayLike) -> Real:
        """Return the predicted targets of every sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Real, finite features, in the units of the training data.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            In the units and of the shape of the y that it was trained on.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If X has another number of features, or entries that are not finite.

        Examples
        --------
        >>> model = VariationalRegressor(max_iter=3)
        >>> model.fit([[0.0], [1.0]], [[1.0, 5.0], [2.0, 7.0]]).predict([[0.5]]).shape
        (1, 2)
        """
        rows, backend = self._asked(X)
        return self.model_.predict(rows, backend)

    def design(self, n_features: int, n_targets: int = 1) -> ModelDesign:
        """Return the circuit and the observables that `fit` would take for such data.

        Parameters
        ----------
        n_features : int
            Columns of X.
        n_targets : int, default=1
            Columns of y.

        Returns
        -------
        ModelDesign

        Raises
        ------
        TypeError, ValueError
            If a parameter or a number is not allowed, or they make no circuit.

        Examples
        --------
        >>> VariationalRegressor(n_layers=2).design(n_features=4).n_parameters
        37
        """
        check_count("n_targets", n_targets)
        return self._design_of(n_features, n_targets)

    def _checked(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> TrainingData:
        return checked_data(self, X, y, sample_weight, reset=reset, has_numbers=True)

    def _possible_answers(self, y: NDArray[Any]) -> tuple[int, ...]:
        return y.shape[1:]

    def _check_same_answers(
        self, model: TrainedRegression, answers: tuple[int, ...], advice: str
    ) -> None:
        shape = model.target_scaling.center.shape
        if answers != shape:
            raise ValueError(
                f"training would go on with samples whose y has shape {shape}, but got "
                f"{answers}: {advice}"
            )

    def _outputs_for(self, y: Any) -> int:
        if y is None:
            return 1
        check_numbers(y)
        return int(np.prod(np.shape(y)[1:], dtype=int))

    def _first_model(
        self,
        data: TrainingData,
        scaling: InputScaling,
        answers: tuple[int, ...],
        random: np.random.RandomState,
    ) -> TrainedRegression:
        design = self._design_of(data.X.shape[1], int(np.prod(answers, dtype=int)))
        target_scaling = TargetScaling.from_data(
            data.y,
            data.weights,
            robust=self.loss == "huber",
            to_range=self.readout == "fixed",
        )
        n_uploads = self.n_layers if self.encoding_use().reupload else 1
        model = design.first_regression(scaling, target_scaling, random, n_uploads)
        # A constant target is known from the start.
        varies = np.abs(model.targets(data.y)).max(axis=0) > 1e-9
        readout = replace(model.readout, scale=model.readout.scale * varies)
        return replace(model, readout=readout)

    def _loss_to_minimize(self) -> Loss:
        return loss_pair(self.loss) or regression_loss(str(self.loss), self.huber_epsilon)

    @property
    def _prior_words(self) -> str:
        return "predicting one number for all"

    def _learned_nothing(self, history: TrainingHistory) -> bool:
        # A few targets far out may make nearly all of Huber's loss, which no model can help. The
        # others, spread by 1, add about 1.
        prior, learned_nothing = history.prior_loss, super()._learned_nothing(history)
        if not learned_nothing or self.loss != "huber" or prior is None:
            return learned_nothing
        return not beats_prior(history.loss_curve[-1] - max(prior - 1, 0), min(prior, 1))

    def _validation_score(self, y: NDArray[Any], predicted: NDArray[Any], weights: Real) -> float:
        return float(r2_score(y, predicted, sample_weight=weights))
