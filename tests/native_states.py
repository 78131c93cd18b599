"""Final states by the frameworks' own means, to hold imported circuits to."""

import cirq
import numpy as np
import pennylane as qml
from backend_helpers import CORE_BACKENDS
from qiskit.quantum_info import Statevector

from qmlplay import get_backend


def numbers_for(layer, seed=0):
    """Return a sample (1, n_features) and weights, asymmetric, and symbol → number."""
    generator = np.random.default_rng(seed)
    X = generator.uniform(-3, 3, (1, layer.circuit.n_features))
    w = generator.uniform(-3, 3, layer.circuit.n_weights)
    by_name = dict(zip(layer.feature_names, X[0].tolist(), strict=True))
    return X, w, by_name | dict(zip(layer.weight_names, w.tolist(), strict=True))


def qiskit_state(circuit, by_name):
    """Qubit 0 most significant; Qiskit's is the least."""
    bare = circuit.remove_final_measurements(inplace=False)
    bound = bare.assign_parameters({p: by_name[p.name] for p in bare.parameters})
    return Statevector(bound.reverse_bits()).data


def cirq_state(circuit, by_name, qubits=None):
    return cirq.resolve_parameters(circuit, by_name).final_state_vector(
        qubit_order=qubits or sorted(circuit.all_qubits()),
        dtype=np.complex128,
        ignore_terminal_measurements=True,
    )


def pennylane_state(function, n_qubits):
    @qml.qnode(qml.device("default.qubit", wires=n_qubits))
    def state():
        function()
        return qml.state()

    return np.asarray(state())


def check_states(layer, expected, X, w, simulators=CORE_BACKENDS):
    """Compare the states of every simulator with a framework's, up to a global phase."""
    for name in simulators:
        circuit = layer.circuit
        found = get_backend(name).statevector(circuit.circuit, circuit.angles(X, w))[0]
        phase = np.vdot(expected, found)
        np.testing.assert_allclose(found, expected * phase / abs(phase), rtol=0, atol=1e-12)
