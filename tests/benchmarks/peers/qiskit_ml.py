"""qiskit-machine-learning's EstimatorQNN with its default gradient, the parameter shift."""

from __future__ import annotations

from qiskit.circuit import ParameterVector, QuantumCircuit
from qiskit.primitives import StatevectorEstimator
from qiskit.quantum_info import SparsePauliOp
from qiskit_machine_learning.neural_networks import EstimatorQNN
from workloads import Problem, Workload


def qiskit_circuit(workload: Workload) -> tuple[QuantumCircuit, ParameterVector, ParameterVector]:
    """Return the circuit, its inputs x and its weights p."""
    n = workload.n_qubits
    x, p = ParameterVector("x", n), ParameterVector("p", workload.n_weights)
    circuit = QuantumCircuit(n)
    weights = iter(p)
    for _ in range(workload.n_layers):
        for q in range(n):
            circuit.ry(x[q], q)
        for q in range(n):
            circuit.ry(next(weights), q)
        for q in range(n):
            circuit.rz(next(weights), q)
        for q in range(n):
            circuit.cx(q, (q + 1) % n)
    return circuit, x, p


def network(problem: Problem, *, input_gradients: bool = False) -> EstimatorQNN:
    """Return the network; what it is differentiated by besides the weights costs it more."""
    circuit, x, p = qiskit_circuit(problem.workload)
    return EstimatorQNN(
        circuit=circuit,
        estimator=StatevectorEstimator(),
        observables=SparsePauliOp.from_sparse_list([("Z", [0], 1)], circuit.num_qubits),
        input_params=x,
        weight_params=p,
        input_gradients=input_gradients,
        default_precision=0.0,  # otherwise the expectations get artificial shot noise
    )


def make(problem: Problem):
    """Return a step: one call of forward and one of backward for the whole batch."""
    neural_network = network(problem)

    def step():
        values = neural_network.forward(problem.X, problem.w)[:, 0]
        _, slopes = neural_network.backward(problem.X, problem.w)
        return problem.loss_and_gradient(values, slopes[:, 0, :])

    return step
