"""A hybrid network of your own in PyTorch: a quantum circuit between two linear layers."""

import torch
from sklearn.model_selection import train_test_split
from torch import nn

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.torch import QuantumLayer

data = load_dataset("moons", n_samples=300, random_state=0)
parts = train_test_split(data.X, data.y, stratify=data.y, random_state=0)
X_train, X_test, y_train, y_test = (torch.tensor(part, dtype=torch.float32) for part in parts)

# The hybrid, in ten lines.
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 4), QuantumLayer(4), nn.Linear(4, 1), nn.Flatten(0))
nn.init.orthogonal_(net[0].weight, gain=2)  # angles of some radians
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
for _ in range(100):
    optimizer.zero_grad()
    loss = nn.functional.binary_cross_entropy_with_logits(net(X_train), y_train)
    loss.backward()
    optimizer.step()
accuracy = ((net(X_test) > 0) == (y_test > 0)).float().mean()
print(net[1])
print(f"accuracy on unseen moons above 0.95: {bool(accuracy > 0.95)}")

# The same weights through other simulators, which train it as well: their gradients are exact.
X, y = X_train[:20], y_train[:20]
(expected,) = torch.autograd.grad(net(X).sum(), net[1].weights)
for backend in ("numpy", "qiskit", "cirq", "pennylane"):
    other = nn.Sequential(net[0], QuantumLayer(4, backend=backend), net[2], net[3])
    other[1].load_state_dict(net[1].state_dict())
    (slopes,) = torch.autograd.grad(other(X).sum(), other[1].weights)
    values_agree = torch.allclose(other(X), net(X), atol=1e-4)
    print(f"{backend}: same values {values_agree}, same gradient "
          f"{torch.allclose(slopes, expected, rtol=1e-3, atol=1e-3)}")  # fmt: skip

# Simulated in PyTorch, everything of it works: here the curvature of the loss.
layer, readout = net[1].double(), net[2].double()
inputs = net[0](X).detach().double()


def loss_of(weights: torch.Tensor) -> torch.Tensor:
    values = readout(torch.func.functional_call(layer, {"weights": weights}, inputs))
    return nn.functional.binary_cross_entropy_with_logits(values[:, 0], y.double())


curvature = torch.autograd.functional.hessian(loss_of, layer.weights.detach())
print("Hessian", tuple(curvature.shape), "symmetric:", torch.allclose(curvature, curvature.T))

# A trained classifier is a module, too: its scaling, circuit and readout.
clf = VariationalClassifier(random_state=0).fit(data.X, data.y)
module = clf.to_torch()
probabilities = torch.sigmoid(module(torch.tensor(data.X)))
difference = abs(probabilities.detach().numpy() - clf.predict_proba(data.X)[:, 1]).max()
print("the trained classifier as a module says the same within 1e-10:", bool(difference < 1e-10))

# Expected output:
# QuantumLayer(n_features=4, n_outputs=4, n_qubits=4, n_weights=64, backend=None)
# accuracy on unseen moons above 0.95: True
# numpy: same values True, same gradient True
# qiskit: same values True, same gradient True
# cirq: same values True, same gradient True
# pennylane: same values True, same gradient True
# Hessian (64, 64) symmetric: True
# the trained classifier as a module says the same within 1e-10: True
