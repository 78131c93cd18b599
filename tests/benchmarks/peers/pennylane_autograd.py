"""PennyLane with autograd: lightning.qubit sample by sample, default.qubit with a broadcast."""

from __future__ import annotations

import pennylane as qml
from pennylane import numpy as pnp
from workloads import Problem, Workload


def layers(workload: Workload, x, w) -> None:
    """Queue the gates; x holds one number, or one array over the batch, per qubit."""
    n = workload.n_qubits
    weights = iter(range(workload.n_weights))
    for _ in range(workload.n_layers):
        for q in range(n):
            qml.RY(x[q], q)
        for q in range(n):
            qml.RY(w[next(weights)], q)
        for q in range(n):
            qml.RZ(w[next(weights)], q)
        for q in range(n):
            qml.CNOT([q, (q + 1) % n])


def measurements(workload: Workload) -> list:
    """Return what is measured."""
    return [qml.expval(qml.prod(*map(qml.Z, qubits))) for qubits in workload.measured]


def _step(cost, w):
    differentiate = qml.grad(cost)
    weights = pnp.array(w, requires_grad=True)

    def step():
        gradient = differentiate(weights)
        return float(differentiate.forward), gradient

    return step


def make_lightning(problem: Problem):
    """Return a step that calls an adjoint-differentiated circuit once per sample."""

    @qml.qnode(
        qml.device("lightning.qubit", wires=problem.workload.n_qubits), diff_method="adjoint"
    )
    def circuit(x, w):
        layers(problem.workload, x, w)
        return qml.expval(qml.Z(0))

    rows = [pnp.array(row, requires_grad=False) for row in problem.X]

    def cost(w):
        errors = [(circuit(x, w) - target) ** 2 for x, target in zip(rows, problem.y, strict=True)]
        return pnp.mean(pnp.stack(errors))

    return _step(cost, problem.w)


def make_broadcast(problem: Problem):
    """Return a step that simulates the batch at once and goes back through the simulator."""

    @qml.qnode(qml.device("default.qubit"), diff_method="backprop")
    def circuit(x, w):
        layers(problem.workload, x, w)
        return measurements(problem.workload)

    columns = pnp.array(problem.X.T, requires_grad=False)

    def cost(w):
        values = pnp.stack(circuit(columns, w))  # (n_observables, n_samples)
        return pnp.mean((values - problem.y) ** 2)

    return _step(cost, problem.w)
