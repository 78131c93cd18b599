"""Symbols of a circuit: which are features, which are weights, and in what order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qmlplay.errors import listed, unknown_name

__all__ = ["Symbols", "natural_order", "split_symbols"]


@dataclass(frozen=True)
class Symbols:
    """Names of symbols in the order in which they are features and weights.

    Parameters
    ----------
    features, weights : tuple of str
        Position k is feature k, or weight k.

    Examples
    --------
    >>> Symbols(("x[0]",), ("a", "b")).places
    {'x[0]': (True, 0), 'a': (False, 0), 'b': (False, 1)}
    """

    features: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()

    @property
    def places(self) -> dict[str, tuple[bool, int]]:
        """Name → (whether it is a feature, its index)."""
        features = {name: (True, k) for k, name in enumerate(self.features)}
        return features | {name: (False, k) for k, name in enumerate(self.weights)}


def natural_order(names: Iterable[str]) -> list[str]:
    """Return names sorted so that numbers in them count as numbers.

    Examples
    --------
    >>> natural_order(["w[10]", "w[2]", "b"])
    ['b', 'w[2]', 'w[10]']
    """

    def key(name: str) -> list[tuple[int, int, str]]:
        parts = re.split(r"(\d+)", name)
        return [(1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts]

    return sorted(names, key=key)


def split_symbols(
    names: Sequence[str],
    features: Any,
    weights: Any = None,
    vectors: Mapping[str, Sequence[str]] | None = None,
) -> Symbols:
    """Return which symbols of a circuit are features and which are weights.

    Parameters
    ----------
    names : sequence of str
        Every symbol that the circuit uses, in the order that weights get.
    features : None, str or sequence of str
        None for none. A text is the name of a vector, whose element k is feature k; the name of a
        symbol; or what the names of several begin with: ``"x"`` stands for x0, x1, … (also x_0 or
        x[0]), which must be numbered from 0 without a gap, or else for all names that begin
        so, in natural order. A sequence lists such texts, in the order of the features.
    weights : None, str or sequence of str
        In the same way; None takes all other symbols.
    vectors : mapping of str to sequence of str, optional
        Vectors of symbols, with all of their elements, used or not.

    Raises
    ------
    TypeError
        If names come in no order.
    ValueError
        If a name stands for no symbol, or a symbol is neither or both.

    Examples
    --------
    >>> split_symbols(["a", "x0", "x1"], "x")
    Symbols(features=('x0', 'x1'), weights=('a',))
    """
    known = vectors or {}
    chosen = _chosen("features", features, names, known)
    if weights is None:
        rest = [name for name in names if name not in chosen]
    else:
        wanted = _chosen("weights", weights, names, known)
        rest = [name for name in wanted if name in names]  # an unused weight has no gradient
    if both := set(chosen) & set(rest):
        raise ValueError(f"the symbols {listed(natural_order(both))} are features and weights")
    if unbound := [name for name in names if name not in {*chosen, *rest}]:
        raise ValueError(
            f"the symbols {listed(unbound)} are neither features nor weights: name them, or give "
            f"them numbers in the circuit; without weights=, all that are no features are weights"
        )
    return Symbols(tuple(chosen), tuple(rest))


def _chosen(
    kind: str, request: Any, names: Sequence[str], vectors: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the names of symbols that a request for features or weights stands for."""
    if request is None:
        return []
    if isinstance(request, set | frozenset | Mapping):
        raise TypeError(f"{kind} must be a list of names, whose order counts; got {request!r}")
    is_one = isinstance(request, str) or not isinstance(request, Iterable)
    # A symbol, or a vector, which is a sequence of them, will do: as a text it is its name.
    texts = [request] if is_one else list(request)
    chosen = [name for text in texts for name in _named(kind, str(text), names, vectors)]
    if not chosen:
        raise ValueError(f"{kind} names no symbol: leave it out where there are none")
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"{kind} names a symbol twice: {listed(chosen)}")
    return chosen


def _named(
    kind: str, text: str, names: Sequence[str], vectors: Mapping[str, Sequence[str]]
) -> Sequence[str]:
    """Return the symbols that one text stands for."""
    if text in vectors:
        return vectors[text]
    if text in names or any(text in vector for vector in vectors.values()):
        return [text]
    pattern = re.compile(rf"_?{re.escape(text)}[_\[]?(\d+)[_\]]?")  # qasm3 writes x[0] as _x_0_
    numbers = {int(match[1]): name for name in names if (match := pattern.fullmatch(name))}
    if numbers and sorted(numbers) != list(range(len(numbers))):
        raise ValueError(
            f"{kind}={text!r} stands for {listed(numbers[k] for k in sorted(numbers))}, which are "
            f"not numbered 0, 1, 2, … without a gap: list their names in the order that you mean"
        )
    if numbers:
        return [numbers[k] for k in range(len(numbers))]
    if begun := natural_order(name for name in names if text and name.startswith(text)):
        return begun
    if not names:
        raise ValueError(f"{kind}={text!r}, but the circuit has no symbols, only numbers")
    raise unknown_name("symbol or vector of symbols", text, [*vectors, *names])
