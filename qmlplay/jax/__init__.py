"""JAX functions of circuits and of trained models: pure, for grad, jit, vmap and optax.

Importing this imports JAX: ``pip install "qmlplay[jax]"``.

JAX computes with 32 bits unless it is told otherwise before its first array. Results have the
precision of what comes in; for that of the simulators::

    import jax
    jax.config.update("jax_enable_x64", True)
"""

from qmlplay.jax.circuit_functions import circuit_function, decision_function, trained_numbers

__all__ = ["circuit_function", "decision_function", "trained_numbers"]
