"""What it costs to keep a training and a comparison, and what a kill costs then.

    OMP_NUM_THREADS=1 python tests/benchmarks/checkpoints.py --rounds 7

For a model: bytes of a file, milliseconds to write one, and the seconds of a fit without files,
with one every 10 s, and with one after every iteration. For a comparison: seconds without a
folder, with one, and of a second call that takes all runs up.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from qmlplay import VariationalClassifier, compare, load_dataset
from qmlplay.callbacks import Checkpoint

#: Dataset, samples, settings.
MODELS = {
    "moons, 2 qubits": ("moons", 300, {}),
    "wine, 6 qubits": ("wine", None, {"n_qubits": 6, "batch_size": 16}),
    "moons, lbfgs": ("moons", 300, {"optimizer": "lbfgs"}),
}


def seconds_of(call):
    start = perf_counter()
    call()
    return perf_counter() - start


def of_a_model(name, dataset, n_samples, settings, rounds):
    options = {} if n_samples is None else {"n_samples": n_samples}
    data = load_dataset(dataset, random_state=0, **options)

    def fit(folder, **every):
        callbacks = [Checkpoint(Path(folder) / "c.qmlplay", **every)] if folder else None
        model = VariationalClassifier(
            random_state=0, max_iter=30, n_iter_no_change=None, verbose=0, callbacks=callbacks,
            **settings,
        )  # fmt: skip
        return model.fit(data.X, data.y)

    times = {"none": [], "10 s": [], "all": []}
    for _ in range(rounds):
        times["none"].append(seconds_of(lambda: fit(None)))
        for label, every in (("10 s", {}), ("all", {"every": 1})):
            with tempfile.TemporaryDirectory() as folder:
                times[label].append(seconds_of(lambda f=folder, e=every: fit(f, **e)))
                size = (Path(folder) / "c.qmlplay").stat().st_size
    without, rare, often = (median(times[label]) for label in times)
    n_iter = fit(None).n_iter_
    print(
        f"{name:18} {size:8,} bytes  {1e3 * (often - without) / (n_iter + 1):6.2f} ms a file  "
        f"fit {without:6.3f} s, every 10 s {rare:6.3f} s, every iteration {often:6.3f} s"
    )


def of_a_comparison(rounds):
    models = ["numpy", "no_entanglement", "logistic_regression", "svc_rbf", "random_forest"]

    def run(folder=None):
        return compare("moons", models=models, seeds=3, resume=folder, verbose=0)

    plain, kept, again = [], [], []
    for _ in range(rounds):
        plain.append(seconds_of(run))
        with tempfile.TemporaryDirectory() as folder:
            kept.append(seconds_of(lambda f=folder: run(f)))
            again.append(seconds_of(lambda f=folder: run(f)))
            size = sum(file.stat().st_size for file in Path(folder).rglob("*.*"))
    print(
        f"compare, 15 runs: {median(plain):.2f} s, in a folder {median(kept):.2f} s "
        f"({1e3 * (median(kept) - median(plain)) / 15:.1f} ms a run, {size:,} bytes), taken up "
        f"whole {median(again):.2f} s"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    for name, (dataset, n_samples, settings) in MODELS.items():
        of_a_model(name, dataset, n_samples, settings, rounds)
    of_a_comparison(max(1, rounds // 2))


if __name__ == "__main__":
    main()
