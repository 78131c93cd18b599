"""The targets, each with what was measured and whether it is met.

    python tests/benchmarks/targets.py results --measure

runs run.py, memory.py, cold_start.py and growth.py (all points, own backends only), writes their
results into the folder and prints the table; without --measure it reads what is there.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ours import CORE
from peers import PEERS
from tables import markdown, three

OURS = CORE
FRAMEWORKS = [name for name in OURS if name != "numpy"]
JAX = [name for name, peer in PEERS.items() if peer.compiles]
COMMANDS = {
    "run.py": ["--workloads", "W1", "W2", "W3", "--rounds", "9", "--json", "steps.json"],
    "memory.py": ["--workloads", "W3", "--json", "memory.json"],
    "cold_start.py": ["--rounds", "5", "--json", "cold_start.json"],
    "growth.py": ["--only", ",".join(OURS), "--out", "growth_ours"],
}


@dataclass(frozen=True)
class Target:
    """A figure, its bound, and what was measured (None: not yet)."""

    figure: str
    bound: float
    measured: float | None
    unit: str = "×"
    at_least: bool = False

    @property
    def cells(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        bound = f"{sign} {self.bound:g} {self.unit}"
        if self.measured is None:
            return [self.figure, bound, "–", "not measured"]
        met = self.measured >= self.bound if self.at_least else self.measured <= self.bound
        measured = f"{three(self.measured)} {self.unit}"
        return [self.figure, bound, measured, "met" if met else "**missed**"]


def ratio(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None else above / below


def step_targets(steps: dict[str, dict[str, dict[str, float]]]) -> Iterator[Target]:
    """Yield the targets on steady steps: ratios of medians of one run."""

    def median(workload: str, name: str) -> float | None:
        return steps.get(workload, {}).get(name, {}).get("median")

    for workload, bound in {"W1": 0.8, "W2": 0.35, "W3": 0.16}.items():
        found = {n: t for n in PEERS if (t := median(workload, n)) is not None}
        fastest = min(found, key=found.__getitem__, default="the fastest peer")
        label = PEERS[fastest].label if found else fastest
        figure = f"{workload}: numpy against {label}"
        yield Target(figure, bound, ratio(median(workload, "numpy"), found.get(fastest)))
    for name, peer, bound in (
        ("qiskit", "qiskit_ml", 800),
        ("cirq", "cirq_sweep", 1000),
        ("pennylane", "lightning", 30),
    ):
        figure = f"W1: {PEERS[peer].label} against {name}"
        yield Target(figure, bound, ratio(median("W1", peer), median("W1", name)), "×", True)
    for workload in ("W1", "W2", "W3"):
        broadcast = median(workload, "pennylane_broadcast")
        figure = f"{workload}: pennylane against broadcast backprop"
        yield Target(figure, 1, ratio(median(workload, "pennylane"), broadcast))
    for workload, bound in {"W1": 12, "W2": 6, "W3": 6}.items():
        for name in FRAMEWORKS:
            figure = f"{workload}: {name} against numpy"
            yield Target(figure, bound, ratio(median(workload, name), median(workload, "numpy")))


def process_targets(
    cold: dict[str, float], memory: dict[str, dict[str, float] | str]
) -> Iterator[Target]:
    """Yield the targets on cold start and memory."""
    for name, bound in {"numpy": 2.5, "qiskit": 4, "cirq": 6, "pennylane": 6}.items():
        yield Target(f"cold start, {name}", bound, cold.get(name), "s")
    slowest = max((cold[name] for name in OURS if name in cold), default=None)
    quickest = min((cold[name] for name in JAX if name in cold), default=None)
    figure = "cold start, our slowest against the quickest JAX peer"
    yield Target(figure, 1, ratio(slowest, quickest))
    for name in OURS:
        found = memory.get(name)
        peak = found["memory_mb"] if isinstance(found, dict) else None
        yield Target(f"W3, peak memory over imports, {name}", 150, peak, "MB")


def growth_targets(rows: list[dict[str, str]]) -> Iterator[Target]:
    """Yield the targets on growth; a quarter is allowed on top for scatter."""
    times = {
        (row["who"], row["varied"], int(row["value"])): float(row["seconds"])
        for row in rows
        if row["seconds"]
    }

    def growth(name: str, varied: str, small: int, large: int) -> float | None:
        return ratio(times.get((name, varied, large)), times.get((name, varied, small)))

    for name in OURS:
        samples = growth(name, "n_samples", 1000, 10_000)
        figure = f"time per sample, 10,000 against 1,000 samples, {name}"
        yield Target(figure, 1.25, ratio(samples, 10))
        qubits = growth(name, "n_qubits", 8, 14)
        mean = None if qubits is None else qubits ** (1 / 6)
        yield Target(f"time per further qubit, 8 to 14 qubits, mean, {name}", 2.3, mean)
        layers = growth(name, "n_layers", 8, 32)
        yield Target(f"time per layer, 32 against 8 layers, {name}", 1.25, ratio(layers, 4))


def measure(folder: Path) -> None:
    """Run the scripts that the targets need, inside the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for script, arguments in COMMANDS.items():
        path = Path(__file__).resolve().with_name(script)
        done = subprocess.run([sys.executable, str(path), *arguments], cwd=folder, check=False)
        if done.returncode:
            print(f"{script} ended with exit code {done.returncode}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the results are, or are to go")
    parser.add_argument("--measure", action="store_true", help="run the benchmarks first")
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.folder)
    targets = [
        *step_targets(_json(arguments.folder / "steps.json").get("steps", {})),
        *process_targets(
            _json(arguments.folder / "cold_start.json").get("cold_start", {}),
            _json(arguments.folder / "memory.json").get("memory", {}).get("W3", {}),
        ),
        *growth_targets(_csv(arguments.folder / "growth_ours.csv")),
    ]
    print(markdown(["figure", "target", "measured", ""], [target.cells for target in targets]))


def _json(path: Path) -> dict[str, dict]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _csv(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
