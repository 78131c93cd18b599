"""Threads and processes: compare() on moons with one and two jobs, OpenMP free or held to one.

    python tests/benchmarks/threads.py --rounds 3

If two jobs with OMP_NUM_THREADS unset take much longer than with 1, the jobs fight over cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from itertools import product
from statistics import median

from machine import machine, sentence
from tables import markdown, seconds, write_json

SCRIPT = """
from time import perf_counter
from qmlplay import compare
if __name__ == "__main__":
    start = perf_counter()
    compare("moons", seeds={seeds}, n_jobs={jobs}{models})
    print(perf_counter() - start)
"""
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
SETTINGS = ("unset", "1")


def main() -> None:
    arguments = _arguments()
    cases = list(product(SETTINGS, (1, 2)))
    times: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    for number in range(arguments.rounds):
        for case in cases:
            print(
                f"round {number + 1}: OMP_NUM_THREADS {case[0]}, n_jobs={case[1]}", file=sys.stderr
            )
            times[case].append(once(*case, arguments))
    rows = [
        [f"OMP_NUM_THREADS {setting}", *(seconds(median(times[setting, jobs])) for jobs in (1, 2))]
        for setting in SETTINGS
    ]
    print(markdown(["compare moons", "n_jobs=1", "n_jobs=2"], rows))
    found = machine()
    print("\n" + sentence(found))
    flat = {f"{setting} / {jobs}": found for (setting, jobs), found in times.items()}
    write_json(arguments.json, {"machine": found, "threads": flat})


def once(setting: str, jobs: int, arguments: argparse.Namespace) -> float:
    """Return the seconds that compare() took in a fresh process."""
    environment = {key: value for key, value in os.environ.items() if key not in VARIABLES}
    if setting != "unset":
        environment |= dict.fromkeys(VARIABLES, setting)
    models = f", models={arguments.models.split(',')}" if arguments.models else ""
    script = SCRIPT.format(seeds=arguments.seeds, jobs=jobs, models=models)
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--models", metavar="A,B", help="these alone, as in compare(models=…)")
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
