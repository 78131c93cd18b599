"""Rotations with several control qubits, in gates of our table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import pi
from typing import Any

from qmlplay.interop.translated_gates import TranslatedGate

__all__ = ["controlled_rotation"]

#: Rotations → the same with a control.
_CONTROLLED = {"rx": "crx", "ry": "cry", "rz": "crz", "p": "cp"}


def controlled_rotation(
    name: str,
    controls: Sequence[int],
    values: Sequence[bool],
    target: int,
    angle: Any,
    source: str = "",
) -> Iterator[TranslatedGate]:
    """Yield a rotation with control qubits, by lemma 7.5 of Barenco et al.

    Parameters
    ----------
    name : {"rx", "ry", "rz", "p"}
    controls : sequence of int
        One or more qubits.
    values : sequence of bool
        The value of each control on which the target turns.
    target : int
    angle : float or sympy.Expr
        In radians.
    source : str
        For messages.

    References
    ----------
    Barenco et al., "Elementary gates for quantum computation", arXiv:quant-ph/9503016.

    Examples
    --------
    >>> [gate.name for gate in controlled_rotation("ry", (0, 1), (True, True), 2, 0.5)]
    ['cry', 'cx', 'cry', 'cx', 'cry']
    """
    flips = [
        TranslatedGate("x", (control,), (), source)
        for control, value in zip(controls, values, strict=True)
        if not value
    ]
    yield from flips
    yield from _all_on(name, tuple(controls), target, angle, source)
    yield from flips


def _all_on(
    name: str, controls: tuple[int, ...], target: int, angle: Any, source: str
) -> Iterator[TranslatedGate]:
    *others, last = controls
    if not others:
        yield TranslatedGate(_CONTROLLED[name], (last, target), (angle,), source)
        return
    half = angle / 2
    yield TranslatedGate(_CONTROLLED[name], (last, target), (half,), source)
    yield from _flip(tuple(others), last, source)
    yield TranslatedGate(_CONTROLLED[name], (last, target), (-half,), source)
    yield from _flip(tuple(others), last, source)
    yield from _all_on(name, tuple(others), target, half, source)


def _flip(controls: tuple[int, ...], target: int, source: str) -> Iterator[TranslatedGate]:
    """Yield X with control qubits: H, a phase of π, H where there are more than two."""
    if len(controls) <= 2:
        name = "cx" if len(controls) == 1 else "ccx"
        yield TranslatedGate(name, (*controls, target), (), source)
        return
    yield TranslatedGate("h", (target,), (), source)
    yield from _all_on("p", controls, target, pi, source)
    yield TranslatedGate("h", (target,), (), source)
