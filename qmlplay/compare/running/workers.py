"""Workers that share the tasks of a comparison, by whatever backend of joblib is asked for."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

import cloudpickle
from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import (
    LokyBackend,
    MultiprocessingBackend,
    SequentialBackend,
    ThreadingBackend,
    get_active_backend,
)

from qmlplay._version import __version__

__all__ = ["WorkerError", "results"]

Task = TypeVar("Task")
Result = TypeVar("Result")

#: Backends whose workers run on this machine, with the packages that are here.
_ON_THIS_MACHINE = (LokyBackend, MultiprocessingBackend, SequentialBackend, ThreadingBackend)


class WorkerError(RuntimeError):
    """A task did not come back from a worker, for a reason that lies with the worker."""


def results(
    work: Callable[[Task], Result], tasks: Sequence[Task], n_jobs: int | None
) -> Generator[tuple[int, Result]]:
    """Yield the number of each task and what came of it, as soon as it is done.

    Every task is sent alone: one that was done is not done again because a worker died over the
    next one. Backends of joblib that cannot give results as they come give all of them at the end.

    Parameters
    ----------
    work : callable
    tasks : sequence
        In one process they are done in order, each when the next result is asked for.
    n_jobs : int or None
        As in `joblib.Parallel`; None is what ``joblib.parallel_config`` says, else one process.

    Raises
    ------
    WorkerError
        If a worker lacks a package, or died over a task again and again.

    Examples
    --------
    >>> list(results(abs, [-1, -2], n_jobs=None))
    [(0, 1), (1, 2)]
    """
    is_here = isinstance(get_active_backend()[0], _ON_THIS_MACHINE)
    if is_here and effective_n_jobs(n_jobs) == 1:
        yield from ((number, work(task)) for number, task in enumerate(tasks))
        return
    send = delayed(_numbered) if is_here else _sealed
    try:
        parallel = Parallel(n_jobs=n_jobs, batch_size=1, return_as="generator_unordered")
    except ValueError as error:
        if "return_as" not in str(error):  # as multiprocessing and ray say
            raise
        parallel = Parallel(n_jobs=n_jobs, batch_size=1)
    try:
        yield from parallel(send(work, number, task) for number, task in enumerate(tasks))
    except Exception as error:
        raise WorkerError(_advice(error)) from error


def _numbered(work: Callable[[Task], Result], number: int, task: Task) -> tuple[int, Result]:
    return number, work(task)


class _Call:
    """A call that is made when it is unpickled."""

    def __init__(self, *arguments: Any) -> None:
        self._arguments = arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return _numbered, self._arguments


def _sealed(*arguments: Any) -> Any:
    """Return `delayed(_numbered)(*arguments)`, to be unpickled as a part of the work.

    A worker that cannot read a message, for lack of a package, hangs up and dies without a word;
    of work that fails it tells.
    """
    return delayed(pickle.loads)(cloudpickle.dumps(_Call(*arguments)))


def _advice(error: Exception) -> str:
    """Return what happened, and what to do."""
    reason = " ".join(str(error).split())
    text = f"a worker could not do its part ({type(error).__name__}: {reason:.300})"
    if isinstance(error, pickle.PicklingError):
        return f"{text}: a model of your own cannot be sent to it; leave out n_jobs"
    missing = (error.name or "").split(".")[0] if isinstance(error, ImportError) else ""
    if missing == "qmlplay":
        return (
            f"{text}: install qmlplay {__version__}, the version here, on every worker; on a Dask "
            f"cluster client.register_plugin(PipInstall(['qmlplay=={__version__}'])) does that"
        )
    if missing:
        return (
            f"{text}: every worker needs the module {missing!r}; on a Dask cluster "
            f"client.upload_file('{missing}.py') sends a file of your own"
        )
    return (
        f"{text}: every worker needs qmlplay {__version__}, the version here, the modules of your "
        f"own models, and memory for one model at a time"
    )
