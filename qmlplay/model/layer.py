"""The design of a layer: a circuit and what is measured, for a network of another framework.

`qmlplay.torch`, `qmlplay.jax` and `qmlplay.keras` make their layers of it. A layer takes radians:
what comes before it in the network is its scaling, and what comes after it its readout.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from qmlplay.ansatze import Ansatz
from qmlplay.backends import Backend
from qmlplay.backends.pauli import check_observables
from qmlplay.checks import check_automatic_flag, check_count, check_optional_count
from qmlplay.circuit import Observable, Observables, ParametricCircuit
from qmlplay.circuit.pauli_sum import observables_to_list
from qmlplay.encoding_use import encoding_use
from qmlplay.encodings import Encoding, get_encoding
from qmlplay.model.design import ModelDesign, first_weights
from qmlplay.model.evaluation import BOTH, Model, ModelPullback
from qmlplay.model.observable_choice import check_observable_list
from qmlplay.typing import Real

__all__ = ["LayerDesign", "layer_design"]


@final
@dataclass(frozen=True)
class LayerDesign:
    """A layer without numbers: rows of features in radians become expectations.

    Parameters
    ----------
    circuit : ParametricCircuit
        The circuit and the formulas of its angles.
    observables : sequence of (str, dict, PauliSum or int)
        Pauli strings, one letter per qubit, qubit 0 first, sums of them, or qubits for their Z:
        one output each. It is kept as a tuple of strings and sums.

    Raises
    ------
    TypeError, ValueError
        If an observable does not fit the circuit.

    Examples
    --------
    >>> design = layer_design(2, n_layers=1)
    >>> design.n_features, design.n_qubits, design.n_weights, design.n_outputs
    (2, 2, 7, 2)
    """

    circuit: ParametricCircuit
    observables: Observables

    def __post_init__(self) -> None:
        checked = check_observables(self.observables, self.n_qubits)
        object.__setattr__(self, "observables", checked)

    @property
    def n_features(self) -> int:
        """Number of inputs of a sample."""
        return self.circuit.n_features

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return self.circuit.n_qubits

    @property
    def n_weights(self) -> int:
        """Number of trainable weights."""
        return self.circuit.n_weights

    @property
    def n_outputs(self) -> int:
        """Number of outputs of a sample: one per observable."""
        return len(self.observables)

    def first_weights(self, random_state: int | np.random.RandomState | None = None) -> Real:
        """Return the weights (n_weights,) that training starts from, as those of an estimator.

        Weights that multiply features are 1, all others normal with a spread of 0.1 radians.

        Examples
        --------
        >>> layer_design(1, n_layers=1).first_weights(0).round(2)
        array([ 1.  ,  1.  ,  0.1 ,  0.22,  0.19, -0.1 ,  0.1 ])
        """
        return first_weights(self.circuit, check_random_state(random_state))

    def vjp(
        self, X: Real, weights: Real, backend: Backend, *, by: str | Collection[str] = BOTH
    ) -> tuple[Real, ModelPullback]:
        """Return expectations on a simulator, and a function from cotangents to derivatives.

        As `Model.vjp`, but on any input that a network may come up with: there may be no row,
        and one that holds NaN or infinity becomes NaN, as all of them do where a weight does.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            In radians.
        weights : ndarray of shape (n_weights,)
        backend : Backend
        by : str or collection of {"weights", "X"}, default=both
            Which derivatives are needed; the others are 0, and cost nothing.

        Returns
        -------
        expectations : ndarray of shape (n_samples, n_outputs)
        pullback : callable
            From cotangents (n_samples, n_outputs) to derivatives by the weights (n_weights,) and
            by X (n_samples, n_features).

        Examples
        --------
        >>> from qmlplay import get_backend
        >>> design = layer_design(1, n_layers=1, n_outputs=1)
        >>> values, pullback = design.vjp(
        ...     np.array([[0.1], [np.nan]]), np.zeros(7), get_backend("numpy"))
        >>> abs(values).round(6).ravel(), pullback(values)[1].ravel()
        (array([ 0., nan]), array([ 0., nan]))
        """
        if not len(X):
            empty = np.zeros((0, self.n_outputs))
            return empty, lambda _: (np.zeros(weights.shape), np.zeros(X.shape))
        is_known = np.asarray(np.isfinite(X).all(axis=1) & np.isfinite(weights).all())
        if is_known.all():
            return self._model(backend).vjp(X, weights, by=by)
        rows, finite = (
            np.where(is_known[:, None], X, 0.0),
            np.where(np.isfinite(weights), weights, 0.0),
        )
        values, pullback = self._model(backend).vjp(rows, finite, by=by)
        unknown = ~is_known[:, None]

        def with_unknown(cotangents: ArrayLike) -> tuple[Real, Real]:
            return pullback(np.where(unknown, np.nan, cotangents))

        return np.where(unknown, np.nan, values), with_unknown

    def to_json(self) -> str:
        """Return the design as text, which `from_json` reads.

        Examples
        --------
        >>> design = layer_design(2)
        >>> LayerDesign.from_json(design.to_json()) == design
        True
        """
        observables = observables_to_list(self.observables)
        return json.dumps({"circuit": self.circuit.to_dict(), "observables": observables})

    @classmethod
    def from_json(cls, text: str) -> LayerDesign:
        """Return the design that `to_json` wrote."""
        content = json.loads(text)
        circuit = ParametricCircuit.from_dict(content["circuit"])
        return cls(circuit, check_observables(content["observables"], circuit.n_qubits))

    def _model(self, backend: Backend) -> Model:
        return Model(backend, self.circuit, self.observables)


def layer_design(
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
    keeps_amplitudes: bool = True,
) -> LayerDesign:
    """Return the design of a layer for rows of so many features.

    Parameters
    ----------
    n_features : int
        Number of inputs of a sample.
    encoding, ansatz, n_qubits, n_layers, reupload, trainable_scaling
        As in `qmlplay.VariationalClassifier`.
    observables : None, "auto" or sequence of (str, dict, PauliSum or int), default=None
        What is measured, one output each, as in `qmlplay.VariationalClassifier`; Z on every qubit
        by default.
    n_outputs : int, optional
        How many outputs there are where `observables` are not given: Z on one qubit after the
        other, then products of Z, then other Pauli strings.
    keeps_amplitudes : bool, default=True
        Whether all 2**n_qubits amplitudes have to fit into memory; not for a simulator that keeps
        none.

    Returns
    -------
    LayerDesign

    Raises
    ------
    TypeError, ValueError
        If a parameter is not allowed, encoding or ansatz make no circuit that reads a feature,
        there are more outputs than observables, or the states would not fit into memory.

    Examples
    --------
    >>> layer_design(3).observables
    ('ZII', 'IZI', 'IIZ')
    >>> layer_design(2, n_outputs=3).observables, layer_design(2, observables=["XY"]).observables
    (('ZI', 'IZ', 'ZZ'), ('XY',))
    """
    check_optional_count("n_qubits", n_qubits)
    check_count("n_layers", n_layers)
    check_optional_count("n_outputs", n_outputs)
    check_automatic_flag("reupload", reupload)
    check_automatic_flag("trainable_scaling", trainable_scaling)
    measured = "auto" if observables is None else observables
    check_observable_list("observables", measured)
    is_automatic = isinstance(measured, str)
    if not is_automatic and n_outputs is not None:
        raise ValueError(
            f"there is one output per observable: leave out n_outputs={n_outputs}, or observables"
        )
    use = encoding_use(
        get_encoding(encoding), reupload=reupload, trainable_scaling=trainable_scaling
    )
    design = ModelDesign.make(
        n_features,
        n_outputs or 1,
        encoding=encoding,
        ansatz=ansatz,
        n_qubits=n_qubits,
        n_layers=n_layers,
        reupload=use.reupload,
        trainable_scaling=use.trainable_scaling,
        observables=measured if is_automatic else list(measured),
        outputs_are="outputs",
        keeps_amplitudes=keeps_amplitudes,
    )
    return LayerDesign(design.circuit, design.observables[:n_outputs])
