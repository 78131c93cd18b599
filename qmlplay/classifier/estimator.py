"""The variational quantum classifier, in scikit-learn's manners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf
from os import PathLike
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin

from qmlplay.ansatze import Ansatz, get_ansatz
from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.checks import (
    check_automatic_flag,
    check_choice,
    check_count,
    check_flag,
    check_interval,
    check_optional_count,
    check_optional_positive,
)
from qmlplay.classifier import fitting
from qmlplay.classifier.persistence import from_file
from qmlplay.classifier.quantum_pipelines import with_steps
from qmlplay.classifier.ranges import check_scale_inputs
from qmlplay.classifier.start import start_of_fit, start_of_partial_fit
from qmlplay.classifier.validation import (
    check_alpha,
    check_batch_size,
    check_callbacks,
    check_noise_or_device,
)
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.classifier.weights import check_class_weight
from qmlplay.encodings import Encoding, get_encoding
from qmlplay.model.class_labels import check_one_column
from qmlplay.model.files import ModelFile
from qmlplay.progress import check_verbose
from qmlplay.training import Optimizer, TrainingCost, TrainingState
from qmlplay.training.gradients import GRADIENT_METHODS
from qmlplay.training.learning_rate import LearningRate, check_learning_rate
from qmlplay.training.losses import LOSSES
from qmlplay.training.optimizer import Run
from qmlplay.training.optimizers import get_optimizer
from qmlplay.typing import Real

__all__ = ["VariationalClassifier", "load_model"]


class VariationalClassifier(ClassifierMixin, VariationalEstimator):  # type: ignore[misc]
    """A variational quantum classifier that runs on several simulators.

    Data are encoded as rotation angles, trainable layers follow, and the expectations of
    Pauli observables are read out: decision = Σ scale · expectation + bias. All of it is trained
    by gradients, exact ones where the simulation is, for the whole batch at once.

    By default every qubit starts in an equal superposition and is turned, in every layer, by a
    trainable weighted sum of the features dealt out to it and by two angles of its own. Between
    neighbours a gate RXX(w) entangles as much as training makes it: w starts near 0.

    Parameters
    ----------
    backend : str or Backend, default="numpy"
        The simulator: ``"numpy"``, ``"qiskit"``, ``"cirq"``, ``"pennylane"``, or an object.
    encoding : str or callable, default="angle_sum"
        How a row of data becomes gates; a name of `qmlplay.encodings.ENCODINGS`, or a function
        ``(n_qubits, n_features)`` → list of `Operation`.
    ansatz : str or callable, default="hardware_efficient_rxx"
        The trainable layers; a name of `qmlplay.ansatze.ANSATZE`, or a function
        ``(n_qubits, layer)`` → list of `Operation`.
    n_qubits : int or None, default=None
        Number of qubits; None takes one per feature, at least 2 and at most 8. Further features
        share them: by default their weighted sum is the angle of one gate.
    n_layers : int, default=4
        Number of layers, at least 1.
    reupload : bool or "auto", default="auto"
        Whether the data are encoded before every layer or only before the first. "auto" here and
        in the next two is the published use of the encoding: ``"angle…"``, ``"dense"`` and
        functions of your own are re-uploaded (arXiv:1907.02085) with trainable scaling, from
        [−π/2, π/2]; ``"zz"`` (arXiv:1804.11326) and ``"iqp"`` (arXiv:2403.07059) are
        encoded once, without. See `qmlplay.encodings.EncodingUse`.
    trainable_scaling : bool or "auto", default="auto"
        Whether every encoding angle is multiplied by a trainable weight.
    scale_inputs : bool, "auto" or (low, high), default="auto"
        True scales features to [−π/2, π/2] radians by their range in training, which is that of
        the first call for `partial_fit` and warm starts. Values far outside all others, beyond
        three interquartile ranges from the quartiles, are held there, in training and in new data
        (see `qmlplay.model.InputScaling.from_data`); a feature without such values in training
        holds none. False takes features for radians. "auto" is the same as True, but for
        ``"zz"``: that takes features for radians where they fill a turn (all in [0, 2π], or all
        in [−π, π], and up to both its ends), and scales others to [0, 1]. A range in the
        features' units, numbers or arrays of shape (n_features,), stands for that of training,
        for a stream whose first batch does not show it; nothing is held then. Data that are
        trained on far outside (by more than half the range's width), or most of which are held,
        are warned of once.
    shots : int or None, default=None
        Measurements per circuit and measurement setting; None is exact.
    noise : None, str or NoiseModel, default=None
        What goes wrong after gates and at readout: ``"low"``, ``"medium"``, ``"high"`` (see
        `qmlplay.backends.noise.NOISE_PRESETS`), a `qmlplay.NoiseModel`, or with
        ``backend="qiskit"`` the name of a fake IBM device; None is free of noise.
    optimizer : str, Optimizer or callable, default="adam"
        ``"adam"``, ``"sgd"``, ``"lbfgs"``, ``"cobyla"``, ``"nelder_mead"`` or ``"spsa"``; or one
        of your own: a `qmlplay.training.Optimizer`, or a function
        ``(problem, w, settings, report)``, which may ask for losses and gradients over all
        samples, is ended by `n_iter_no_change`, cannot be resumed by `partial_fit`, refuses
        random gradients, and whose cost nobody knows beforehand.
    gradient_method : {"auto", "adjoint", "parameter_shift", "spsa"}, default="auto"
        How adam, sgd and lbfgs find gradients. "auto" takes the adjoint method where states are
        exact; with noise, shots or on a device parameter shift, unless a gradient step would
        need more than 20,000 circuits: then SPSA, an estimate from two circuits per sample.
    learning_rate_init : float or callable, default=0.1
        Step size of adam and sgd, and the first of spsa, whose steps shrink by themselves; in
        radians. A schedule is a function of the step: ``lambda step: 0.1 / (1 + step)``, where
        `step` counts the updates of the weights from 0, on through `partial_fit` and warm starts.
        The simplexes of cobyla and nelder_mead start with ten times the first value.
        Model files keep no functions: `load_model` says so.
    momentum : float, default=0.9
        Momentum of sgd, in [0, 1).
    alpha : float or "auto", default="auto"
        Strength of adam's and sgd's L2 penalty, alpha/2 · Σ w², on the weights that multiply
        features: it keeps the frequencies in the features low, so that little data are not
        learned by heart. It grows from 0 at the first step to its whole strength after
        `max_iter` iterations; the losses reported are without it. "auto" is
        0.002 · min(1, 8 / n_features)² for ``"angle_sum"``, as weights have to be larger where
        many features share a sum, chosen by validation like the other defaults, and 0 for others.
    loss : {"log_loss", "squared_error"}, default="log_loss"
        What is minimised; the squared error is that of the class probabilities.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, label → weight, by which those of the samples are multiplied, in
        training and in the scores of `early_stopping`; classes that are not named have 1.
        "balanced" is n_samples / (n_classes · samples of the class).
    max_iter : int, default=100
        Iterations: passes over the data, or the optimiser's own (evaluations for cobyla).
    batch_size : int or "auto", default="auto"
        Samples per step of adam and sgd; "auto" takes all up to 512, and 256 beyond.
    tol : float, default=1e-4
        Improvement below which an iteration counts as none.
    n_iter_no_change : int or None, default=10
        Iterations without improvement after which adam, sgd and spsa end (the others have
        rules of their own, but with `early_stopping` it holds for all); None never ends.
        Iterations whose loss is not clearly below `prior_loss_` do not count: nothing has been
        learned yet.
    early_stopping : bool, default=False
        Whether to watch the accuracy on a part of the training data and keep the best weights.
    validation_fraction : float, default=0.1
        That part, in (0, 1).
    warm_start : bool, default=False
        Whether `fit` goes on from the weights of the last fit.
    max_time : float or None, default=None
        Seconds after which training ends.
    callbacks : list of callable or None, default=None
        Each is called as ``callback(state)`` with a `qmlplay.training.TrainingState` after
        every step; a true answer ends training.
    verbose : int or "auto", default="auto"
        "auto" shows a progress bar once training has taken two seconds, in a terminal or a
        notebook, elsewhere a line of text every ten seconds on standard error; 0 shows nothing,
        and 1 the training's cost and a bar in any case.
    random_state : int, RandomState or None, default=None
        Seed of the first weights, the batches, the shots and SPSA's directions.

    Attributes
    ----------
    model_ : TrainedModel
        All that was trained, in one frozen value: what plots, exports and devices take. The
        attributes below that describe the model are views of it.
    backend_ : Backend
        The simulator that predictions run on: the object given as `backend`, or a new one at
        every look, so that with an integer `random_state` its shots repeat.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, where X had any.
    weights_ : ndarray of shape (n_weights,)
        Weights of the circuit.
    readout_ : Readout
        Scale and bias of the decision values.
    circuit_ : ParametricCircuit
        The circuit, framework-neutral.
    observables_ : tuple of str
        What is measured: Z on every qubit, and products where there are more classes.
    n_qubits_, n_parameters_ : int
        Number of qubits; number of all trainable numbers, the readout's included.
    scaling_ : InputScaling
        From features to radians, as `scale_inputs` came out; its `low` and `high` are where far
        outliers are held, ∓∞ in features that have none.
    loss_curve_ : list of float
        Training loss of every iteration; with SPSA the mean of those at both ends of its steps.
    validation_scores_ : list of float
        Accuracy on the validation part, with `early_stopping`.
    prior_loss_ : float or None
        Training loss of predicting the shares of the classes whatever the features: with
        ``loss="log_loss"`` the entropy of the classes. None in files of earlier versions.
    beats_prior_ : bool or None
        Whether the last training loss is clearly, by at least 5 %, below `prior_loss_`; if not,
        hardly anything was learned, and a `sklearn.exceptions.ConvergenceWarning` said so where
        the optimiser ended by its own rule, or `max_iter` after 50 iterations or more. None
        where unknown.
    n_iter_, n_steps_ : int
        Iterations and weight updates made.
    n_circuit_evaluations_ : int
        Circuits that a user of a framework would have run for the same training, one per sample,
        measurement setting and parameter shift.
    gradient_method_ : str or None
        How gradients were found; None where the optimiser needs none.
    training_cost_ : TrainingCost
        What the last call of `fit` or `partial_fit` could cost at most, in circuits and shots.
    batch_size_ : int
        Samples per step.
    stop_reason_ : str or None
        What ended training: the parameter ``"max_iter"``, ``"n_iter_no_change"``,
        ``"max_time"`` or ``"callbacks"``, ``"optimizer"`` for its own rule, ``"interrupted"``
        for Ctrl-C, or ``"partial_fit"``; None in files of earlier versions.
    interrupted_ : bool
        Whether Ctrl-C ended the last fit.

    References
    ----------
    Pérez-Salinas et al., "Data re-uploading for a universal quantum classifier",
    arXiv:1907.02085.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> data = load_dataset("moons", n_samples=100, random_state=0)
    >>> model = VariationalClassifier(max_iter=40, random_state=0).fit(data.X, data.y)
    >>> model.score(data.X, data.y) > 0.9
    True
    """

    parameter_checks: ClassVar[Mapping[str, Callable[[str, Any], object]]] = {
        "encoding": lambda _, value: get_encoding(value),
        "ansatz": lambda _, value: get_ansatz(value),
        "n_qubits": check_optional_count,
        "n_layers": check_count,
        "reupload": check_automatic_flag,
        "trainable_scaling": check_automatic_flag,
        "scale_inputs": check_scale_inputs,
        "shots": check_optional_count,
        "noise": check_noise_or_device,
        "optimizer": lambda _, value: get_optimizer(value),
        "gradient_method": partial(check_choice, allowed=GRADIENT_METHODS),
        "learning_rate_init": lambda _, value: check_learning_rate(value),
        "momentum": partial(check_interval, low=0, high=1),
        "alpha": check_alpha,
        "loss": partial(check_choice, allowed=LOSSES),
        "class_weight": check_class_weight,
        "max_iter": check_count,
        "batch_size": check_batch_size,
        "tol": partial(check_interval, low=0, high=inf),
        "n_iter_no_change": check_optional_count,
        "early_stopping": check_flag,
        "warm_start": check_flag,
        "max_time": check_optional_positive,
        "callbacks": check_callbacks,
        "verbose": lambda _, value: check_verbose(value),
    }

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
        shots: int | None = None,
        noise: str | NoiseModel | None = None,
        optimizer: str | Optimizer | Run = "adam",
        gradient_method: str = "auto",
        learning_rate_init: LearningRate = 0.1,
        momentum: float = 0.9,
        alpha: float | str = "auto",
        loss: str = "log_loss",
        class_weight: str | Mapping[Any, float] | None = None,
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
        self.backend = backend
        self.encoding = encoding
        self.ansatz = ansatz
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.reupload = reupload
        self.trainable_scaling = trainable_scaling
        self.scale_inputs = scale_inputs
        self.shots = shots
        self.noise = noise
        self.optimizer = optimizer
        self.gradient_method = gradient_method
        self.learning_rate_init = learning_rate_init
        self.momentum = momentum
        self.alpha = alpha
        self.loss = loss
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.max_time = max_time
        self.callbacks = callbacks
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train on data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Real, finite features.
        y : array-like of shape (n_samples,)
            Labels of any one type, at least two classes.
        sample_weight : array-like of shape (n_samples,), optional
            Non-negative weights; samples of weight 0 are left out, but their labels are classes.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If the data or a parameter is not allowed; nothing fitted before is lost.
        """
        with fitting.all_or_nothing(self):
            start = start_of_fit(self, X, y, sample_weight)
            self._take(*fitting.run_fit(self, start, self._take))
        return self

    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Train for one more iteration on some data.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`. The input scaling is learned from the first call.
        classes : array-like of shape (n_classes,), optional
            All labels that will ever come; needed in the first call.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the optimiser cannot go on step by step, if ``class_weight="balanced"``, which a
            batch does not tell, if `classes` is missing in the first
            call or different later, or if y has a label that is not among the classes.
        """
        with fitting.all_or_nothing(self):
            start = start_of_partial_fit(self, X, y, classes, sample_weight)
            self._take(*fitting.run_fit(self, start, self._take))
        return self

    def training_cost(self, X: ArrayLike, y: ArrayLike | None = None) -> TrainingCost:
        """Return how many circuits and shots `fit` would take at most, and run none.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The training data.
        y : array-like of shape (n_samples,), optional
            The labels; without them, two classes are assumed.

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
        return fitting.cost_of_fit(self, X, y)

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy on data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            True labels.
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        float
            In [0, 1].
        """
        check_one_column(y)
        return float(super().score(X, y, sample_weight))

    def decision_function(self, X: ArrayLike) -> Real:
        """Return Σ scale · expectation + bias.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes the log-odds of the second one.
        """
        rows, backend = self._asked(X)
        decisions = self.model_.decisions(rows, backend)
        return decisions[:, 0] if len(self.classes_) == 2 else decisions

    def predict_proba(self, X: ArrayLike) -> Real:
        """Return class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Real, finite features, in the units of the training data.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In [0, 1], in the order of `classes_`; every row sums to 1.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ValueError
            If X has another number of features, or entries that are not finite.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(max_iter=30, random_state=0)
        >>> p = model.fit([[0.0], [1.0]], ["a", "b"]).predict_proba([[0.0], [1.0]])
        >>> p.shape, p.sum(axis=1).round(6)
        ((2, 2), array([1., 1.]))
        >>> bool(p[0, 0] > 0.5 and p[1, 1] > 0.5)
        True
        """
        rows, backend = self._asked(X)
        return self.model_.probabilities(rows, backend)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of every sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            As in `predict_proba`, which also says what is raised.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels from `classes_`.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(max_iter=30, random_state=0)
        >>> list(model.fit([[0.0], [1.0]], ["a", "b"]).predict([[0.0], [1.0]]).astype(object))
        ['a', 'b']
        """
        rows, backend = self._asked(X)
        return self.model_.predict(rows, backend)


def load_model(path: str | PathLike[str], backend: str | Backend | None = None) -> Any:
    """Return the fitted model that `VariationalClassifier.save` or `qmlplay.save_model` wrote.

    It predicts as before, and training goes on, or anew, to the last bit as before. A file holds
    no functions and no objects of other people's classes: where an encoding, an ansatz, an
    optimizer, a schedule of the learning rate, callbacks or a backend was one, a
    `qmlplay.errors.ModelFileWarning` names it, and what to set. Predictions need none of them, as
    the circuit is in the file.

    Parameters
    ----------
    path : str or path-like
        The file.
    backend : str or Backend, optional
        Simulator to predict with; None takes the one that trained the model.

    Returns
    -------
    VariationalClassifier or Pipeline
        Fitted, ready to predict: a pipeline where one was saved, which takes the raw table.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, not a model file, or written by a newer version.
    ImportError
        If the backend's framework is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from qmlplay import VariationalClassifier, load_model
    >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(f"{folder}/model.qmlplay")
    ...     again = load_model(f"{folder}/model.qmlplay", backend="cirq")
    >>> bool(abs(again.predict_proba([[0.3]]) - model.predict_proba([[0.3]])).max() < 1e-10)
    True
    """
    file = ModelFile.read(path)
    return with_steps(file.steps, from_file(VariationalClassifier, file, path, backend))
