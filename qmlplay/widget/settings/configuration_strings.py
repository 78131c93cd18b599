"""Configurations as short strings to share; reading one evaluates nothing."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Any

from qmlplay.errors import shortened
from qmlplay.widget.settings.configuration import RULES, Configuration, WholeNumber

__all__ = ["LONGEST", "from_string", "to_string"]

_START = "qmlplay2"
_SHAPE = re.compile(r"(qmlplay\d{1,4})\.([A-Za-z0-9_-]+)\.([0-9a-f]{8})")
#: Characters that are read: of all weights and drawn points, and more.
LONGEST = 60_000
_MOST_DIGITS = 20
_STEPS = WholeNumber(0, 1_000_000)
#: What every string of version 1 and 2 holds. Settings that came later are left out, in version 2,
#: where they are as at first, and version 1 knows none of them.
_ALWAYS = frozenset(
    {"dataset", "data_noise", "features", "own_data", "encoding", "ansatz", "n_layers", "n_qubits"}
    | {"backend", "shots", "noise", "optimizer", "learning_rate_init", "max_iter", "baseline"}
    | {"random_state"}
)


def to_string(configuration: Configuration, steps: int = 0) -> str:
    """Return a configuration, and how many steps it has been trained, as one word.

    Parameters
    ----------
    configuration : Configuration
    steps : int, default=0
        Training steps that `from_string` gives back, in [0, 1 000 000].

    Returns
    -------
    str
        A version, JSON in base64url, and a checksum, divided by dots.

    Examples
    --------
    >>> text = to_string(Configuration(n_layers=2), steps=30)
    >>> text[:9]
    'qmlplay2.'
    >>> configuration, steps = from_string(text)
    >>> configuration.n_layers, steps
    (2, 30)
    """
    values = {
        name: value
        for name, value in configuration.to_dict().items()
        if name in _ALWAYS or value != _at_first(name)
    } | {"steps": _STEPS.check("steps", steps)}
    plain = json.dumps(values, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()
    return f"{_START}.{base64.urlsafe_b64encode(plain).decode().rstrip('=')}.{_checksum(plain)}"


def from_string(text: str) -> tuple[Configuration, int]:
    """Return the configuration and the steps that `to_string` wrote.

    Parameters
    ----------
    text : str
        Spaces and line breaks around and in it do not count.

    Raises
    ------
    ValueError
        If the string is damaged, of another version, or holds anything but settings that are
        allowed; the text says why.
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        raise ValueError(f"not a configuration string: text of at most {LONGEST} characters")
    match = _SHAPE.fullmatch("".join(text.split()))
    if match is None:
        raise ValueError(
            f"not a configuration string: it must look like {_START}.ABC….0123abcd; copy the whole "
            "of it, from the field “Share this state”"
        )
    start, body, checksum = match.groups()
    if start not in ("qmlplay1", _START):
        raise ValueError(f"this string is of version {start}, but {_START} is read here: update")
    try:
        plain = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(f"the configuration string is damaged ({error}): copy it again") from None
    if checksum != _checksum(plain):
        raise ValueError("the configuration string is damaged (wrong checksum): copy it again")
    values = _parsed(plain)
    steps = _STEPS.check("steps", values.pop("steps", None))
    later = {name: _at_first(name) for name in RULES if name not in _ALWAYS}
    if start == "qmlplay1" and set(later) & set(values):
        raise ValueError(f"settings that {start} does not know: {sorted(set(later) & set(values))}")
    return Configuration.from_dict(later | values), steps or 0


def _at_first(name: str) -> Any:
    """Return a setting where nothing is said of it."""
    return Configuration.__dataclass_fields__[name].default


def _checksum(plain: bytes) -> str:
    return hashlib.sha256(plain).hexdigest()[:8]


def _parsed(plain: bytes) -> dict[str, Any]:
    """Return the JSON object of known names in the string; ValueError for anything else."""
    try:
        values = json.loads(plain.decode(), **_CLOSED)
    except RecursionError:
        raise ValueError("the configuration string is nested too deeply") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"the configuration string holds no JSON: {error}") from None
    if not isinstance(values, dict):
        raise ValueError(f"the configuration string holds no object, but {type(values).__name__}")
    return values


def _closed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("the configuration string names a setting twice")
    unknown = sorted(set(names) - set(RULES) - {"steps"})
    if unknown:
        raise ValueError(f"the configuration string has unknown settings: {shortened(unknown)}")
    return dict(pairs)


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"the configuration string holds a number of {len(digits)} digits")
    return int(digits)


def _refuse(constant: str) -> Any:
    raise ValueError(f"the configuration string holds {constant}, which is no number")


_CLOSED: dict[str, Any] = {
    "object_pairs_hook": _closed,
    "parse_constant": _refuse,
    "parse_int": _integer,
}
