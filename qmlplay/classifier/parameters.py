"""Parameters in model files: each as plain values that bring it back, or named as left out.

The schema is closed: numbers, text, the package's own encodings and ansätze, circuits from
elsewhere among them, optimisers by their names, backends by their settings, ranges, class weights,
and NumPy's random states. Functions, and objects of other classes, are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from qmlplay import ansatze, encodings
from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.stored import backend_from_dict, backend_to_dict, is_known
from qmlplay.circuit import PauliSum
from qmlplay.encoding_use import EncodingUse
from qmlplay.errors import DeviceNotFoundError, unknown_name
from qmlplay.interop import CircuitAnsatz, CircuitEncoding
from qmlplay.training.optimizers import OPTIMIZERS, Optimizer

__all__ = ["from_stored", "setting_types", "to_stored", "unknown_names"]

Stored = dict[str, Any]

#: Parameters that name an entry of a table, to which users may add names of their own.
_TABLES: dict[str, Mapping[str, Any]] = {
    "encoding": encodings.ENCODINGS,
    "ansatz": ansatze.ANSATZE,
    "optimizer": OPTIMIZERS,
}


def _own_classes() -> dict[str, type[Any]]:
    found = [getattr(module, name) for module in (encodings, ansatze) for name in module.__all__]
    return {kind.__name__: kind for kind in found if isinstance(kind, type) and is_dataclass(kind)}


def setting_types() -> list[type[Any]]:
    """Return the classes of the package whose objects are given as parameters, but backends.

    Examples
    --------
    >>> [kind.__name__ for kind in setting_types()][-4:]
    ['NoiseModel', 'PauliSum', 'CircuitEncoding', 'CircuitAnsatz']
    """
    layers = [kind for kind in _own_classes().values() if kind is not EncodingUse]
    return [*layers, NoiseModel, PauliSum, CircuitEncoding, CircuitAnsatz]


def to_stored(parameters: Mapping[str, Any]) -> tuple[Stored, Stored, dict[str, str]]:
    """Return parameters as plain values, as dictionaries, and what had to be left out.

    Parameters
    ----------
    parameters : mapping of str to object
        Those of an estimator.

    Returns
    -------
    plain : dict
        Name → number, text, bool or None.
    objects : dict
        Name → dictionary with a "type".
    left_out : dict of str to str
        Name → how the value looked.

    Examples
    --------
    >>> from qmlplay.encodings import AngleEncoding
    >>> to_stored({"n_layers": np.int64(2), "encoding": AngleEncoding("rx"), "callbacks": [print]})
    ({'n_layers': 2}, {'encoding': {'type': 'AngleEncoding', 'rotation': 'rx'}},
    {'callbacks': '[<built-in function print>]'})
    """
    plain: Stored = {}
    objects: Stored = {}
    left_out: dict[str, str] = {}
    for name, value in parameters.items():
        if value is None or isinstance(value, bool | np.bool_ | str | Integral | Real):
            plain[name] = _plain(value)
        elif (stored := _stored(name, value)) is not None:
            objects[name] = stored
        elif not _is_empty(value):
            left_out[name] = f"{value!r:.80}"
    return plain, objects, left_out


def from_stored(objects: Mapping[str, Stored]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the objects that `to_stored` wrote, and those whose names are unknown here.

    Raises
    ------
    AttributeError, LookupError, TypeError, ValueError
        If something else is written there.
    """
    found, missing = {}, {}
    for name, data in objects.items():
        content = dict(data)
        kind = content.pop("type")
        if kind == "Optimizer" and content["name"] not in OPTIMIZERS:
            missing[name] = f"OPTIMIZERS[{content['name']!r:.60}]"
            continue
        try:
            found[name] = _reader(kind)(**content)
        except DeviceNotFoundError as error:
            missing[name] = f"{content['settings']['name']!r} ({error})"
    return found, missing


def unknown_names(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters whose value is a name that this process has not given yet."""
    return {
        name: f"{parameters[name]!r:.60}"
        for name, table in _TABLES.items()
        if isinstance(parameters.get(name), str) and parameters[name] not in table
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return int(value) if isinstance(value, Integral) else float(value)


def _is_empty(value: Any) -> bool:
    """Return whether it makes no difference: no callbacks."""
    return isinstance(value, list | tuple) and not value


def _stored(name: str, value: Any) -> Stored | None:
    if isinstance(value, Backend):
        return {"type": "Backend", "settings": backend_to_dict(value)} if is_known(value) else None
    if isinstance(value, Optimizer):
        names = [key for key, known in OPTIMIZERS.items() if known == value]
        return {"type": "Optimizer", "name": names[0]} if names else None
    if isinstance(value, np.random.RandomState):
        return _random_state_to_dict(value)
    if isinstance(value, CircuitEncoding | CircuitAnsatz):
        return {"type": type(value).__name__} | value.to_dict()
    write = _WRITERS.get(name)
    return _dataclass_to_dict(value) if write is None else write(value)


def _class_weight_to_dict(value: Any) -> Stored:
    items = [[_label(label), float(weight)] for label, weight in value.items()]
    return {"type": "class_weight", "weights": items}


def _range_to_dict(value: Any) -> Stored:
    low, high = (np.asarray(end, dtype=float).tolist() for end in value)
    return {"type": "range", "low": low, "high": high}


def _observables_to_dict(value: Any) -> Stored:
    sums = [entry.to_dict() if isinstance(entry, PauliSum) else entry for entry in value]
    return {
        "type": "observables",
        "entries": [
            {str(string): float(number) for string, number in entry.items()}
            if isinstance(entry, Mapping)
            else _plain(entry)
            for entry in sums
        ],
    }


def _weights_to_dict(value: Any) -> Stored:
    return {"type": "weights", "values": np.asarray(value, dtype=float).tolist()}


#: Parameters that are no plain values, but made of such, and what writes them.
_WRITERS: dict[str, Callable[[Any], Stored]] = {
    "class_weight": _class_weight_to_dict,
    "scale_inputs": _range_to_dict,
    "observables": _observables_to_dict,
    "initial_weights": _weights_to_dict,
}


def _label(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _dataclass_to_dict(value: Any) -> Stored | None:
    """Return the fields of one of the package's own values, unless they would not come back."""
    if _own_classes().get(type(value).__name__) is not type(value):
        return None
    content = {field.name: _entry(getattr(value, field.name)) for field in fields(value)}
    kind = type(value).__name__
    return {"type": kind} | content if _reader(kind)(**content) == value else None


def _entry(entry: Any) -> Any:
    """Return a field as JSON has it, which has no tuples and not NumPy's numbers."""
    return list(map(_label, entry)) if isinstance(entry, tuple) else _label(entry)


def _random_state_to_dict(random: np.random.RandomState) -> Stored | None:
    state: Any = random.get_state(legacy=False)
    if state["bit_generator"] != "MT19937":
        return None
    return {
        "type": "RandomState",
        "key": state["state"]["key"].tolist(),
        "pos": int(state["state"]["pos"]),
        "has_gauss": int(state["has_gauss"]),
        "gauss": float(state["gauss"]),
    }


def _random_state(key: list[int], pos: int, has_gauss: int, gauss: float) -> Any:
    random = np.random.RandomState(0)
    random.set_state(("MT19937", np.array(key, dtype=np.uint32), pos, has_gauss, gauss))
    return random


def _class_weight(weights: list[list[Any]]) -> dict[Any, float]:
    return {label: weight for label, weight in weights}  # noqa: C416 - dict() takes pairs of text


def _range(low: Any, high: Any) -> tuple[Any, Any]:
    low, high = (np.asarray(end) if isinstance(end, list) else end for end in (low, high))
    return low, high


def _reader(kind: Any) -> Callable[..., Any]:
    """Return what makes an object of a type out of its dictionary."""
    readers: dict[str, Callable[..., Any]] = {
        "Backend": backend_from_dict,
        "Optimizer": lambda name: OPTIMIZERS[name],
        "RandomState": _random_state,
        "class_weight": _class_weight,
        "observables": lambda entries: [*entries],
        "range": _range,
        "CircuitEncoding": lambda **content: CircuitEncoding.from_dict(content),
        "CircuitAnsatz": lambda **content: CircuitAnsatz.from_dict(content),
        "weights": lambda values: np.array(values, dtype=float),
    }
    readers |= {name: _dataclass_reader(cls) for name, cls in _own_classes().items()}
    if kind not in readers:
        raise unknown_name("type of a parameter", kind, readers)
    return readers[kind]


def _dataclass_reader(cls: type[Any]) -> Callable[..., Any]:
    # JSON has no tuples.
    return lambda **content: cls(
        **{key: tuple(v) if isinstance(v, list) else v for key, v in content.items()}
    )
