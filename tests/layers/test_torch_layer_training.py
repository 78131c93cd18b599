"""Networks with a quantum layer in them, trained with PyTorch's own tools and with skorch."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import load_dataset

pytestmark = pytest.mark.needs("torch", "array_api_compat")
torch = pytest.importorskip("torch")
nn = torch.nn

ON_EACH_PATH = pytest.mark.parametrize("backend", [None, "numpy"], ids=["native", "numpy"])
OPTIMIZERS = {
    "SGD": {"lr": 0.3, "momentum": 0.9},
    "Adam": {"lr": 0.1},
    "AdamW": {"lr": 0.1},
    "RMSprop": {"lr": 0.02},
}


def make_net(backend, seed=0):
    """Linear → quantum → linear."""
    from qmlplay.torch import QuantumLayer

    torch.manual_seed(seed)
    first = nn.Linear(2, 4)
    nn.init.orthogonal_(first.weight, gain=2)
    return nn.Sequential(first, QuantumLayer(4, backend=backend), nn.Linear(4, 1), nn.Flatten(0))


@pytest.fixture(scope="module")
def moons():
    data = load_dataset("moons", n_samples=300, random_state=0)
    return train_test_split(
        torch.tensor(data.X, dtype=torch.float32),
        torch.tensor(data.y, dtype=torch.float32),
        stratify=data.y,
        random_state=0,
    )


def train(net, optimizer, X, y, n_steps=60):
    losses = []
    for _ in range(n_steps):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(net(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def accuracy(net, X, y):
    with torch.no_grad():
        return float(((net(X) > 0) == (y > 0.5)).float().mean())


@ON_EACH_PATH
def test_a_hybrid_net_learns_moons(backend, moons):
    X_train, X_test, y_train, y_test = moons
    net = make_net(backend)
    losses = train(net, torch.optim.Adam(net.parameters(), lr=0.1), X_train, y_train, 100)
    assert losses[-1] < 0.2 * losses[0]
    assert accuracy(net, X_test, y_test) >= 0.95


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_loss_goes_down(name, moons):
    X, _, y, _ = moons
    net = make_net("numpy")
    optimizer = getattr(torch.optim, name)(net.parameters(), **OPTIMIZERS[name])
    losses = train(net, optimizer, X, y, 30)
    assert losses[-1] < 0.6 * losses[0]


def test_lbfgs(moons):
    X, _, y, _ = moons
    net = make_net("numpy")
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=20, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(net(X), y)
        loss.backward()
        return loss

    first = optimizer.step(closure).item()
    assert closure().item() < 0.7 * first


def test_both_paths_take_the_same_steps(moons):
    X, _, y, _ = moons
    curves = []
    for backend in (None, "numpy", "qiskit"):
        net = make_net(backend).double()
        optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
        curves.append(train(net, optimizer, X[:40].double(), y[:40].double(), 10))
    np.testing.assert_allclose(curves[1:], [curves[0]] * 2, rtol=0, atol=1e-10)


@ON_EACH_PATH
def test_batches_of_a_data_loader(backend, moons):
    X_train, X_test, y_train, y_test = moons
    net = make_net(backend)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    data = torch.utils.data.TensorDataset(X_train, y_train)
    generator = torch.Generator().manual_seed(0)
    for _ in range(15):
        for X, y in torch.utils.data.DataLoader(
            data, batch_size=32, shuffle=True, generator=generator
        ):
            train(net, optimizer, X, y, 1)
    assert accuracy(net, X_test, y_test) >= 0.95


@ON_EACH_PATH
def test_a_row_with_nan_spoils_a_step_unless_it_is_left_out(backend, moons):
    X, _, y, _ = moons
    rows = X[:8].clone()
    rows[3] = torch.nan
    net = make_net(backend)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    before = net[1].weights.detach().clone()
    loss = nn.functional.binary_cross_entropy_with_logits(net(rows), y[:8])
    loss.backward()
    assert not torch.isfinite(loss)
    assert net[1].weights.grad.isnan().any()
    if torch.isfinite(loss):  # as the documentation of the layer says
        optimizer.step()
    assert torch.equal(net[1].weights, before)
    optimizer.step()
    assert net[1].weights.isnan().any()
    assert net(X).isnan().all()


@ON_EACH_PATH
def test_frozen_weights_stay(backend, moons):
    X, _, y, _ = moons
    net = make_net(backend)
    net[1].weights.requires_grad_(False)
    before = net[1].weights.clone()
    losses = train(net, torch.optim.Adam(net.parameters(), lr=0.1), X, y, 10)
    assert losses[-1] < losses[0]
    assert torch.equal(net[1].weights, before)


@pytest.mark.needs("skorch")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:skorch")
def test_skorch(moons):
    from skorch import NeuralNetBinaryClassifier

    from qmlplay.torch import QuantumLayer

    X_train, X_test, y_train, y_test = (part.numpy() for part in moons)

    class Net(nn.Module):
        def __init__(self, n_layers=2):
            super().__init__()
            self.quantum = QuantumLayer(2, n_layers=n_layers, random_state=0)
            self.readout = nn.Linear(2, 1)

        def forward(self, X):
            return self.readout(self.quantum(X)).squeeze(-1)

    net = NeuralNetBinaryClassifier(
        Net, optimizer=torch.optim.Adam, lr=0.1, max_epochs=15, batch_size=32, verbose=0,
        train_split=None, iterator_train__shuffle=True,
    )  # fmt: skip
    torch.manual_seed(0)
    search = GridSearchCV(net, {"module__n_layers": [1, 4]}, cv=2, error_score="raise")
    search.fit(X_train, y_train)
    assert search.best_params_ == {"module__n_layers": 4}
    assert (search.predict(X_test) == y_test).mean() >= 0.95
    assert search.predict_proba(X_test).shape == (75, 2)
    torch.manual_seed(0)
    alone = clone(net).set_params(module__n_layers=4)
    pipeline = make_pipeline(StandardScaler(), alone).fit(X_train, y_train)
    assert (pipeline.predict(X_test) == y_test).mean() >= 0.9


@pytest.mark.needs("skorch")
def test_the_layer_itself_as_a_skorch_module(moons):
    from skorch import NeuralNetRegressor

    from qmlplay.torch import QuantumLayer

    X, _, y, _ = (part.numpy() for part in moons)
    net = NeuralNetRegressor(
        QuantumLayer, module__n_features=2, module__observables=["ZI"], module__random_state=0,
        optimizer=torch.optim.Adam, lr=0.1, max_epochs=10, verbose=0, train_split=None,
    )  # fmt: skip
    net.fit(X, 2 * y[:, None] - 1)
    losses = net.history[:, "train_loss"]
    assert losses[-1] < 0.6 * losses[0]
