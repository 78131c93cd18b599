"""The array simulator in PyTorch and JAX: values, derivatives and transformations."""

import warnings

import numpy as np
import pytest
from array_cases import N_FEATURES, random_inputs, random_parametric_circuit

from qmlplay import get_backend
from qmlplay.backends.arrays.array_evaluation import evaluation_like, expectations
from qmlplay.backends.testing import random_observables
from qmlplay.circuit import (
    GATES,
    Circuit,
    Feature,
    Gate,
    Operation,
    ParametricCircuit,
    Weight,
)

torch_needed = pytest.mark.needs("torch", "array_api_compat")
jax_needed = pytest.mark.needs("jax", "array_api_compat")
FRAMEWORKS = [
    pytest.param("torch", marks=torch_needed),
    pytest.param("jax", marks=jax_needed),
]
each_framework = pytest.mark.parametrize("framework", FRAMEWORKS)


@pytest.fixture
def double_precision():
    """JAX with float64, as it is without it by default."""
    import jax

    with jax.enable_x64(True):
        yield


@pytest.fixture
def arrays(request, framework):
    """A function that makes an array of the framework."""
    if framework == "torch":
        import torch

        return torch.tensor
    import jax.numpy

    request.getfixturevalue("double_precision")
    return jax.numpy.asarray


def in_one(framework, function):
    """Compile a function on JAX, where one operation after the other takes longer."""
    if framework == "torch":
        return function
    import jax

    return jax.jit(function)


def expected_values(circuit, observables, X, w):
    values = get_backend("numpy").expectations(circuit.circuit, circuit.angles(X, w), observables)
    return np.broadcast_to(values, (len(X), len(observables)))


def small_case(seed=3):
    """A circuit of three qubits for derivatives of derivatives."""
    generator = np.random.default_rng(seed)
    circuit = random_parametric_circuit(3, 45, generator)
    return circuit, ["ZXI", "IYZ"], *random_inputs(circuit, 2, generator)


@each_framework
@pytest.mark.parametrize("n_qubits", [1, 3, 6])
def test_every_gate_and_formula_as_on_numpy(n_qubits, framework, arrays):
    generator = np.random.default_rng(n_qubits)
    circuit = random_parametric_circuit(n_qubits, 2 * len(GATES), generator)
    if n_qubits >= 3:
        assert {gate.name for gate in circuit.circuit.gates} == set(GATES)
    observables = random_observables(n_qubits, 4, generator)
    X, w = random_inputs(circuit, 4, generator)
    function = in_one(framework, lambda X, w: expectations(circuit, observables, X, w))
    expected = expected_values(circuit, observables, X, w)
    values = np.asarray(function(arrays(X), arrays(w)))
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)


@each_framework
def test_closed_form_and_shapes(framework, arrays):
    """RY(x) RY(w) on |0⟩ gives ⟨Z⟩ = cos(x + w) and ⟨X⟩ = sin(x + w)."""
    circuit = ParametricCircuit.from_operations(
        1, [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))], n_features=1
    )
    x, w = arrays(np.array([[0.3], [1.1]])), arrays(np.array([0.4]))
    values = expectations(circuit, ["Z", "X"], x, w)
    turned = np.array([[0.7], [1.5]])
    expected = np.hstack([np.cos(turned), np.sin(turned)])
    np.testing.assert_allclose(np.asarray(values), expected, atol=1e-15)
    alone = expectations(circuit, ["Z", "X"], x[0], w)
    assert tuple(alone.shape) == (2,)
    np.testing.assert_allclose(np.asarray(alone), expected[0], atol=1e-15)


@each_framework
def test_samples_that_do_not_differ_have_a_row_each(framework, arrays):
    circuit = ParametricCircuit(
        Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1)))), (Weight(0),), 2
    )
    X, w = np.zeros((3, 2)), np.array([0.4])
    values = expectations(circuit, ["IZ", "ZZ"], arrays(X), arrays(w))
    np.testing.assert_allclose(np.asarray(values), [[np.cos(0.4), 1]] * 3, atol=1e-15)


@each_framework
def test_single_precision(framework, arrays):
    circuit, observables, X, w = small_case()
    function = in_one(framework, lambda X, w: expectations(circuit, observables, X, w))
    values = function(arrays(X.astype(np.float32)), arrays(w.astype(np.float32)))
    assert "float32" in str(values.dtype)
    difference = np.abs(np.asarray(values) - expected_values(circuit, observables, X, w)).max()
    assert 1e-12 < difference < 5e-6


@torch_needed
def test_derivatives_and_their_derivatives_in_torch():
    import torch

    circuit, observables, X, w = small_case()
    inputs = [torch.tensor(array, requires_grad=True) for array in (X, w)]
    function = evaluation_like(circuit, observables, inputs[0])
    assert torch.autograd.gradcheck(function, inputs)
    assert torch.autograd.gradgradcheck(function, inputs)


@torch_needed
def test_gradients_in_torch_against_the_numpy_backend():
    import torch

    circuit, observables, X, w = small_case(5)
    inputs = [torch.tensor(array, requires_grad=True) for array in (X, w)]
    cotangents = np.random.default_rng(0).normal(size=(len(X), len(observables)))
    expectations(circuit, observables, *inputs).backward(torch.tensor(cotangents))
    angles = circuit.angles(X, w)
    slopes = get_backend("numpy").gradients(circuit.circuit, angles, observables, cotangents)
    expected = (circuit.input_gradient(X, w, slopes), circuit.weight_gradient(X, w, slopes))
    for tensor, gradient in zip(inputs, expected, strict=True):
        np.testing.assert_allclose(tensor.grad.numpy(), gradient, rtol=0, atol=1e-12)


@torch_needed
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # by torch.func itself
def test_vmap_hessian_and_compilation_in_torch():
    import torch

    circuit, observables, X, w = small_case()
    X, w = torch.tensor(X), torch.tensor(w)
    function = evaluation_like(circuit, observables, X)
    values = function(X, w)
    assert torch.allclose(torch.func.vmap(lambda x: function(x, w))(X), values, atol=1e-13)
    hessian = torch.func.hessian(lambda w: function(X, w).sum())(w)
    assert torch.allclose(hessian, hessian.T, atol=1e-12)
    assert hessian.abs().max() > 0.1
    compiled = torch.compile(function, fullgraph=True, backend="aot_eager")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own, about complex numbers
        assert torch.allclose(compiled(X, w), values, atol=1e-13)


@jax_needed
def test_transformations_in_jax(double_precision):
    import jax

    circuit, observables, X, w = small_case()

    def function(w, X):
        return expectations(circuit, observables, X, w)

    values = expected_values(circuit, observables, X, w)
    X, w = jax.numpy.asarray(X), jax.numpy.asarray(w)
    np.testing.assert_allclose(jax.jit(function)(w, X), values, atol=1e-12)
    np.testing.assert_allclose(jax.vmap(function, (None, 0))(w, X), values, atol=1e-12)

    def total(w):
        return function(w, X).sum()

    hessian = jax.jit(jax.hessian(total))(w)
    ends = [jax.grad(total)(w + step * jax.numpy.eye(len(w))[0]) for step in (1e-5, -1e-5)]
    np.testing.assert_allclose(hessian[0], (ends[0] - ends[1]) / 2e-5, atol=1e-8)


@jax_needed
def test_gradients_in_jax_against_the_numpy_backend(double_precision):
    import jax

    circuit, observables, X, w = small_case(5)
    cotangents = np.random.default_rng(0).normal(size=(len(X), len(observables)))
    _, pullback = jax.vjp(lambda X, w: expectations(circuit, observables, X, w), X, w)
    angles = circuit.angles(X, w)
    slopes = get_backend("numpy").gradients(circuit.circuit, angles, observables, cotangents)
    expected = (circuit.input_gradient(X, w, slopes), circuit.weight_gradient(X, w, slopes))
    for found, gradient in zip(pullback(jax.numpy.asarray(cotangents)), expected, strict=True):
        np.testing.assert_allclose(found, gradient, rtol=0, atol=1e-12)


@each_framework
def test_angles_of_a_circuit_by_every_framework(framework, arrays):
    circuit, _, X, w = small_case()
    found = circuit.angles(arrays(X), arrays(w))
    for angle, expected in zip(found, circuit.angles(X, w), strict=True):
        np.testing.assert_allclose(np.asarray(angle), expected, rtol=1e-14)


@each_framework
def test_bad_inputs(framework, arrays):
    circuit, observables, X, w = small_case()
    with pytest.raises(ValueError, match=r"X must have shape \(n_samples, 3\), .* is \(2, 2\)"):
        expectations(circuit, observables, arrays(X[:, :2]), arrays(w))
    with pytest.raises(ValueError, match=rf"w must have shape \({len(w)},\), but .* \(2,\)"):
        expectations(circuit, observables, arrays(X), arrays(w[:2]))
    with pytest.raises(TypeError, match=r"those of X are .*float64 and those of w .*float32"):
        expectations(circuit, observables, arrays(X), arrays(w.astype(np.float32)))
    with pytest.raises(TypeError, match=r"X must hold numbers of .* float32, but .*int"):
        expectations(circuit, observables, arrays(X.astype(np.int32)), arrays(w))
    with pytest.raises(ValueError, match="observable 'Z' must have one letter"):
        expectations(circuit, ["Z"], arrays(X), arrays(w))
    assert circuit.n_features == N_FEATURES
