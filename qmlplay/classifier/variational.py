"""The base of variational estimators: all that does not depend on what is predicted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from os import PathLike
from typing import Any, ClassVar, Literal, Self, overload

from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted, validate_data

from qmlplay.backends import Backend
from qmlplay.backends.duration import warn_if_slow
from qmlplay.classifier.attributes import FittedAttributes
from qmlplay.classifier.exports import ExportsMixin
from qmlplay.classifier.persistence import file_of
from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.classifier.validation import check_parameters, numeric_features
from qmlplay.encoding_use import EncodingUse, encoding_use
from qmlplay.encodings import Encoding, get_encoding
from qmlplay.model import ModelDesign, TrainedModel
from qmlplay.model.preprocessing import Steps
from qmlplay.training import TrainingHistory
from qmlplay.typing import Real

__all__ = ["VariationalEstimator"]

#: Parameters that decide what circuit there is.
_OF_THE_DESIGN = (
    "encoding", "ansatz", "n_qubits", "n_layers", "reupload", "trainable_scaling",
)  # fmt: skip


class VariationalEstimator(FittedAttributes, ExportsMixin, QuantumEstimator):
    """The common part of `qmlplay.VariationalClassifier` and its kin; it is not made itself."""

    #: Of every parameter, a function (name, value) that raises an error where it is not allowed.
    parameter_checks: ClassVar[Mapping[str, Callable[[str, Any], object]]]

    encoding: str | Encoding
    reupload: bool | str
    trainable_scaling: bool | str
    scale_inputs: Any

    def _take(self, model: TrainedModel, history: TrainingHistory) -> None:
        self.model_, self._history = model, history

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
            Whether to return their standard errors too: about √((1 − E²) / shots).

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_observables)
            In [−1, 1], in the order of `observables_`. With shots, estimates that repeat
            with an integer `random_state`.
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

    def design(self, n_features: int, n_classes: int = 2) -> ModelDesign:
        """Return the circuit and the observables that `fit` would take for such data.

        Parameters
        ----------
        n_features : int
            Columns of X.
        n_classes : int, default=2
            Labels.

        Returns
        -------
        ModelDesign

        Raises
        ------
        TypeError, ValueError
            If a parameter or a number is not allowed, or they make no circuit.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> VariationalClassifier(n_layers=2).design(n_features=4).n_parameters
        37
        """
        settings = {name: getattr(self, name) for name in _OF_THE_DESIGN}
        for name, value in settings.items():
            self.parameter_checks[name](name, value)
        use = self.encoding_use()
        settings |= {"reupload": use.reupload, "trainable_scaling": use.trainable_scaling}
        return ModelDesign.make(n_features, n_classes, **settings)

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
        )

    def _asked(self, X: ArrayLike) -> tuple[Real, Backend]:
        """Return checked data, and the simulator that is asked about them."""
        check_is_fitted(self)
        with numeric_features(X):
            checked: Real = validate_data(self, X, reset=False, dtype=float)
        backend = self.backend_
        circuit = self.model_.circuit.circuit
        warn_if_slow(backend, circuit, len(checked), "prediction", stacklevel=3)
        return checked, backend

    def _check_parameters(self) -> None:
        check_parameters(self)

    def _write(self, path: str | PathLike[str], steps: Steps) -> None:
        replace(file_of(self), steps=steps).write(path)

    def with_model(self, model: TrainedModel, history: TrainingHistory | None = None) -> Self:
        """Return a fitted copy that has another trained model; this one stays as it is.

        Parameters
        ----------
        model : TrainedModel
            Trained elsewhere, for instance on a device.
        history : TrainingHistory, optional
            How; an empty one by default.

        Raises
        ------
        TypeError
            If it is no trained model.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> clf = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
        >>> other = clf.with_model(clf.model_.with_numbers(2 * clf.model_.numbers))
        >>> bool((other.weights_ == 2 * clf.weights_).all())
        True
        """
        if not isinstance(model, TrainedModel):
            raise TypeError(
                f"model must be a TrainedModel, such as clf.model_, got {type(model).__name__}"
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
