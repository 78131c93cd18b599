"""The reading of model files, whichever estimator wrote them."""

from __future__ import annotations

from os import PathLike
from typing import Any

from qmlplay import classifier
from qmlplay.backends import Backend, backend_info, list_backends
from qmlplay.classifier import VariationalClassifier, VariationalRegressor
from qmlplay.classifier.parameters import setting_types
from qmlplay.classifier.quantum_pipelines import with_steps
from qmlplay.kernels import QuantumKernel, QuantumKernelClassifier, QuantumKernelRegressor
from qmlplay.kernels.kernel_files import read_kernel_estimator
from qmlplay.model.archive import read_archive
from qmlplay.tables import FeatureReduction, TablePreprocessor

__all__ = ["load_model", "trusted_types"]

_KERNEL_ESTIMATORS = {
    "QuantumKernelClassifier": QuantumKernelClassifier,
    "QuantumKernelRegressor": QuantumKernelRegressor,
}
#: What can stand in a pipeline.
_STEPS = (
    TablePreprocessor,
    FeatureReduction,
    VariationalClassifier,
    VariationalRegressor,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    QuantumKernel,
)


def trusted_types() -> list[str]:
    """Return the types of qmlplay that a file of skops with our estimators needs to be trusted.

    They are the estimators, and the objects that are given to them as parameters: encodings,
    ansätze, noise, observables and simulators. What a model has learned is text and arrays in its
    state, which is checked as a model file is, so that no further type is needed. None of them
    runs anything of a file: they hold numbers and names, which are looked up in tables of the
    package when the model is used. Functions, and classes of your own, are never among them;
    an optimizer is trusted as its name, ``optimizer="adam"``.

    Returns
    -------
    list of str
        Full names, sorted, for ``trusted=`` of ``skops.io.load`` and for MLflow's
        ``skops_trusted_types``.

    Examples
    --------
    >>> names = trusted_types()
    >>> "qmlplay.classifier.estimator.VariationalClassifier" in names
    True
    >>> any("builtins" in name for name in names)
    False
    """
    kinds = (*_STEPS, *setting_types())
    infos = map(backend_info, list_backends())  # without importing a framework
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in kinds}
    return sorted(names | {f"{info.module}.{info.class_name}" for info in infos})


def load_model(path: str | PathLike[str], backend: str | Backend | None = None) -> Any:
    """Return the fitted model that ``save`` of an estimator or `qmlplay.save_model` wrote.

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
    VariationalClassifier, VariationalRegressor, a kernel estimator, or Pipeline
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
    >>> from qmlplay import QuantumKernelClassifier, load_model
    >>> model = QuantumKernelClassifier().fit([[0.0], [0.1], [1.0]], ["a", "a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(f"{folder}/model.qmlplay")
    ...     again = load_model(f"{folder}/model.qmlplay", backend="cirq")
    >>> bool(abs(again.predict_proba([[0.3]]) - model.predict_proba([[0.3]])).max() < 1e-10)
    True
    """
    content, arrays = read_archive(path)
    if content.get("estimator") in list(_KERNEL_ESTIMATORS):
        return with_steps(
            *read_kernel_estimator(_KERNEL_ESTIMATORS, content, arrays, path, backend)
        )
    return classifier.load_model(path, backend)
