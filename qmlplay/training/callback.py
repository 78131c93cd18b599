"""The callback: what watches a fit, is told of its beginning and end, and may end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.training.monitor import TrainingState

__all__ = ["Callback", "ends_training"]


class Callback:
    """A callback of `fit` that is told of its beginning, of every step, and of its end.

    A plain function ``callback(state)`` is a callback too; derive from this class where there is
    something to open, to close or to keep. All methods do nothing unless they are overridden.

    Cloning an estimator keeps such an object as it is, not a copy of it: under
    `sklearn.model_selection.cross_val_score`, in a grid search or in `qmlplay.compare`, yours sees
    every fit, one after the other (with ``n_jobs`` the other processes have copies). An object of
    any other class is copied as deeply as every parameter, and so yours sees nothing.

    Examples
    --------
    >>> from sklearn.model_selection import cross_val_score
    >>> from qmlplay import VariationalClassifier
    >>> class LossPrinter(Callback):
    ...     def on_fit_begin(self, estimator):
    ...         self.losses = []
    ...     def __call__(self, state):
    ...         self.losses.append(state.loss)
    ...     def on_fit_end(self, estimator):
    ...         print(estimator.n_iter_, len(self.losses))
    >>> model = VariationalClassifier(max_iter=3, callbacks=[LossPrinter()])
    >>> scores = cross_val_score(model, [[0.0], [1.0], [0.1], [0.9]], [0, 1, 0, 1], cv=2)
    3 3
    3 3
    """

    #: Whether it never changes what is learned, nor when training ends; a model file does not
    #: name such a callback as missing.
    only_watches: ClassVar[bool] = False

    def on_data(self, estimator: Any, X: Real, y: NDArray[Any]) -> None:
        """Get the data that are trained on, right before `on_fit_begin`.

        Parameters
        ----------
        estimator : VariationalClassifier or VariationalRegressor
        X : ndarray of shape (n_samples, n_features)
            In the units of the user, without samples of weight 0 and without those that
            `early_stopping` holds out. Read them only.
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        """

    def on_fit_begin(self, estimator: Any) -> None:
        """Hear that training begins.

        Parameters
        ----------
        estimator : VariationalClassifier or VariationalRegressor
            Usable as it is, with the weights that training starts from.
        """

    def __call__(self, state: TrainingState) -> bool | None:
        """Hear of a step; only the answer True ends training.

        Parameters
        ----------
        state : TrainingState
            The estimator, the iteration, the step, the loss, and the seconds so far.
        """
        return None

    def on_fit_end(self, estimator: Any) -> None:
        """Hear that `fit` ends with a trained estimator.

        It does so by itself, by `max_time`, by a callback, by Ctrl-C (see ``stop_reason_``), and
        where training ran away after some good steps, which are kept. An error that is raised
        here leaves the estimator trained.

        Parameters
        ----------
        estimator : VariationalClassifier or VariationalRegressor
        """

    def on_fit_error(self, estimator: Any, error: BaseException) -> None:
        """Hear that `fit`, once begun, fails and leaves nothing of this training.

        Parameters
        ----------
        estimator : VariationalClassifier or VariationalRegressor
            As it was before.
        error : BaseException
            Which goes on to whoever called `fit`.
        """

    def __sklearn_clone__(self) -> Self:
        """Return this object, so that it sees what the clones of its estimator do."""
        return self


def ends_training(answer: object) -> bool:
    """Return whether the answer of a callback is True, and not just something that is not empty.

    Functions that are handy as callbacks answer other things, such as a number of characters.

    Examples
    --------
    >>> ends_training(np.True_), ends_training(1), ends_training("written")
    (True, False, False)
    """
    return isinstance(answer, bool | np.bool_) and bool(answer)
