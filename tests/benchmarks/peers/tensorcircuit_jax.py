"""TensorCircuit-NG with JAX: jit(vmap), in double precision."""

from __future__ import annotations

import jax
import numpy as np
import tensorcircuit as tc
from workloads import Problem

jax.config.update("jax_enable_x64", True)


def make(problem: Problem):
    """Return a compiled step; the first call compiles."""
    backend = tc.set_backend("jax")
    tc.set_dtype("complex128")
    workload = problem.workload
    n = workload.n_qubits

    def expectation(x, w):
        circuit = tc.Circuit(n)
        weights = iter(range(workload.n_weights))
        for _ in range(workload.n_layers):
            for q in range(n):
                circuit.ry(q, theta=x[q])
            for q in range(n):
                circuit.ry(q, theta=w[next(weights)])
            for q in range(n):
                circuit.rz(q, theta=w[next(weights)])
            for q in range(n):
                circuit.cnot(q, (q + 1) % n)
        return backend.real(circuit.expectation_ps(z=[0]))

    batched = backend.vmap(expectation, vectorized_argnums=0)

    def cost(w, X, y):
        return backend.mean((batched(X, w) - y) ** 2)

    compiled = backend.jit(backend.value_and_grad(cost))
    X, y = backend.convert_to_tensor(problem.X), backend.convert_to_tensor(problem.y)
    w = backend.convert_to_tensor(problem.w)

    def step():
        loss, gradient = compiled(w, X, y)
        return float(loss), np.asarray(gradient)

    return step
