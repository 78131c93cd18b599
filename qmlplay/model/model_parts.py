"""The parts of trained circuits: plain values and arrays, for model files and for pickles."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from qmlplay.circuit import ParametricCircuit, observables_to_list
from qmlplay.model.archive import Arrays
from qmlplay.model.readout import Readout
from qmlplay.model.scaling import InputScaling
from qmlplay.model.target_scaling import TargetScaling
from qmlplay.model.trained import TrainedModel
from qmlplay.model.trained_circuit import TrainedCircuit
from qmlplay.model.trained_regression import TrainedRegression

__all__ = [
    "circuit_from_parts",
    "circuit_to_parts",
    "from_state",
    "model_from_state",
    "model_to_state",
    "to_state",
]

#: What the parts of a file or a pickle that was changed by hand can raise.
_DAMAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

Value = TypeVar("Value")
Model = TypeVar("Model", bound=TrainedCircuit)


def circuit_to_parts(model: TrainedCircuit) -> tuple[dict[str, Any], Arrays]:
    """Return all of a model but what its answers are: values for JSON, and arrays.

    Raises
    ------
    ValueError
        If a formula of its circuit is of another class than the package's own.
    """
    circuit = model.circuit.to_dict()
    if ParametricCircuit.from_dict(circuit) != model.circuit:
        raise ValueError("the formulas of its circuit do not come back as they are")
    content: dict[str, Any] = {
        "circuit": circuit,
        "observables": observables_to_list(model.observables),
    }
    if model.readout.is_fixed:
        content["fixed_readout"] = True
    arrays = {
        "weights": model.weights,
        "readout_scale": model.readout.scale,
        "readout_bias": model.readout.bias,
        **model.scaling.to_arrays(),
    }
    return content, arrays


def circuit_from_parts(content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Return the arguments of a trained circuit, and take its parts out of all parts."""
    is_fixed = content.pop("fixed_readout", False)
    if not isinstance(is_fixed, bool):
        raise ValueError("it does not say whether its readout is fixed")
    return {
        "circuit": ParametricCircuit.from_dict(content.pop("circuit")),
        "observables": tuple(content.pop("observables")),
        "scaling": InputScaling.from_arrays(arrays),
        "weights": arrays.pop("weights"),
        "readout": Readout(arrays.pop("readout_scale"), arrays.pop("readout_bias"), is_fixed),
    }


def model_to_state(model: TrainedCircuit) -> Any:
    """Return what a pickle keeps of a trained circuit: text and arrays.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"]).model_
    >>> state = model_to_state(model)
    >>> sorted(state)[:3], model_from_state(TrainedModel, state) == model
    (['classes', 'content', 'readout_bias'], True)
    """

    def parts() -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        content, arrays = circuit_to_parts(model)
        if isinstance(model, TrainedModel):
            return content, arrays | {"classes": model.classes}
        if not isinstance(model, TrainedRegression):
            raise TypeError(f"{type(model).__name__} is no kind of model of the package")
        target = model.target_scaling
        return content, arrays | {"target_center": target.center, "target_scale": target.scale}

    return to_state(model, parts)


def model_from_state(kind: type[Model], state: Any) -> Model:
    """Return the trained circuit of a kind that `model_to_state` wrote.

    Raises
    ------
    ValueError
        If the state was damaged or changed.
    """

    def model(content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Any:
        parts = circuit_from_parts(content, arrays)
        if kind is TrainedModel:
            return TrainedModel(**parts, classes=arrays["classes"])
        scaling = TargetScaling(arrays["target_center"], arrays["target_scale"])
        return TrainedRegression(**parts, target_scaling=scaling)

    return from_state(kind, state, model)


def to_state(value: Any, to_parts: Callable[[], tuple[dict[str, Any], Arrays]]) -> Any:
    """Return a frozen value as text and arrays, or as it is where these would not hold all of it.

    Parameters
    ----------
    value : object
    to_parts : callable
        Returns plain values and arrays; raises where they do not hold all of the value.
    """
    try:
        content, arrays = to_parts()
        # Text, as skops and pickle spend many times as much on every number of a nested list.
        text = json.dumps(content, separators=(",", ":"), allow_nan=False)
        return {"content": text, **arrays}
    except _DAMAGE:  # somebody's own formula, for instance: pickle has its own ways
        return value


def from_state(
    kind: type[Value],
    state: Any,
    from_parts: Callable[[dict[str, Any], dict[str, NDArray[Any]]], Value],
) -> Value:
    """Return the value that `to_state` wrote; one that was left as it is stays so.

    Parameters
    ----------
    kind : type
        Of the value.
    state : object
        From a pickle or a file of skops.
    from_parts : callable
        Returns the value that content and arrays make, and checks them.

    Raises
    ------
    ValueError
        If the state was damaged or changed.
    """
    if isinstance(state, kind):  # as pickles of earlier versions have it, too
        return state
    try:
        arrays = dict(state)
        content = json.loads(arrays.pop("content"))
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise TypeError("an entry that should be an array is none")
        return from_parts(content, arrays)
    except _DAMAGE as error:
        raise ValueError(
            f"the state of a fitted estimator is damaged, or was changed: its {kind.__name__} "
            f"cannot be made of it ({error!r:.300})"
        ) from error
