"""The book's table of steps: every participant's step on every workload, with its ratio to numpy's.

python tests/benchmarks/run.py --workloads W1 W2 W3 --rounds 5 --json steps.json
python tests/benchmarks/summary.py steps.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from participants import REFERENCE
from peers import PEERS
from tables import markdown, seconds, three
from workloads import WORKLOADS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("steps", type=Path, help="what run.py wrote with --json")
    steps = json.loads(parser.parse_args().steps.read_text(encoding="utf-8"))["steps"]
    workloads = [name for name in WORKLOADS if name in steps]
    names = sorted(steps[workloads[-1]], key=lambda name: steps[workloads[-1]][name]["median"])
    header = ["one training step", *(heading(name) for name in workloads)]
    rows = [[label(name), *(cell(steps[w], name) for w in workloads)] for name in names]
    print(markdown(header, rows))


def heading(name: str) -> str:
    workload = WORKLOADS[name]
    return (
        f"{name}: {workload.n_qubits} qubits, {workload.n_samples} samples, "
        f"{workload.n_weights} weights"
    )


def label(name: str) -> str:
    return PEERS[name].label if name in PEERS else f"**qmlplay on {name}**"


def cell(step: dict[str, dict[str, float]], name: str) -> str:
    """Return the median, † where it is scaled up, the ratio, and the compilation."""
    if name not in step:
        return "–"
    found = step[name]
    mark = " †" if found["scale"] != 1 else ""
    factor = found["median"] / step[REFERENCE]["median"]
    ratio = three(factor) if factor < 1000 else f"{float(f'{factor:.2g}'):,.0f}"
    compiled = f" + {seconds(found['first_call'])}" if found["compiles"] else ""
    return f"{seconds(found['median'])}{mark} ({ratio}×){compiled}"


if __name__ == "__main__":
    main()
