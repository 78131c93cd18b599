"""The progress within a step, counted in samples that a simulator has done."""

from __future__ import annotations

from time import monotonic
from typing import final

from qmlplay.circuit import Observables
from qmlplay.training import TrainingCost
from qmlplay.training.cost import n_settings
from qmlplay.training.optimizers import Optimizer

__all__ = ["StepProgress", "looks_of_step", "samples_of_step"]

#: Seconds between two reports.
_BETWEEN_REPORTS = 0.25
#: As far as it gets before the step has ended: a line search may look more often than usual.
_NEARLY = 0.99


def samples_of_step(
    cost: TrainingCost, optimizer: Optimizer, observables: Observables, n_samples: int
) -> int:
    """Return how many samples a simulator does for a step, every shifted circuit counted.

    Examples
    --------
    >>> from qmlplay.training.optimizers import get_optimizer
    >>> cost = TrainingCost("adam", "parameter_shift", 49, None, None, shots=100)
    >>> samples_of_step(cost, get_optimizer("adam"), ("ZI", "IZ"), n_samples=210)
    10290
    """
    ways = {None: 1, "adjoint": 1, "spsa": 2}
    settings = n_settings(observables, cost.shots)
    per_look = ways.get(cost.gradient_method, cost.circuits_per_sample // settings)
    return n_samples * per_look * looks_of_step(optimizer)


def looks_of_step(optimizer: Optimizer) -> int:
    """Return how often an optimiser looks at the samples for a step; once where nobody knows."""
    looks = None if optimizer.stops_itself else optimizer.n_evaluations(1)
    return 1 if looks is None else looks[1]


@final
class StepProgress:
    """How much of a step is done.

    Parameters
    ----------
    expected : int
        Samples of a step, until a step has shown how many there are.

    Examples
    --------
    >>> progress = StepProgress(expected=200)
    >>> progress.add(50)
    >>> progress.fraction
    0.25
    >>> progress.end()
    >>> progress.fraction
    0.0
    """

    def __init__(self, expected: int) -> None:
        self._expected, self._done = expected, 0
        self._reported = monotonic()

    @property
    def fraction(self) -> float:
        """The share of the step that is done, in [0, 1)."""
        return min(_NEARLY, self._done / self._expected)

    def add(self, n_samples: int) -> None:
        """Note that so many samples more are done."""
        self._done += n_samples

    @property
    def is_news(self) -> bool:
        """Whether it is time for a report; once for each."""
        now = monotonic()
        if now - self._reported < _BETWEEN_REPORTS:
            return False
        self._reported = now
        return True

    def end(self) -> None:
        """Note that the step has ended: the next one will take as many samples."""
        self._expected = self._done or self._expected
        self._done = 0
