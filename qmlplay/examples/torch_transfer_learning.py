"""Transfer learning: a classical network's features in a dressed quantum circuit, on digits.

A small convolutional network learns the digits 0 to 4 and is frozen. What it sees in the digits 7
and 9, which it has never met, goes into a circuit between two linear layers, as in
arXiv:1912.08278; beside it stands the same network with a classical layer of as many weights.
"""

from collections.abc import Callable

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from qmlplay.torch import QuantumLayer

N_FEATURES, N_QUBITS = 32, 4


def train(net: nn.Module, X: torch.Tensor, y: torch.Tensor, loss_function: nn.Module) -> nn.Module:
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        loss_function(net(X), y).backward()
        optimizer.step()
    return net


digits = load_digits()
images = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
target = torch.tensor(digits.target)

# 1. The source: a network that knows the digits 0 to 4.
torch.manual_seed(0)
features = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Flatten(),
    nn.Linear(256, N_FEATURES), nn.ReLU(),
)  # fmt: skip
known = target < 5
source = nn.Sequential(features, nn.Linear(N_FEATURES, 5))
train(source, images[known], target[known], nn.CrossEntropyLoss())
is_right = source(images[known]).argmax(1) == target[known]
print(f"the network knows its own digits, 0 to 4: {bool(is_right.float().mean() > 0.98)}")

# 2. Frozen, it is asked about two digits that it has never seen.
new = (target == 7) | (target == 9)
with torch.no_grad():
    X = features(images[new])
    X = (X - X.mean(0)) / (X.std(0) + 1e-3)
y = (target[new] == 9).float()

# 3. What learns from 60 of them. The circuit has trainable factors for its angles, which the
#    paper sets to π/2.
heads: dict[str, Callable[[], list[nn.Module]]] = {
    "dressed quantum circuit": lambda: [nn.Tanh(), QuantumLayer(N_QUBITS, n_layers=2)],
    "dressed classical layer": lambda: [nn.Tanh(), nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 4)],
}
accuracies: dict[str, list[float]] = {}
for seed in range(5):
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=60, stratify=y, random_state=seed
    )
    for name, make in heads.items():
        torch.manual_seed(seed)
        middle = nn.Sequential(*make())
        net = nn.Sequential(
            nn.Linear(N_FEATURES, N_QUBITS), middle, nn.Linear(N_QUBITS, 1), nn.Flatten(0)
        )
        train(net, X_train, y_train, nn.BCEWithLogitsLoss())
        accuracies.setdefault(name, []).append(float(((net(X_test) > 0) == y_test).float().mean()))
        if seed == 0:
            print(f"{name}: {sum(w.numel() for w in middle.parameters())} weights inside")

for name, values in accuracies.items():
    print(f"{name}: accuracy {np.mean(values):.2f} on unseen images")
first, second = (np.mean(values) for values in accuracies.values())
print(f"a difference of more than 0.03 between the two: {bool(abs(first - second) > 0.03)}")

# Expected output:
# the network knows its own digits, 0 to 4: True
# dressed quantum circuit: 32 weights inside
# dressed classical layer: 31 weights inside
# dressed quantum circuit: accuracy 0.96 on unseen images
# dressed classical layer: accuracy 0.96 on unseen images
# a difference of more than 0.03 between the two: False
