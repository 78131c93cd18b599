"""The variational quantum classifier, in scikit-learn's manners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d

from qmlplay.ansatze import Ansatz
from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.checks import is_integer
from qmlplay.circuit import Observable
from qmlplay.classifier import fitting
from qmlplay.classifier.attributes import View
from qmlplay.classifier.callback_calls import telling_callbacks
from qmlplay.classifier.common_parameters import COMMON_CHECKS
from qmlplay.classifier.start import start_of_partial_fit
from qmlplay.classifier.validation import TrainingData, check_labels, checked_data
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.classifier.weights import check_class_weight, class_weights, refuse_balanced
from qmlplay.encodings import Encoding
from qmlplay.model import InputScaling, ModelDesign, TrainedCircuit, TrainedModel
from qmlplay.model.class_labels import check_not_mixed, check_one_column
from qmlplay.model.readout import n_outputs
from qmlplay.presets import get_preset
from qmlplay.training import Optimizer, TrainingState
from qmlplay.training.learning_rate import LearningRate
from qmlplay.training.losses import LOSSES, PROPER, Loss
from qmlplay.training.optimizer import Run
from qmlplay.training.own_losses import LossFunctions, check_loss, loss_pair
from qmlplay.typing import Real

__all__ = ["VariationalClassifier"]


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
        ``(n_qubits, n_features)`` → list of `Operation`; or a circuit of another framework, see
        `qmlplay.interop`.
    ansatz : str or callable, default="hardware_efficient_rxx"
        The trainable layers; a name of `qmlplay.ansatze.ANSATZE`, or a function
        ``(n_qubits, layer)`` → list of `Operation`; or a circuit of another framework.
    n_qubits : int or None, default=None
        Number of qubits; None takes one per feature, at least 2 and at most 8. Further features
        share them: by default their weighted sum is the angle of one gate. For ``"amplitude"``
        None takes as few as have 2ⁿ amplitudes for all features, for ``"reuploading"`` one.
    n_layers : int, default=4
        Number of layers, at least 1.
    reupload : bool or "auto", default="auto"
        Whether the data are encoded before every layer or only before the first. "auto" here and
        in the next two is the published use of the encoding: ``"angle…"``, ``"dense"`` and
        functions of your own are re-uploaded (arXiv:1907.02085) with trainable scaling, from
        [−π/2, π/2]; ``"zz"`` (arXiv:1804.11326) and ``"iqp"`` (arXiv:2403.07059) are
        encoded once, without; so is ``"amplitude"``, whose features are not scaled either, and
        a circuit from elsewhere. See `qmlplay.encodings.EncodingUse`.
    trainable_scaling : bool or "auto", default="auto"
        Whether every encoding angle is multiplied by a trainable weight.
    scale_inputs : bool, "auto" or (low, high), default="auto"
        True scales features to [−π/2, π/2] radians by their range in training, which is that of
        the first call for `partial_fit` and warm starts. Values far outside all others, beyond
        three interquartile ranges from the quartiles, are held there, in training and in new data
        (see `qmlplay.model.InputScaling.from_data`); a feature without such values in training
        holds none. False takes features for radians. "auto" is the same as True, but for
        ``"zz"``: that takes features for radians where they fill a turn (all in [0, 2π], or all
        in [−π, π], and up to both its ends), and scales others to [0, 1]; circuits from
        elsewhere take such features for radians, too. A range in the
        features' units, numbers or arrays of shape (n_features,), stands for that of training,
        for a stream whose first batch does not show it; nothing is held then. Data that are
        trained on far outside (by more than half the range's width), or most of which are held,
        are warned of once.
    bandwidth : float, default=1.0
        Positive factor of all angles that come from features, as they are when training begins
        (arXiv:2111.05451). A warm start, and `partial_fit` after its first call, keep the first.
    observables : "auto" or list of (str, dict or int), default="auto"
        What is measured, and so which qubits are read: Pauli strings such as ``"ZI"``, one letter
        per qubit, qubit 0 first; sums of them, string → real coefficient, such as
        ``{"ZZ": 0.5, "XI": 1.0}``, which may hold the identity; and qubits, each for its Z. They
        differ, and there is at least one per class, or one for two classes. "auto" is Z on every
        qubit, and products where there are more classes.
    readout : {"linear", "fixed"}, default="linear"
        From expectations to decision values: "linear" trains Σ scale · expectation + bias.
        "fixed" trains the circuit alone: observable k votes for output k mod n_outputs, and a
        decision value is the mean of its observables' expectations, so that it is the
        expectation itself where there are as many observables as outputs. For two classes there
        is one output, whose positive values stand for the second class.
    initial_weights : array-like of shape (n_weights,) or None, default=None
        Weights of the circuit that training starts from, in radians, such as `weights_` of
        another model; None draws small ones. A warm start, and `partial_fit` after its first
        call, go on from the weights that were trained.
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
    loss : {"log_loss", "squared_error", "hinge"} or pair of callable, default="log_loss"
        What is minimised; the squared error is that of the class probabilities, and the hinge
        loss is max(0, 1 − margin), of more than two classes that of Crammer and Singer, as in
        ``sklearn.metrics.hinge_loss``. A pair of functions is a loss of your own:
        ``loss(decisions, y)`` returns the losses of any number of samples, shape (n_samples,),
        and ``derivative(decisions, y)`` their derivatives by the decision values, of the shape of
        those: (n_samples, 1) for two classes and (n_samples, n_classes) for more; y holds the
        places of the labels in `classes_`. It is tried on the labels before training. Model files
        keep no functions: `load_model` says so.
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
        every step; only the answer True ends training. Objects of a class derived from
        `qmlplay.callbacks.Callback` are told of the beginning and the end too, and are shared by
        clones; other objects are copied by them. pickle writes functions by their names: a
        lambda is refused by it, though not by `save`.
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
    observables_ : tuple of (str or PauliSum)
        What is measured.
    n_qubits_, n_parameters_ : int
        Number of qubits; number of all trainable numbers, those of a linear readout included.
    scaling_ : InputScaling
        From features to radians, as `scale_inputs` came out; its `low` and `high` are where far
        outliers are held, ∓∞ in features that have none.
    loss_curve_ : list of float
        Training loss of every iteration; with SPSA the mean of those at both ends of its steps.
    validation_scores_ : list of float
        Accuracy on the validation part, with `early_stopping`.
    prior_loss_ : float or None
        Training loss of predicting the shares of the classes whatever the features: with
        ``loss="log_loss"`` the entropy of the classes. With the hinge loss, one of your own or
        ``readout="fixed"`` that of the best decision values, the same for all samples, that there
        can be. None in files of earlier versions.
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
        for Ctrl-C, ``"partial_fit"``, or ``"diverged"`` where the loss, its derivatives or weights
        were no longer finite; None in files of earlier versions.
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
        **COMMON_CHECKS,
        "loss": partial(check_loss, allowed=LOSSES),
        "class_weight": check_class_weight,
    }
    model_type: ClassVar[type[TrainedCircuit]] = TrainedModel
    _outputs_are: ClassVar[str] = "classes"
    model_: TrainedModel
    classes_ = View[NDArray[Any]]("model_", "classes")

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
        loss: str | LossFunctions = "log_loss",
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
        self._store(locals())

    @classmethod
    def from_preset(cls, name: str, **overrides: Any) -> Self:
        """Return the unfitted model of a paper.

        Parameters
        ----------
        name : str
            One of `qmlplay.list_presets`; `qmlplay.get_preset` tells its source, and its problem.
        **overrides
            Parameters that are to be others, such as ``n_layers`` or ``backend``.

        Raises
        ------
        ValueError
            If there is no such preset.
        TypeError
            If there is no such parameter.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> VariationalClassifier.from_preset("tree_tensor", max_iter=50)
        VariationalClassifier(ansatz='tree_tensor', encoding='amplitude', max_iter=50,
                              n_layers=1, observables=[0])
        """
        return cls(**{**deepcopy(dict(get_preset(name).parameters)), **overrides})

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
        known = partial(self._known_classes, classes)
        with telling_callbacks(self) as begin, fitting.all_or_nothing(self):
            start = start_of_partial_fit(self, X, y, sample_weight, known)
            self._take(*fitting.run_fit(self, start, self._take, begin))
        return self

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
        if not is_integer(n_classes, 2):
            raise ValueError(f"n_classes must be an integer of at least 2, got {n_classes!r}")
        return self._design_of(n_features, n_outputs(n_classes))

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
        """Return decision values: Σ scale · expectation + bias.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes one value, positive for the second one: with ``loss="log_loss"``
            its log-odds.
        """
        rows, backend = self._asked(X)
        decisions = self.model_.decisions(rows, backend)
        return decisions[:, 0] if len(self.classes_) == 2 else decisions

    def predict_proba(self, X: ArrayLike) -> Real:
        """Return class probabilities: the logistic function or softmax of decision values.

        They are meant as probabilities by ``loss="log_loss"`` and ``"squared_error"``; other
        losses, such as hinge, train the classes alone, and their numbers are not calibrated
        (`sklearn.calibration.CalibratedClassifierCV` would do so).

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

    def _checked(self, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> TrainingData:
        return checked_data(self, X, y, sample_weight, reset=reset)

    def _possible_answers(self, y: NDArray[Any]) -> NDArray[Any]:
        check_labels(y)
        return np.unique(y)

    def _known_classes(
        self, classes: ArrayLike | None, data: TrainingData, before: TrainedModel | None
    ) -> NDArray[Any]:
        """Return all labels that may come, those given or those of earlier calls."""
        refuse_balanced(self.class_weight)
        check_one_column(classes)
        check_not_mixed("classes", classes)
        if before is None:
            if classes is None:
                raise ValueError(
                    "the first call of partial_fit needs classes=…, all labels that will come"
                )
            known = np.unique(np.asarray(classes))
            check_labels(known)
        else:
            known = before.classes
            came = known if classes is None else np.unique(np.asarray(classes))
            if not np.array_equal(came, known):
                raise ValueError(f"classes={came.tolist()} differ from {known.tolist()} before")
        unknown = np.setdiff1d(data.y, known)
        if len(unknown):
            raise ValueError(f"y has labels {unknown.tolist()} that are not among the classes")
        return known

    def _check_same_answers(self, model: TrainedModel, answers: NDArray[Any], advice: str) -> None:
        if not np.array_equal(answers, model.classes):
            raise ValueError(
                f"warm_start=True goes on with classes {model.classes.tolist()}, but y has "
                f"{answers.tolist()}: {advice}"
            )

    def _outputs_for(self, y: Any) -> int:
        if y is None:
            return 1
        check_labels(y)
        return n_outputs(len(np.unique(column_or_1d(y, warn=True))))

    def _first_model(
        self,
        data: TrainingData,
        scaling: InputScaling,
        answers: NDArray[Any],
        random: np.random.RandomState,
    ) -> TrainedModel:
        design = self.design(data.X.shape[1], len(answers))
        return design.first_model(scaling, answers, random)

    @property
    def _prior_words(self) -> str:
        is_usual = self.loss in PROPER and self.readout == "linear"
        return "predicting the shares of the classes" if is_usual else "one answer for all samples"

    def _weight_factors(self, data: TrainingData, answers: NDArray[Any]) -> Real:
        return class_weights(self.class_weight, answers, data.y, data.weights)

    def _loss_to_minimize(self) -> str | Loss:
        return loss_pair(self.loss) or str(self.loss)

    def _validation_score(self, y: NDArray[Any], predicted: NDArray[Any], weights: Real) -> float:
        return float(accuracy_score(y, predicted, sample_weight=weights))
