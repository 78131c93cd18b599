"""The state of a training history in pickles: one text, and the arrays of the optimiser."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from qmlplay.model.model_parts import from_state, to_state
from qmlplay.training.history import TrainingHistory
from qmlplay.typing import Real

__all__ = ["history_from_state", "history_to_state"]


def history_to_state(history: TrainingHistory, n_numbers: int) -> Any:
    """Return what a pickle keeps of the history of a model of so many trainable numbers.

    Examples
    --------
    >>> state = history_to_state(TrainingHistory(loss_curve=(0.7, 0.4), n_iter=2), n_numbers=27)
    >>> history_from_state(state, n_numbers=27).loss_curve
    (0.7, 0.4)
    """

    def parts() -> tuple[dict[str, Any], dict[str, Real]]:
        content, arrays = history.to_parts(n_numbers)
        if not history.holds_all(arrays):
            raise ValueError("the memory of its optimizer is nothing that a file holds")
        TrainingHistory.from_parts(content, arrays, n_numbers)
        return content, arrays

    return to_state(history, parts)


def history_from_state(state: Any, n_numbers: int) -> TrainingHistory:
    """Return the history that `history_to_state` wrote; ValueError where it was damaged."""

    def history(content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> TrainingHistory:
        return TrainingHistory.from_parts(content, arrays, n_numbers)

    return from_state(TrainingHistory, state, history)
