"""The checkpoint of a fit: a callback that keeps a file from which a killed training goes on."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, final

from qmlplay.checks import check_count, check_interval
from qmlplay.classifier.checkpoint_files import (
    Fingerprint,
    SavedTraining,
    read_checkpoint,
    write_checkpoint,
)
from qmlplay.progress import announce
from qmlplay.training import Callback, TrainingState
from qmlplay.training.training_snapshot import TrainingSnapshot

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = ["Checkpoint"]

#: Seconds between two files, where nobody says something else.
_EVERY_SECONDS = 10.0
#: What ended a training that has nothing left to do.
_DONE = ("max_iter", "n_iter_no_change", "optimizer")


@final
class Checkpoint(Callback):
    """A callback of `fit` that keeps a model file from which a killed training goes on.

    The same `fit` again (the same data, parameters and file) goes on from it by itself, to the
    last bit as if it had never stopped: weights, losses, validation scores, the optimiser's
    memory, the order of the batches, shots, patience and the seconds of `max_time`. (SciPy's
    optimisers keep their memory to themselves: they are told again what they were told before,
    which takes no circuit.) A training
    that had come to its end is given back as it is; one that Ctrl-C, `max_time` or a callback
    ended goes on. Callbacks are not told again of the steps before.

    The file is written whole or not at all; it is a model file, which `qmlplay.load_model` reads.

    Parameters
    ----------
    path : str or path-like
        The file. Or a folder, one that is there or with a ``/`` at its end: every training gets a
        file of its own in it, so that a grid search or a cross-validation goes on too.
    every : int, optional
        Write after so many iterations.
    every_seconds : float, optional
        Write at the first end of an iteration after so many seconds. Without either, every 10 s.

    Attributes
    ----------
    file : pathlib.Path or None
        Where the last training is kept.

    Raises
    ------
    ValueError
        From `fit`: if the file belongs to another training, is damaged, or holds something else;
        it is left as it is. If the estimator has no `random_state`, as nobody could draw the same
        numbers again; and from `partial_fit`, after which `save` keeps all that it goes on from.
    OSError
        From `fit`, if the file cannot be written the first time. Later on that is a warning, and
        training goes on.

    Examples
    --------
    >>> import tempfile
    >>> from qmlplay import VariationalClassifier
    >>> from qmlplay.callbacks import Checkpoint
    >>> X, y = [[0.0], [0.2], [0.8], [1.0]], ["a", "a", "b", "b"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     def model(*others):
    ...         checkpoint = Checkpoint(f"{folder}/training.qmlplay", every=1)
    ...         return VariationalClassifier(
    ...             max_iter=4, random_state=0, verbose=0, callbacks=[checkpoint, *others])
    ...     first = model(lambda state: state.iteration == 2).fit(X, y)
    ...     again = model().fit(X, y)  # two more iterations
    >>> whole = VariationalClassifier(max_iter=4, random_state=0).fit(X, y)
    >>> first.n_iter_, again.n_iter_, again.loss_curve_ == whole.loss_curve_
    (2, 4, True)
    """

    only_watches = True

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        every: int | None = None,
        every_seconds: float | None = None,
    ) -> None:
        if every is not None:
            check_count("every", every)
        if every_seconds is not None:
            check_interval("every_seconds", every_seconds, 0, float("inf"))
        self.path = os.fspath(path)
        self.every, self.every_seconds = every, every_seconds
        self.file: Path | None = None
        self._forget()

    def __repr__(self) -> str:
        settings = {"every": self.every, "every_seconds": self.every_seconds}
        given = "".join(f", {k}={v!r}" for k, v in settings.items() if v is not None)
        return f"Checkpoint({self.path!r}{given})"

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings: a training under way is that of this process."""
        return {"path": self.path, "every": self.every, "every_seconds": self.every_seconds}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, file=None)
        self._forget()

    def _forget(self) -> None:
        self.taken_up: TrainingSnapshot | None = None
        self._fingerprint: Fingerprint | None = None
        self._take: Callable[[], TrainingSnapshot] | None = None
        self._last: TrainingSnapshot | None = None
        self._iterations = self._written_iteration = 0
        self._written_at = -float("inf")
        self._stamp: tuple[int, int] | None = None
        self._is_in_trouble = False

    def prepare(self, estimator: VariationalEstimator, fingerprint: Fingerprint) -> None:
        """Find out, before training, whether there is something to go on from.

        Raises
        ------
        ValueError
            If the file is another training's, or none.
        """
        self._forget()
        is_folder = self.path.endswith(("/", os.sep)) or os.path.isdir(self.path)
        self.file = Path(self.path)
        if is_folder:
            self.file.mkdir(parents=True, exist_ok=True)
            self.file /= f"{fingerprint.digest}.qmlplay"
        self._fingerprint = fingerprint
        if not self.file.exists():
            return
        saved = read_checkpoint(self.file)
        saved.check(fingerprint, self.file, type(estimator).__name__)
        self._last = self.taken_up = saved.snapshot
        self._iterations = self._written_iteration = len(saved.snapshot.losses)
        self._stamp = _stamp(self.file)
        announce(_what_is_there(saved, self.file), estimator.verbose)

    def watch(self, take: Callable[[], TrainingSnapshot]) -> None:
        """Be given what takes a snapshot of the training, now that it begins."""
        self._take = take
        self._written_at = monotonic() if self._last is not None else -float("inf")

    def __call__(self, state: TrainingState) -> None:
        """Write the file if an iteration has ended and it is time."""
        if self._take is None or state.iteration == self._iterations:
            return
        self._iterations = state.iteration
        self._last = self._take()
        if self._is_due():
            self._write(state.estimator, None)

    def _is_due(self) -> bool:
        if self.every is not None and self._iterations - self._written_iteration >= self.every:
            return True
        seconds = self.every_seconds
        if seconds is None:
            seconds = float("inf") if self.every is not None else _EVERY_SECONDS
        return self._stamp is None or monotonic() - self._written_at >= seconds

    def on_fit_end(self, estimator: Any) -> None:
        """Write the file with the model that training ended with."""
        if self._last is not None:
            self._write(estimator, estimator.stop_reason_)
        self._let_go()

    def on_fit_error(self, estimator: Any, error: BaseException) -> None:
        """Let go of the training; its file stays."""
        self._let_go()

    def _let_go(self) -> None:
        self._take = self._last = self.taken_up = None

    def _write(self, estimator: Any, stop_reason: str | None) -> None:
        assert self.file is not None
        assert self._fingerprint is not None
        assert self._last is not None
        if self._stamp is not None and _stamp(self.file) not in (self._stamp, None):
            self._warn(
                f"{self.file} is written by somebody else as well, and no longer by this training: "
                f"give every training a file of its own, or a folder, Checkpoint('folder/')"
            )
            return
        saved = SavedTraining(self._fingerprint, self._last, stop_reason)
        try:
            write_checkpoint(self.file, estimator, saved)
        except OSError as error:
            if self._stamp is None:
                raise
            self._warn(f"the checkpoint is not kept, and training goes on: {error}")
            return
        self._stamp = _stamp(self.file)
        self._written_iteration, self._written_at = self._iterations, monotonic()

    def _warn(self, text: str) -> None:
        if not self._is_in_trouble:
            warnings.warn(text, UserWarning, stacklevel=2)
        self._is_in_trouble = True


def _stamp(file: Path) -> tuple[int, int] | None:
    """Return what changes with every writing of a file, None where there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _what_is_there(saved: SavedTraining, file: Path) -> str:
    done = len(saved.snapshot.losses)
    if saved.stop_reason in _DONE:
        return f"fit: {file} holds this training, which ended after {done} iterations"
    return f"fit: goes on after iteration {done} from {file}"
