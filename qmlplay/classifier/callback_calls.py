"""Callbacks of an estimator: their check, their calls around a fit, and help with copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from qmlplay.classifier.validation import TrainingData
from qmlplay.training import Callback
from qmlplay.training.divergence import DivergenceError

__all__ = ["check_callbacks", "explain_uncopied", "telling_callbacks"]


def check_callbacks(name: str, value: Any) -> None:
    """Raise TypeError unless a value is None or a list of functions."""
    if value is None:
        return
    is_list = isinstance(value, list | tuple)  # a generator would be used up by one fit
    if not is_list or not all(callable(callback) for callback in value):
        raise TypeError(
            f"{name} must be None or a list of functions callback(state), such as [print]; "
            f"got {value!r}"
        )
    for place, callback in enumerate(value):
        if isinstance(callback, type) and issubclass(callback, Callback):
            kind = callback.__name__
            raise TypeError(f"{name}[{place}] is the class {kind}: give an object, {kind}(...)")


@contextmanager
def telling_callbacks(estimator: Any) -> Iterator[Callable[[TrainingData], None]]:
    """Give a function that tells callbacks that training on data begins, and tell how it ended.

    Plain functions are not told.
    """
    told: list[Callback] = []

    def begin(data: TrainingData) -> None:
        for callback in estimator.callbacks or ():
            if isinstance(callback, Callback):
                told.append(callback)
                callback.on_data(estimator, data.X, data.y)
                callback.on_fit_begin(estimator)

    try:
        yield begin
    except BaseException as error:
        is_trained = isinstance(error, DivergenceError) and error.kept_steps > 0
        for callback in told:
            if is_trained:
                callback.on_fit_end(estimator)
            else:
                callback.on_fit_error(estimator, error)
        raise
    for callback in told:
        callback.on_fit_end(estimator)


@contextmanager
def explain_uncopied(callbacks: Sequence[Any] | None) -> Iterator[None]:
    """Name the callback that a clone cannot copy, and say what to do.

    Raises
    ------
    TypeError
        In place of the one of the copy.
    """
    try:
        yield
    except TypeError as error:
        for place, callback in enumerate(callbacks or ()):
            if not isinstance(callback, Callback) and (reason := _why_uncopied(callback)):
                raise TypeError(
                    f"callbacks[{place}] cannot be copied, as a clone has to ({reason}): derive "
                    f"its class from qmlplay.callbacks.Callback, which clones share, or give a "
                    f"function that calls it, such as lambda state: ..."
                ) from error
        raise


def _why_uncopied(callback: Any) -> str:
    try:
        deepcopy(callback)
    except TypeError as error:
        return str(error)
    return ""
