"""The quantum layer: features in radians become expectations."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any, Self, final

import keras

from qmlplay.ansatze import Ansatz
from qmlplay.backends import Backend, keeps_amplitudes
from qmlplay.backends.stored import backend_from_dict, backend_to_dict, is_known
from qmlplay.checks import check_seed
from qmlplay.encodings import Encoding
from qmlplay.keras.framework_evaluation import called_back, evaluation
from qmlplay.model import TrainedCircuit
from qmlplay.model.layer import LayerDesign, layer_design

__all__ = ["QuantumLayer"]

#: A tensor of Keras's backend, or a symbolic one.
Tensor = Any

#: Parameters that say which circuit is made for the features that come, and their defaults.
_DEFAULTS = {
    "encoding": "angle_sum",
    "ansatz": "hardware_efficient_rxx",
    "n_qubits": None,
    "n_layers": 4,
    "reupload": "auto",
    "trainable_scaling": "auto",
    "observables": None,
    "n_outputs": None,
}


@final
@keras.saving.register_keras_serializable(package="qmlplay")
class QuantumLayer(keras.layers.Layer):  # type: ignore[misc]
    """A parametrised quantum circuit as a layer of a Keras model.

    It takes features (…, n_features) in radians and returns expectations (…, n_outputs), between
    −1 and 1 for Pauli strings. A layer before it scales its inputs (``tanh`` times π/2, say), and
    one after it, such as ``Dense``, reads it out.

    Saved models hold the circuit as plain JSON, whatever functions made it. TensorFlow's graphs
    call Python back, so that ``model.fit`` and ``.keras`` files work, but not ``model.export``.

    Parameters
    ----------
    encoding, ansatz, n_qubits, n_layers, reupload, trainable_scaling
        As in `qmlplay.VariationalClassifier`; the circuit is made at the first call, when the
        number of features is known.
    observables : sequence of str, optional
        What is measured, one output each; Z on every qubit by default.
    n_outputs : int, optional
        How many outputs there are, where `observables` are not given.
    design : LayerDesign or str, optional
        A circuit and observables of one's own, in place of all the parameters before; also as
        text, as `LayerDesign.to_json` writes it.
    backend : str or Backend, optional
        Where the circuit runs. None simulates in JAX or PyTorch themselves where Keras computes
        with them, and with NumPy where it computes with TensorFlow. Any other simulator, also with
        shots or noise, is called back, and differentiated once by its own vector–Jacobian product.
    random_state : int, optional
        Seed of the first weights; by default a new one, as `keras.utils.set_random_seed` has it.
    **kwargs
        ``name``, ``dtype``, ``trainable`` and the others of `keras.layers.Layer`. With 16 bits, as
        in mixed precision, the circuit itself is computed with 32.

    Attributes
    ----------
    circuit_weights : keras.Variable of shape (n_weights,)
        The circuit's weights, once the layer is built.
    design : LayerDesign
        The circuit and observables, once the layer is built.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not allowed, the inputs are no real floats, or their last dimension is
        unknown or another one than before.

    Examples
    --------
    >>> import numpy as np
    >>> layer = QuantumLayer(n_layers=1, random_state=0)
    >>> layer(np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], dtype="float32")).shape[1]
    2
    >>> layer.count_params(), layer.design.n_qubits
    (7, 2)
    """

    def __init__(
        self,
        *,
        encoding: str | Encoding = "angle_sum",
        ansatz: str | Ansatz = "hardware_efficient_rxx",
        n_qubits: int | None = None,
        n_layers: int = 4,
        reupload: bool | str = "auto",
        trainable_scaling: bool | str = "auto",
        observables: Sequence[Any] | None = None,
        n_outputs: int | None = None,
        design: LayerDesign | str | None = None,
        backend: str | Backend | dict[str, Any] | None = None,
        random_state: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._settings: dict[str, Any] = {
            "encoding": encoding,
            "ansatz": ansatz,
            "n_qubits": n_qubits,
            "n_layers": n_layers,
            "reupload": reupload,
            "trainable_scaling": trainable_scaling,
            "observables": observables,
            "n_outputs": n_outputs,
        }
        self.design: Any = None if design is None else self._checked(design)
        self.backend = backend_from_dict(backend) if isinstance(backend, dict) else backend
        self.random_state = None if random_state is None else check_seed(random_state)
        self._simulator = called_back(self.backend)
        # XLA calls no Python back from TensorFlow's graphs.
        self.supports_jit = keras.backend.backend() != "tensorflow"

    @classmethod
    def from_model(
        cls, model: TrainedCircuit, *, backend: str | Backend | None = None, **kwargs: Any
    ) -> Self:
        """Return the circuit of a trained model (``clf.model_``) with its weights.

        It takes radians and has no readout.
        """
        design = LayerDesign(model.circuit, model.observables)
        layer = cls(design=design, backend=backend, **kwargs)
        layer.build((None, design.n_features))
        layer.set_weights([model.weights])
        return layer

    def _checked(self, design: LayerDesign | str) -> LayerDesign:
        changed = [name for name, value in self._settings.items() if value != _DEFAULTS[name]]
        if changed:
            raise ValueError(f"design= has a circuit and observables already: leave out {changed}")
        if isinstance(design, str):
            return LayerDesign.from_json(design)
        if not isinstance(design, LayerDesign):
            raise TypeError(
                f"design must be a LayerDesign, such as layer_design(n_features, …), got "
                f"{type(design).__name__}"
            )
        return design

    def _design_of(self, shape: Sequence[int | None]) -> LayerDesign:
        """Return the design for inputs of that shape."""
        n_features = shape[-1] if len(shape) > 1 else None
        if n_features is None:
            raise ValueError(
                f"a QuantumLayer takes inputs (n_samples, n_features) with a known number of "
                f"features, got shape {tuple(shape)}"
            )
        design: LayerDesign = self.design or layer_design(
            n_features,
            keeps_amplitudes=keeps_amplitudes(self.backend),
            **self._settings,
        )
        if n_features != design.n_features:
            raise ValueError(
                f"the last dimension of the inputs must be the {design.n_features} feature(s) of "
                f"the layer, got shape {tuple(shape)}"
            )
        return design

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Make the circuit for so many features, and draw its first weights."""
        self.design = self._design_of(input_shape)
        # Python's random numbers are what Keras's own initialisers draw their seeds from.
        seed = random.randrange(2**32) if self.random_state is None else self.random_state
        first = self.design.first_weights(seed)
        self.circuit_weights = self.add_weight(
            shape=first.shape,
            initializer=lambda shape, dtype: keras.ops.convert_to_tensor(first, dtype),
            name="circuit_weights",
        )
        self._evaluate = evaluation(self.design, self._simulator)
        n_features = self.design.n_features
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: n_features})

    def call(self, inputs: Tensor) -> Tensor:
        """Return expectations (…, n_outputs) of inputs (…, n_features) in radians."""
        dtype = keras.backend.standardize_dtype(inputs.dtype)
        if not keras.backend.is_float_dtype(dtype):
            raise TypeError(
                f"the inputs must be real floating-point numbers, got {dtype}: take "
                f"keras.ops.cast(inputs, 'float32')"
            )
        precision = "float64" if "float64" in (dtype, self.circuit_weights.dtype) else "float32"
        rows = keras.ops.reshape(inputs, (-1, self.design.n_features))
        values = self._evaluate(
            keras.ops.cast(rows, precision), keras.ops.cast(self.circuit_weights, precision)
        )
        shape = (*keras.ops.shape(inputs)[:-1], self.design.n_outputs)
        return keras.ops.cast(keras.ops.reshape(values, shape), self.compute_dtype)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape (…, n_outputs) for inputs of shape (…, n_features)."""
        return (*input_shape[:-1], self._design_of(input_shape).n_outputs)

    def get_config(self) -> dict[str, Any]:
        """Return what a saved model holds of the layer, plain values alone.

        Raises
        ------
        ValueError
            If the layer is not built and its encoding or ansatz is a function, or if its backend
            is none of qmlplay's own.
        """
        own = self._settings if self.design is None else {"design": self.design.to_json()}
        try:
            json.dumps(own)
        except TypeError as error:
            raise ValueError(
                f"a QuantumLayer with functions of one's own is saved as its circuit: call or "
                f"build it first ({error})"
            ) from error
        rest = {"backend": self._stored_backend(), "random_state": self.random_state}
        return {**super().get_config(), **own, **rest}

    def _stored_backend(self) -> str | dict[str, Any] | None:
        if not isinstance(self.backend, Backend):
            return self.backend
        if not is_known(self.backend):
            raise ValueError(
                f"backend={self.backend!r} is of your own: a saved model holds only those of "
                f"qmlplay, by their names"
            )
        return backend_to_dict(self.backend)
