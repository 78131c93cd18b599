"""Pipelines that end in a quantum model: what comes before it, other simulators, and files."""

from __future__ import annotations

from copy import copy
from os import PathLike
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from qmlplay.backends import Backend
from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.model.preprocessing import Steps
from qmlplay.tables import FeatureReduction, TablePreprocessor

__all__ = [
    "pipeline_parts",
    "quantum_part",
    "save_model",
    "with_backend",
    "with_quantum_model",
    "with_steps",
]

_SAVED = "TablePreprocessor(), FeatureReduction(n_components), VariationalClassifier()"


def quantum_part(estimator: Any, X: Any) -> tuple[QuantumEstimator, Any]:
    """Return a fitted pipeline's quantum model, and X as this model gets it.

    Parameters
    ----------
    estimator : VariationalClassifier or Pipeline that ends in one
        Fitted.
    X : DataFrame or array-like of shape (n_samples, n_features)
        As the whole takes it.

    Raises
    ------
    TypeError
        If no quantum model is at the end.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from qmlplay import VariationalClassifier
    >>> model = make_pipeline(TablePreprocessor(), VariationalClassifier(max_iter=1))
    >>> X = [[0.0, "red"], [1.0, "blue"]]
    >>> quantum_part(model.fit(X, ["a", "b"]), X)[1].tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    steps, model = pipeline_parts(estimator)
    for _, transformer in steps:
        X = transformer.transform(X)
    return model, X


def with_backend(estimator: Any, backend: str | Backend, **settings: Any) -> Any:
    """Return the same fitted model, or the same pipeline around it, on another simulator.

    Parameters
    ----------
    estimator : VariationalClassifier or Pipeline that ends in one
        Fitted; it stays as it is.
    backend, **settings
        As in `VariationalClassifier.with_backend`.

    Raises
    ------
    TypeError
        If no quantum model is at the end.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from qmlplay import VariationalClassifier
    >>> model = make_pipeline(TablePreprocessor(), VariationalClassifier(max_iter=1))
    >>> with_backend(model.fit([[0.0], [1.0]], ["a", "b"]), "cirq")[-1].backend
    'cirq'
    """
    _, model = pipeline_parts(estimator)
    return with_quantum_model(estimator, model.with_backend(backend, **settings))


def save_model(estimator: Any, path: str | PathLike[str]) -> None:
    """Write a fitted model to one file, together with the steps of a pipeline before it.

    The file holds JSON and arrays, nothing executable; `qmlplay.load_model` reads it, and the
    pipeline takes the raw table then.

    Parameters
    ----------
    estimator : VariationalClassifier or Pipeline
        Fitted. A pipeline may have `TablePreprocessor` and `FeatureReduction` before its
        `VariationalClassifier`.
    path : str or path-like
        The file; an older one of that name is replaced.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    TypeError
        If the estimator or one of its steps is of another kind.
    OSError, ValueError
        If the file cannot be written; an older file of that name is then left whole.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from sklearn.pipeline import make_pipeline
    >>> from qmlplay import VariationalClassifier, load_model
    >>> X = pd.DataFrame({"age": [20, None, 40, 50], "color": ["red", "blue", "red", "blue"]})
    >>> model = make_pipeline(TablePreprocessor(), VariationalClassifier(max_iter=1))
    >>> model = model.fit(X, ["a", "b", "a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(model, f"{folder}/model.qmlplay")
    ...     again = load_model(f"{folder}/model.qmlplay", backend="qiskit")
    >>> bool(abs(again.predict_proba(X) - model.predict_proba(X)).max() < 1e-10)
    True
    """
    steps, model = pipeline_parts(estimator)
    for name, transformer in steps:
        if type(transformer) not in (TablePreprocessor, FeatureReduction):
            raise TypeError(
                f"step {name!r}, {type(transformer).__name__}, cannot be saved: a model file "
                f"holds {_SAVED}, where FeatureReduction standardises and takes the principal "
                "components. Make the pipeline of these, or save its last step alone: "
                "pipeline[-1].save(path)"
            )
        check_is_fitted(transformer)
    names = [name for name, _ in steps]
    if len(set(names)) < len(names):
        raise ValueError(f"the steps {names} need different names")
    check_is_fitted(model)
    model._write(path, tuple(steps))


def with_steps(steps: Steps, model: QuantumEstimator) -> Any:
    """Return a fitted pipeline of steps and a model; the model alone where there are none."""
    if not steps:
        return model
    taken = {name for name, _ in steps}
    name = next(
        n for n in (type(model).__name__.lower(), "model", "quantum_model") if n not in taken
    )
    pipeline = Pipeline([*steps, (name, model)])
    if "feature_names_in_" in vars(model):  # it was trained on columns with names
        pipeline[:-1].set_output(transform="pandas")
    return pipeline


def pipeline_parts(estimator: Any) -> tuple[list[tuple[str, Any]], QuantumEstimator]:
    """Return the steps that do something, by name, and the quantum model after them."""
    steps, model = [], estimator
    while isinstance(model, Pipeline):
        steps += [step for step in model.steps[:-1] if step[1] not in (None, "passthrough")]
        model = model.steps[-1][1]
    if not isinstance(model, QuantumEstimator):
        raise TypeError(
            f"got {type(model).__name__}{' at the end' if model is not estimator else ''}: it must "
            "be a VariationalClassifier or VariationalRegressor, or a pipeline that ends in one: "
            f"make_pipeline({_SAVED})"
        )
    return steps, model


def with_quantum_model(estimator: Any, model: QuantumEstimator) -> Any:
    """Return the same pipeline with another model at its end; the model where it is none."""
    if not isinstance(estimator, Pipeline):
        return model
    pipeline, (name, last) = copy(estimator), estimator.steps[-1]
    pipeline.steps = [*estimator.steps[:-1], (name, with_quantum_model(last, model))]
    return pipeline
