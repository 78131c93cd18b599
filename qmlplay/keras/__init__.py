"""A quantum layer for Keras 3, on its TensorFlow, JAX and PyTorch backends.

Importing this imports Keras, which reads its backend from ``KERAS_BACKEND``:
``pip install "qmlplay[keras]"`` and one of ``tensorflow``, ``jax`` and ``torch``.
"""

from qmlplay.keras.quantum_layer import QuantumLayer

__all__ = ["QuantumLayer"]
