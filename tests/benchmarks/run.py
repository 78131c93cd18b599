"""Our backends and the peers on the same work: checked against each other, then timed.

    python tests/benchmarks/run.py --workloads W1 W2 W3 --rounds 9

Everyone computes the same loss and gradient of the same circuit, data and weights. Whoever
disagrees with our NumPy backend is not timed, and the exit code is 1. The times are taken
in rounds, A B C A B C, in one process, so that a busy moment of the machine hits all alike.
"""

from __future__ import annotations

import argparse
import sys
import warnings

from machine import machine, sentence
from participants import REFERENCE, Participant, all_names, make_participant, missing_packages
from peers import PEERS
from tables import markdown, seconds, three, write_json
from timing import race
from workloads import WORKLOADS

HEADER = ["W", "median", "IQR", "× ours (numpy)", "× fastest peer", "Δ", "compile"]


def main() -> int:
    arguments = _arguments()
    warnings.simplefilter("ignore")  # the peers' deprecations are not ours to mend
    chosen = arguments.only or all_names()
    names = [name for name in all_names() if name in {REFERENCE, *chosen}]
    missing = [name for name in names if missing_packages(name)]
    disagreed = False
    results = {}
    for workload in arguments.workloads:
        size = WORKLOADS[workload]
        print(
            f"\n### {workload}: {size.n_qubits} qubits, {size.n_samples} samples, "
            f"{size.n_layers} layers, {size.n_weights} weights\n"
        )
        present = [name for name in names if name not in missing]
        timed, refused, failed = _prepare(present, workload, arguments.full)
        race(timed, arguments.rounds, _progress(workload, arguments.rounds))
        print(_table(workload, timed))
        _notes(timed, refused, failed, size.n_samples)
        disagreed = disagreed or bool(refused or failed)
        results[workload] = {p.name: _record(p) for p in timed}
    for name in missing:
        command = "pip install " + " ".join(missing_packages(name))
        label = PEERS[name].label if name in PEERS else f"qmlplay on {name}"
        print(f"- {label}: not installed ({command})")
    found = machine()
    print("\n" + sentence(found))
    write_json(arguments.json, {"machine": found, "rounds": arguments.rounds, "steps": results})
    return int(disagreed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", nargs="+", choices=list(WORKLOADS), default=["W1"])
    parser.add_argument("--rounds", type=int, default=5, help="turns of everyone (default 5)")
    parser.add_argument("--only", type=_names, metavar="A,B", help=f"of: {', '.join(all_names())}")
    parser.add_argument("--full", action="store_true", help="all samples, however long it takes")
    parser.add_argument("--json", metavar="FILE", help="write the results to a file as well")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    return arguments


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in all_names()]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {unknown}; allowed are {all_names()}")
    return names


def _prepare(
    names: list[str], workload: str, full: bool
) -> tuple[list[Participant], list[Participant], dict[str, str]]:
    """Build and check everyone: who is timed, who disagrees, and who fails with what."""
    timed, refused, failed = [], [], {}
    for name in names:
        _say(f"{workload}: checking {name}")
        try:
            participant = make_participant(name, workload, full=full)
        except Exception as error:  # a broken peer must not stop the others
            failed[name] = f"{type(error).__name__}: {error}"
            continue
        (timed if participant.agrees else refused).append(participant)
    return timed, refused, failed


def _table(workload: str, participants: list[Participant]) -> str:
    ours = next(p.median for p in participants if p.name == REFERENCE)
    peers = [p.median for p in participants if p.name in PEERS]
    rows = [
        [
            p.label + ("" if p.scale == 1 else " †"),
            seconds(p.median),
            seconds(p.spread),
            three(p.median / ours),
            three(p.median / min(peers)) if peers else "–",
            f"{p.error:.0e}",
            seconds(max(0.0, p.first_call - p.median)) if p.compiles else "–",
        ]
        for p in sorted(participants, key=lambda p: p.median)
    ]
    return markdown([workload, *HEADER[1:]], rows)


def _notes(
    timed: list[Participant], refused: list[Participant], failed: dict[str, str], n_all: int
) -> None:
    print()
    parts = [f"{p.label} on {p.n_samples}" for p in timed if p.scale != 1]
    if parts:
        print(f"† timed on some of the {n_all} samples and scaled up: {'; '.join(parts)}.")
    loose = [f"{p.label}: {p.tolerance:.0e}" for p in timed if p.tolerance > 1e-8]
    print("All agree on loss and gradient to 1e-8" + "".join(f" ({text})" for text in loose) + ".")
    for p in refused:
        print(f"- {p.label} DISAGREES by {p.error:.1e} (allowed {p.tolerance:.0e}): not timed")
    for name, reason in failed.items():
        print(f"- {name} FAILED: {reason}")


def _record(p: Participant) -> dict[str, object]:
    return {
        "median": p.median,
        "iqr": p.spread,
        "rounds": p.seconds,
        "n_samples": p.n_samples,
        "scale": p.scale,
        "error": p.error,
        "first_call": p.first_call,
        "compiles": p.compiles,
    }


def _progress(workload: str, n_rounds: int):
    return lambda number: _say(f"{workload}: round {number} of {n_rounds}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
