"""Model files: what of a fitted classifier is kept, and how it is put together again."""

from __future__ import annotations

from dataclasses import asdict
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.pauli import check_observables
from qmlplay.circuit import ParametricCircuit
from qmlplay.classifier.design import InputScaling, n_outputs
from qmlplay.classifier.simulators import make_backend
from qmlplay.persistence import read_archive, write_archive
from qmlplay.training import Readout, TrainingCost
from qmlplay.training.optimizer_state import state_from_arrays, state_to_arrays

if TYPE_CHECKING:
    from qmlplay.classifier.estimator import VariationalClassifier

__all__ = ["restore", "save"]

#: Parameters that a file holds as they are; the others are objects or functions.
_PLAIN = (bool, int, float, str, type(None))


def save(clf: VariationalClassifier, path: str | PathLike[str]) -> None:
    """Write a fitted classifier to a file (see `VariationalClassifier.save`)."""
    parameters = clf.get_params(deep=False)
    backend = make_backend(clf)
    noise = clf.noise if clf.backend is not backend else backend.noise
    parameters |= {"backend": backend.name, "shots": backend.shots, "noise": noise}
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in parameters.items()}
    steps, remembered = state_to_arrays(clf._optimizer_state, clf.n_parameters_)
    content = {
        "parameters": {k: v for k, v in plain.items() if isinstance(v, _PLAIN)},
        "noise_model": noise.to_dict() if isinstance(noise, NoiseModel) else None,
        "training_cost": None if clf.training_cost_ is None else asdict(clf.training_cost_),
        "circuit": clf.circuit_.to_dict(),
        "observables": list(clf.observables_),
        "classes": np.asarray(clf.classes_).tolist(),
        "classes_dtype": _dtype_name(clf.classes_),
        "feature_names": list(getattr(clf, "feature_names_in_", [])),
        "loss_curve": list(map(float, clf.loss_curve_)),
        "n_iter": clf.n_iter_,
        "n_steps": clf.n_steps_,
        "n_circuit_evaluations": clf.n_circuit_evaluations_,
        "batch_size": clf.batch_size_,
        "stop_reason": clf.stop_reason_,
        "optimizer_steps": steps,
    }
    arrays = {
        "weights": clf.weights_,
        **{f"readout_{key}": value for key, value in asdict(clf.readout_).items()},
        **{f"scaling_{key}": value for key, value in asdict(clf.scaling_).items()},
        **remembered,
    }
    write_archive(path, content, arrays)


def _dtype_name(classes: NDArray[Any]) -> str:
    return "object" if classes.dtype == object else str(classes.dtype)


def restore(
    clf: VariationalClassifier, path: str | PathLike[str], backend: str | Backend | None
) -> None:
    """Make a new classifier the one in a file (see `qmlplay.load_model`)."""
    content, arrays = read_archive(path)
    try:
        clf.set_params(**content["parameters"])
        # Files of earlier versions know neither noise nor costs, nor why training ended.
        if content.get("noise_model") is not None:
            clf.noise = NoiseModel.from_dict(content["noise_model"])
        cost = content.get("training_cost")
        clf.training_cost_ = None if cost is None else TrainingCost(**cost)
        clf.classes_ = np.array(content["classes"], dtype=content["classes_dtype"])
        clf.circuit_ = ParametricCircuit.from_dict(content["circuit"])
        clf.observables_ = tuple(content["observables"])
        clf.loss_curve_ = content["loss_curve"]
        clf.n_iter_, clf.n_steps_ = content["n_iter"], content["n_steps"]
        clf.n_circuit_evaluations_ = content["n_circuit_evaluations"]
        clf.batch_size_, clf.stop_reason_ = content.get("batch_size"), content.get("stop_reason")
        clf.weights_ = arrays["weights"]
        clf.readout_ = Readout(arrays["readout_scale"], arrays["readout_bias"])
        clf.scaling_ = InputScaling(arrays["scaling_center"], arrays["scaling_half_range"])
        names = content["feature_names"]
        _check_shapes(clf, names, arrays)
        clf.n_parameters_ = len(clf.weights_) + len(clf.readout_.numbers)
        steps = content.get("optimizer_steps")  # nor what the optimiser remembered
        clf._optimizer_state = state_from_arrays(steps, arrays, clf.n_parameters_)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no model file of qmlplay: {error!r}") from error
    if names:
        clf.feature_names_in_ = np.array(names, dtype=object)
    clf.gradient_method_ = None if cost is None else clf.training_cost_.gradient_method
    clf.n_features_in_ = clf.circuit_.n_features
    clf.n_qubits_ = clf.circuit_.n_qubits
    clf.validation_scores_, clf.interrupted_ = [], False
    if backend is not None:
        clf.backend = backend
        if isinstance(backend, Backend):
            clf.shots = clf.noise = None  # it has settings of its own
        make_backend(clf)  # a missing framework is reported now


def _check_shapes(
    clf: VariationalClassifier, names: list[str], arrays: dict[str, NDArray[Any]]
) -> None:
    """Check that the parts of a model file fit together."""
    check_observables(clf.observables_, clf.circuit_.n_qubits)
    n_features, n_classes = clf.circuit_.n_features, len(clf.classes_)
    if clf.classes_.ndim != 1 or n_classes < 2 or len(names) not in (0, n_features):
        raise ValueError("its classes or feature names do not fit the circuit")
    outputs = n_outputs(n_classes)
    shapes = {
        "weights": (clf.circuit_.n_weights,),
        "readout_scale": (len(clf.observables_), outputs),
        "readout_bias": (outputs,),
        "scaling_center": (n_features,),
        "scaling_half_range": (n_features,),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise ValueError(f"its array {name!r} should hold finite numbers of shape {shape}")
