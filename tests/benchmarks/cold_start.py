"""Cold start: a new process imports, trains on moons and prints its accuracy.

    python tests/benchmarks/cold_start.py --rounds 5

Ours train the default classifier on 300 samples; the JAX peers run cold_jax.py, the same model
and as many Adam steps. Everyone has a turn in every round. The time is that of the whole process,
as a user waits for it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from machine import machine, sentence
from ours import INSTALLED
from participants import missing_packages
from peers import PEERS
from tables import markdown, seconds, write_json

OURS = """
from qmlplay import VariationalClassifier, load_dataset
data = load_dataset("moons", n_samples=300, random_state=0)
model = VariationalClassifier(backend="{backend}", random_state=0).fit(data.X, data.y)
print(f"accuracy {{model.score(data.X, data.y):.3f}}")
"""
JAX = {"pennylane_jax": "pennylane", "tensorcircuit_jax": "tensorcircuit"}


def main() -> None:
    arguments = _arguments()
    commands = {name: command(name) for name in arguments.only.split(",")}
    times: dict[str, list[float]] = {name: [] for name in commands}
    answers: dict[str, str] = {}
    for number in range(arguments.rounds):
        for name, words in commands.items():
            print(f"round {number + 1}: {name}", file=sys.stderr)
            if missing_packages(name):
                continue
            start = perf_counter()
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            times[name].append(perf_counter() - start)
            answers[name] = _last_line(done.stderr if done.returncode else done.stdout)
    print(
        markdown(["cold start", "median", "fastest", "slowest", "printed"], _rows(times, answers))
    )
    found = machine()
    print("\n" + sentence(found))
    medians = {name: median(found) for name, found in times.items() if found}
    write_json(arguments.json, {"machine": found, "cold_start": medians, "printed": answers})


def command(name: str) -> list[str]:
    """Return what a user would run."""
    if name in JAX:
        script = Path(__file__).with_name("cold_jax.py")
        return [sys.executable, str(script), JAX[name]]
    return [sys.executable, "-c", OURS.format(backend=name)]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["nothing"])[-1][:80]


def _rows(times: dict[str, list[float]], answers: dict[str, str]) -> list[list[str]]:
    rows = []
    for name, found in times.items():
        label = PEERS[name].label if name in PEERS else f"**qmlplay on {name}**"
        if found:
            figures = [seconds(f(found)) for f in (median, min, max)]
            rows.append([label, *figures, answers[name]])
        else:
            hint = f"not installed: pip install {' '.join(missing_packages(name))}"
            rows.append([label, "–", "–", "–", hint])
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", metavar="A,B", default=",".join((*INSTALLED, *JAX)))
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
