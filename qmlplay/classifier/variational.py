"""The base of variational estimators: all that does not depend on what is predicted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from os import PathLike
from typing import Any, ClassVar, Literal, Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from qmlplay.autologging import autologged
from qmlplay.backends import Backend, keeps_amplitudes
from qmlplay.backends.duration import warn_if_slow
from qmlplay.classifier import fitting
from qmlplay.classifier.attributes import FittedAttributes
from qmlplay.classifier.callback_calls import explain_uncopied, telling_callbacks
from qmlplay.classifier.common_parameters import CommonParameters
from qmlplay.classifier.exports import ExportsMixin
from qmlplay.classifier.fit_cost import cost_of_fit
from qmlplay.classifier.persistence import file_of
from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.classifier.ranges import first_scaling
from qmlplay.classifier.start import start_of_fit
from qmlplay.classifier.validation import (
    TrainingData,
    check_parameters,
    numeric_features,
)
from qmlplay.encoding_use import EncodingUse, encoding_use
from qmlplay.encodings import get_encoding
from qmlplay.model import InputScaling, ModelDesign, TrainedCircuit
from qmlplay.model.model_parts import model_from_state, model_to_state
from qmlplay.model.preprocessing import Steps
from qmlplay.tables.transformers import checked_rows
from qmlplay.training import TrainingCost, TrainingHistory
from qmlplay.training.history_state import history_from_state, history_to_state
from qmlplay.training.losses import Loss
from qmlplay.typing import Real

__all__ = ["VariationalEstimator"]

#: Parameters that decide what circuit there is.
_OF_THE_DESIGN = (
    "encoding", "ansatz", "n_qubits", "n_layers", "reupload", "trainable_scaling", "observables",
    "readout",
)  # fmt: skip


class VariationalEstimator(CommonParameters, FittedAttributes, ExportsMixin, QuantumEstimator, ABC):
    """The common part of `qmlplay.VariationalClassifier` and its kin; it is not made itself."""

    #: Of every parameter, a function (name, value) that raises an error where it is not allowed.
    parameter_checks: ClassVar[Mapping[str, Callable[[str, Any], object]]]
    #: What is trained.
    model_type: ClassVar[type[TrainedCircuit]]
    #: What several decision values belong to.
    _outputs_are: ClassVar[str]

    @abstractmethod
    def _checked(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> TrainingData:
        """Return checked training data."""

    @abstractmethod
    def _possible_answers(self, y: NDArray[Any]) -> Any:
        """Return the classes of checked labels, or the shape of one of checked targets."""

    @abstractmethod
    def _check_same_answers(self, model: Any, answers: Any, advice: str) -> None:
        """Raise ValueError unless the possible answers are those of an earlier model."""

    @abstractmethod
    def _outputs_for(self, y: Any) -> int:
        """Return the number of decision values for unchecked answers, or for the usual ones."""

    @abstractmethod
    def _first_model(
        self,
        data: TrainingData,
        scaling: InputScaling,
        answers: Any,
        random: np.random.RandomState,
    ) -> TrainedCircuit:
        """Return the model that training starts from."""

    @abstractmethod
    def _loss_to_minimize(self) -> str | Loss:
        """Return the loss as `TrainingProblem` takes it."""

    @abstractmethod
    def _validation_score(self, y: NDArray[Any], predicted: NDArray[Any], weights: Real) -> float:
        """Return how good predictions are, higher is better."""

    @property
    @abstractmethod
    def _prior_words(self) -> str:
        """What the best answer is that does not look at the features."""

    def _learned_nothing(self, history: TrainingHistory) -> bool:
        """Return whether training ended where the best answer without features would be as good."""
        return history.beats_prior is False

    def _weight_factors(self, data: TrainingData, answers: Any) -> Real:
        """Return what the weights of the samples are multiplied by, shape (n_samples,)."""
        return np.ones(len(data.X))

    @autologged
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train on data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Real, finite features.
        y : array-like of shape (n_samples,), or (n_samples, n_targets) for a regressor
            For a classifier labels of any one type, at least two classes; for a regressor real,
            finite numbers.
        sample_weight : array-like of shape (n_samples,), optional
            Non-negative weights; samples of weight 0 are left out, but their labels are classes.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If the data or a parameter is not allowed; nothing fitted before is lost.
        FloatingPointError
            If the loss, its derivatives or weights are no longer finite: an estimator that was
            fitted before stays as it was, another one has the last good weights, unless the first
            step was the one.
        """
        with telling_callbacks(self) as begin, fitting.all_or_nothing(self):
            start = start_of_fit(self, X, y, sample_weight)
            self._take(*fitting.run_fit(self, start, self._take, begin))
        return self

    def __sklearn_clone__(self) -> Self:
        with explain_uncopied(self.callbacks):
            clone: Self = super().__sklearn_clone__()
        return clone

    def _take(self, model: TrainedCircuit, history: TrainingHistory) -> None:
        self.model_, self._history = model, history

    def training_cost(self, X: ArrayLike, y: ArrayLike | None = None) -> TrainingCost:
        """Return how many circuits and shots `fit` would take at most, and run none.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The training data.
        y : array-like of shape (n_samples,) or (n_samples, n_targets), optional
            The labels or numbers; without them, two classes or one target are assumed.

        Returns
        -------
        TrainingCost
            Its `str` is one line.

        Raises
        ------
        TypeError, ValueError
            If the data or a parameter is not allowed, as in `fit`.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier, load_dataset
        >>> data = load_dataset("moons", n_samples=100, random_state=0)
        >>> model = VariationalClassifier(shots=1000, noise="medium", max_iter=20)
        >>> print(model.training_cost(data.X))
        adam by parameter_shift: 57 circuits per sample and gradient, 5,700 per iteration, at
        most 114,000 circuits of 1,000 shots in all (114,000,000 shots)
        """
        return cost_of_fit(self, X, y)

    @overload
    def expectations(self, X: ArrayLike, return_std: Literal[False] = False) -> Real: ...

    @overload
    def expectations(self, X: ArrayLike, return_std: Literal[True]) -> tuple[Real, Real]: ...

    def expectations(self, X: ArrayLike, return_std: bool = False) -> Real | tuple[Real, Real]:
        """Return the expectation of every observable, before the readout.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Real, finite features, in the units of the training data.
        return_std : bool, default=False
            Whether to return their standard errors too, of a string about √((1 − E²) / shots).

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
            In the order of `observables_`; those of Pauli strings lie in [−1, 1]. With shots,
            estimates that repeat with an integer `random_state`.
        std : ndarray of shape (n_samples, n_observables)
            Standard errors, 0 without shots; only if return_std is true.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If X has another number of features, or entries that are not finite.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(max_iter=5, random_state=0).fit([[0.0], [1.0]], [0, 1])
        >>> exact = model.expectations([[0.3], [0.7]])
        >>> exact.shape, model.observables_
        ((2, 2), ('ZI', 'IZ'))
        >>> sampled = model.with_backend("numpy", shots=1000)
        >>> values, std = sampled.expectations([[0.3], [0.7]], return_std=True)
        >>> bool((abs(values - exact) < 5 * std + 1e-9).all())
        True
        """
        rows, backend = self._asked(X)
        if return_std:
            return self.model_.expectations(rows, backend, return_std=True)
        return self.model_.expectations(rows, backend)

    def _design_of(
        self, n_features: int, n_outputs: int, *, in_memory: bool | None = None
    ) -> ModelDesign:
        """Return the circuit and the observables for so many decision values.

        Whether all amplitudes have to fit into memory says the caller, else the backend.
        """
        settings = {name: getattr(self, name) for name in _OF_THE_DESIGN}
        for name, value in settings.items():
            self.parameter_checks[name](name, value)
        use = self.encoding_use()
        settings |= {"reupload": use.reupload, "trainable_scaling": use.trainable_scaling}
        return ModelDesign.make(
            n_features,
            n_outputs,
            outputs_are=self._outputs_are,
            keeps_amplitudes=keeps_amplitudes(self.backend) if in_memory is None else in_memory,
            **settings,
        )

    def encoding_use(self) -> EncodingUse:
        """Return how `fit` uses the encoding: as the parameters ask, "auto" as was published.

        Returns
        -------
        EncodingUse

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> use = VariationalClassifier(encoding="zz", trainable_scaling=True).encoding_use()
        >>> use.reupload, use.trainable_scaling, use.input_range
        (False, True, (0.0, 1.0))
        """
        return encoding_use(
            get_encoding(self.encoding),
            reupload=self.reupload,
            trainable_scaling=self.trainable_scaling,
            scale_inputs=self.scale_inputs,
            bandwidth=self.bandwidth,
        )

    def check_rows(self, X: Real) -> None:
        """Raise ValueError, naming the row, where there is no state for a row of X."""
        scaling = first_scaling(self.scale_inputs, X, self.encoding_use())
        circuit = self._design_of(X.shape[1], self._outputs_for(None)).circuit
        circuit.check_rows(scaling.radians(X))

    def _asked(self, X: ArrayLike) -> tuple[Real, Backend]:
        """Return checked data, and the simulator that is asked about them."""
        check_is_fitted(self)
        with numeric_features(X):
            checked = checked_rows(self, X)
        backend = self.backend_
        circuit = self.model_.circuit.circuit
        warn_if_slow(backend, circuit, len(checked), "prediction")
        return checked, backend

    def _check_parameters(self) -> None:
        check_parameters(self)

    def _fitted_to_state(self) -> dict[str, Any]:
        model, history = self.model_, self._history
        return {
            "model_": model_to_state(model),
            "_history": history_to_state(history, model.n_parameters),
        }

    def _fitted_from_state(self, state: dict[str, Any]) -> dict[str, Any]:
        model = model_from_state(self.model_type, state["model_"])
        history = history_from_state(state["_history"], model.n_parameters)
        return {"model_": model, "_history": history}

    def _write(self, path: str | PathLike[str], steps: Steps) -> None:
        replace(file_of(self), steps=steps).write(path)

    def with_model(self, model: TrainedCircuit, history: TrainingHistory | None = None) -> Self:
        """Return a fitted copy that has another trained model; this one stays as it is.

        Parameters
        ----------
        model : TrainedModel or TrainedRegression
            Trained elsewhere, for instance on a device; of the kind of `model_`.
        history : TrainingHistory, optional
            How; an empty one by default.

        Raises
        ------
        TypeError
            If it is no trained model of that kind.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> clf = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
        >>> other = clf.with_model(clf.model_.with_numbers(2 * clf.model_.numbers))
        >>> bool((other.weights_ == 2 * clf.weights_).all())
        True
        """
        if not isinstance(model, self.model_type):
            raise TypeError(
                f"model must be a {self.model_type.__name__}, such as clf.model_, "
                f"got {type(model).__name__}"
            )
        other = copy(self)
        other._take(model, TrainingHistory() if history is None else history)
        other.n_features_in_ = model.n_features
        if len(getattr(other, "feature_names_in_", ())) != model.n_features:
            other.__dict__.pop("feature_names_in_", None)  # they name the columns of another table
        return other

    def save(self, path: str | PathLike[str]) -> None:
        """Write the fitted model to a file that holds JSON and arrays, nothing executable.

        What comes back trains on, and trains anew, to the last bit as this one. Functions and
        objects of classes of your own (an encoding, an ansatz, an optimizer, a schedule,
        callbacks, a backend) are not written: `load_model` names them.

        Parameters
        ----------
        path : str or path-like
            The file; an older one of that name is replaced. `load_model` reads it.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        OSError, ValueError
            If the file cannot be written; an older file of that name is then left whole.

        Examples
        --------
        >>> import tempfile
        >>> from qmlplay import VariationalClassifier, load_model
        >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/model.qmlplay")
        ...     again = load_model(f"{folder}/model.qmlplay")
        >>> bool((again.weights_ == model.weights_).all())
        True
        """
        check_is_fitted(self)
        self._write(path, steps=())
