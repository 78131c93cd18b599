"""QuantumLayer: what it computes, how it is differentiated, and that it behaves as a module."""

import copy
import io
import pickle

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import Feature, Operation, Weight, get_backend
from qmlplay.ansatze import ANSATZE
from qmlplay.circuit import ParametricCircuit
from qmlplay.encodings import ENCODINGS
from qmlplay.model import Model
from qmlplay.model.layer import LayerDesign

pytestmark = pytest.mark.needs("torch", "array_api_compat")
torch = pytest.importorskip("torch")
nn = torch.nn

SIMULATORS = ["numpy", "qiskit", "cirq", "pennylane"]
ON_EACH_SIMULATOR = each_backend("backend", names=SIMULATORS)
ON_EACH_PATH = pytest.mark.parametrize("backend", [None, "numpy"], ids=["native", "numpy"])


def make_layer(backend, n_features=2, **settings):
    from qmlplay.torch import QuantumLayer

    given = {"n_layers": 1, "random_state": 0, "dtype": torch.float64} | settings
    return QuantumLayer(n_features, backend=backend, **given)


def make_rows(*shape, dtype=torch.float64):
    generator = torch.Generator().manual_seed(7)
    return torch.rand(*shape, generator=generator, dtype=torch.float64).to(dtype) * 2 - 1


def as_function(layer):
    return lambda X, w: torch.func.functional_call(layer, {"weights": w}, (X,))


def arguments_of(layer, n_samples=3):
    X = make_rows(n_samples, layer.design.n_features).requires_grad_()
    return X, layer.weights.detach().clone().requires_grad_()


@ON_EACH_PATH
def test_one_qubit_in_closed_form(backend):
    from qmlplay.torch import QuantumLayer

    turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    design = LayerDesign(circuit, ("Z", "X"))
    layer = QuantumLayer.from_design(design, backend=backend, dtype=torch.float64)
    X = make_rows(5, 1).requires_grad_()
    values = layer(X)
    angle = (X + layer.weights).detach()
    torch.testing.assert_close(values, torch.cat([angle.cos(), angle.sin()], dim=1))
    values[:, 0].sum().backward()
    torch.testing.assert_close(X.grad, -angle.sin())
    torch.testing.assert_close(layer.weights.grad, -angle.sin().sum().reshape(1))


@pytest.mark.parametrize("settings", [
    {},
    {"n_layers": 3, "n_qubits": 3, "observables": ["ZII", "XYI", "IZZ"]},
    {"encoding": "zz", "ansatz": "real_amplitudes"},
    {"n_outputs": 5, "trainable_scaling": False},
    {"observables": [1, {"ZZ": 0.5, "XI": -2.0}, "YX"]},
])  # fmt: skip
@pytest.mark.parametrize("backend", [None, *SIMULATORS])
def test_the_simulator_of_states_says_the_same(backend, settings):
    layer = make_layer(backend, **settings)
    X = make_rows(4, 2)
    model = Model(get_backend("numpy"), layer.design.circuit, layer.design.observables)
    expected = model.expectations(X.numpy(), layer.weights.detach().numpy())
    np.testing.assert_allclose(layer(X).detach().numpy(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("ansatz", ANSATZE)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_both_paths_agree_on_every_circuit(encoding, ansatz):
    found = []
    for backend in (None, "numpy"):
        layer = make_layer(backend, 3, encoding=encoding, ansatz=ansatz, n_layers=2)
        X, w = arguments_of(layer)
        values = as_function(layer)(X, w)
        found.append([values, *torch.autograd.grad(values.sin().sum(), [X, w])])
    torch.testing.assert_close(*found, rtol=0, atol=1e-11)


@pytest.mark.parametrize("backend", [None, *SIMULATORS])
def test_gradcheck_by_weights_and_inputs(backend):
    layer = make_layer(backend, n_layers=2)
    assert torch.autograd.gradcheck(as_function(layer), arguments_of(layer))


def test_gradgradcheck_in_pytorch():
    layer = make_layer(None)
    assert torch.autograd.gradgradcheck(as_function(layer), arguments_of(layer))


@ON_EACH_SIMULATOR
def test_a_simulator_refuses_second_derivatives(backend):
    layer = make_layer(backend)
    X, w = arguments_of(layer)
    slopes = torch.autograd.grad(as_function(layer)(X, w).sum(), [X, w], create_graph=True)
    for slope in slopes:
        with pytest.raises(RuntimeError, match=r"differentiated only once.*backend=None"):
            torch.autograd.grad(slope.sum(), [X, w], retain_graph=True)


@pytest.mark.parametrize("backend", [None, *SIMULATORS])
def test_zero_cotangents_give_zero(backend):
    layer = make_layer(backend)
    X, w = arguments_of(layer)
    values = as_function(layer)(X, w)
    dead = torch.relu(values - 2)  # never above 0
    for slope in torch.autograd.grad(dead.sum() + 0 * values.sum(), [X, w]):
        assert not slope.any()


@pytest.mark.parametrize("backend", [None, *SIMULATORS])
def test_a_dead_relu_before_it(backend):
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), make_layer(backend), nn.Linear(2, 1)).double()
    nn.init.constant_(net[0].bias, -100.0)
    net(make_rows(3, 2)).sum().backward()
    assert not net[0].weight.grad.any()
    assert torch.isfinite(net[2].weights.grad).all()


@ON_EACH_PATH
def test_only_what_is_asked_for_is_differentiated(backend, monkeypatch):
    asked = []
    before = LayerDesign.vjp

    def vjp(self, *arguments, by):
        asked.append(sorted(by))
        return before(self, *arguments, by=by)

    monkeypatch.setattr(LayerDesign, "vjp", vjp)
    layer = make_layer(backend)
    X = make_rows(3, 2)
    layer(X).sum().backward()
    with torch.no_grad():
        assert not layer(X).requires_grad
    layer.weights.requires_grad_(False)
    assert not layer(X).requires_grad
    rows = X.clone().requires_grad_()
    layer(rows).sum().backward()
    assert rows.grad.shape == (3, 2)
    assert asked == ([] if backend is None else [["weights"], [], [], ["X"]])


def test_the_forward_run_is_not_repeated(monkeypatch):
    layer = make_layer("numpy")
    runs = []
    before = Model.vjp
    monkeypatch.setattr(Model, "vjp", lambda *a, **k: runs.append(1) or before(*a, **k))
    loss = layer(make_rows(3, 2)).square().sum()
    loss.backward(retain_graph=True)
    first = layer.weights.grad.clone()
    loss.backward()
    torch.testing.assert_close(layer.weights.grad, 2 * first)
    assert len(runs) == 1


def test_weights_changed_before_backward_are_noticed():
    layer = make_layer("numpy")
    loss = layer(make_rows(3, 2)).sum()
    with torch.no_grad():
        layer.weights.mul_(3)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # within PyTorch itself
def test_functional_transforms_in_pytorch():
    layer = make_layer(None)
    X, w = arguments_of(layer)
    call = as_function(layer)
    torch.testing.assert_close(torch.func.vmap(layer)(X), layer(X))
    jacobian = torch.func.jacrev(call, argnums=1)(X, w)
    torch.testing.assert_close(torch.func.jacfwd(call, argnums=1)(X, w), jacobian)
    assert jacobian.shape == (3, 2, 7)
    hessian = torch.func.hessian(lambda w: call(X, w).sum())(w)
    torch.testing.assert_close(hessian, hessian.T)
    per_sample = torch.func.vmap(torch.func.grad(lambda w, x: call(x, w).sum()), in_dims=(None, 0))(
        w, X
    )
    torch.testing.assert_close(per_sample, jacobian.sum(dim=1))


def test_functional_transforms_on_a_simulator():
    layer, native = make_layer("numpy"), make_layer(None)
    X, w = arguments_of(layer)
    for argument in (0, 1):
        found = torch.func.jacrev(as_function(layer), argnums=argument)(X, w)
        torch.testing.assert_close(
            found, torch.func.jacrev(as_function(native), argnums=argument)(X, w)
        )
    with pytest.raises(RuntimeError, match="vmap does not reach into a simulator"):
        torch.func.vmap(layer)(X)


@pytest.mark.parametrize("settings", [{"shots": 2000, "seed": 0}, {"noise": "medium"}])
def test_shots_and_noise_by_parameter_shift(settings):
    backend = get_backend("numpy", **settings)
    layer, exact = make_layer(backend), make_layer(None)
    X, w = arguments_of(layer)
    found, expected = (
        torch.autograd.grad(as_function(some)(X, w).sum(), [X, w]) for some in (layer, exact)
    )
    for slopes, others in zip(found, expected, strict=True):
        assert not torch.equal(slopes, others)
        torch.testing.assert_close(slopes, others, rtol=0.3, atol=0.3)


@ON_EACH_PATH
def test_leading_dimensions_as_of_a_linear_layer(backend):
    layer = make_layer(backend)
    X = make_rows(4, 3, 2)
    values = layer(X)
    assert values.shape == (4, 3, 2)
    torch.testing.assert_close(values[1, 2], layer(X[1, 2]))
    torch.testing.assert_close(layer(X.transpose(0, 1)), values.transpose(0, 1))


@ON_EACH_PATH
@pytest.mark.parametrize("shape", [(0, 2), (3, 0, 2)])
def test_empty_batches(backend, shape):
    layer = make_layer(backend)
    X = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    values = layer(X)
    assert values.shape == shape
    values.sum().backward()
    assert X.grad.shape == shape
    assert not layer.weights.grad.any()


@ON_EACH_PATH
def test_precisions(backend):
    exact = make_layer(backend)
    X = make_rows(3, 2)
    for dtype, tolerance in [(torch.float32, 1e-6), (torch.bfloat16, 0.03), (torch.float16, 0.01)]:
        layer = copy.deepcopy(exact).to(dtype)
        rows = X.to(dtype).requires_grad_()
        values = layer(rows)
        assert values.dtype == dtype
        torch.testing.assert_close(values.double(), exact(X), rtol=0, atol=tolerance)
        values.sum().backward()
        assert (rows.grad.dtype, layer.weights.grad.dtype) == (dtype, dtype)
    assert exact(X.float()).dtype == torch.float32


@ON_EACH_PATH
def test_autocast(backend):
    net = nn.Sequential(nn.Linear(2, 2), make_layer(backend, dtype=torch.float32), nn.Linear(2, 1))
    with torch.autocast("cpu", torch.bfloat16):
        assert net(make_rows(3, 2, dtype=torch.float32)).dtype == torch.bfloat16


@pytest.mark.parametrize("backend", [None, *SIMULATORS])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_not_a_number_comes_out_where_it_comes_in(backend, wrong):
    layer = make_layer(backend)
    X = make_rows(3, 2)
    good = layer(X[[0, 2]])
    X[1, 0] = wrong
    X.requires_grad_()
    values = layer(X)
    torch.testing.assert_close(values[[0, 2]], good)
    assert values[1].isnan().all()
    values.sum().backward()
    assert X.grad.isnan().any(dim=1).tolist() == [False, True, False]
    assert layer.weights.grad.isnan().any()
    with torch.no_grad():
        layer.weights[0] = torch.nan
    assert layer(X).isnan().all()


@ON_EACH_PATH
def test_is_saved_and_copied(backend):
    layer, X = make_layer(backend), make_rows(3, 2)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(other(X), layer(X))
        assert other.weights is not layer.weights
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = make_layer(backend, random_state=1)
    assert not torch.equal(other(X), layer(X))
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(X), layer(X))
    assert list(layer.state_dict()) == ["weights"]


@ON_EACH_PATH
def test_parametrized_and_pruned(backend):
    from torch.nn.utils import parametrize, prune

    class Wrapped(nn.Module):
        def forward(self, w):
            return torch.remainder(w + np.pi, 2 * np.pi) - np.pi

    layer, X = make_layer(backend), make_rows(3, 2)
    values = layer(X)
    parametrize.register_parametrization(layer, "weights", Wrapped())
    torch.testing.assert_close(layer(X), values)
    torch.testing.assert_close(copy.deepcopy(layer)(X), values)
    layer = make_layer(backend)
    prune.l1_unstructured(layer, "weights", amount=3)
    assert not torch.equal(layer(X), values)


def test_first_weights():
    from qmlplay.torch import QuantumLayer

    torch.manual_seed(3)
    first, second = QuantumLayer(2).weights, QuantumLayer(2).weights
    torch.manual_seed(3)
    assert torch.equal(QuantumLayer(2).weights, first)
    assert not torch.equal(first, second)
    layer = QuantumLayer(2, random_state=0)
    expected = layer.design.first_weights(0)
    torch.testing.assert_close(layer.weights.detach(), torch.tensor(expected).float())
    assert layer.weights.dtype == torch.float32
    with torch.no_grad():
        layer.weights.zero_()
    layer.reset_parameters()
    torch.testing.assert_close(layer.weights.detach(), torch.tensor(expected).float())


def test_says_what_it_is():
    backend = get_backend("qiskit", shots=100, seed=1)
    assert str(make_layer(backend)) == (
        "QuantumLayer(n_features=2, n_outputs=2, n_qubits=2, n_weights=7, "
        "backend=QiskitBackend(shots=100, seed=1))"
    )


def test_moves_to_other_devices():
    layer = make_layer(None).to("meta")
    assert layer.weights.device.type == "meta"
    with pytest.raises(ValueError, match=r"X is on device 'cpu' and the layer on 'meta'"):
        layer(make_rows(3, 2))
    layer.to_empty(device="cpu").reset_parameters()
    torch.testing.assert_close(layer(make_rows(3, 2)), make_layer(None)(make_rows(3, 2)))


WRONG_INPUTS = [
    (np.zeros((3, 2)), TypeError, r"X must be a torch.Tensor.*got ndarray"),
    ([[0.0, 1.0]], TypeError, r"X must be a torch.Tensor.*got list"),
    (torch.zeros(3, 1), ValueError, r"must be the 2 feature\(s\) of the layer, got shape \(3, 1\)"),
    (torch.zeros(()), ValueError, r"got shape \(\)"),
    (torch.zeros(2, 3, dtype=torch.long), TypeError, r"floating-point.*got torch.int64"),
    (torch.zeros(3, 2, dtype=torch.bool), TypeError, r"floating-point.*got torch.bool"),
    (torch.zeros(3, 2, dtype=torch.cfloat), TypeError, r"real.*got torch.complex64"),
    (torch.zeros(3, 2, device="meta"), ValueError, r"layer.to\(X.device\)"),
]


@ON_EACH_PATH
@pytest.mark.parametrize(("X", "kind", "message"), WRONG_INPUTS)
def test_wrong_inputs(backend, X, kind, message):
    with pytest.raises(kind, match=message):
        make_layer(backend)(X)


@pytest.mark.parametrize(("settings", "kind", "message"), [
    ({"dtype": torch.int32}, TypeError, "weights must be real floating-point.*torch.int32"),
    ({"dtype": torch.cdouble}, TypeError, "weights must be real"),
    ({"n_layers": 0}, ValueError, "n_layers must be an integer of at least 1"),
    ({"n_qubits": 1.5}, TypeError, "n_qubits must be an integer"),
    ({"observables": "ZI"}, TypeError, "observables must be .auto. or a list"),
    ({"observables": ["ZII"], "n_qubits": 2}, ValueError, "3 letters, and the circuit has 2"),
    ({"observables": [2], "n_qubits": 2}, ValueError, "qubits are 0 to 1"),
    ({"observables": ["Z1"]}, ValueError, "observable 'Z1'"),
    ({"observables": 1}, TypeError, "observables must be .auto. or a list"),
    ({"observables": []}, ValueError, "observables is empty"),
    ({"observables": ["ZI"], "n_outputs": 1}, ValueError, "one output per observable"),
    ({"n_outputs": 16, "n_qubits": 2}, ValueError, "16 outputs need 16 observables"),
    ({"encoding": "angel"}, ValueError, "did you mean 'angle'"),
    ({"reupload": "yes"}, TypeError, "reupload must be True, False or 'auto'"),
    ({"random_state": "zero"}, ValueError, "'zero' cannot be used to seed"),
    ({"backend": "cuda"}, ValueError, "unknown backend 'cuda'"),
    ({"backend": 3}, TypeError, "backend must be a name or a Backend"),
])  # fmt: skip
def test_wrong_parameters(settings, kind, message):
    with pytest.raises(kind, match=message):
        make_layer(**{"backend": None} | settings)


@pytest.mark.parametrize("n_features", [0, -1, 2.0, "two", None])
def test_wrong_number_of_features(n_features):
    with pytest.raises((TypeError, ValueError), match="n_features must be an integer"):
        make_layer(None, n_features)
