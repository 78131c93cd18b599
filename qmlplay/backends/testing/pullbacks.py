"""Checks of gradients that are asked for later, or by cotangents that hide a mistake.

A layer in a network is asked like that: several times after one forward run, by cotangents of 0
behind a dead unit or a mask, and by NaN where a loss has gone wrong.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from qmlplay.backends.base import Backend
from qmlplay.backends.testing.cases import Case, random_case
from qmlplay.backends.testing.reference import reference_expectations, reference_gradients
from qmlplay.circuit import Angle
from qmlplay.typing import Real

__all__ = ["check_cotangents", "check_vjp"]


def check_vjp(backend: Backend, *, seed: int = 0) -> None:
    """Compare pullbacks with the reference: called twice, in chunks, and for some slots alone.

    Parameters
    ----------
    backend : Backend
        An exact one.
    seed : int, default=0

    Raises
    ------
    AssertionError
        From the first comparison that fails.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> check_vjp(get_backend("numpy"))
    """
    for n_qubits in (1, 2, 4):
        case = random_case(seed + n_qubits, n_qubits, n_samples=5)
        _check_pullback(backend, case)
        # A chunk per sample: kept, or run forward again.
        for kept_bytes in (backend.kept_bytes, 0):
            small = _with(backend, chunk_amplitudes=2**n_qubits, kept_bytes=kept_bytes)
            _check_pullback(small, case)


def _check_pullback(backend: Backend, case: Case) -> None:
    arguments = (case.circuit, case.angles, case.observables)
    values, pullback = backend.vjp(*arguments)
    _close(values, reference_expectations(*arguments, case.n_samples))
    values[:] = np.nan  # it is the caller's
    for cotangents in (case.cotangents, case.cotangents[::-1] ** 2, case.cotangents):
        _same(pullback(cotangents), reference_gradients(*arguments, cotangents))
    wanted = set(range(0, case.circuit.n_slots, 2))
    _, pullback = backend.vjp(*arguments, slots=wanted)
    _same(pullback(case.cotangents), _only(wanted, _slopes(case, case.cotangents)))


def check_cotangents(backend: Backend, *, seed: int = 0) -> None:
    """Check gradients by cotangents of 0, by tiny and huge ones, by NaN, and by no slot at all.

    All of them 0 give zeros, and a sample whose own are 0 has no part in the gradient. A sample
    with NaN or infinity makes its own derivatives NaN and those by shared angles, and no others.

    Parameters
    ----------
    backend : Backend
        An exact one.
    seed : int, default=0

    Raises
    ------
    AssertionError
        From the first comparison that fails; the text names the cotangents.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> check_cotangents(get_backend("numpy"))
    """
    for n_qubits in (1, 3):
        case = random_case(seed + n_qubits, n_qubits, n_samples=5)
        whole, in_chunks = backend, _with(backend, chunk_amplitudes=2 * 2**n_qubits)
        for what, cotangents in _telling_cotangents(case.cotangents).items():
            for asked, slots in ((whole, None), (in_chunks, {0, 3}), (whole, set())):
                wanted = set(range(case.circuit.n_slots)) if slots is None else slots
                expected = _only(wanted, _slopes(case, cotangents))
                try:
                    _check_ways(asked, case, cotangents, slots, expected)
                except Exception as error:
                    about = f"{what} and slots={slots} on {n_qubits} qubits"
                    raise AssertionError(f"cotangents with {about}: {error!r}") from error


def _telling_cotangents(usual: Real) -> dict[str, Real]:
    some = np.arange(len(usual)) % 2 == 0  # samples
    return {
        "zeros": np.zeros_like(usual),
        "zeros for some samples": usual * some[:, None],
        "zeros for all samples but one": usual * (np.arange(len(usual)) == 3)[:, None],
        "zeros for some observables": usual * (np.arange(usual.shape[1]) == 1),
        "tiny numbers": usual * 1e-200,
        "huge numbers": usual * 1e100,
        "a NaN": _replaced(usual, (1, 0), np.nan),
        "a NaN among zeros": _replaced(0 * usual, (1, 0), np.nan),
        "an infinity": _replaced(usual, (4, 2), np.inf),
        "NaN alone": np.full_like(usual, np.nan),
    }


def _replaced(array: Real, place: tuple[int, int], value: float) -> Real:
    array = array.copy()
    array[place] = value
    return array


def _check_ways(
    backend: Backend, case: Case, cotangents: Real, slots: set[int] | None, expected: list[Angle]
) -> None:
    arguments = (case.circuit, case.angles, case.observables)
    _, pullback = backend.vjp(*arguments, slots=slots)
    _same(pullback(cotangents), expected)
    _, gradients = backend.expectations_and_gradients(*arguments, cotangents, slots=slots)
    _same(gradients, expected)
    _, gradients = backend.expectations_and_gradients(
        *arguments, lambda E, rows: cotangents[rows], slots=slots
    )
    _same(gradients, expected)


def _slopes(case: Case, cotangents: Real) -> list[Angle]:
    """Return the reference's gradients, NaN where a sample without finite cotangents counts."""
    is_known = np.asarray(np.isfinite(cotangents).all(axis=1))
    finite = np.where(is_known[:, None], cotangents, 0.0)
    slopes = reference_gradients(case.circuit, case.angles, case.observables, finite)
    unknown = np.where(is_known, 0.0, np.nan)
    return [
        slope + (unknown if isinstance(slope, np.ndarray) else float(unknown.sum()))
        for slope in slopes
    ]


def _only(wanted: set[int], slopes: list[Angle]) -> list[Angle]:
    return [
        slope if slot in wanted else np.zeros_like(slope) if isinstance(slope, np.ndarray) else 0.0
        for slot, slope in enumerate(slopes)
    ]


def _with(backend: Backend, **settings: Any) -> Backend:
    """Return a copy of the backend that has other settings of its class."""
    other = copy(backend)
    vars(other).update(settings)
    return other


def _same(found: list[Angle], expected: list[Angle]) -> None:
    assert [np.shape(gradient) for gradient in found] == [np.shape(slope) for slope in expected]
    _close(np.hstack(found), np.hstack(expected))


def _close(found: Any, expected: Any) -> None:
    """Compare within 1e-10, or within that part of the largest where it is large or tiny."""
    finite = np.abs(expected)[np.isfinite(expected)]
    largest = float(finite.max(initial=0.0))
    tolerance = 1e-10 * (largest if largest > 1 or 0 < largest < 1e-50 else 1.0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
