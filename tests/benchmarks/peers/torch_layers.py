"""Layers of other packages in PyTorch: PennyLane's TorchLayer and qiskit-machine-learning's."""

from __future__ import annotations

import torch
from workloads import Problem


def pennylane(problem: Problem) -> torch.nn.Module:
    """Return a TorchLayer on default.qubit with backprop, the batch as one broadcast."""
    import pennylane as qml

    from peers.pennylane_autograd import layers, measurements

    workload = problem.workload

    @qml.qnode(qml.device("default.qubit"), interface="torch", diff_method="backprop")
    def circuit(inputs, w):
        layers(workload, inputs.T, w)
        return measurements(workload)

    layer = qml.qnn.TorchLayer(circuit, {"w": workload.n_weights}).double()
    with torch.no_grad():
        layer.qnode_weights["w"].copy_(torch.tensor(problem.w))
    return layer


def qiskit_ml(problem: Problem) -> torch.nn.Module:
    """Return a TorchConnector around an EstimatorQNN with its default gradient, by inputs too."""
    from qiskit_machine_learning.connectors import TorchConnector

    from peers.qiskit_ml import network

    return TorchConnector(network(problem, input_gradients=True), initial_weights=problem.w)
