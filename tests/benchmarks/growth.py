"""How time and memory grow with qubits, samples, layers and observables.

    python tests/benchmarks/growth.py --out growth          # growth.csv and growth.png
    python tests/benchmarks/growth.py --out growth --quick  # a coarse version

Every point is a fresh process. What would take longer than --max-seconds (with its imports
and its compilation) or more memory than --max-mb is left out, with all larger points of the
same curve, and the CSV says so.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path

from growth_plot import draw
from ours import INSTALLED
from participants import missing_packages
from peers import PEERS
from point import measure
from workloads import Workload

BASE = Workload(n_qubits=8, n_samples=64, n_layers=2)
#: What is varied; with more observables than these, pairs of neighbours are measured.
FULL = {
    "n_qubits": [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    "n_samples": [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000],
    "n_layers": [1, 2, 4, 8, 16, 32],
    "n_observables": [1, 2, 4, 6, 8, 10],
}
QUICK = {
    "n_qubits": [2, 8, 14],
    "n_samples": [10, 1000],
    "n_layers": [1, 8],
    "n_observables": [1, 10],
}
FOLLOW = ("pennylane_broadcast", "pennylane_jax")
COLUMNS = ["who", "varied", "value", "first_call", "seconds", "memory_mb", "left_out"]


def main() -> None:
    arguments = _arguments()
    rows = []
    for varied, values in (QUICK if arguments.quick else FULL).items():
        if arguments.vary and varied not in arguments.vary:
            continue
        for name in arguments.only.split(","):
            rows += curve(name, varied, values, arguments.max_seconds, arguments.max_mb)
    path = Path(arguments.out)
    with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    labels = {name: PEERS[name].label for name in PEERS}
    draw(rows, labels, path.with_suffix(".png"))
    print(f"{path.with_suffix('.csv')} and {path.with_suffix('.png')}")


def curve(
    name: str, varied: str, values: list[int], max_seconds: float, max_mb: float
) -> list[dict[str, object]]:
    """Measure one participant along one axis, until it meets a limit."""
    rows: list[dict[str, object]] = []
    absent = missing_packages(name)
    reason = f"not installed: pip install {' '.join(absent)}" if absent else ""
    for value in values:
        row: dict[str, object] = {"who": name, "varied": varied, "value": value}
        if not reason:
            workload = replace(BASE, **{varied: value})
            found = measure(name, workload, max_seconds=max_seconds, max_mb=max_mb)
            if isinstance(found, str):
                reason = found
            else:
                row |= {key: f"{figure:.6g}" for key, figure in found.items()}
        rows.append(row | {"left_out": reason})
        print(", ".join(map(str, rows[-1].values())), flush=True)
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="growth", help="files to write, without their endings")
    parser.add_argument("--quick", action="store_true", help="few points")
    parser.add_argument("--vary", nargs="+", choices=list(FULL), help="these axes only")
    parser.add_argument("--only", metavar="A,B", default=",".join((*INSTALLED, *FOLLOW)))
    parser.add_argument("--max-seconds", type=float, default=60)
    parser.add_argument("--max-mb", type=float, default=4000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
