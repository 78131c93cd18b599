"""Ranges of features: where angles come from, and data that leave them behind."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qmlplay.checks import is_flag
from qmlplay.encoding_use import EncodingUse
from qmlplay.errors import InputRangeWarning, level_of_caller
from qmlplay.model import InputScaling, TrainedCircuit
from qmlplay.model.scaling import MOST_OUTLIERS, fills_a_turn
from qmlplay.training import TrainingHistory
from qmlplay.typing import Real

__all__ = [
    "check_same_range",
    "check_scale_inputs",
    "first_scaling",
    "keeps_turn",
    "noticed",
    "range_source",
]

#: Fewer say nothing about which share of a column is held.
_FEWEST_ROWS = 20


def check_scale_inputs(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is True, False, "auto" or a range.

    Examples
    --------
    >>> check_scale_inputs("scale_inputs", (0, [1, 10]))
    >>> check_scale_inputs("scale_inputs", (1, 0))
    Traceback (most recent call last):
        ...
    ValueError: scale_inputs must be True, False or 'auto', got (1, 0): a range (low, high) is a
    pair of finite numbers, or of arrays of shape (n_features,), with low < high
    """
    if is_flag(value) or (isinstance(value, str) and value == "auto"):
        return
    text = (
        f"{name} must be True, False or 'auto', got {value!r}: a range (low, high) is a pair of "
        f"finite numbers, or of arrays of shape (n_features,), with low < high"
    )
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(text)
    try:
        low, high = (np.asarray(end) for end in value)
    except ValueError:  # rows of several lengths
        raise TypeError(text) from None
    if any(end.dtype.kind not in "iuf" or end.ndim > 1 for end in (low, high)):
        raise TypeError(text)
    sizes = {end.size for end in (low, high)} - {1}
    if len(sizes) > 1 or 0 in sizes or not np.isfinite(high - low).all() or (low >= high).any():
        raise ValueError(text)


def range_source(scale_inputs: Any, use: EncodingUse) -> str:
    """Return where a scaling comes from.

    It is "data" in the usual way, "published" where the encoding has one of its own, "parameter",
    or "none" where there is none.
    """
    if _is_range(scale_inputs):
        return "parameter"
    if use.input_range is None:
        return "none"
    usual = replace(use, reupload=True, trainable_scaling=True, bandwidth=1.0)
    is_usual = usual == EncodingUse()
    return "data" if is_usual else "published"


def keeps_turn(X: Real, use: EncodingUse) -> bool:
    """Return whether features are taken as the radians that they seem to be."""
    return use.keeps_turns and fills_a_turn(X)


def _is_range(scale_inputs: Any) -> bool:
    return not (is_flag(scale_inputs) or isinstance(scale_inputs, str))


def first_scaling(scale_inputs: Any, X: Real, use: EncodingUse) -> InputScaling:
    """Return the scaling that training starts with.

    Raises
    ------
    ValueError
        If a range is given for another number of features.
    """
    if use.input_range is None or keeps_turn(X, use):
        scaling = InputScaling.identity(X.shape[1])
    elif _is_range(scale_inputs):
        scaling = _given(scale_inputs, X.shape[1], use.input_range)
    else:
        scaling = InputScaling.from_data(X, use.input_range)
    return scaling.times(use.bandwidth)


def _given(
    scale_inputs: Sequence[Any], n_features: int, input_range: tuple[float, float]
) -> InputScaling:
    low, high = (np.atleast_1d(np.asarray(end, dtype=float)) for end in scale_inputs)
    size = max(len(low), len(high))
    if size not in (1, n_features):
        raise ValueError(
            f"scale_inputs gives a range for {size} features, but X has {n_features}: give "
            f"numbers for all, or arrays of shape ({n_features},)"
        )
    return InputScaling.from_range(
        np.broadcast_to(low, n_features), np.broadcast_to(high, n_features), input_range
    )


def check_same_range(
    scale_inputs: Any,
    use: EncodingUse,
    model: TrainedCircuit,
    history: TrainingHistory,
    advice: str,
) -> None:
    """Check that training goes on with the scaling that the parameter asks for.

    Raises
    ------
    ValueError
        If `scale_inputs` has changed since the first call.
    """
    wanted, known = range_source(scale_inputs, use), history.range_source
    if wanted in ("data", "published"):
        same = known in (None, wanted) or (known == "none" and use.keeps_turns)
    else:
        expected = first_scaling(scale_inputs, np.zeros((1, model.n_features)), use)
        same = expected == model.scaling and known in (None, wanted)
    if not same:
        raise ValueError(
            f"scale_inputs={scale_inputs!r} is not what the model was first trained with, and "
            f"training would go on with the angles of then: {advice}"
        )


def noticed(
    X: Real,
    use: EncodingUse,
    model: TrainedCircuit,
    history: TrainingHistory,
    names: Sequence[Any],
) -> TrainingHistory:
    """Warn, once in the life of a model, where data lie far outside the range of its scaling.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    use : EncodingUse
        Where angles belong.
    model : TrainedModel or TrainedRegression
    history : TrainingHistory
    names : sequence
        Of the features; empty where they have none.

    Returns
    -------
    TrainingHistory
        One that remembers the warning.
    """
    scaling, limits = model.scaling, use.input_range
    is_unknown = history.range_source is None and scaling == InputScaling.identity(X.shape[1])
    if history.left_range or limits is None or history.range_source == "none" or is_unknown:
        return history
    limits = (use.bandwidth * limits[0], use.bandwidth * limits[1])
    angles = scaling.radians(X)
    is_far = np.abs(angles - sum(limits) / 2) > (limits[1] - limits[0]) * (1 + 1e-9)
    # A range that was learned may leave out a few outliers.
    allowed = 0 if history.range_source == "parameter" else MOST_OUTLIERS
    is_ambiguous = is_far.mean(axis=0) > allowed
    # Never so in the data that the limits come from: half of those are between the quartiles.
    is_blind = (scaling.is_held(X).mean(axis=0) > 0.5) & (len(X) >= _FEWEST_ROWS)
    far = np.flatnonzero(is_ambiguous | is_blind)
    if not len(far):
        return history
    low, high = scaling.seen(limits)
    shown = "; ".join(
        f"{names[k] if len(names) else k!s}: {X[:, k].min():.4g} to {X[:, k].max():.4g}, range "
        f"{low[k]:.4g} to {high[k]:.4g}"
        for k in far[:10]
    ) + ("; …" if len(far) > 10 else "")
    reason = (
        f"angles go up to {np.abs(angles).max():.3g} rad, and values whose angles differ by 2π"
        if is_ambiguous.any()
        else "most values are held at the fences for outliers, and all beyond a fence"
    )
    origin = "given as scale_inputs" if history.range_source == "parameter" else "of the first call"
    warnings.warn(
        f"{len(far)} feature(s) lie far outside the range {origin}: {reason} look alike "
        f"({shown}). Begin anew with the range of all data that will come, "
        f"scale_inputs=(low, high)",
        InputRangeWarning,
        stacklevel=level_of_caller(),
    )
    return replace(history, left_range=True)
