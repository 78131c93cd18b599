"""The model in training: a classifier as it was asked for, fitted so that it can be steered."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from math import ceil
from typing import Any, final

import numpy as np

from qmlplay.classifier import VariationalClassifier
from qmlplay.classifier.start import training_backend
from qmlplay.training import TrainingCost, TrainingState
from qmlplay.training.cost import samples_per_step
from qmlplay.training.optimizers import Optimizer, get_optimizer
from qmlplay.typing import Real
from qmlplay.widget.playing.run_course import way_beyond
from qmlplay.widget.playing.steering import Guide, steered
from qmlplay.widget.playing.step_forecast import seconds_of_gradient, seconds_of_loss
from qmlplay.widget.playing.step_progress import looks_of_step, samples_of_step

__all__ = ["TrainingModel"]

#: More iterations than anybody waits for: a guide knows the limit, which can be moved.
_UNLIMITED = 10**6


@final
class TrainingModel:
    """A classifier in training, and the same as it was asked for.

    Parameters
    ----------
    asked : VariationalClassifier
        Unfitted; its callbacks are left out.
    X, y : ndarray
        Training data.
    """

    def __init__(self, asked: VariationalClassifier, X: Any, y: Any) -> None:
        self.asked, self._X, self._y = asked.set_params(callbacks=None), X, y
        self._training: VariationalClassifier = copy(asked)
        self._cost: TrainingCost | None = None

    @property
    def cost(self) -> TrainingCost:
        """What the whole training costs at most, as it was asked for."""
        if self._cost is None:
            self._cost = self.asked.training_cost(self._X, self._y)
        return self._cost

    def fit(
        self,
        guide: Guide,
        after_step: Callable[[TrainingState], None],
        within_step: Callable[[int], None],
    ) -> None:
        """Train, with the steps that `fit` would make of what was asked for."""
        backend = training_backend(self.asked)
        backend.watch = within_step
        self._training.set_params(
            backend=backend,
            shots=None,
            noise=None,
            optimizer=steered(self.asked.optimizer, guide),
            max_iter=_UNLIMITED,
            callbacks=[after_step],
            verbose=0,
        ).fit(self._X, self._y)

    def as_asked(self, numbers: Real) -> VariationalClassifier:
        """Return the fitted classifier that was asked for, with the given trainable numbers."""
        model: VariationalClassifier = copy(self._training)
        model.set_params(**self.asked.get_params(deep=False))
        history = replace(self._training._history, cost=self.cost)
        return model.with_model(self._training.model_.with_numbers(numbers), history)

    @property
    def is_slow(self) -> bool:
        """Whether its simulator may take long for a look at all samples."""
        has_to_sample = self.asked.shots is not None or self.asked.noise is not None
        return has_to_sample and self.asked.backend != "numpy"

    def change(self, **settings: Any) -> None:
        """Change what was asked for, as far as it makes no other model, such as `max_iter`."""
        self.asked.set_params(**settings)
        self._cost = None

    def samples_of_step(self) -> int:
        """Return how many samples a simulator does for a step, every shifted circuit counted."""
        observables = self.asked.design(self._X.shape[1], len(np.unique(self._y))).observables
        return samples_of_step(self.cost, self._optimizer, observables, self.n_samples_per_step)

    def seconds_of_step(self, check: Callable[[int], None]) -> float:
        """Return about how many seconds a step takes here; a line search may take several such.

        Parameters
        ----------
        check : callable
            ``check(n_samples)`` is called on the way, and may raise.
        """
        backend = training_backend(self.asked)
        backend.watch = check
        model, X = self._training.model_, self._X[: self.n_samples_per_step]
        if self.cost.gradient_method == "spsa":
            return 2 * seconds_of_loss(model, X, backend)
        if self._optimizer.needs_gradients:
            return seconds_of_gradient(model, X, backend)
        return looks_of_step(self._optimizer) * seconds_of_loss(model, X, backend)

    @property
    def way_beyond(self) -> tuple[str, str]:
        """What makes iterations beyond those planned, see `way_beyond`."""
        use, is_whole = self.asked.encoding_use(), self.n_samples_per_step == len(self._X)
        return way_beyond(self.asked.optimizer, use.alpha, self.asked.shots, is_whole=is_whole)

    @property
    def _optimizer(self) -> Optimizer:
        return get_optimizer(self.asked.optimizer)

    @property
    def n_samples_per_step(self) -> int:
        """How many samples a step sees; the last one of a pass over the data may see fewer."""
        n_samples = len(self._X)
        in_batches = self._optimizer.in_batches
        return samples_per_step(self.asked.batch_size, n_samples) if in_batches else n_samples

    @property
    def steps_per_iteration(self) -> int:
        """How many steps an iteration has; one while no samples are drawn."""
        return max(1, ceil(len(self._X) / max(1, self.n_samples_per_step)))

    def samples_seen(self, steps: int) -> int:
        """Return how many samples so many steps see, those of every pass counted anew."""
        passes, rest = divmod(steps, self.steps_per_iteration)
        return passes * len(self._X) + rest * self.n_samples_per_step
