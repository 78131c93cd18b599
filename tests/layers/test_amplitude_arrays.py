"""Amplitudes as tensors: the same values and derivatives as in NumPy, and no NaN beside zeros."""

import numpy as np
import pytest

from qmlplay import get_backend
from qmlplay.backends.arrays.array_evaluation import expectations
from qmlplay.circuit import ParametricCircuit
from qmlplay.encodings import AmplitudeEncoding

N_FEATURES = (1, 3, 6)
NO_WEIGHTS = np.zeros(0)


def circuit_and_observables(n_features):
    n_qubits = max(1, (n_features - 1).bit_length())
    operations = AmplitudeEncoding()(n_qubits, n_features)
    circuit = ParametricCircuit.from_operations(n_qubits, operations, n_features)
    return circuit, ["X" * n_qubits, "Z" + "I" * (n_qubits - 1)]


def rows(n_features):
    """Usual rows, one with zeros in its first half, and one of zeros."""
    X = np.random.default_rng(n_features).normal(size=(4, n_features))
    X[1, : n_features // 2] = 0
    X[2] = 0
    return X


def by_numpy(circuit, observables, X):
    """Expectations and the derivative of their sum by X, from the NumPy backend."""
    angles = circuit.angles(X, NO_WEIGHTS)
    values, pullback = get_backend("numpy").vjp(
        circuit.circuit, angles, observables, slots=range(len(angles))
    )
    return values, circuit.input_gradient(X, NO_WEIGHTS, pullback(np.ones(values.shape)))


@pytest.mark.needs("torch", "array_api_compat")
@pytest.mark.parametrize("n_features", N_FEATURES)
def test_pytorch(n_features):
    import torch

    circuit, observables = circuit_and_observables(n_features)
    X = torch.tensor(rows(n_features), requires_grad=True)
    empty = torch.zeros(0, dtype=torch.float64)
    values = expectations(circuit, observables, X, empty)
    values.sum().backward()
    expected, by_X = by_numpy(circuit, observables, rows(n_features))
    np.testing.assert_allclose(values.detach().numpy(), expected, atol=1e-12)
    np.testing.assert_allclose(X.grad.numpy(), by_X, atol=1e-12)


@pytest.mark.needs("torch", "array_api_compat")
def test_second_derivatives_in_pytorch():
    import torch

    circuit, observables = circuit_and_observables(3)
    empty = torch.zeros(0, dtype=torch.float64)
    usual = torch.tensor(rows(3)[[0, 3]], requires_grad=True)
    assert torch.autograd.gradgradcheck(
        lambda x: expectations(circuit, observables, x, empty), usual
    )


@pytest.mark.needs("torch", "array_api_compat")
def test_pytorch_in_single_precision():
    import torch

    circuit, observables = circuit_and_observables(5)
    X = torch.tensor(rows(5), dtype=torch.float32, requires_grad=True)
    values = expectations(circuit, observables, X, torch.zeros(0))
    values.sum().backward()
    expected, _ = by_numpy(circuit, observables, rows(5))
    np.testing.assert_allclose(values.detach().numpy(), expected, atol=1e-5)
    assert bool(torch.isfinite(X.grad).all())


@pytest.mark.needs("jax", "array_api_compat")
@pytest.mark.parametrize("n_features", N_FEATURES)
def test_jax_compiled_and_vectorised(n_features):
    import jax
    import jax.numpy as jnp

    circuit, observables = circuit_and_observables(n_features)

    def total(x):
        return expectations(circuit, observables, x, jnp.zeros(0)).sum()

    with jax.enable_x64(True):
        X = jnp.array(rows(n_features))
        whole, by_row = jax.jit(jax.grad(total))(X), jax.vmap(jax.grad(total))(X)
        values = expectations(circuit, observables, X, jnp.zeros(0))
        expected, by_X = by_numpy(circuit, observables, rows(n_features))
        np.testing.assert_allclose(values, expected, atol=1e-12)
        np.testing.assert_allclose(whole, by_X, atol=1e-12)
        np.testing.assert_allclose(by_row, by_X, atol=1e-12)
