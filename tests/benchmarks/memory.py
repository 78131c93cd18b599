"""Peak memory of one step over the imports, in a fresh process each.

python tests/benchmarks/memory.py --workloads W3
"""

from __future__ import annotations

import argparse

from ours import INSTALLED
from participants import all_names, missing_packages
from peers import PEERS
from point import measure
from tables import markdown, seconds, write_json
from workloads import WORKLOADS

FOLLOW = ("pennylane_broadcast", "pennylane_jax", "tensorcircuit_jax")


def main() -> None:
    arguments = _arguments()
    results: dict[str, dict[str, object]] = {}
    for workload in arguments.workloads:
        rows = []
        for name in arguments.only.split(","):
            label = PEERS[name].label if name in PEERS else f"**qmlplay on {name}**"
            absent = missing_packages(name)
            found = (
                f"not installed (pip install {' '.join(absent)})"
                if absent
                else measure(
                    name,
                    WORKLOADS[workload],
                    max_seconds=arguments.max_seconds,
                    max_mb=arguments.max_mb,
                )
            )
            results.setdefault(workload, {})[name] = found
            if isinstance(found, str):
                rows.append([label, found, "–"])
            else:
                rows.append([label, f"{found['memory_mb']:.0f} MB", seconds(found["seconds"])])
        print(markdown([workload, "peak over imports", "step"], rows) + "\n")
    write_json(arguments.json, {"memory": results})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", nargs="+", choices=list(WORKLOADS), default=["W3"])
    parser.add_argument(
        "--only",
        metavar="A,B",
        default=",".join((*INSTALLED, *FOLLOW)),
        help=f"of: {', '.join(all_names())}",
    )
    parser.add_argument("--max-seconds", type=float, default=120)
    parser.add_argument("--max-mb", type=float, default=8000)
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
