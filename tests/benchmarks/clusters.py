"""A comparison in one process, on two of joblib's own, and on a Dask cluster of two; and memory.

    python tests/benchmarks/clusters.py

The workers are warm: what is timed is the second of two comparisons.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from time import perf_counter

import numpy as np
from dask.distributed import Client, LocalCluster
from joblib import parallel_config

from qmlplay import QuantumKernel, QuantumKernelClassifier, VariationalClassifier, compare

N_ROWS, N_COLUMNS = 100_000, 1_000


def compared():
    return compare(
        "moons",
        models=["numpy", "svc_rbf", "logistic_regression"],
        classifier=VariationalClassifier(n_layers=4, max_iter=60, tol=0),
        seeds=8,
        verbose=0,
    )


def seconds(**settings):
    with parallel_config(**settings):
        compared()
        start = perf_counter()
        result = compared()
        took = perf_counter() - start
    assert (result.runs["status"] == "ok").all()
    return took


def memory(what):
    """Print the megabytes that 100,000 rows take beyond what there was before."""
    rows = np.random.default_rng(0).uniform(-1, 1, (N_ROWS, 4))
    y = (rows[:, 0] * rows[:, 1] > 0).astype(int)
    some, columns = rows[:N_COLUMNS], rows[:N_COLUMNS] + 0.01
    if what == "predictions of a variational classifier":
        work = VariationalClassifier(max_iter=2, verbose=0).fit(some, y[:N_COLUMNS]).predict_proba
    elif what == "predictions of a kernel classifier":
        model = QuantumKernelClassifier(bandwidth=1.0, C=1e-3, verbose=0)
        work = model.fit(some, y[:N_COLUMNS]).predict_proba
    else:
        kernel = QuantumKernel("zz", kind=what.removeprefix("kernel matrix, "))

        def work(X):
            return kernel(X, columns)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = perf_counter()
    result = work(rows)
    took = perf_counter() - start
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{what}: {peak:.0f} MB, of which the result {result.nbytes / 2**20:.0f}; {took:.1f} s")


def main():
    if len(sys.argv) > 1:
        memory(sys.argv[1])
        return
    alone = seconds(n_jobs=1)
    print(f"one process: {alone:.1f} s")
    print(f"loky, two processes: {seconds(backend='loky', n_jobs=2):.1f} s", flush=True)
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "localhost:0"}
    with LocalCluster(**options) as cluster, Client(cluster):
        print(f"Dask, two workers: {seconds(backend='dask'):.1f} s", flush=True)
    for what in (
        "predictions of a variational classifier",
        "predictions of a kernel classifier",
        "kernel matrix, fidelity",
        "kernel matrix, projected",
    ):
        subprocess.run([sys.executable, __file__, what], check=True)


if __name__ == "__main__":
    main()
