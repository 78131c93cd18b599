"""Error texts, which say what came, what is allowed and what to type next; look-ups by name."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from reprlib import Repr
from typing import Any, TypeVar

__all__ = [
    "DeviceNotFoundError",
    "InputRangeWarning",
    "ModelFileWarning",
    "SlowSimulationWarning",
    "TrackingWarning",
    "interop_advice",
    "interop_advice_inside",
    "level_of_caller",
    "listed",
    "named_function",
    "shortened",
    "unknown_name",
]

Function = TypeVar("Function", bound=Callable[..., Any])

#: Frameworks whose circuits come in, and what to type for them.
_INTEROP = {
    "qiskit": "encoding=from_qiskit(circuit, features='x') or ansatz=from_qiskit(circuit)",
    "cirq": "encoding=from_cirq(circuit, features='x') or ansatz=from_cirq(circuit)",
    "pennylane": "encoding=from_pennylane(function, features=2) or "
    "ansatz=from_pennylane(function, weights=(2, 3)), a template with wires=2 as well",
}
#: Longer names are cut in messages.
_LONGEST = 60
_LONGEST_LIST = 25
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = _LONGEST


def listed(
    names: Iterable[object], most: int = 10, *, quoted: bool = True, longest: int = _LONGEST
) -> str:
    """Return names as a text for messages: quoted, and cut after the first ones.

    Parameters
    ----------
    names : iterable
        What to list.
    most : int, default=10
        How many are shown.
    quoted : bool, default=True
        Whether each is shown in quotation marks.
    longest : int, default=60
        Each is cut after so many characters.

    Examples
    --------
    >>> print(listed(["size", "mass"]))
    'size', 'mass'
    >>> print(listed(range(1, 100), most=3, quoted=False))
    1, 2, 3 and 96 more
    """
    texts = [str(name) for name in names]
    cut = [text if len(text) <= longest else text[: longest - 1] + "…" for text in texts[:most]]
    shown = ", ".join(map(repr, cut) if quoted else cut)
    n_more = len(texts) - len(cut)
    return f"{shown} and {n_more} more" if n_more else shown


def shortened(value: object) -> str:
    """Return a value as messages show it: as Python writes it, cut where it is long or nested.

    Examples
    --------
    >>> shortened("zz"), shortened(list(range(1000)))
    ("'zz'", '[0, 1, 2, 3, 4, 5, ...]')
    """
    return _SHORT.repr(value)


class DeviceNotFoundError(ValueError):
    """A simulator was asked for a device that is not there on this machine."""


class InputRangeWarning(UserWarning):
    """Data lie so far outside the range of a model's scaling that their angles are ambiguous."""


class ModelFileWarning(UserWarning):
    """A model file lacks what it cannot hold, such as functions: refitting needs them again."""


class SlowSimulationWarning(UserWarning):
    """A simulation that is about to begin takes minutes or more on this machine."""


class TrackingWarning(UserWarning):
    """What was to be logged could not be sent to the tracking server, and is kept in a folder."""


def level_of_caller() -> int:
    """Return the `stacklevel` by which `warnings.warn` names the line that called this package.

    Methods are reached in several ways: by others of ours, and through wrappers.

    Examples
    --------
    >>> level_of_caller() >= 1
    True
    """
    frame, level = sys._getframe(1), 1
    while frame.f_globals.get("__name__", "").split(".")[0] == __package__ and frame.f_back:
        frame, level = frame.f_back, level + 1
    return level


def interop_advice(value: Any) -> str | None:
    """Return what to type for a circuit of another framework or OpenQASM text; None for others.

    Functions and classes of a framework, and lists of its operations, are such circuits, too.

    Examples
    --------
    >>> print(interop_advice("OPENQASM 3.0; qubit q; h q;"))
    it is OpenQASM text: give encoding=from_openqasm(text, features='x') or ...
    >>> interop_advice(len) is None
    True
    """
    if isinstance(value, str) and "OPENQASM" in value:
        return (
            "it is OpenQASM text: give encoding=from_openqasm(text, features='x') or "
            "ansatz=from_openqasm(text), of qmlplay.interop"
        )
    if isinstance(value, list | tuple):
        return interop_advice(value[0]) if value else None
    kinds = (value, type(value))  # a class or a function has a module of its own
    return _advice(str(getattr(kind, "__module__", "")) for kind in kinds)


def interop_advice_inside(error: Exception) -> str | None:
    """Return what to type where an error comes from inside another framework; None elsewhere."""
    frames = traceback.walk_tb(error.__traceback__)
    return _advice(frame.f_globals.get("__name__", "") for frame, _ in frames)


def _advice(modules: Iterable[str]) -> str | None:
    roots = {module.split(".")[0] for module in modules}
    calls = [call for framework, call in _INTEROP.items() if framework in roots]
    return (
        f"give a circuit of another framework as {calls[0]}, of qmlplay.interop" if calls else None
    )


def named_function(
    kind: str, given: str | Function, table: Mapping[str, Function], signature: str
) -> Function:
    """Return the function of that name in a table, or the function itself that was given.

    Parameters
    ----------
    kind : str
        What the function is, for instance ``"encoding"``.
    given : str or callable
        A name or a function; a class is neither.
    table : mapping of str to callable
        The functions that have names.
    signature : str
        Arguments and result, for the error's text.

    Raises
    ------
    ValueError
        If there is no function of that name.
    TypeError
        If it is neither a name nor a function.

    Examples
    --------
    >>> named_function("norm", "largest", {"largest": max}, "(values) → float")([3, 5])
    5
    """
    if kind in ("encoding", "ansatz") and (advice := interop_advice(given)) is not None:
        raise TypeError(f"{kind} is {listed([repr(given)], quoted=False)}: {advice}")
    if callable(given) and not isinstance(given, type):
        return given
    if not isinstance(given, str):
        raise TypeError(f"{kind} must be a name or a function {signature}, got {given!r}")
    if given not in table:
        raise unknown_name(kind, given, table)
    return table[given]


def unknown_name(kind: str, name: object, allowed: Iterable[str]) -> ValueError:
    """Return the error for a name that is not among the allowed ones.

    Parameters
    ----------
    kind : str
        What the name stands for, for instance ``"dataset"``.
    name : object
        What came.
    allowed : iterable of str
        Every allowed name.

    Returns
    -------
    ValueError
        To be raised by the caller; its text suggests the nearest allowed name.

    Examples
    --------
    >>> print(unknown_name("dataset", "mons", ["moons", "iris"]))
    unknown dataset 'mons': did you mean 'moons'? Allowed: 'iris', 'moons'
    """
    names = sorted(allowed)
    text = name if isinstance(name, str) else shortened(name)
    near = get_close_matches(text, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    most = len(names) if len(names) <= _LONGEST_LIST else 10  # our own names are all shown
    shown = listed([text]) if isinstance(name, str) else text
    return ValueError(f"unknown {kind} {shown}: {hint}Allowed: {listed(names, most)}")
