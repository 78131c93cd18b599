"""The workloads that speed is measured on: the mean-squared loss of ⟨Z₀⟩ and its gradient.

A layer is RY(xᵢ) on every qubit, RY(w) and RZ(w) on every qubit, and a ring of CX.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qmlplay.backends import Backend
from qmlplay.circuit import Feature, Operation, ParametricCircuit, Weight


@dataclass(frozen=True)
class Workload:
    """Sizes of one workload."""

    n_qubits: int
    n_samples: int
    n_layers: int


WORKLOADS = {"W1": Workload(4, 128, 3), "W2": Workload(8, 256, 4), "W3": Workload(10, 1024, 4)}


def make_circuit(workload: Workload) -> ParametricCircuit:
    """Return the workload's circuit."""
    n = workload.n_qubits
    operations, n_weights = [], 0
    for _ in range(workload.n_layers):
        operations += [Operation("ry", q, Feature(q)) for q in range(n)]
        for name in ("ry", "rz"):
            operations += [Operation(name, q, Weight(n_weights + q)) for q in range(n)]
            n_weights += n
        operations += [Operation("cx", (q, (q + 1) % n)) for q in range(n)]
    return ParametricCircuit.from_operations(n, operations, n)


class Step:
    """One value and gradient of the loss on a backend."""

    def __init__(self, workload: Workload, backend: Backend) -> None:
        generator = np.random.default_rng(0)
        self.circuit = make_circuit(workload)
        self.X = generator.uniform(-1, 1, (workload.n_samples, workload.n_qubits))
        self.w = generator.uniform(-1, 1, self.circuit.n_weights)
        self.y = generator.choice([-1.0, 1.0], workload.n_samples)
        self.observables = ["Z" + "I" * (workload.n_qubits - 1)]
        self.backend = backend

    def __call__(self) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient (n_weights,)."""

        def cotangents(values, rows):
            return 2 * (values - self.y[rows, None]) / len(self.y)

        values, gradients = self.backend.expectations_and_gradients(
            self.circuit.circuit,
            self.circuit.angles(self.X, self.w),
            self.observables,
            cotangents,
        )
        loss = float(np.mean((values[:, 0] - self.y) ** 2))
        return loss, self.circuit.weight_gradient(self.X, self.w, gradients)
