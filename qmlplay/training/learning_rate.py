"""The learning rate: a number, or a schedule, which is a function of the step."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real as RealNumber
from typing import Any

import numpy as np

from qmlplay.checks import is_flag, is_number

__all__ = ["LearningRate", "check_learning_rate", "rate_at"]

#: A number stands for the schedule that always gives it. A step is one update of the weights.
LearningRate = float | Callable[[int], float]

_ALLOWED = "a schedule must give a positive number of radians for every step, counted from 0"


def check_learning_rate(learning_rate: Any) -> None:
    """Check a number, or a schedule by its first step.

    Raises
    ------
    TypeError, ValueError
        Naming what came and what is allowed.

    Examples
    --------
    >>> check_learning_rate(0.1)
    >>> check_learning_rate(lambda step: 0.1 / (1 + step))
    >>> check_learning_rate(lambda step: -0.1)
    Traceback (most recent call last):
        ...
    ValueError: learning_rate_init gave -0.1 at step 0: a schedule must give a positive number
    of radians for every step, counted from 0
    """
    if callable(learning_rate) and not isinstance(learning_rate, type):
        rate_at(learning_rate, 0)
        return
    allowed = (
        f"learning_rate_init must be a positive number, got {learning_rate!r} (or a function of "
        f"the step, such as lambda step: 0.1 / (1 + step))"
    )
    if not is_number(learning_rate, 0, closed="neither"):
        is_real = isinstance(learning_rate, RealNumber) and not is_flag(learning_rate)
        raise (ValueError if is_real else TypeError)(allowed)


def rate_at(learning_rate: LearningRate, step: int) -> float:
    """Return the learning rate of a step.

    Parameters
    ----------
    learning_rate : float or callable
        A positive number, or ``learning_rate(step)`` → positive number, in radians.
    step : int
        Updates of the weights before this one, over all calls.

    Raises
    ------
    TypeError, ValueError
        If a schedule fails, or gives something else than a positive number; the text names
        the step and the value.

    Examples
    --------
    >>> rate_at(0.1, 7), rate_at(lambda step: 0.1 * 0.5**step, 2)
    (0.1, 0.025)
    """
    if not callable(learning_rate):
        return float(learning_rate)
    try:
        value: Any = learning_rate(step)
        array = np.asarray(value)  # schedules of other libraries give arrays of one number
    except Exception as error:
        text = f"learning_rate_init failed at step {step} ({error!r}): {_ALLOWED}"
        raise ValueError(text) from error
    if array.shape != () or array.dtype.kind not in "fiu":
        raise TypeError(f"learning_rate_init gave {value!r} at step {step}: {_ALLOWED}")
    if not 0 < array < np.inf:
        raise ValueError(f"learning_rate_init gave {value!r} at step {step}: {_ALLOWED}")
    return float(array)
