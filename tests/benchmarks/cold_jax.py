"""Cold start of the JAX peers: a script that trains the playground's moons model with them.

    python tests/benchmarks/cold_jax.py pennylane
    python tests/benchmarks/cold_jax.py tensorcircuit

The same model as VariationalClassifier's default: two qubits, four layers of RY(weight · x),
RY, RZ and CX, a trainable readout of ⟨Z₀⟩ and ⟨Z₁⟩, log-loss, 100 full-batch Adam steps at 0.1.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
from sklearn.datasets import make_moons

warnings.simplefilter("ignore")

N_QUBITS, N_LAYERS, N_STEPS = 2, 4, 100


def pennylane_model():
    """Return ``model(x, weights)`` → (⟨Z₀⟩, ⟨Z₁⟩); weights are (layer, gate, qubit)."""
    import pennylane as qml

    @qml.qnode(qml.device("default.qubit"), interface="jax", diff_method="backprop")
    def model(x, weights):
        for scale, first, second in weights:
            for q in range(N_QUBITS):
                qml.RY(scale[q] * x[q], q)
            for q in range(N_QUBITS):
                qml.RY(first[q], q)
            for q in range(N_QUBITS):
                qml.RZ(second[q], q)
            qml.CNOT([0, 1])
        return [qml.expval(qml.Z(q)) for q in range(N_QUBITS)]

    return model


def tensorcircuit_model():
    """Return the same for TensorCircuit-NG."""
    import tensorcircuit as tc

    backend = tc.set_backend("jax")
    tc.set_dtype("complex128")

    def model(x, weights):
        circuit = tc.Circuit(N_QUBITS)
        for scale, first, second in weights:
            for q in range(N_QUBITS):
                circuit.ry(q, theta=scale[q] * x[q])
            for q in range(N_QUBITS):
                circuit.ry(q, theta=first[q])
            for q in range(N_QUBITS):
                circuit.rz(q, theta=second[q])
            circuit.cnot(0, 1)
        return [backend.real(circuit.expectation_ps(z=[q])) for q in range(N_QUBITS)]

    return model


MODELS = {"pennylane": pennylane_model, "tensorcircuit": tensorcircuit_model}


def scaled_moons():
    """Return 300 moons, scaled to [−π/2, π/2], and their labels."""
    X, y = make_moons(300, noise=0.15, random_state=0)
    low, high = X.min(axis=0), X.max(axis=0)
    return (2 * (X - low) / (high - low) - 1) * np.pi / 2, y


def first_numbers() -> dict[str, np.ndarray]:
    """Return weights (layer, gate, qubit), the readout's scale and its bias."""
    weights = np.random.default_rng(0).normal(0, 0.1, (N_LAYERS, 3, N_QUBITS))
    weights[:, 0] = 1
    return {"weights": weights, "scale": np.array([2.0, 2.0]), "bias": np.array(0.0)}


def train(model, X, y) -> float:
    """Train with Adam and return the accuracy on the training data."""
    import jax
    import jax.numpy as jnp

    def decisions(numbers, X):
        values = jax.vmap(lambda x: jnp.stack(model(x, numbers["weights"])))(X)
        return values @ numbers["scale"] + numbers["bias"]

    def loss(numbers):
        value = decisions(numbers, X)
        return jnp.mean(jnp.logaddexp(0.0, jnp.where(y == 1, -value, value)))

    @jax.jit
    def step(number, numbers, first, second):
        gradient = jax.grad(loss)(numbers)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g**2, second, gradient)

        def move(value, m, v):
            mean, variance = m / (1 - 0.9**number), v / (1 - 0.999**number)
            return value - 0.1 * mean / (jnp.sqrt(variance) + 1e-8)

        return jax.tree.map(move, numbers, first, second), first, second

    numbers = jax.tree.map(jnp.asarray, first_numbers())
    first = second = jax.tree.map(jnp.zeros_like, numbers)
    for number in range(1, N_STEPS + 1):
        numbers, first, second = step(number, numbers, first, second)
    return float(jnp.mean((jax.jit(decisions)(numbers, X) > 0) == y))


def main() -> None:
    import jax

    jax.config.update("jax_enable_x64", True)
    accuracy = train(MODELS[sys.argv[1]](), *scaled_moons())
    print(f"accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
