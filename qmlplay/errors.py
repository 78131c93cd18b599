"""How qmlplay words its errors: what came, what is allowed, what to type next."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["unknown_name"]


def unknown_name(what: str, name: object, allowed: Iterable[str]) -> ValueError:
    """Return the error for a name that is not among the allowed ones.

    Parameters
    ----------
    what : str
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
    near = get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return ValueError(f"unknown {what} {name!r}: {hint}Allowed: {', '.join(map(repr, names))}")
