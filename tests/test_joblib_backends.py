"""Comparisons on joblib's backends: those here, those that give lists, and those elsewhere."""

from __future__ import annotations

import multiprocessing
import pickle
import pickletools
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config, register_parallel_backend
from joblib.parallel import AutoBatchingMixin, ThreadingBackend
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_info, threadpool_limits
from worker_models import NotedRegression

from qmlplay import VariationalClassifier, compare
from qmlplay.compare.running import schedule, workers
from qmlplay.compare.running.workers import WorkerError, results

MODELS = {
    "quantum": VariationalClassifier(n_layers=1, max_iter=2, verbose=0),
    "line": LogisticRegression(),
    "tree": DecisionTreeClassifier(max_depth=3),
}
SECONDS = ["fit_seconds", "predict_seconds"]


def compared(**options):
    settings = {"models": MODELS, "seeds": 2, "verbose": 0} | options
    return compare("moons", **settings)


def same(result, expected):
    """Assert that all numbers but the seconds are the same, to the last bit."""
    columns = [column for column in expected.runs if column not in SECONDS]
    pd.testing.assert_frame_equal(result.runs[columns], expected.runs[columns], check_exact=True)
    assert result.fitted.keys() == expected.fitted.keys()


@pytest.fixture(scope="module")
def serial():
    return compared()


class ListsOnly(ThreadingBackend):
    """Gives all results at the end, as multiprocessing and ray do."""

    supports_return_generator = False


class Elsewhere(AutoBatchingMixin, ThreadingBackend):
    """Workers on another machine: what is sent there is pickled, and comes back pickled."""

    sent = 0

    def submit(self, func, callback=None):
        Elsewhere.sent += 1
        message = pickle.dumps(func)
        names = [text for _, text, _ in pickletools.genops(message) if isinstance(text, str)]
        assert not any("qmlplay" in name for name in names)  # readable where qmlplay is not
        return super().submit(_Unpacked(message), callback)


class _Unpacked:
    def __init__(self, message):
        self.message = message

    def __call__(self):
        return pickle.loads(pickle.dumps(pickle.loads(self.message)()))


register_parallel_backend("lists_only", ListsOnly)
register_parallel_backend("elsewhere", Elsewhere)


@pytest.fixture
def elsewhere(monkeypatch):
    """Joblib's settings for a backend whose workers are not on this machine."""
    here = tuple({*workers._ON_THIS_MACHINE} - {ThreadingBackend})  # what it is made of
    monkeypatch.setattr(workers, "_ON_THIS_MACHINE", here)
    monkeypatch.setattr(Elsewhere, "sent", 0)
    return {"backend": "elsewhere", "n_jobs": 2}


@pytest.mark.parametrize("backend", ["loky", "threading", "lists_only"])
def test_every_backend_gives_the_numbers_of_one_process(backend, serial, capsys):
    with parallel_config(backend=backend, n_jobs=2):
        same(compared(), serial)
    assert capsys.readouterr().err == ""


def test_so_does_one_elsewhere(elsewhere, serial):
    with parallel_config(**elsewhere):
        same(compared(), serial)
    assert Elsewhere.sent == 6


@pytest.mark.slow
def test_so_does_multiprocessing(serial):
    """In a process of its own: forking this one, full of others' threads, would not be safe."""
    code = """
from joblib import parallel_config
import pandas as pd
from test_joblib_backends import SECONDS, compared
with parallel_config(backend="multiprocessing", n_jobs=2):
    runs = compared().runs
print(pd.util.hash_pandas_object(runs.drop(columns=SECONDS).astype(str)).sum())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    runs = serial.runs.drop(columns=SECONDS).astype(str)
    assert int(done.stdout) == pd.util.hash_pandas_object(runs).sum()


def test_n_jobs_of_its_own_counts(elsewhere, serial):
    with parallel_config(**elsewhere):
        alone = compared(n_jobs=1)
        assert Elsewhere.sent == 0
        assert compared().forecast.n_jobs == 2
        assert Elsewhere.sent == 6
    same(alone, serial)
    assert alone.forecast.n_jobs == 1


def test_threads_leave_no_limits_behind(monkeypatch):
    """Each task sets limits and takes them back; several at a time may put back those of others."""

    def untidy(work, tasks, n_jobs):
        for number, task in enumerate(tasks):
            result = work(task)
            threadpool_limits(limits=1)
            warnings.simplefilter("ignore")
            yield number, result

    monkeypatch.setattr(schedule, "results", untidy)
    with threadpool_limits(limits=2):
        before, filters = threadpool_info(), list(warnings.filters)
        compared(models={"line": LogisticRegression()})
        assert [pool["num_threads"] for pool in threadpool_info()] == [
            pool["num_threads"] for pool in before
        ]
        assert warnings.filters == filters


def test_results_come_as_soon_as_they_are_done(tmp_path):
    """A slow model keeps nobody waiting: what is done is handed over."""
    numbers = []
    with parallel_config(backend="threading", n_jobs=2):
        for number, _ in results(_slow_first, range(4), None):
            numbers.append(number)
    assert sorted(numbers) == [0, 1, 2, 3]
    assert numbers[0] != 0


def _slow_first(number):
    if number == 0:
        import time

        time.sleep(0.5)


def test_every_task_is_sent_alone(elsewhere):
    """joblib puts quick tasks together; what was done would then be lost with the next one."""
    with parallel_config(**elsewhere):
        assert sum(1 for _ in results(abs, range(200), None)) == 200
    assert Elsewhere.sent == 200


class Missing:
    """A model whose module a worker does not have."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return _not_there, (self.name,)


def _not_there(name):
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("qmlplay", r"install qmlplay [\w.]+, the version here, on every worker; on a Dask"),
        ("qmlplay.kernels", r"install qmlplay [\w.]+, the version here, on every worker"),
        (
            "my_models",
            r"every worker needs the module 'my_models'; .*upload_file\('my_models.py'\)",
        ),
    ],
)
def test_a_worker_that_lacks_a_module(elsewhere, name, advice):
    with parallel_config(**elsewhere):
        work = results(_first, [(1, None), (2, Missing(name))], None)
        with pytest.raises(WorkerError, match=rf"ModuleNotFoundError: No module .*{advice}"):
            list(work)


def _first(pair):
    return pair[0]


def test_what_was_done_by_then_is_kept(monkeypatch):
    """One warning tells what happened; the comparison is that of a Ctrl-C."""

    def fail_late(work, tasks, n_jobs):
        for number, task in enumerate(tasks[:4]):
            yield number, work(task)
        raise WorkerError("a worker could not do its part: install qmlplay")

    monkeypatch.setattr(schedule, "results", fail_late)
    with pytest.warns(
        RuntimeWarning, match="install qmlplay. The comparison holds the 4 runs"
    ) as w:
        result = compared()
    assert w[0].filename == compared.__code__.co_filename  # where compare was called
    assert len(result.runs) == 4
    assert result.n_missing == 2
    assert "4 of 6 runs" in str(result)

    def fail_at_once(work, tasks, n_jobs):
        raise WorkerError("a worker could not do its part: install qmlplay")
        yield

    monkeypatch.setattr(schedule, "results", fail_at_once)
    with pytest.raises(RuntimeError, match="install qmlplay"):
        compared()


def test_a_model_that_cannot_be_sent(tmp_path):
    lock = NotedRegression(str(tmp_path / "notes"))
    lock.random_state = multiprocessing.get_context("spawn").Lock()
    with pytest.raises(RuntimeError, match=r"could not do its part .*"):
        list(results(_first, [(lock, None), (lock, None)], 2))


def test_a_failure_of_a_model_stays_a_row():
    models = {"bad": LogisticRegression(C=-1), "line": LogisticRegression()}
    with parallel_config(backend="threading", n_jobs=2):
        result = compared(models=models)
    status = result.table.set_index("model")["status"]
    assert status["line"] == "ok"
    assert "InvalidParameterError" in status["bad"]


@pytest.mark.slow
def test_nested_work_of_a_model_stays_where_it_is(serial):
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    expected = compared(models={"search": search}, seeds=1)
    for backend in ("loky", "threading"):
        with parallel_config(backend=backend, n_jobs=2):
            same(compared(models={"search": search}, seeds=1), expected)


def test_numbers_of_a_list_come_with_their_tasks():
    with parallel_config(backend="lists_only", n_jobs=2):
        assert sorted(results(abs, [-1, -2, -3], None)) == [(0, 1), (1, 2), (2, 3)]
    assert np.all([number for number, _ in results(abs, [-1, -2], 1)] == [0, 1])
