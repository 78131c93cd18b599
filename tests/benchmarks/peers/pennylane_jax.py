"""PennyLane with JAX: default.qubit under jit(vmap), in double precision."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pennylane as qml
from workloads import Problem

from peers.pennylane_autograd import layers, measurements

jax.config.update("jax_enable_x64", True)


def make(problem: Problem):
    """Return a compiled step; the first call compiles."""

    @qml.qnode(qml.device("default.qubit"), interface="jax", diff_method="backprop")
    def circuit(x, w):
        layers(problem.workload, x, w)
        return measurements(problem.workload)

    batched = jax.vmap(circuit, (0, None))

    def cost(w, X, y):
        values = jnp.stack(batched(X, w))  # (n_observables, n_samples)
        return jnp.mean((values - y) ** 2)

    compiled = jax.jit(jax.value_and_grad(cost))
    X, y = jnp.asarray(problem.X), jnp.asarray(problem.y)

    def step():
        loss, gradient = compiled(problem.w, X, y)
        return float(loss), np.asarray(gradient)

    return step
