"""The contents of the log of a fit: parameters, versions, final metrics, pictures and the model."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.numpy_dataset import from_numpy
from mlflow.data.pandas_dataset import from_pandas
from mlflow.tracking.context.registry import resolve_tags
from sklearn.base import is_classifier

from qmlplay._version import __version__
from qmlplay.backends import Backend, backend_info, list_backends
from qmlplay.mlflow.flavor import save_model
from qmlplay.mlflow.unwatched import unwatched

__all__ = [
    "FitContents",
    "asked_apart",
    "dataset_of",
    "estimator_tags",
    "fitted_parameters",
    "named",
    "parameters",
    "text_of",
]

#: Attributes that say what a fit made of its parameters.
_DERIVED = ("n_qubits_", "n_parameters_", "n_features_in_", "observables_", "batch_size_")
_NUMBERS = ("n_iter_", "n_steps_", "n_circuit_evaluations_", "prior_loss_")
#: Pictures that a slow simulator would take longer for, in seconds, are left out; so are those of
#: circuits with more gates.
_MOST_SECONDS, _MOST_GATES = 5.0, 400
_RESOLUTION = 60
_N_EXAMPLES = 5


def estimator_tags(estimator: Any) -> dict[str, str]:
    """Return the tags by which MLflow names the estimator of a run."""
    kind = type(estimator)
    return {
        "estimator_name": kind.__name__,
        "estimator_class": f"{kind.__module__}.{kind.__name__}",
    }


def parameters(estimator: Any) -> dict[str, str]:
    """Return the parameters as texts, but for callbacks, which watch.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> parameters(VariationalClassifier(n_layers=2, learning_rate_init=abs))["n_layers"]
    '2'
    """
    texts = {name: text_of(value) for name, value in estimator.get_params(deep=False).items()}
    return {name: text for name, text in texts.items() if name != "callbacks"}


def fitted_parameters(estimator: Any) -> dict[str, str]:
    """Return what the parameters came to, and the versions of all that takes part."""
    values = {n: text_of(getattr(estimator, n)) for n in _DERIVED if hasattr(estimator, n)}
    backend = estimator.backend
    name = backend.name if isinstance(backend, Backend) else backend
    packages = {name: version(name) for name in ("numpy", "scikit-learn")}
    if name in list_backends():
        packages |= backend_info(name).versions
    versions = {"python": platform.python_version(), "qmlplay": __version__} | packages
    return values | {"backend_": name} | {f"version.{k}": text for k, text in versions.items()}


def dataset_of(estimator: Any, X: Any, y: Any) -> dict[str, Any]:
    """Return how MLflow describes training data: shapes and a digest, not the data.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import VariationalClassifier
    >>> sorted(dataset_of(VariationalClassifier(), np.zeros((2, 1)), np.array([0, 1])))
    ['digest', 'name', 'profile', 'schema', 'source', 'source_type']
    """
    rows, source = named(estimator, X), CodeDatasetSource(resolve_tags())
    if hasattr(rows, "columns"):
        described = from_pandas(rows, source)
    else:
        described = from_numpy(rows, source, y)
    return dict(described._to_mlflow_entity().to_dictionary())


def text_of(value: Any) -> str:
    """Return a value as MLflow keeps it: functions by their names, not their addresses."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(text_of, value))}]"
    if isinstance(value, Backend):
        return repr(value)
    if callable(value):
        return str(getattr(value, "__qualname__", type(value).__name__))
    return str(value)


class FitContents:
    """What there is to log of a fitted estimator and its training data.

    Parameters
    ----------
    estimator : estimator
        Fitted; it stays as it is, its simulator too: a copy is asked.
    X : ndarray of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
    """

    def __init__(self, estimator: Any, X: Any, y: Any) -> None:
        self.estimator, self.X, self.y = asked_apart(estimator), X, y
        self.seconds_per_row = 0.0
        #: What could not be made, and why.
        self.left_out: dict[str, str] = {}

    def metrics(self) -> dict[str, float]:
        """Return the score on the training data and the numbers of the training."""
        values = {name.removesuffix("_"): getattr(self.estimator, name, None) for name in _NUMBERS}
        if curve := getattr(self.estimator, "loss_curve_", None):
            values["final_loss"] = curve[-1]
        X = named(self.estimator, self.X)
        start = perf_counter()
        self._try(
            "training_score",
            lambda: values.update(training_score=self.estimator.score(X, self.y)),
        )
        self.seconds_per_row = (perf_counter() - start) / len(self.X)
        return {name: float(value) for name, value in values.items() if value is not None}

    def files(self, folder: Path) -> Iterator[Path]:
        """Write texts and pictures into a folder, and yield each that came about."""
        for name, content in self._makers().items():
            path = folder / name

            def write(path: Path = path, content: Callable[[], bytes] = content) -> None:
                path.write_bytes(content())

            if self._try(name, write):
                yield path

    def _makers(self) -> Mapping[str, Callable[[], bytes]]:
        from qmlplay import plots

        estimator, circuit = self.estimator, _circuit(self.estimator)
        makers = {"circuit.txt": lambda: estimator.draw().encode()}
        if len(circuit.circuit.gates) <= _MOST_GATES:
            makers["circuit.png"] = lambda: plots.CircuitDisplay(circuit)._repr_png_()
        if getattr(estimator, "loss_curve_", None):
            curves = {type(estimator).__name__: estimator}
            makers["loss_curve.png"] = lambda: plots.CurvesDisplay.from_estimators(
                curves
            )._repr_png_()
        is_quick = self.seconds_per_row * _RESOLUTION**2 < _MOST_SECONDS
        if is_classifier(estimator) and estimator.n_features_in_ == 2 and is_quick:
            makers["decision_boundary.png"] = lambda: plots.BoundariesDisplay.from_estimator(
                estimator, named(self.estimator, self.X), self.y, resolution=_RESOLUTION
            )._repr_png_()
        return makers

    def write_model(self, folder: Path, **settings: Any) -> bool:
        """Write the model in MLflow's format, and return whether it came about."""
        example = named(self.estimator, self.X[:_N_EXAMPLES])
        return self._try(
            "model", lambda: save_model(self.estimator, folder, input_example=example, **settings)
        )

    def _try(self, name: str, make: Callable[[], object]) -> bool:
        """Do something that a training must not fail of."""
        try:
            make()
        except Exception as error:
            self.left_out[name] = f"{type(error).__name__}: {error}"
            return False
        return True


def _circuit(estimator: Any) -> Any:
    model = estimator.model_
    return model.design.circuit if hasattr(model, "design") else model.circuit


def asked_apart(estimator: Any) -> Any:
    """Return a copy that draws no random numbers of the user's, and is not logged itself."""
    other, backend = unwatched(estimator), estimator.backend
    if isinstance(backend, Backend) and not backend.is_exact:
        other.backend = deepcopy(backend)
    return other


def named(estimator: Any, X: Any) -> Any:
    """Return rows as an estimator expects them: with names where it was trained on names."""
    from qmlplay.plots.feature_plane import named_rows

    return named_rows(estimator, X)
