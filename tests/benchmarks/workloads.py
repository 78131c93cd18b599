"""The workloads that speed is measured on: a mean-squared loss of Pauli-Z and its gradient.

A layer is RY(xᵢ) on every qubit, RY(w) and RZ(w) on every qubit, and a ring of CX. With one
observable, which is the rule, it is ⟨Z₀⟩.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from qmlplay.backends import Backend
from qmlplay.circuit import Feature, Operation, ParametricCircuit, Weight


@dataclass(frozen=True)
class Workload:
    """Sizes of one workload."""

    n_qubits: int
    n_samples: int
    n_layers: int
    n_observables: int = 1

    @property
    def n_weights(self) -> int:
        return 2 * self.n_qubits * self.n_layers

    @property
    def measured(self) -> list[tuple[int, ...]]:
        """The qubits of every observable: each one alone, then neighbours in pairs."""
        n = self.n_qubits
        singles = [(q,) for q in range(n)]
        pairs = [(q, q + 1) for q in range(n - 1)]
        return [*singles, *pairs][: self.n_observables]


WORKLOADS = {"W1": Workload(4, 128, 3), "W2": Workload(8, 256, 4), "W3": Workload(10, 1024, 4)}


@dataclass(frozen=True)
class Problem:
    """A workload with its data and weights: the same numbers for every participant."""

    workload: Workload
    X: np.ndarray = field(repr=False)
    w: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, workload: Workload) -> Problem:
        """Draw data and weights."""
        generator = np.random.default_rng(0)
        X = generator.uniform(-1, 1, (workload.n_samples, workload.n_qubits))
        w = generator.uniform(-1, 1, workload.n_weights)
        return cls(workload, X, w, generator.choice([-1.0, 1.0], workload.n_samples))

    def first(self, n_samples: int) -> Problem:
        """Return the problem on its first samples alone."""
        workload = replace(self.workload, n_samples=n_samples)
        return replace(self, workload=workload, X=self.X[:n_samples], y=self.y[:n_samples])

    def loss(self, values: np.ndarray) -> float:
        """Return the loss of expectations (n_samples, n_observables)."""
        return float(np.mean((values - self.y[:, None]) ** 2))

    def loss_and_gradient(self, values: np.ndarray, slopes: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient, given d⟨Z₀⟩/dw (n_samples, n_weights)."""
        gradient = 2 * (values - self.y) @ slopes / len(self.y)
        return self.loss(values[:, None]), gradient


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

    def __init__(self, problem: Workload | Problem, backend: Backend) -> None:
        self.problem = problem if isinstance(problem, Problem) else Problem.of(problem)
        workload = self.problem.workload
        self.circuit = make_circuit(workload)
        self.w = self.problem.w
        self.observables = [
            "".join("Z" if q in qubits else "I" for q in range(workload.n_qubits))
            for qubits in workload.measured
        ]
        self.backend = backend

    def __call__(self) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient (n_weights,)."""
        X, y = self.problem.X, self.problem.y

        def cotangents(values, rows):
            return 2 * (values - y[rows, None]) / (len(y) * values.shape[1])

        values, gradients = self.backend.expectations_and_gradients(
            self.circuit.circuit,
            self.circuit.angles(X, self.w),
            self.observables,
            cotangents,
            slots=self.circuit.trainable_slots,
        )
        return self.problem.loss(values), self.circuit.weight_gradient(X, self.w, gradients)
