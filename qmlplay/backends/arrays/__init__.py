"""The array simulator: one set of functions for the arrays of PyTorch, JAX, CuPy and NumPy."""
