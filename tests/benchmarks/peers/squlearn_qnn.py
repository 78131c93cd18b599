"""sQUlearn's LowLevelQNN on its Qulacs, PennyLane and Qiskit executors."""

from __future__ import annotations

import numpy as np
from squlearn import Executor
from squlearn.encoding_circuit import QiskitEncodingCircuit
from squlearn.observables import SinglePauli
from squlearn.qnn.lowlevel_qnn import LowLevelQNN
from workloads import Problem

from peers.qiskit_ml import qiskit_circuit


def make(problem: Problem, execution: str):
    """Return a step: value and gradient asked for in one call, without its cache of results."""
    circuit, x, _ = qiskit_circuit(problem.workload)
    network = LowLevelQNN(
        QiskitEncodingCircuit(circuit, feature_label="x", parameter_label="p"),
        SinglePauli(circuit.num_qubits, 0, "Z"),
        Executor(execution),
        num_features=len(x),
        caching=False,
    )

    def step():
        found = network.evaluate(problem.X, problem.w, [], "f", "dfdp")
        return problem.loss_and_gradient(np.ravel(found["f"]), np.asarray(found["dfdp"]))

    return step


def make_qulacs(problem: Problem):
    return make(problem, "qulacs")


def make_pennylane(problem: Problem):
    return make(problem, "pennylane")


def make_qiskit(problem: Problem):
    return make(problem, "statevector_simulator")
