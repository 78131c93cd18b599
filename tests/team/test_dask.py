"""Comparisons, searches, kernels and predictions on a real Dask cluster of two processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed, effective_n_jobs, parallel_config
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score

from qmlplay import (
    QuantumKernel,
    QuantumKernelClassifier,
    VariationalClassifier,
    compare,
    load_dataset,
)

pytestmark = pytest.mark.needs("dask", "distributed")

sys.path.insert(0, str(Path(__file__).parents[1]))  # workers look where this process does
from worker_models import NotedRegression, notes  # noqa: E402

MOONS = load_dataset("moons", n_samples=120, random_state=0)


@contextmanager
def cluster():
    """A cluster on loopback, on free ports, that nobody else can reach."""
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2,
            processes=True,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
            silence_logs=50,
        ) as workers,
        Client(workers) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client():
    with cluster() as client:
        yield client


@pytest.fixture
def on_cluster(client):
    client.wait_for_workers(2, timeout=60)
    return {"backend": "dask"}


def same(result, expected):
    columns = [c for c in expected.runs if c not in ("fit_seconds", "predict_seconds")]
    pd.testing.assert_frame_equal(result.runs[columns], expected.runs[columns], check_exact=True)


def quantum(**options):
    settings = {"n_layers": 1, "max_iter": 3, "verbose": 0, "random_state": 0} | options
    return VariationalClassifier(**settings)


def test_a_comparison_gives_the_numbers_of_one_process(on_cluster, capfd):
    settings = {
        "models": ["numpy", "qiskit", "svc_rbf", "dummy"],
        "classifier": quantum(),
        "seeds": 2,
        "train_everywhere": True,
        "verbose": 0,
    }
    expected = compare("moons", **settings)
    with parallel_config(**on_cluster):
        assert effective_n_jobs(None) == 2
        result = compare("moons", **settings)
    same(result, expected)
    assert result.forecast.n_jobs == 2
    pd.testing.assert_frame_equal(result.parity_table, expected.parity_table, check_exact=True)
    key = ("moons", "numpy")
    np.testing.assert_array_equal(result.fitted[key].weights_, expected.fitted[key].weights_)


def test_own_models_and_searches_inside_models(on_cluster):
    """A model that searches by itself, on a worker, comes to an end and to the same end."""
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    settings = {"models": {"search": search, "quantum": quantum()}, "seeds": 2, "verbose": 0}
    expected = compare("moons", **settings)
    with parallel_config(**on_cluster):
        same(compare("moons", **settings), expected)


def test_workers_keep_to_one_thread(on_cluster, client):
    def threads():
        from threadpoolctl import threadpool_info

        return [pool["num_threads"] for pool in threadpool_info()]

    before = client.run(threads)
    with parallel_config(**on_cluster):
        compare("moons", models=["numpy"], classifier=quantum(), seeds=2, verbose=0)
    after = client.run(threads)
    assert all(after[worker][: len(pools)] == pools for worker, pools in before.items())


class Killer(threading.Thread):
    """Kills a worker that has begun its second task a moment ago."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.killed = path, None

    def run(self):
        end = time.monotonic() + 60
        while self.killed is None and time.monotonic() < end:
            time.sleep(0.02)
            latest = {}
            for when, process, event, _ in notes(self.path):
                latest.setdefault(process, []).append((event, when))
            for process, events in latest.items():
                done = sum(event == "done" for event, _ in events)
                is_busy = events[-1][0] == "begun"
                # By then the result of the task before is with the client.
                if done and is_busy and time.time() - events[-1][1] > 2.0:
                    self.killed = process
                    os.kill(process, signal.SIGKILL)
                    return


@pytest.mark.parametrize("what", ["comparison", "search"])
def test_a_worker_killed_in_the_middle(what, on_cluster, client, tmp_path):
    """Nothing is lost, nothing that was finished is done twice, and the numbers are the same."""
    path, serial = str(tmp_path / "notes"), str(tmp_path / "serial")

    def work(path, seconds):
        if what == "comparison":
            models = {f"C={C}": NotedRegression(path, seconds, C=C) for C in (0.1, 1.0)}
            return compare("moons", models=models, seeds=4, verbose=0)
        model = NotedRegression(path, seconds)
        return GridSearchCV(model, {"C": [0.01, 0.1, 1.0, 10.0]}, cv=2, refit=False).fit(
            MOONS.X, MOONS.y
        )

    expected = work(serial, 0.0)
    killer = Killer(path)
    killer.start()
    scatter = {"scatter": [MOONS.X, MOONS.y]} if what == "search" else {}
    with parallel_config(**on_cluster, **scatter):
        result = work(path, 2.6)
    killer.join(60)
    assert killer.killed is not None
    begun, done = (
        Counter(text for _, _, event, text in notes(path) if event == wanted)
        for wanted in ("begun", "done")
    )
    planned = Counter(text for _, _, event, text in notes(serial) if event == "done")
    assert done == planned  # each once
    assert begun.total() == planned.total() + 1  # the one that was killed
    if what == "comparison":
        same(result, expected)
        assert result.n_missing == 0
    else:
        for name in ("mean_test_score", "params", "rank_test_score"):
            np.testing.assert_array_equal(result.cv_results_[name], expected.cv_results_[name])


def test_a_grid_search_and_cross_validation_of_a_quantum_model(on_cluster):
    search = GridSearchCV(quantum(), {"n_layers": [1, 2]}, cv=2)
    expected = search.fit(MOONS.X, MOONS.y).cv_results_["mean_test_score"]
    scores = cross_val_score(quantum(), MOONS.X, MOONS.y, cv=2)
    with parallel_config(**on_cluster):
        found = search.fit(MOONS.X, MOONS.y)
        np.testing.assert_array_equal(found.cv_results_["mean_test_score"], expected)
        np.testing.assert_array_equal(cross_val_score(quantum(), MOONS.X, MOONS.y, cv=2), scores)
    assert found.best_estimator_.score(MOONS.X, MOONS.y) > 0.5


@pytest.mark.needs("optuna")
def test_a_search_shares_its_study_with_the_workers(on_cluster, tmp_path):
    import optuna

    from qmlplay.search import search

    path = tmp_path / "study.db"
    with parallel_config(**on_cluster):
        result = search("moons", budget=12, study=str(path), n_jobs=2, verbose=0)
    assert result.best_estimator_.score(MOONS.X, MOONS.y) > 0.5
    studies = optuna.study.get_all_study_summaries(f"sqlite:///{path}")
    assert sum(study.n_trials for study in studies) >= 3


def without_package():
    """Make a worker one where qmlplay was never installed."""
    import sys

    for name in [name for name in sys.modules if name.split(".")[0] == "qmlplay"]:
        del sys.modules[name]

    class Refusing:
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] == "qmlplay":
                raise ModuleNotFoundError("No module named 'qmlplay'", name="qmlplay")

    sys.meta_path.insert(0, Refusing())


def test_a_worker_without_the_package():
    with cluster() as client:
        client.run(without_package)
        text = r"could not do its part \(ModuleNotFoundError.*install qmlplay .* on every worker"
        with parallel_config(backend="dask"), pytest.raises(RuntimeError, match=text):
            compare("moons", models=["dummy", "logistic_regression"], seeds=2, verbose=0)
        assert len(client.run(os.getpid)) == 2  # they live on


class TestBlocks:
    """100,000 rows by Dask's arrays: a block at a time on each worker."""

    rows = np.random.default_rng(0).uniform(-1, 1, (100_000, 2))

    def blocks(self, rows):
        import dask.array as da

        return da.from_array(rows, chunks=(20_000, -1))

    @pytest.mark.parametrize("kind", ["variational", "kernel"])
    def test_predictions(self, kind, on_cluster):
        model = quantum() if kind == "variational" else QuantumKernelClassifier(bandwidth=1.0)
        model.fit(MOONS.X, MOONS.y)
        expected = model.predict_proba(self.rows)
        found = self.blocks(self.rows).map_blocks(
            model.predict_proba, chunks=((20_000,) * 5, (2,)), dtype=float
        )
        np.testing.assert_allclose(found.compute(), expected, rtol=0, atol=1e-12)
        with parallel_config(**on_cluster):
            parts = Parallel()(
                delayed(model.predict_proba)(part) for part in np.array_split(self.rows, 5)
            )
        np.testing.assert_allclose(np.concatenate(parts), expected, rtol=0, atol=1e-12)

    def test_a_kernel_matrix(self, client):
        kernel, columns = QuantumKernel("zz"), self.rows[:40] + 0.01
        found = self.blocks(self.rows).map_blocks(
            kernel, columns, chunks=((20_000,) * 5, (40,)), dtype=float
        )
        expected = kernel(self.rows, columns)
        np.testing.assert_allclose(found.compute(), expected, rtol=0, atol=1e-12)

    def test_a_product_with_a_matrix_that_nobody_could_hold(self, client):
        """Blocks are made, used and forgotten; here a small one, to be compared."""
        kernel, rows, size = QuantumKernel("angle_ry", n_qubits=2), self.rows[:6000], 2000
        vector = np.random.default_rng(1).normal(size=len(rows))
        lots = [slice(start, start + size) for start in range(0, len(rows), size)]

        def product(part):
            return sum(kernel(part, rows[lot]) @ vector[lot] for lot in lots)

        import dask.array as da

        found = da.from_array(rows, chunks=(size, -1)).map_blocks(product, drop_axis=1, dtype=float)
        np.testing.assert_allclose(found.compute(), kernel(rows) @ vector, rtol=0, atol=1e-9)
