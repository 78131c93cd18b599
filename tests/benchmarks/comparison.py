"""A whole comparison as a user waits for it: all models on a table of 768 rows and 8 columns.

    python tests/benchmarks/comparison.py --seeds 3

The table is made up: two classes that overlap, 35 % in the smaller one, each of two clusters. A new
process reads the file, trains, draws and writes; its wall time and the time on the cores (user and
system, which a busy machine does not stretch) stand beside the forecast that it made. With
``--everywhere`` every simulator trains, too, which takes many minutes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter

import numpy as np
import pandas as pd
from machine import machine, sentence
from tables import markdown, seconds, write_json


def main() -> None:
    arguments = _arguments()
    ways: dict[str, list[str]] = {"as it is": []}
    if arguments.everywhere:
        ways["train everywhere"] = ["--train-everywhere"]
    results = {way: run(options, arguments.seeds) for way, options in ways.items()}
    header = ["compare, 768 × 8", "wall", "cores", "forecast (at most)"]
    rows = [[way, *map(seconds, list(found.values()))] for way, found in results.items()]
    print(markdown(header, rows))
    found = machine()
    print("\n" + sentence(found))
    write_json(arguments.json, {"machine": found, "comparison": results})


def clinic(n_samples: int = 768, seed: int = 0) -> pd.DataFrame:
    """Return measurements of made-up people, and which of them are ill."""
    random = np.random.default_rng(seed)
    is_ill = random.random(n_samples) < 0.35
    cluster = random.integers(0, 2, n_samples)
    means = random.normal(0, 0.55, (2, 2, 8))
    mixing = 0.8 * np.eye(8) + 0.5 * random.normal(size=(8, 8)) / np.sqrt(8)
    X = means[is_ill.astype(int), cluster] + random.normal(size=(n_samples, 8)) @ mixing
    table = pd.DataFrame(X.round(3), columns=[f"measurement_{i}" for i in range(8)])
    return table.assign(outcome=np.where(is_ill, "ill", "well"))


def run(options: list[str], n_seeds: int) -> dict[str, float]:
    """Return wall time, time on the cores and forecast of one command, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        clinic().to_csv(Path(folder, "clinic.csv"), index=False)
        command = [sys.executable, "-m", "qmlplay", "compare", "clinic.csv"]
        before, start = getrusage(RUSAGE_CHILDREN), perf_counter()
        subprocess.run(
            [*command, "--seeds", str(n_seeds), *options],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        wall, after = perf_counter() - start, getrusage(RUSAGE_CHILDREN)
        text = Path(folder, "qmlplay-results", "comparison.json").read_text(encoding="utf-8")
    cores = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    forecast = json.loads(text)["forecast"]["forecast_seconds"]
    return {"wall": wall, "cores": cores, "forecast": forecast}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--everywhere", action="store_true", help="also train on every simulator")
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
