"""Kernel estimators to model files and back, by a closed schema."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.classifier.parameters import from_stored, to_stored, unknown_names
from qmlplay.classifier.persistence import (
    all_parameters,
    missing_backend_text,
    substitute_backend,
)
from qmlplay.errors import ModelFileWarning
from qmlplay.kernels.kernel_model import KernelModel
from qmlplay.model.archive import write_archive
from qmlplay.model.preprocessing import Steps, steps_from_parts, steps_to_parts

if TYPE_CHECKING:
    from qmlplay.kernels.kernel_estimator import QuantumKernelEstimator

__all__ = ["read_kernel_estimator", "write_kernel_file"]

#: Parameters of which several values may be given.
_CANDIDATES = ("bandwidth", "C", "alpha")
#: Fitted numbers that are no part of the model, and their types.
_NUMBERS = {"n_circuit_evaluations_": int, "n_outputs_": int, "C_": float, "alpha_": float}


def write_kernel_file(
    estimator: QuantumKernelEstimator, path: str | PathLike[str], steps: Steps = ()
) -> None:
    """Write a fitted kernel estimator, and the steps of a pipeline before it.

    Raises
    ------
    OSError, ValueError
        If it cannot be written; an older file of that name is then left whole.
    """
    model = estimator.model_
    model_content, model_arrays = model.to_parts()
    parameters = all_parameters(estimator)
    noise = parameters.pop("noise")
    candidates = {name: parameters.pop(name) for name in _CANDIDATES if name in parameters}
    plain, objects, left_out = to_stored(parameters)
    if not (noise is None or isinstance(noise, str | NoiseModel)):
        left_out["noise"], noise = f"{noise!r:.80}", None
    preprocessing, step_arrays = steps_to_parts(steps)
    content = {
        "estimator": type(estimator).__name__,
        # Text, a number, or several of these.
        "parameters": plain | {name: np.asarray(v).tolist() for name, v in candidates.items()},
        "noise": noise.to_dict() if isinstance(noise, NoiseModel) else noise,
        "objects": objects,
        "left_out": left_out,
        **model_content,
        "classes": model.classes.tolist(),
        "classes_dtype": str(model.classes.dtype),
        "bandwidth_scores": [
            [bandwidth, None if np.isnan(score) else score]
            for bandwidth, score in estimator.bandwidth_scores_.items()
        ],
        "numbers": {name: vars(estimator)[name] for name in _NUMBERS if name in vars(estimator)},
        "feature_names": list(getattr(estimator, "feature_names_in_", ())),
        "preprocessing": preprocessing,
    }
    write_archive(
        path, content, model_arrays | step_arrays, version=3
    )  # programs before kernels refuse it


def read_kernel_estimator(
    kinds: Mapping[str, type[QuantumKernelEstimator]],
    content: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    path: str | PathLike[str],
    backend: str | Backend | None,
) -> tuple[Steps, QuantumKernelEstimator]:
    """Return the steps and the estimator of what `write_kernel_file` wrote, and run nothing of it.

    Parameters
    ----------
    kinds : mapping of str to type
        The estimators by name.
    content, arrays
        Of the archive.
    path : str or path-like
        For messages.
    backend : str or Backend or None
        Simulator to predict with; None takes that of the file.

    Raises
    ------
    ValueError
        If the parts do not fit.
    ImportError
        If the backend's framework is not installed.
    """
    try:
        left_out = {str(name): str(text) for name, text in content["left_out"].items()}
        model = _model(content, arrays)
        steps = steps_from_parts(content["preprocessing"], arrays, model.design.circuit.n_features)
        stored = {k: v for k, v in content["objects"].items() if k != "backend" or backend is None}
        objects, missing = from_stored(stored)
        noise = content["noise"]
        noise = NoiseModel.from_dict(noise) if isinstance(noise, dict) else noise
        parameters = content["parameters"] | objects | {"noise": noise}
        if isinstance(objects.get("backend"), Backend):
            parameters |= {"shots": None, "noise": None}  # it has settings of its own
        substitute_backend(parameters, left_out)
        estimator = kinds[content["estimator"]](**parameters)
        _set_fitted(estimator, model, content)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no model file of qmlplay: {error!r}") from error
    if backend is not None:
        left_out.pop("backend", None)
        estimator.backend = backend
        if isinstance(backend, Backend):
            estimator.shots = estimator.noise = None  # it has settings of its own
        estimator.make_backend()  # a missing framework is reported now
    left_out |= missing | unknown_names(parameters)
    if "backend" in left_out:
        estimator._missing_backend = missing_backend_text(path, left_out["backend"])
    if left_out:
        shown = ", ".join(f"{name}={value}" for name, value in sorted(left_out.items()))
        simulator = (
            f"; backend={estimator.backend!r} simulates instead of its own, which load_model(path, "
            "backend=...) gives back"
        )
        warnings.warn(
            f"{path} holds the trained model, but not {shown}: set_params before you fit it anew"
            f"{simulator if 'backend' in left_out else ''}",
            ModelFileWarning,
            stacklevel=3,
        )
    return steps, estimator


def _model(content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> KernelModel:
    classes = np.array(content["classes"], dtype=content["classes_dtype"])
    if classes.dtype.kind not in "biufUO":
        raise ValueError(f"its classes are of type {classes.dtype}")
    return KernelModel.from_parts(content, arrays, classes)


def _set_fitted(
    estimator: QuantumKernelEstimator, model: KernelModel, content: dict[str, Any]
) -> None:
    estimator.model_ = model
    estimator.n_features_in_ = model.design.circuit.n_features
    estimator.bandwidth_scores_ = {
        float(bandwidth): np.nan if score is None else float(score)
        for bandwidth, score in content["bandwidth_scores"]
    }
    for name, number in content["numbers"].items():
        setattr(estimator, name, _NUMBERS[name](number))
    names = content["feature_names"]
    if len(names) not in (0, estimator.n_features_in_) or not all(
        isinstance(n, str) for n in names
    ):
        raise ValueError("its feature names do not fit the circuit")
    if names:
        estimator.feature_names_in_ = np.array(names, dtype=object)
