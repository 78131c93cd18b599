"""A trained classifier or regressor as a module: scaling, circuit and readout."""

from __future__ import annotations

from math import pi
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn

from qmlplay.backends import Backend
from qmlplay.model import InputScaling, TrainedCircuit, TrainedRegression
from qmlplay.model.scaling import FARTHEST
from qmlplay.torch.quantum_layer import QuantumLayer
from qmlplay.torch.tensors import check_input, set_numbers, to_array

__all__ = ["TrainedModule"]


@final
class TrainedModule(nn.Module):  # type: ignore[misc]
    """A trained model as a module: its scaling, its circuit and its readout.

    It returns what the estimator's ``decision_function`` does, or ``predict`` of a regressor, and
    all its trainable numbers are parameters that can be trained further. Probabilities of
    two classes are ``torch.sigmoid(module(X))``, of more ``torch.softmax(module(X), dim=-1)``.

    Parameters
    ----------
    model : TrainedCircuit
        ``clf.model_`` of a fitted estimator. What a pipeline does before is not in it.
    backend : str, Backend or None, default=None
        As in `QuantumLayer`.
    device, dtype
        Of its numbers; float64 by default, as the model has them.

    Examples
    --------
    >>> import torch
    >>> from qmlplay import VariationalClassifier
    >>> clf = VariationalClassifier(n_layers=1, max_iter=5, random_state=0)
    >>> clf = clf.fit([[0.0], [1.0]], ["a", "b"])
    >>> module, X = clf.to_torch(), [[0.2], [0.7]]
    >>> decisions = module(torch.tensor(X, dtype=torch.float64))
    >>> bool((abs(decisions.detach().numpy() - clf.decision_function(X)) < 1e-12).all())
    True
    >>> optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    >>> loss = torch.nn.functional.softplus(decisions).sum()
    >>> loss.backward()
    >>> optimizer.step()
    >>> clf.with_model(module.to_model()).predict(X).shape
    (2,)
    """

    def __init__(
        self,
        model: TrainedCircuit,
        *,
        backend: str | Backend | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        settings = {"device": device, "dtype": torch.float64 if dtype is None else dtype}
        self.scaling = _Scaling(model.scaling)
        self.circuit = QuantumLayer.from_model(model, backend=backend, **settings)
        self.readout = nn.Linear(len(model.observables), model.n_outputs, **settings)
        set_numbers(self.readout.weight, model.readout.scale.T)
        set_numbers(self.readout.bias, model.readout.bias)
        self.readout.requires_grad_(not model.readout.is_fixed)
        self.answers = _Answers(model)
        self._model = model
        self.to(**settings)

    def forward(self, X: Tensor) -> Tensor:
        """Return decision values, or a regressor's numbers, of features (…, n_features).

        Returns
        -------
        Tensor of shape (…,) for two classes or one column of targets, else (…, n_outputs)
        """
        check_input(X, self.circuit.design.n_features, self.circuit.weights)
        rows = X.to(torch.promote_types(X.dtype, self.readout.weight.dtype))
        decisions = self.readout(self.circuit(self.scaling(rows)).to(self.readout.weight.dtype))
        return self.answers(decisions).to(X.dtype)

    def to_model(self) -> TrainedCircuit:
        """Return the trained model with the numbers that this module has now.

        ``clf.with_model(module.to_model())`` is the estimator trained further.
        """
        parts = [self.circuit.weights]
        if not self._model.readout.is_fixed:
            parts += [self.readout.weight.T, self.readout.bias]
        return self._model.with_numbers(np.concatenate([to_array(part).ravel() for part in parts]))


class _Scaling(nn.Module):  # type: ignore[misc]
    """From features to radians, as `InputScaling.radians`."""

    def __init__(self, scaling: InputScaling) -> None:
        super().__init__()
        for name in ("center", "half_range", "low", "high"):
            self.register_buffer(name, torch.tensor(getattr(scaling, name)))

    def forward(self, X: Tensor) -> Tensor:
        held = torch.clamp(X, self.low, self.high)
        radians = (held - self.center) / self.half_range * (pi / 2)
        return torch.clamp(radians, -FARTHEST, FARTHEST)


class _Answers(nn.Module):  # type: ignore[misc]
    """From decision values (…, n_outputs) to what the estimator returns, in its shape."""

    def __init__(self, model: TrainedCircuit) -> None:
        super().__init__()
        if isinstance(model, TrainedRegression):
            target = model.target_scaling
            center, scale = target.center, target.scale
            self.is_flat = center.ndim == 0
        else:
            center, scale, self.is_flat = np.zeros(()), np.ones(()), model.n_outputs == 1
        self.register_buffer("center", torch.tensor(center))
        self.register_buffer("scale", torch.tensor(scale))

    def forward(self, decisions: Tensor) -> Tensor:
        values = decisions.squeeze(-1) if self.is_flat else decisions
        return self.center + self.scale * values
