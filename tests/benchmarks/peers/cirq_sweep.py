"""Cirq and qsim: expectation values over a sweep of all samples and parameter shifts."""

from __future__ import annotations

import cirq
import numpy as np
import sympy
from workloads import Problem, Workload


def cirq_circuit(workload: Workload) -> cirq.Circuit:
    """Return the circuit with symbols x0, x1, … and w0, w1, …"""
    n = workload.n_qubits
    qubits = cirq.LineQubit.range(n)
    weights = iter(sympy.symbols(f"w:{workload.n_weights}"))
    circuit = cirq.Circuit()
    for _ in range(workload.n_layers):
        circuit += [cirq.ry(sympy.Symbol(f"x{q}")).on(qubits[q]) for q in range(n)]
        circuit += [cirq.ry(next(weights)).on(qubit) for qubit in qubits]
        circuit += [cirq.rz(next(weights)).on(qubit) for qubit in qubits]
        circuit += [cirq.CX(qubits[q], qubits[(q + 1) % n]) for q in range(n)]
    return circuit


def _sweep(problem: Problem) -> list[dict[str, float]]:
    """Return the angles of every run: unshifted, then each weight up and down by π/2."""
    shifts = np.pi / 2 * np.eye(len(problem.w))
    rows = [problem.w, *(problem.w + shifts), *(problem.w - shifts)]
    return [
        {f"x{q}": value for q, value in enumerate(x)}
        | {f"w{k}": value for k, value in enumerate(w)}
        for w in rows
        for x in problem.X
    ]


def make(problem: Problem, simulator):
    """Return a step: one sweep."""
    circuit = cirq_circuit(problem.workload)
    observable = cirq.Z(cirq.LineQubit(0))
    n_weights = len(problem.w)

    def step():
        found = simulator.simulate_expectation_values_sweep(circuit, observable, _sweep(problem))
        values = np.real(found).reshape(1 + 2 * n_weights, -1)
        up, down = values[1 : 1 + n_weights], values[1 + n_weights :]
        return problem.loss_and_gradient(values[0], (up - down).T / 2)

    return step


def make_cirq(problem: Problem):
    return make(problem, cirq.Simulator(dtype=np.complex128))
