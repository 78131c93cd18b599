"""A step of a PyTorch layer: value and gradients by weights and inputs, ours and the peers.

    OMP_NUM_THREADS=1 python tests/benchmarks/layers.py --workloads W1 W2 --rounds 15

The step is that of a layer in the middle of a network: forward, the mean-squared loss of ⟨Z₀⟩, and
backward to the weights and to the inputs, all in double precision (TorchConnector's outputs are
of single). A peer that would take minutes is timed on some of the samples (†), and its time scaled
up. Everyone has a turn in every round; ratios are medians over the rounds.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import torch
from machine import machine, sentence
from peers import torch_layers
from tables import markdown, seconds, three, write_json
from timing import turn
from workloads import WORKLOADS, Problem, make_circuit

from qmlplay.model.layer import LayerDesign
from qmlplay.torch import QuantumLayer


@dataclass(frozen=True)
class Contender:
    """Whose layer it is.

    Parameters
    ----------
    label : str
    make : callable
        Problem → module with its weights.
    package : str, default="torch"
        What has to be installed.
    n_samples : int or None, default=None
        Samples that it is timed on, None for all.
    workloads : tuple of str
    tolerance : float, default=1e-8
        How far its loss and gradients may be off.
    """

    label: str
    make: Callable[[Problem], torch.nn.Module]
    package: str = "torch"
    n_samples: int | None = None
    workloads: tuple[str, ...] = tuple(WORKLOADS)
    tolerance: float = 1e-8


def ours(backend: str | None) -> Callable[[Problem], torch.nn.Module]:
    def make(problem: Problem) -> torch.nn.Module:
        n = problem.workload.n_qubits
        design = LayerDesign(make_circuit(problem.workload), ("Z" + (n - 1) * "I",))
        layer = QuantumLayer.from_design(design, backend=backend, dtype=torch.float64)
        with torch.no_grad():
            layer.weights.copy_(torch.tensor(problem.w))
        return layer

    return make


CONTENDERS = {
    "numpy": Contender('**qmlplay QuantumLayer, backend="numpy"**', ours("numpy")),
    "native": Contender("**qmlplay QuantumLayer, in PyTorch**", ours(None)),
    "pennylane": Contender(
        "PennyLane TorchLayer, default.qubit, backprop, broadcast",
        torch_layers.pennylane,
        "pennylane",
    ),
    "qiskit_ml": Contender(
        "qiskit-machine-learning TorchConnector",
        torch_layers.qiskit_ml,
        "qiskit_machine_learning",
        n_samples=4,
        workloads=("W1",),
        tolerance=1e-5,
    ),
}


class Step:
    """Forward and backward of a module on a problem."""

    def __init__(self, module: torch.nn.Module, problem: Problem) -> None:
        self.module = module
        self.X = torch.tensor(problem.X, requires_grad=True)
        self.y = torch.tensor(problem.y)

    def __call__(self) -> list[torch.Tensor]:
        """Return the loss, and its gradients by the weights and by the inputs."""
        values = self.module(self.X).reshape(len(self.X), -1)[:, 0]
        loss = ((values - self.y) ** 2).mean()
        (weights,) = self.module.parameters()
        return [loss, *torch.autograd.grad(loss, [weights, self.X])]


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = _arguments()
    torch.set_num_threads(1)
    rows, results = [], []
    for workload in arguments.workloads:
        for name, times in measure(workload, arguments.only.split(","), arguments.rounds).items():
            contender = CONTENDERS[name]
            ratio = float(np.median(times["ratios"]))
            results.append({"name": name, "workload": workload, **times, "ratio": ratio})
            mark = " †" if contender.n_samples else ""
            median = seconds(float(np.median(times["seconds"])))
            rows.append([f"{contender.label}{mark}, {workload}", median, f"{three(ratio)}×"])
    print(markdown(["value and gradients by weights and inputs", "time", "ratio"], rows) + "\n")
    about = machine()
    print(f"Ratios to PennyLane's. {sentence(about)} torch threads {torch.get_num_threads()}.")
    write_json(arguments.json, {"machine": about, "rounds": arguments.rounds, "layers": results})


def measure(workload: str, names: list[str], n_rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return everyone's seconds in every round, and their ratios to PennyLane's.

    Raises
    ------
    AssertionError
        If they do not agree.
    """
    problem = Problem.of(WORKLOADS[workload])
    steps, scales = {}, {}
    for name in [name for name in names if workload in CONTENDERS[name].workloads]:
        contender = CONTENDERS[name]
        if not find_spec(contender.package):
            print(f"left out: {contender.label} (not installed)", file=sys.stderr)
            continue
        part = problem.first(contender.n_samples or len(problem.y))
        scales[name] = len(problem.y) / len(part.y)
        steps[name] = Step(contender.make(part), part)
        for found, expected in zip(steps[name](), Step(ours("numpy")(part), part)(), strict=True):
            torch.testing.assert_close(found.double(), expected, rtol=0, atol=contender.tolerance)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(n_rounds):
        print(f"{workload}, round {number + 1} of {n_rounds}", file=sys.stderr)
        for name, step in steps.items():
            times[name].append(scales[name] * turn(step))
    against = np.array(times.get("pennylane", times[next(iter(times))]))
    return {
        name: {"seconds": values, "ratios": list(np.array(values) / against)}
        for name, values in times.items()
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=["W1", "W2"])
    parser.add_argument("--only", metavar="A,B", default=",".join(CONTENDERS))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", metavar="FILE", help="file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
