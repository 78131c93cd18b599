"""Circuits from elsewhere as an encoding or an ansatz: frozen values without any framework."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, Self, final

from qmlplay.circuit import Operation, ParametricCircuit
from qmlplay.encoding_use import EncodingUse
from qmlplay.errors import listed

__all__ = ["CircuitAnsatz", "CircuitEncoding", "check_roles"]


@dataclass(frozen=True, repr=False)
class _CircuitLayer:
    """A fixed circuit whose angles are formulas of named symbols.

    Parameters
    ----------
    circuit : ParametricCircuit
        Gates and formulas.
    feature_names, weight_names : tuple of str
        The symbols that became feature 0, 1, … and weight 0, 1, …
    """

    circuit: ParametricCircuit
    feature_names: tuple[str, ...] = ()
    weight_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, expected in (
            ("feature_names", self.circuit.n_features),
            ("weight_names", self.circuit.n_weights),
        ):
            names = tuple(getattr(self, name))
            object.__setattr__(self, name, names)
            if len(names) != expected or not all(isinstance(text, str) for text in names):
                raise ValueError(f"{name} must be {expected} names, one each; got {names!r}")

    def __repr__(self) -> str:
        # Gates and formulas would fill pages, wherever an estimator is shown.
        names = ", ".join(
            f"{kind}=({listed(given, 4, quoted=False)})"
            for kind, given in (("features", self.feature_names), ("weights", self.weight_names))
            if given
        )
        sizes = f"{self.n_qubits} qubits, {len(self.circuit.circuit.gates)} gates"
        return f"{type(self).__name__}({sizes}{', ' if names else ''}{names})"

    def __getstate__(self) -> dict[str, Any]:
        # Text: whoever loads it with skops trusts this class, and none of gates and formulas.
        try:
            content = self.to_dict()
            if type(self).from_dict(content) == self:
                return {"content": json.dumps(content, separators=(",", ":"), allow_nan=False)}
        except (LookupError, TypeError, ValueError):
            pass  # a formula of somebody's own
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "content" in state:
            try:
                state = vars(type(self).from_dict(json.loads(state["content"])))
            except (LookupError, RecursionError, TypeError, ValueError) as error:
                raise ValueError(
                    f"the state of a {type(self).__name__} is damaged, or was changed: "
                    f"{error!r:.300}"
                ) from error
        self.__dict__.update(state)

    @property
    def n_qubits(self) -> int:
        """Number of qubits, which a model takes over where it is given none."""
        return self.circuit.n_qubits

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The gates, each with the formulas of its angles."""
        formulas = self.circuit.formulas
        return tuple(
            Operation(gate.name, gate.qubits, gate.angle(formulas))
            for gate in self.circuit.circuit.gates
        )

    def _check_qubits(self, n_qubits: int) -> None:
        if n_qubits != self.n_qubits:
            raise ValueError(
                f"{type(self).__name__} has a circuit of {self.n_qubits} qubit(s), but the model "
                f"has {n_qubits}: leave out n_qubits or give n_qubits={self.n_qubits}, and take an "
                f"encoding and an ansatz of as many qubits"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            "circuit": self.circuit.to_dict(),
            "feature_names": list(self.feature_names),
            "weight_names": list(self.weight_names),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return what `to_dict` wrote."""
        names = (tuple(data["feature_names"]), tuple(data["weight_names"]))
        return cls(ParametricCircuit.from_dict(data["circuit"]), *names)


@final
@dataclass(frozen=True, repr=False)
class CircuitEncoding(_CircuitLayer):
    """A circuit from elsewhere that reads features: an encoding.

    It is made by `from_qiskit`, `from_cirq`, `from_pennylane` and `from_openqasm`. Models take it
    as it is: once, before the first layer, and without trainable scaling; features that fill a
    turn are taken as radians, others are scaled to [−π/2, π/2]. ``reupload=True``,
    ``trainable_scaling=True`` and ``scale_inputs=…`` of the estimator ask for something else.
    Symbols that are no features are weights, which are trained with those of the ansatz.

    Parameters
    ----------
    circuit : ParametricCircuit
        Gates and formulas; its numbers of qubits and features are those of the data and model.
    feature_names, weight_names : tuple of str
        The symbols that became feature 0, 1, … and weight 0, 1, …

    Raises
    ------
    ValueError
        If the names are not one per feature and weight.

    Examples
    --------
    >>> from qmlplay import Feature, Operation
    >>> turn = ParametricCircuit.from_operations(1, [Operation("rx", 0, Feature(0))], n_features=1)
    >>> CircuitEncoding(turn, ("x[0]",))(n_qubits=1, n_features=1)
    [Operation(name='rx', qubits=(0,), angle=Feature(index=0, scale=1.0))]
    """

    #: How it is used unless the estimator's parameters say otherwise.
    published_use: ClassVar[EncodingUse] = EncodingUse(
        reupload=False, trainable_scaling=False, keeps_turns=True
    )

    @property
    def n_features(self) -> int:
        """Number of features that the circuit reads."""
        return self.circuit.n_features

    def most_features(self, n_qubits: int) -> int:
        """Return how many features it takes, on its own number of qubits."""
        return self.n_features

    def __call__(self, n_qubits: int, n_features: int) -> list[Operation]:
        """Return the operations.

        Raises
        ------
        ValueError
            If the circuit has other numbers of qubits or features.
        """
        if n_features != self.n_features:
            raise ValueError(
                f"the circuit given as encoding reads {self.n_features} feature(s) "
                f"({listed(self.feature_names, quoted=False)}), but X has {n_features} column(s): "
                f"make or choose as many columns, with sklearn.decomposition.PCA"
                f"({self.n_features}) for instance, or a circuit that reads all of them"
            )
        self._check_qubits(n_qubits)
        return list(self.operations)


@final
@dataclass(frozen=True, repr=False)
class CircuitAnsatz(_CircuitLayer):
    """A circuit from elsewhere with weights only: an ansatz.

    It is made by `from_qiskit`, `from_cirq`, `from_pennylane` and `from_openqasm`. A model repeats
    it in every layer, with new weights each time; ``n_layers=1`` is the circuit as it came.

    Parameters
    ----------
    circuit : ParametricCircuit
        Gates and formulas, of weights alone.
    feature_names : tuple of str, default=()
        None.
    weight_names : tuple of str
        The symbols that became weight 0, 1, …

    Raises
    ------
    ValueError
        If the names are not one per weight, or the circuit reads features.

    Examples
    --------
    >>> from qmlplay import Weight
    >>> turn = ParametricCircuit.from_operations(1, [Operation("rx", 0, Weight(0))], n_features=0)
    >>> CircuitAnsatz(turn, weight_names=("theta",))
    CircuitAnsatz(1 qubits, 1 gates, weights=(theta))
    >>> CircuitAnsatz(turn, weight_names=("theta",))(n_qubits=1, layer=3)
    [Operation(name='rx', qubits=(0,), angle=Weight(index=0))]
    """

    def __call__(self, n_qubits: int, layer: int) -> list[Operation]:
        """Return the operations, which are the same in every layer.

        Raises
        ------
        ValueError
            If the circuit has another number of qubits.
        """
        self._check_qubits(n_qubits)
        return list(self.operations)


def check_roles(encoding: object, ansatz: object) -> None:
    """Check that circuits from elsewhere are given as what they are.

    Raises
    ------
    TypeError
        If an encoding reads no features by its kind, or an ansatz does.

    Examples
    --------
    >>> check_roles("angle", "real_amplitudes")
    """
    if isinstance(encoding, CircuitAnsatz):
        raise TypeError(
            f"the circuit given as encoding has only weights ({listed(encoding.weight_names)}): "
            f"say which of its symbols are features, as in from_qiskit(circuit, features='x')"
        )
    if isinstance(ansatz, CircuitEncoding):
        raise TypeError(
            f"the circuit given as ansatz reads features ({listed(ansatz.feature_names)}): leave "
            f"out features=, so that its symbols are weights, or give it as encoding"
        )
