"""Models by name for one split: what comes before them, so that each takes the same table.

Where the table is no array of numbers, a `TablePreprocessor` comes first in every model. Where it
has more columns than the quantum model's qubits can take, a `FeatureReduction` by partial least
squares comes before that one; the classical models get all columns, and one of them in addition
the same components.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline

from qmlplay.backends import list_backends
from qmlplay.baselines import make_baseline
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.compare.setup.learning_task import CLASSIFICATION, REGRESSION, TASKS, LearningTask
from qmlplay.compare.setup.quantum import ABLATION, KERNEL, ON_COMPONENTS, fitted_models
from qmlplay.encodings import AngleSumEncoding, get_encoding, most_features
from qmlplay.kernels import QuantumKernelClassifier, QuantumKernelRegressor
from qmlplay.model.design import choose_n_qubits
from qmlplay.tables import FeatureReduction, TablePreprocessor

if TYPE_CHECKING:
    from qmlplay.compare.setup.division import Split

__all__ = ["column_counts", "named_models", "preprocessing_advice", "steps_before"]

#: Columns per qubit that a sum of features takes in a regression: components, which follow straight
#: lines, would lose what is bent (friedman1, 10 columns: R² 0.91 with all, 0.61 with 8 components).
_COLUMNS_OF_NUMBERS = 1.5
#: Folds of the training part in which the best classical model is chosen.
_N_FOLDS = 3
#: From so many columns on, there are enough components in any case.
_WIDE = 200


def named_models(
    names: Sequence[str], prototype: VariationalEstimator, split: Split
) -> list[tuple[str, str, Any]]:
    """Return name, kind and unfitted estimator of every model on one split.

    Parameters
    ----------
    names : sequence of str
        Of `qmlplay.compare.list_models`.
    prototype : VariationalEstimator
        The quantum model's settings.
    split : Split
    """
    makers = _Makers.of(prototype, split)
    models = [makers.model(name) for name in names]
    is_quantum = any(kind != "classical" for _, kind, _ in models)
    opponents = [n for n in names if n in makers.task.baselines and n != "dummy"]
    if is_quantum and opponents and makers.reduction and makers.most_per_fold > 1:
        models.append(makers.reduced_classical(opponents))
    return models


def steps_before(
    X: Any, n_outputs: int, model: VariationalEstimator, task: LearningTask = CLASSIFICATION
) -> list[Any]:
    """Return the unfitted steps that make numbers of a table, and no more than its qubits take.

    Parameters
    ----------
    X : ndarray or DataFrame, shape (n_samples, n_features)
        From `as_dataset`: an array where all is numbers, without gaps.
    n_outputs : int
        Classes, or targets of a regression.
    model : VariationalClassifier or VariationalRegressor
        Its encoding and its n_qubits decide how many columns it takes.
    task : LearningTask, optional

    Returns
    -------
    list of transformer
        A `TablePreprocessor` for a DataFrame; a `FeatureReduction` where the columns, after
        preprocessing, are more than the model takes.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> X = np.random.default_rng(0).normal(size=(50, 30))
    >>> [step.n_components for step in steps_before(X, 2, VariationalClassifier())]
    [8]
    >>> steps_before(X, 2, VariationalClassifier(encoding="dense", n_qubits=2))
    [FeatureReduction(method='pls', n_components=4)]

    A regression takes up to 12 columns as they are:

    >>> from qmlplay import VariationalRegressor
    >>> steps_before(X[:, :12], 1, VariationalRegressor(), REGRESSION)
    []
    """
    preprocessing = [TablePreprocessor()] if isinstance(X, pd.DataFrame) else []
    numbers = _numbers(X)
    most = _most_features(model, numbers.shape[1], n_outputs)
    if numbers.shape[1] <= most * _shared_places(model, task):
        return preprocessing
    # Principal components would lose a few telling columns among many others: no straw man.
    method = "pls_regression" if task is REGRESSION else "pls"
    return [*preprocessing, FeatureReduction(_n_components(numbers, most), method=method)]


def _numbers(X: Any) -> Any:
    return TablePreprocessor().fit_transform(X) if isinstance(X, pd.DataFrame) else X


def _n_components(numbers: Any, most: int) -> int:
    """Return how many components there are: columns such as a 0/1 one per category repeat some."""
    if numbers.shape[1] > _WIDE or len(numbers) < 2:
        return most
    return FeatureReduction(most).fit(numbers).n_outputs_


def _most_features(model: VariationalEstimator, n_columns: int, n_outputs: int) -> int:
    """Return how many columns the quantum model takes with one place on a qubit for each."""
    encoding = get_encoding(model.encoding)
    n_qubits = model.n_qubits or choose_n_qubits(encoding, n_columns, n_outputs)
    return most_features(encoding, n_qubits)


def _shared_places(model: VariationalEstimator, task: LearningTask) -> float:
    """Return how many columns share a place before there are components of them."""
    adds_up = isinstance(get_encoding(model.encoding), AngleSumEncoding)
    return _COLUMNS_OF_NUMBERS if task is REGRESSION and adds_up else 1


def column_counts(estimator: Any, X: Any) -> dict[str, Any]:
    """Return how many columns of numbers a table has, and how many of them reach the model.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X : ndarray or DataFrame, shape (n_samples, n_features)

    Returns
    -------
    dict
        ``n_columns``, counted after preprocessing where it comes first in a pipeline, and
        ``n_inputs``, those of the quantum models inside or else of the last step.
    """
    n_columns = n_inputs = X.shape[1]
    model = _chosen(estimator)
    while isinstance(model, Pipeline):
        if isinstance(model[0], TablePreprocessor):
            n_columns = n_inputs = model[0].n_outputs_
        model = _chosen(model[-1])
        n_inputs = getattr(model, "n_features_in_", n_inputs)
    quantum = [model.n_features_in_ for model in fitted_models(estimator)]
    return {"n_columns": n_columns, "n_inputs": max(quantum, default=n_inputs)}


def _chosen(estimator: Any) -> Any:
    """Return what a search of any kind has chosen, another estimator as it is."""
    return getattr(estimator, "best_estimator_", estimator)


def preprocessing_advice(error: Exception, estimator: Any, X: Any) -> str:
    """Return what to try where an estimator of the user's own failed on a raw table, else ""."""
    is_raw = isinstance(X, pd.DataFrame) and isinstance(error, TypeError | ValueError)
    steps = estimator.get_params().values()
    has_one = any(isinstance(step, TablePreprocessor) for step in steps)
    if not is_raw or has_one or TablePreprocessor.__name__ in str(error):
        return ""
    return (
        "; the table has text, dates or gaps: make_pipeline(qmlplay.TablePreprocessor(), model) "
        "makes numbers of them, learned from each training part"
    )


@dataclass(frozen=True, eq=False)
class _Makers:
    """What the models of one split have in common."""

    prototype: VariationalEstimator
    task: LearningTask
    seed: int
    n_outputs: int
    most_per_fold: int
    n_columns: int
    preprocessing: tuple[Any, ...]
    reduction: tuple[Any, ...]

    @classmethod
    def of(cls, prototype: VariationalEstimator, split: Split) -> _Makers:
        task = TASKS[split.task]
        _, counts = np.unique(split.y_train, return_counts=True)
        n_outputs, most = len(counts), int(counts.max())
        if split.has_numbers:
            n_outputs, most = 1, len(split.y_train)
        # The whole table decides which steps there are, so that every split has the same models;
        # what the steps learn, they learn from the training part.
        parts = split.X_train, split.X_test
        is_frame = isinstance(split.X_train, pd.DataFrame)
        X = pd.concat(parts) if is_frame else np.concatenate(parts)
        try:
            steps = steps_before(X, n_outputs, prototype, task)
        except Exception:  # a user's encoding may fail in any way; its row will say how
            steps = [TablePreprocessor()] if is_frame else []
        preprocessing = tuple(step for step in steps if isinstance(step, TablePreprocessor))
        reduction = tuple(step for step in steps if isinstance(step, FeatureReduction))
        n_columns = _numbers(X).shape[1]
        return cls(
            prototype, task, split.seed, n_outputs, most, n_columns, preprocessing, reduction
        )

    def model(self, name: str) -> tuple[str, str, Any]:
        if name in self.task.baselines:
            return name, "classical", _pipeline(self.preprocessing, self._baseline(name))
        steps = (*self.preprocessing, *self.reduction)
        if name == KERNEL:
            return name, "quantum", _pipeline(steps, self._kernel())
        settings = {"ansatz": ABLATION} if name == ABLATION else {"backend": name}
        quantum = clone(self.prototype).set_params(**settings, random_state=self.seed)
        kind = "quantum" if name in list_backends() else "ablation"
        return name, kind, _pipeline(steps, quantum)

    def _kernel(self) -> QuantumKernelClassifier | QuantumKernelRegressor:
        """Return a kernel estimator with what it shares with the quantum model's settings."""
        is_regression = self.task is REGRESSION
        make = QuantumKernelRegressor if is_regression else QuantumKernelClassifier
        settings, known = self.prototype.get_params(deep=False), make().get_params(deep=False)
        shared = ("backend", "n_qubits", "shots", "noise", "class_weight")
        given = {key: settings[key] for key in shared if key in settings and key in known}
        return make(**given, random_state=self.seed)

    def reduced_classical(self, names: Sequence[str]) -> tuple[str, str, Any]:
        """Return the best of several classical models on the quantum model's components.

        Which one is best is found out inside the training part.
        """
        n_components = self.reduction[0].n_components
        # Components have had their columns standardised; their own spread tells what matters.
        models = [self._baseline(name, n_components)[-1] for name in names]
        pipeline = _pipeline((*self.preprocessing, *self.reduction), models[0])
        step = "regressor" if self.task is REGRESSION else "classifier"
        pipeline.steps[-1] = (step, models[0])
        if len(names) == 1:
            return f"{names[0]}{ON_COMPONENTS}", "classical", pipeline
        make_folds = KFold if self.task is REGRESSION else StratifiedKFold
        folds = make_folds(min(_N_FOLDS, self.most_per_fold), shuffle=True, random_state=self.seed)
        scoring = "r2" if self.task is REGRESSION else "balanced_accuracy"
        search = GridSearchCV(pipeline, {step: models}, scoring=scoring, cv=folds)
        return f"best classical{ON_COMPONENTS}", "classical", search

    def _baseline(self, name: str, n_features: int | None = None) -> Pipeline:
        return make_baseline(
            name,
            random_state=self.seed,
            n_parameters=self._n_parameters(),
            n_features=n_features or self.n_columns,
            n_classes=self.n_outputs,
            task=self.task.name,
        )

    def _n_parameters(self) -> int | None:
        """Return the size of the quantum model for such data, None where it cannot be built."""
        n_inputs = self.reduction[0].n_components if self.reduction else self.n_columns
        try:
            return int(self.prototype.design(n_inputs, self.n_outputs).n_parameters)
        except Exception:  # a user's encoding may fail in any way; its row will say how
            return None


def _pipeline(steps: Sequence[Any], model: Any) -> Any:
    """Return steps and a model, which may be a pipeline itself, as one pipeline."""
    if not steps:
        return model
    rest = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    return make_pipeline(*map(clone, steps), *rest)
