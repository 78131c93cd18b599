"""Divergence: numbers that run away in training, and the errors that say so."""

from __future__ import annotations

__all__ = ["LARGEST", "DivergenceError", "NotFiniteError"]


#: Larger trainable numbers are as good as infinite: angles and squares of them may overflow.
LARGEST = 1e100


class NotFiniteError(FloatingPointError):
    """A loss, derivatives or trainable numbers are not finite."""


class DivergenceError(FloatingPointError):
    """Training ran away: a loss, derivatives or trainable numbers were no longer finite.

    Parameters
    ----------
    step : int
        The step at which it did, counted from 1.
    reason : object
        What was not finite.
    kept_steps : int, default=0
        How many steps before it the estimator keeps.
    """

    def __init__(self, step: int, reason: object, kept_steps: int = 0) -> None:
        super().__init__(step, reason, kept_steps)
        self.step, self.reason, self.kept_steps = step, reason, kept_steps

    def __str__(self) -> str:
        text = (
            f"training ran away at step {self.step} ({self.reason}): use a smaller "
            f"learning_rate_init, and look into a loss of your own"
        )
        if not self.kept_steps:
            return text
        return f"{text}; the estimator is fitted, with what it learned in the steps before"
