"""PyTorch layers: a quantum circuit as an ``nn.Module``, and a trained model as one.

`QuantumLayer` takes its place between the layers of a network. By default PyTorch simulates the
circuit itself, on any device, in single or double precision, and differentiates it as often as is
wanted. With ``backend=`` any simulator does, on the processor and in double precision, with exact
gradients from its vector–Jacobian product. `TrainedModule` is a fitted estimator.

>>> import torch
>>> from torch import nn
>>> net = nn.Sequential(nn.Linear(4, 2), QuantumLayer(2, random_state=0), nn.Linear(2, 1))
>>> net(torch.zeros(5, 4)).shape
torch.Size([5, 1])
"""

try:
    import torch as _torch  # noqa: F401 - said early, and what to type
except ImportError as error:
    raise ImportError('qmlplay.torch needs PyTorch: pip install "qmlplay[torch]"') from error

from qmlplay.torch.quantum_layer import QuantumLayer
from qmlplay.torch.trained_module import TrainedModule

__all__ = ["QuantumLayer", "TrainedModule"]
