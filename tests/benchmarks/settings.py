"""What single precision and threads do to one training step of our backends.

    python tests/benchmarks/settings.py --rounds 5

The error is the largest difference of loss and gradient from double precision. Threads share the
chunks of a batch, so they have work only where there are several chunks, as in W2 and W3.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from machine import machine, sentence
from ours import INSTALLED
from tables import markdown, seconds, three, write_json
from timing import turn
from workloads import WORKLOADS, Step

from qmlplay import get_backend

SETTINGS = {
    "defaults": {},
    "single precision": {"precision": "single"},
    "2 threads": {"n_threads": 2},
    "both": {"precision": "single", "n_threads": 2},
}


def main() -> None:
    arguments = _arguments()
    rows, results = [], []
    for workload in arguments.workloads:
        for name in arguments.only.split(","):
            print(f"{workload}, {name}", file=sys.stderr)
            found = measure(name, workload, arguments.rounds)
            results += found
            rows.append(row(name, workload, found))
    print(markdown(["one step", *SETTINGS, "error in single precision"], rows) + "\n")
    about = machine()
    print(sentence(about))
    write_json(arguments.json, {"machine": about, "settings": results})


def measure(name: str, workload: str, n_rounds: int) -> list[dict[str, object]]:
    """Return the median seconds of a step with every setting, taken in turns."""
    steps = {}
    for setting, options in SETTINGS.items():
        try:
            steps[setting] = Step(WORKLOADS[workload], get_backend(name, **options))
        except ValueError:
            continue  # not every framework knows single precision
    loss, gradient = steps["defaults"]()
    times: dict[str, list[float]] = {setting: [] for setting in steps}
    for _ in range(n_rounds):
        for setting, step in steps.items():
            times[setting].append(turn(step))
    found = []
    for setting, step in steps.items():
        other_loss, other = step()
        error = max(abs(other_loss - loss), float(np.abs(other - gradient).max()))
        what = {"backend": name, "workload": workload, "setting": setting}
        found.append({**what, "seconds": float(np.median(times[setting])), "error": error})
    return found


def row(name: str, workload: str, found: list[dict[str, object]]) -> list[str]:
    """Return a row of the table: times and their ratios to those of the defaults."""
    by_setting = {entry["setting"]: entry for entry in found}
    base = by_setting["defaults"]["seconds"]
    cells = [
        f"{seconds(entry['seconds'])} ({three(base / entry['seconds'])}×)" if entry else "–"
        for entry in map(by_setting.get, SETTINGS)
    ]
    single = by_setting.get("single precision")
    return [f"**{name}**, {workload}", *cells, f"{single['error']:.0e}" if single else "–"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=["W2", "W3"])
    parser.add_argument("--only", default=",".join(INSTALLED), help="backends, by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
