"""Comparisons that go on: the hook that gets every finished task, and what a folder keeps."""

from __future__ import annotations

import os

import pytest
from joblib import effective_n_jobs
from sklearn.linear_model import LogisticRegression

from qmlplay import VariationalClassifier
from qmlplay.compare.running import make_forecast, run_all
from qmlplay.compare.setup import Candidate, make_splits
from qmlplay.plots import display  # noqa: F401 - Matplotlib is loaded before times count


def lineups(n_splits=2):
    models = {
        "line": LogisticRegression(),
        "quantum": VariationalClassifier(n_layers=1, max_iter=2, random_state=0),
    }
    candidates = [Candidate(name, "classical", model) for name, model in models.items()]
    return [(split, candidates) for split in make_splits("moons", None, range(n_splits), 0.3)]


def run(on_done, n_jobs=1):
    work = lineups()
    forecast = make_forecast(work, by_name=False, n_jobs=effective_n_jobs(n_jobs))
    return run_all(work, forecast, n_jobs=n_jobs, verbose=0, on_done=on_done)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_task_is_handed_over_as_it_is_done(n_jobs):
    seen = []
    runs = run(lambda done: seen.append((os.getpid(), *done)), n_jobs)
    assert [process for process, _ in seen] == [os.getpid()] * 4
    assert [one.key for _, one in seen] == [one.key for one in runs]
    assert all(one.estimator is not None for _, one in seen)  # of all splits
    assert [one.estimator is not None for one in runs] == [True, True, False, False]


def test_a_task_is_handed_over_before_the_next_one_begins():
    """An error of the hook ends all, and nothing more is done."""
    seen = []

    def fail(done):
        seen.extend(done)
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        run(fail)
    assert [one.row["model"] for one in seen] == ["line"]


def test_ctrl_c_in_the_hook_keeps_the_run():
    def press(done):
        raise KeyboardInterrupt

    assert [one.row["model"] for one in run(press)] == ["line"]
