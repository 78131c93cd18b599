"""A step of a compiled JAX function: value and gradient by the weights, ours and the peers.

    OMP_NUM_THREADS=1 python tests/benchmarks/functions.py --workloads W1 W2 W3 --rounds 9

Everyone computes the mean-squared loss of ⟨Z₀⟩ and its gradient in one jax.jit, in double
precision. Compiling is the first call less a later one. Everyone has a turn in every round; ratios
are medians over the rounds.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from machine import machine, sentence
from peers import PEERS, StepFunction
from tables import markdown, seconds, three, write_json
from timing import seconds_of, turn
from workloads import WORKLOADS, Problem, Step, make_circuit

from qmlplay import get_backend
from qmlplay.jax import circuit_function
from qmlplay.model.layer import LayerDesign

jax.config.update("jax_enable_x64", True)

PEER_NAMES = ("pennylane_jax", "tensorcircuit_jax")


def ours(backend: str | None) -> Callable[[Problem], StepFunction]:
    """Return the maker of our step."""

    def make(problem: Problem) -> StepFunction:
        n = problem.workload.n_qubits
        design = LayerDesign(make_circuit(problem.workload), ("Z" + (n - 1) * "I",))
        f = circuit_function(design, backend=backend)
        X, y, w = (jnp.asarray(array) for array in (problem.X, problem.y, problem.w))
        compiled = jax.jit(jax.value_and_grad(lambda w, X: jnp.mean((f(w, X)[:, 0] - y) ** 2)))

        def step() -> tuple[float, np.ndarray]:
            loss, gradient = compiled(w, X)
            return float(loss), np.asarray(gradient)

        return step

    return make


CONTENDERS: dict[str, tuple[str, Callable[[Problem], StepFunction]]] = {
    "native": ("**qmlplay circuit_function, in JAX**", ours(None)),
    "numpy": ('**qmlplay circuit_function, backend="numpy"**', ours("numpy")),
    **{name: (PEERS[name].label, PEERS[name].make) for name in PEER_NAMES},
}


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = _arguments()
    rows, results = [], []
    for workload in arguments.workloads:
        for name, found in measure(workload, arguments.only.split(","), arguments.rounds).items():
            results.append({"name": name, "workload": workload, **found})
            median = float(np.median(found["seconds"]))
            ratio = f"{three(found['ratio'])}×"
            compiling = seconds(max(0.0, found["first_call"] - median))
            rows.append([f"{CONTENDERS[name][0]}, {workload}", seconds(median), ratio, compiling])
    header = ["value and gradient by weights, jitted", "time", "ratio", "compiling"]
    print(markdown(header, rows) + "\n")
    about = machine()
    print(f"Ratios to the fastest peer. {sentence(about)}")
    write_json(arguments.json, {"machine": about, "rounds": arguments.rounds, "functions": results})


def measure(workload: str, names: list[str], n_rounds: int) -> dict[str, dict[str, object]]:
    """Return everyone's seconds in every round, first call, and ratio to the fastest peer.

    Raises
    ------
    AssertionError
        If they do not agree.
    """
    problem = Problem.of(WORKLOADS[workload])
    loss, gradient = Step(problem, get_backend("numpy"))()
    steps, first_calls = {}, {}
    for name in names:
        if name in PEERS and PEERS[name].missing:
            print(f"left out: {CONTENDERS[name][0]} (not installed)", file=sys.stderr)
            continue
        print(f"{workload}, compiling {name}", file=sys.stderr)
        steps[name] = CONTENDERS[name][1](problem)
        first_calls[name] = seconds_of(steps[name])
        found = steps[name]()
        np.testing.assert_allclose(found[0], loss, rtol=0, atol=1e-10)
        np.testing.assert_allclose(found[1], gradient, rtol=0, atol=1e-10)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(n_rounds):
        print(f"{workload}, round {number + 1} of {n_rounds}", file=sys.stderr)
        for name, step in steps.items():
            times[name].append(turn(step))
    peers = [times[name] for name in times if name in PEERS] or list(times.values())
    fastest = np.array(min(peers, key=np.median))
    return {
        name: {
            "seconds": values,
            "first_call": first_calls[name],
            "ratio": float(np.median(np.array(values) / fastest)),
        }
        for name, values in times.items()
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=["W1", "W2"])
    parser.add_argument("--only", metavar="A,B", default=",".join(CONTENDERS))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", metavar="FILE", help="file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
