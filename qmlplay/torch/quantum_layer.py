"""The quantum layer: a circuit as a module whose weights are parameters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from qmlplay.ansatze import Ansatz
from qmlplay.backends import Backend, get_backend, keeps_amplitudes
from qmlplay.backends.arrays.array_evaluation import evaluation_like
from qmlplay.backends.stored import backend_to_dict, is_known
from qmlplay.circuit import Observable
from qmlplay.encodings import Encoding
from qmlplay.model import TrainedCircuit
from qmlplay.model.layer import LayerDesign, layer_design
from qmlplay.torch.compiled_function import compiled_expectations
from qmlplay.torch.simulator_function import simulated_expectations
from qmlplay.torch.tensors import check_input, check_real, precision_of, set_numbers

__all__ = ["QuantumLayer"]


class QuantumLayer(nn.Module):  # type: ignore[misc]
    """A quantum circuit as a layer: inputs become angles, expectations are the outputs.

    An input is an angle in radians, one per feature, and an output the expectation of an
    observable, for a Pauli string in [−1, 1]; a linear layer before and one after let the network
    choose what it encodes and what it makes of it. The weights are those of the circuit.

    Parameters
    ----------
    n_features : int
        Size of the last dimension of the inputs.
    encoding, ansatz, n_qubits, n_layers, reupload, trainable_scaling
        The circuit, as in `qmlplay.VariationalClassifier`.
    observables : sequence of (str, dict, PauliSum or int), optional
        What is measured, one output each: Pauli strings, one letter per qubit, qubit 0 first,
        sums of them such as ``{"ZZ": 0.5, "XI": 1.0}``, or qubits for their Z. Z on every qubit
        by default.
    n_outputs : int, optional
        Number of outputs where `observables` are not given.
    backend : str, Backend or None, default=None
        None simulates the circuit in PyTorch, on the device of the tensors and in their
        precision. A simulator, such as ``"numpy"`` or ``get_backend("qiskit", shots=1000)``,
        runs on the processor and in double precision, whatever the tensors are; its gradients
        are exact, or come from parameter shift where it has shots or noise.
    random_state : int, RandomState or None, default=None
        For the first weights; None draws them from PyTorch's generator (`torch.manual_seed`).
    device, dtype
        Of the weights, as in ``nn.Linear``.

    Attributes
    ----------
    weights : nn.Parameter of shape (n_weights,)
        Radians, and the factors of the features.
    design : LayerDesign
        The circuit and the observables.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not allowed.

    Notes
    -----
    On a simulator, the forward run is kept for backward and not repeated, but a layer can be
    differentiated only once there: second derivatives and ``torch.func.vmap`` need
    ``backend=None``. ``torch.compile`` and ``torch.export`` take either.

    Where an input is NaN or infinite, all outputs of its sample are NaN, and so are their
    gradients by the input and by the weights, as everywhere in PyTorch. An optimiser's step makes
    weights NaN then: leave it out where ``not torch.isfinite(loss)``.

    Examples
    --------
    >>> import torch
    >>> layer = QuantumLayer(2, n_layers=1, random_state=0)
    >>> layer
    QuantumLayer(n_features=2, n_outputs=2, n_qubits=2, n_weights=7, backend=None)
    >>> X = torch.tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    >>> layer(X).shape
    torch.Size([3, 2])
    >>> through_qiskit = QuantumLayer(2, n_layers=1, backend="qiskit", random_state=0)
    >>> torch.allclose(through_qiskit(X), layer(X), atol=1e-6)
    True
    """

    def __init__(
        self,
        n_features: int,
        *,
        encoding: str | Encoding = "angle_sum",
        ansatz: str | Ansatz = "hardware_efficient_rxx",
        n_qubits: int | None = None,
        n_layers: int = 4,
        reupload: bool | str = "auto",
        trainable_scaling: bool | str = "auto",
        observables: str | Sequence[Observable] | None = None,
        n_outputs: int | None = None,
        backend: str | Backend | None = None,
        random_state: int | np.random.RandomState | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        design = layer_design(
            n_features,
            encoding=encoding,
            ansatz=ansatz,
            n_qubits=n_qubits,
            n_layers=n_layers,
            reupload=reupload,
            trainable_scaling=trainable_scaling,
            observables=observables,
            n_outputs=n_outputs,
            keeps_amplitudes=keeps_amplitudes(backend),
        )
        self._set_up(design, backend, random_state, device, dtype)

    @classmethod
    def from_design(
        cls,
        design: LayerDesign,
        *,
        backend: str | Backend | None = None,
        random_state: int | np.random.RandomState | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> Self:
        """Return the layer of a circuit and observables of one's own.

        Examples
        --------
        >>> from math import pi
        >>> import torch
        >>> from qmlplay import Feature, Operation
        >>> from qmlplay.circuit import ParametricCircuit
        >>> from qmlplay.model.layer import LayerDesign
        >>> turn = [Operation("ry", 0, Feature(0))]
        >>> circuit = ParametricCircuit.from_operations(1, turn, n_features=1)
        >>> layer = QuantumLayer.from_design(LayerDesign(circuit, ("Z",)))
        >>> layer(torch.tensor([[0.0], [pi]])).round(decimals=3)  # cos(x)
        tensor([[ 1.],
                [-1.]])
        """
        layer = cls.__new__(cls)
        layer._set_up(design, backend, random_state, device, dtype)
        return layer

    @classmethod
    def from_model(
        cls,
        model: TrainedCircuit,
        *,
        backend: str | Backend | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> Self:
        """Return the circuit of a trained model (``clf.model_``) with its weights.

        It takes radians and has no readout; `TrainedModule` is the whole model.
        """
        design = LayerDesign(model.circuit, model.observables)
        layer = cls.from_design(design, backend=backend, device=device, dtype=dtype)
        set_numbers(layer.weights, model.weights)
        return layer

    def _set_up(
        self, design: LayerDesign, backend: Any, random_state: Any, device: Any, dtype: Any
    ) -> None:
        super().__init__()
        self.design = design
        self.backend = None if backend is None else get_backend(backend)
        self.random_state = random_state
        weights = torch.empty(design.n_weights, device=device, dtype=dtype)
        check_real("the weights", weights)
        self.weights = nn.Parameter(weights)
        self.reset_parameters()
        self._prepare()

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        seed = self.random_state
        if seed is None:
            seed = int(torch.randint(2**31, (1,), device="cpu"))
        set_numbers(self.weights, self.design.first_weights(seed))

    def forward(self, X: Tensor) -> Tensor:
        """Return expectations (…, n_outputs) of inputs (…, n_features) in radians.

        Raises
        ------
        TypeError, ValueError
            If X is no tensor of real floats whose last dimension is n_features, or is on another
            device than the weights.
        """
        check_input(X, self.design.n_features, self.weights)
        rows = X.reshape(-1, self.design.n_features)
        values = self._native(rows) if self.backend is None else self._simulated(rows)
        return values.to(X.dtype).reshape(*X.shape[:-1], self.design.n_outputs)

    def _native(self, X: Tensor) -> Tensor:
        precision = precision_of(torch.promote_types(X.dtype, self.weights.dtype))
        X, weights = X.to(precision), self.weights.to(precision)
        evaluate = self._evaluation
        if evaluate is None or self._evaluates != (precision, X.device):
            evaluate = evaluation_like(self.design.circuit, self.design.observables, X)
        with torch.autocast(X.device.type, enabled=False):
            values: Tensor = evaluate(X, weights)
        return values

    @torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
    def _as_text(self) -> tuple[str, str] | None:
        """Return design and backend as text; None for a backend of one's own, which has none."""
        if self.backend is None or not is_known(self.backend):
            return None
        return self.design.to_json(), json.dumps(backend_to_dict(self.backend))

    def _prepare(self) -> None:
        # Made before any call: torch.compile does not look into Python's caches.
        precision, device = precision_of(self.weights.dtype), self.weights.device
        self._evaluates, self._evaluation = (precision, device), None
        if self.backend is None and not self.weights.is_meta:
            like = self.weights.detach().to(precision)
            self._evaluation = evaluation_like(self.design.circuit, self.design.observables, like)

    def _apply(self, *arguments: Any, **settings: Any) -> Self:
        super()._apply(*arguments, **settings)  # all moves to other devices and precisions
        self._prepare()
        return self

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_evaluation": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._prepare()

    def _simulated(self, X: Tensor) -> Tensor:
        assert self.backend is not None
        if torch.compiler.is_compiling() and (texts := self._as_text()) is not None:
            return compiled_expectations(X, self.weights, *texts)
        return simulated_expectations(self.design, self.backend, X, self.weights)

    def extra_repr(self) -> str:
        """Return the sizes and the backend."""
        names = ("n_features", "n_outputs", "n_qubits", "n_weights")
        sizes = (f"{name}={getattr(self.design, name)}" for name in names)
        return ", ".join([*sizes, f"backend={self.backend!r}"])
