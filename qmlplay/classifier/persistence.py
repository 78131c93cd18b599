"""Estimators to model files and back; what a file cannot hold is said once, when it is read."""

from __future__ import annotations

import warnings
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from qmlplay._version import __version__
from qmlplay.backends import Backend, list_backends
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.stored import is_named
from qmlplay.classifier.parameters import from_stored, to_stored, unknown_names
from qmlplay.errors import ModelFileWarning
from qmlplay.model.files import ModelFile
from qmlplay.training import Callback, TrainingHistory

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = [
    "all_parameters",
    "file_of",
    "from_file",
    "missing_backend_text",
    "substitute_backend",
]

Estimator = TypeVar("Estimator", bound="VariationalEstimator")

#: Parameters that have always been in a file where they are names.
_OF_A_CIRCUIT = ("encoding", "ansatz")
#: What earlier versions did, whose files do not name it.
_BEFORE = {"alpha": 0.0}
_MEMORY = "the optimizer's memory"


def file_of(clf: VariationalEstimator) -> ModelFile:
    """Return the file of a fitted estimator."""
    history, arrays = clf._history.to_parts(clf.model_.n_parameters)
    parameters = all_parameters(clf)
    parameters["callbacks"] = [c for c in clf.callbacks or () if not _only_watches(c)] or None
    noise = parameters.pop("noise")  # the file has a place for a model of noise
    plain, objects, left_out = to_stored(parameters)
    if not (noise is None or isinstance(noise, str | NoiseModel)):
        left_out["noise"] = f"{noise!r:.80}"
    if not clf._history.holds_all(arrays):
        left_out[_MEMORY] = "arrays that are not finite numbers of shape (..., n_parameters_)"
    return ModelFile(
        clf.model_,
        plain | {"noise": noise},
        history | {"makes_its_circuit": _makes_its_circuit(clf)},
        arrays,
        tuple(getattr(clf, "feature_names_in_", ())),
        objects,
        left_out,
    )


def _only_watches(callback: Any) -> bool:
    return isinstance(callback, Callback) and callback.only_watches


def all_parameters(clf: VariationalEstimator) -> dict[str, Any]:
    """Return the parameters, with those of a backend object beside it."""
    parameters: dict[str, Any] = clf.get_params(deep=False)
    backend = clf.make_backend()
    settings = {"shots": backend.shots, "noise": clf.noise}
    if backend is clf.backend:
        settings["noise"] = backend.noise
        if is_named(backend):
            settings["backend"] = backend.name
    return parameters | settings


def _makes_its_circuit(clf: VariationalEstimator) -> bool:
    """Return whether the parameters make the circuit of the model, as they need not."""
    model = clf.model_
    try:
        design = clf._design_of(model.n_features, model.n_outputs, in_memory=False)
    except (TypeError, ValueError):
        return False
    return design.fits(model)


def from_file(
    kind: type[Estimator],
    file: ModelFile,
    path: str | PathLike[str],
    backend: str | Backend | None,
) -> Estimator:
    """Return the estimator of a file, and warn of what is missing in it.

    Raises
    ------
    ValueError
        If the parts do not fit, or a newer version wrote them.
    ImportError
        If the backend's framework is not installed.
    """
    names = {*file.parameters, *file.objects}
    unknown = names - set(kind().get_params())
    if unknown:
        raise ValueError(
            f"{path} is no model file of qmlplay {__version__}, which does not know the parameters "
            f"{sorted(unknown)}: if a newer version wrote it, pip install --upgrade qmlplay"
        )
    left_out = dict(file.left_out)
    if "makes_its_circuit" not in file.history:  # earlier versions left objects out in silence
        left_out |= {name: "an object" for name in _OF_A_CIRCUIT if name not in names}
    try:
        history = TrainingHistory.from_parts(file.history, file.arrays, file.model.n_parameters)
        if "loss" in file.parameters and (history.prior_loss or 0) < 0:  # only one's own may be
            raise ValueError("its history of the training is damaged")
        stored = {k: v for k, v in file.objects.items() if k != "backend" or backend is None}
        objects, missing = from_stored(stored)
        parameters = _BEFORE | dict(file.parameters) | objects
        if isinstance(objects.get("backend"), Backend):
            parameters |= {"shots": None, "noise": None}  # it has settings of its own
        substitute_backend(parameters, left_out)
        clf = kind(**parameters).with_model(file.model, history)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no model file of qmlplay: {error!r}") from error
    if file.feature_names:
        clf.feature_names_in_ = np.array(file.feature_names, dtype=object)
    if backend is not None:
        left_out.pop("backend", None)
        clf.backend = backend
        if isinstance(backend, Backend):
            clf.shots = clf.noise = None  # it has settings of its own
        clf.make_backend()  # a missing framework is reported now
    left_out |= missing | unknown_names(parameters)
    if "backend" in left_out:
        clf._missing_backend = missing_backend_text(path, left_out["backend"])
    _warn(clf, file, path, left_out)
    return clf


def substitute_backend(parameters: dict[str, Any], left_out: dict[str, str]) -> None:
    """Put a simulator in place of a backend that is missing, and a name that is unknown.

    Parameters
    ----------
    parameters : dict of str to object
        Of the estimator; its backend and its noise are changed where they have to be.
    left_out : dict of str to str
        What the file does not hold; a backend whose name is unknown here is added.
    """
    backend = parameters.get("backend", "numpy")
    if not isinstance(backend, Backend) and backend not in list_backends():
        left_out.setdefault("backend", f"{backend!r:.60}")
    if "backend" in left_out:
        noise = parameters.get("noise")
        is_device = isinstance(noise, str) and noise.startswith("fake_")
        parameters["backend"] = "qiskit" if is_device else "numpy"


def missing_backend_text(path: str | PathLike[str], backend: str) -> str:
    """Return what to do where another simulator cannot stand in for a missing backend."""
    return (
        f"{path} was trained on backend={backend}, which it does not hold: "
        "load_model(path, backend=...) gives that back"
    )


def _warn(
    clf: VariationalEstimator,
    file: ModelFile,
    path: str | PathLike[str],
    left_out: dict[str, str],
) -> None:
    """Say what a refit would lack, and what to do."""
    texts = []
    if left_out:
        shown = ", ".join(f"{name}={value}" for name, value in sorted(left_out.items()))
        texts.append(f"it does not hold {shown}")
    if "backend" in left_out:
        texts.append(
            f"backend={clf.backend!r} simulates instead of its own, which load_model(path, "
            f"backend=...) gives back"
        )
    if names := sorted(set(left_out) - {"backend", _MEMORY}):
        texts.append(
            f"set what is missing before you go on, clf.set_params("
            f"{', '.join(f'{name}=...' for name in names)}), or defaults count in training"
        )
    made_it = file.history.get("makes_its_circuit") is True
    if made_it and not {"encoding", "ansatz"} & set(left_out) and not _makes_its_circuit(clf):
        texts.append(
            "its parameters make another circuit here than where it was trained, as names such as "
            "its encoding or ansatz mean something else"
        )
    if texts:
        warnings.warn(
            f"{path} predicts as it did, but would not train as it did: {'; '.join(texts)}",
            ModelFileWarning,
            stacklevel=5,  # whoever called qmlplay.load_model
        )
