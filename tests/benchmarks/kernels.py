"""The kernel matrix: 1000 rows on 8 qubits, ours on every backend and the peers.

    python tests/benchmarks/kernels.py --rounds 3

The kernel is the fidelity of the ZZ feature map with two repetitions. A peer that would take
minutes is timed on some of the rows (†), and its time scaled up by the number of pairs of rows.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from machine import machine, sentence
from ours import INSTALLED
from tables import markdown, seconds, three, write_json
from timing import seconds_of

from qmlplay import QuantumKernel

Matrix = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Contender:
    """Who computes a kernel matrix.

    Parameters
    ----------
    label : str
    make : callable
        (n_qubits) → function from rows in radians to their kernel matrix.
    packages : dict of str to str
        Module to import → package to install.
    n_rows : int or None
        Rows that it is timed on, None for all.
    """

    label: str
    make: Callable[[int], Matrix]
    packages: dict[str, str]
    n_rows: int | None = None


def qiskit_ml(n_qubits: int) -> Matrix:
    from qiskit.circuit.library import zz_feature_map
    from qiskit_machine_learning.kernels import FidelityStatevectorKernel

    return FidelityStatevectorKernel(feature_map=zz_feature_map(n_qubits)).evaluate


def pennylane(n_qubits: int) -> Matrix:
    """Return PennyLane's square_kernel_matrix of a circuit and its adjoint, as its docs have it."""
    import pennylane as qml

    def feature_map(x):
        for _ in range(2):
            for i in range(n_qubits):
                qml.Hadamard(i)
                qml.PhaseShift(2 * x[i], i)
            for i in range(n_qubits):
                for j in range(i + 1, n_qubits):
                    qml.IsingZZ(2 * (np.pi - x[i]) * (np.pi - x[j]), (i, j))

    @qml.qnode(qml.device("default.qubit", wires=n_qubits), diff_method=None)
    def overlap(x, y):
        feature_map(x)
        qml.adjoint(feature_map)(y)
        return qml.probs(wires=range(n_qubits))

    return lambda X: np.asarray(
        qml.kernels.square_kernel_matrix(
            X, lambda x, y: overlap(x, y)[0], assume_normalized_kernel=True
        )
    )


def squlearn(n_qubits: int) -> Matrix:
    from qiskit.circuit.library import zz_feature_map
    from squlearn import Executor
    from squlearn.encoding_circuit import QiskitEncodingCircuit
    from squlearn.kernel import FidelityKernel

    circuit = QiskitEncodingCircuit(zz_feature_map(n_qubits), feature_label="x")
    return FidelityKernel(circuit, Executor("qulacs")).evaluate


CONTENDERS = {
    "qiskit_ml": Contender(
        "qiskit-machine-learning FidelityStatevectorKernel",
        qiskit_ml,
        {"qiskit_machine_learning": "qiskit-machine-learning"},
    ),
    "squlearn": Contender(
        "sQUlearn FidelityKernel on Qulacs",
        squlearn,
        {"squlearn": "squlearn", "qulacs": "qulacs"},
    ),
    "pennylane_kernels": Contender(
        "PennyLane kernels.square_kernel_matrix", pennylane, {"pennylane": "pennylane"}, n_rows=12
    ),
}


def ours(backend: str) -> Contender:
    return Contender(
        f"**qmlplay on {backend}**", lambda _: QuantumKernel("zz", backend=backend), {}
    )


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = _arguments()
    X = np.random.default_rng(0).uniform(-1.5, 1.5, (arguments.rows, arguments.qubits))
    chosen = {name: ours(name) for name in INSTALLED} | CONTENDERS
    chosen = {name: chosen[name] for name in arguments.only.split(",")}
    calls, expected = {}, QuantumKernel("zz")(X[:12])
    for name, contender in chosen.items():
        absent = [
            package for module, package in contender.packages.items() if not find_spec(module)
        ]
        if absent:
            print(f"left out: {contender.label} (pip install {' '.join(absent)})", file=sys.stderr)
            continue
        calls[name] = contender.make(arguments.qubits)
        np.testing.assert_allclose(calls[name](X[:12]), expected, rtol=0, atol=1e-8)
    times = race(chosen, calls, X, arguments.rounds)
    medians = {name: float(np.median(values)) for name, values in times.items()}
    fastest = min(medians.values())
    rows = [
        [_label(chosen[name], len(X)), seconds(value), f"{three(value / fastest)}×"]
        for name, value in sorted(medians.items(), key=lambda item: item[1])
    ]
    title = f"kernel matrix, {len(X)} × {len(X)}, {arguments.qubits} qubits"
    print(markdown([title, "time", "ratio"], rows) + "\n")
    found = machine()
    print(sentence(found))
    write_json(arguments.json, {"machine": found, "kernels": medians})


def race(
    chosen: dict[str, Contender], calls: dict[str, Matrix], X: np.ndarray, n_rounds: int
) -> dict[str, list[float]]:
    """Time everyone in every round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(n_rounds):
        print(f"round {number + 1} of {n_rounds}", file=sys.stderr)
        for name, call in calls.items():
            n = min(chosen[name].n_rows or len(X), len(X))
            scale = len(X) * (len(X) - 1) / (n * (n - 1))
            times[name].append(scale * seconds_of(lambda call=call, n=n: call(X[:n])))
    return times


def _label(contender: Contender, n_rows: int) -> str:
    is_scaled = contender.n_rows is not None and contender.n_rows < n_rows
    return f"{contender.label}{' †' if is_scaled else ''}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--qubits", type=int, default=8)
    names = [*INSTALLED, *CONTENDERS]
    parser.add_argument("--only", metavar="A,B", default=",".join(names))
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
