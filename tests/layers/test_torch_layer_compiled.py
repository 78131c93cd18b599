"""torch.compile without a graph break, and torch.export, on both paths of QuantumLayer."""

import pytest

from qmlplay import Backend

pytestmark = [
    pytest.mark.needs("torch", "array_api_compat"),
    # Within PyTorch itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:torch"),
    pytest.mark.filterwarnings("ignore:Torchinductor does not support code generation for complex"),
]
torch = pytest.importorskip("torch")
nn = torch.nn
BACKENDS = [None, "numpy", "qiskit", "cirq", "pennylane"]


@pytest.fixture(autouse=True)
def _fresh_compiler():
    torch.compiler.reset()


def make_net(backend):
    from qmlplay.torch import QuantumLayer

    torch.manual_seed(0)
    quantum = QuantumLayer(2, n_layers=1, backend=backend, random_state=0)
    return nn.Sequential(nn.Linear(2, 2), quantum, nn.Linear(2, 1)).double()


def same_values_and_gradients(net, compiled):
    X = torch.rand(3, 2, dtype=torch.float64, requires_grad=True)
    found = []
    for function in (net, compiled):
        values = function(X)
        wanted = [X, *net.parameters()]
        found.append([values, *torch.autograd.grad(values.square().sum(), wanted)])
    torch.testing.assert_close(found[1], found[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_whole_graph(backend):
    net = make_net(backend)
    same_values_and_gradients(net, torch.compile(net, fullgraph=True, backend="aot_eager"))


@pytest.mark.slow
@pytest.mark.parametrize("backend", [None, "numpy"])
def test_whole_graph_by_the_default_compiler(backend):
    net = make_net(backend)
    same_values_and_gradients(net, torch.compile(net, fullgraph=True))


@pytest.mark.parametrize("backend", [None, "numpy"])
def test_a_fitted_estimator_compiles(backend):
    from qmlplay import VariationalClassifier

    clf = VariationalClassifier(n_layers=1, max_iter=1, random_state=0)
    module = clf.fit([[0.0, 1.0], [1.0, 2.0]], ["a", "b"]).to_torch(backend=backend)
    same_values_and_gradients(module, torch.compile(module, fullgraph=True, backend="aot_eager"))


class OwnBackend(Backend):
    """A backend that no name brings back."""

    name = "own"

    def expectations(self, circuit, angles, observables, *, return_std=False):
        from qmlplay import get_backend

        return get_backend("numpy").expectations(
            circuit, angles, observables, return_std=return_std
        )


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")  # at a break, by PyTorch
def test_a_backend_of_ones_own_breaks_the_graph_and_works():
    net = make_net(OwnBackend())
    same_values_and_gradients(net, torch.compile(net, backend="aot_eager"))


@pytest.mark.parametrize("backend", [None, "numpy"])
def test_export_with_any_number_of_samples(backend):
    net = make_net(backend)
    X = torch.rand(4, 2, dtype=torch.float64)
    sizes = ({0: torch.export.Dim("n_samples")},)
    program = torch.export.export(net, (X[:3],), dynamic_shapes=sizes)
    torch.testing.assert_close(program.module()(X), net(X), rtol=0, atol=1e-12)


def test_the_operator_keeps_pytorchs_rules():
    from qmlplay.torch import QuantumLayer
    from qmlplay.torch.compiled_function import compiled_expectations

    layer = QuantumLayer(2, n_layers=1, backend="numpy", random_state=0, dtype=torch.float64)
    X = torch.rand(3, 2, dtype=torch.float64, requires_grad=True)
    torch.library.opcheck(compiled_expectations, (X, layer.weights, *layer._as_text()))
