"""A circuit together with the formula of each of its angles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from qmlplay.checks import is_integer
from qmlplay.circuit.circuit import Circuit, Gate
from qmlplay.circuit.formulas import (
    Angle,
    Formula,
    JointAngles,
    formula_from_dict,
    formula_values,
)
from qmlplay.circuit.gates import gate_type
from qmlplay.typing import Real

__all__ = ["Operation", "ParametricCircuit"]


@dataclass(frozen=True)
class Operation:
    """One gate and the formula of its angle: what encodings and ansätze are made of.

    Parameters
    ----------
    name : str
        Gate name.
    qubits : int or tuple of int
        Where it acts, control first.
    angle : Formula or tuple of Formula, optional
        Its angle in radians; None for a fixed gate, and a tuple for a gate with several angles:
        θ, φ and λ of ``"u"``.

    Raises
    ------
    TypeError
        If the qubits are no integers, or an angle is no formula.
    ValueError
        If the gate is unknown, or has another number of angles.

    Examples
    --------
    >>> from qmlplay.circuit import Feature
    >>> Operation("ry", 0, Feature(0))
    Operation(name='ry', qubits=(0,), angle=Feature(index=0, scale=1.0))
    """

    name: str
    qubits: tuple[int, ...] | int
    angle: Formula | tuple[Formula, ...] | None = None

    def __post_init__(self) -> None:
        kind = gate_type(self.name)
        object.__setattr__(self, "qubits", self._as_tuple(kind.n_qubits))
        came: tuple[Any, ...] = self.formulas
        for formula in came:
            if not isinstance(formula, Formula):
                raise TypeError(
                    f"the angle of {self.name!r} must be a formula such as Weight(0), Feature(0) "
                    f"or Fixed({formula}), but {formula!r} came"
                )
        self._check_number(kind.n_angles)

    def _check_number(self, n_angles: int) -> None:
        if n_angles == 0 and self.angle is not None:
            raise ValueError(f"gate {self.name!r} has no angle: leave out angle={self.angle}")
        if n_angles == 1 and not isinstance(self.angle, Formula):
            raise ValueError(
                f"gate {self.name!r} has an angle: give angle=, such as Weight(0) or Feature(0)"
            )
        if len(self.formulas) != n_angles:
            raise ValueError(
                f"gate {self.name!r} has {n_angles} angles: give angle= a tuple of as many "
                f"formulas, such as ({', '.join(f'Weight({k})' for k in range(n_angles))}); "
                f"got {self.angle!r}"
            )

    def _as_tuple(self, n_qubits: int) -> tuple[int, ...]:
        came: Any = self.qubits
        qubits = tuple(came) if isinstance(came, Iterable) else (came,)
        if not all(is_integer(qubit) for qubit in qubits):
            raise TypeError(
                f"the qubits of {self.name!r} must be an int or a tuple of ints, such as 0 or "
                f"(0, 1), but {self.qubits!r} came; an angle comes after them"
            )
        if len(qubits) != n_qubits or len(set(qubits)) != n_qubits or min(qubits) < 0:
            raise ValueError(
                f"gate {self.name!r} acts on {n_qubits} different qubit(s), numbered from 0 on, "
                f"but qubits={self.qubits!r} came"
            )
        return tuple(map(int, qubits))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas of its angles in order: none, one or several."""
        if self.angle is None:
            return ()
        return self.angle if isinstance(self.angle, tuple) else (self.angle,)

    def with_formulas(self, formulas: Iterable[Formula]) -> Operation:
        """Return the operation with as many other formulas."""
        if self.angle is None:
            return self
        new = tuple(formulas)
        return replace(self, angle=new if isinstance(self.angle, tuple) else new[0])

    def at_slot(self, slot: int) -> Gate:
        """Return the gate, reading the given slot and the next ones where it has angles."""
        assert isinstance(self.qubits, tuple)
        return Gate.reading(self.name, self.qubits, range(slot, slot + len(self.formulas)))


@dataclass(frozen=True)
class ParametricCircuit:
    """A circuit whose angles are functions of a row of data and of trainable weights.

    Parameters
    ----------
    circuit : Circuit
        The gates.
    formulas : tuple of Formula
        One formula per slot of the circuit.
    n_features : int
        Number of columns that X must have.

    Examples
    --------
    >>> from qmlplay.circuit import Feature, Weight
    >>> model = ParametricCircuit.from_operations(
    ...     1, [Operation("ry", 0, Feature(0)), Operation("rz", 0, Weight(0))], n_features=1)
    >>> model.angles(np.array([[0.1], [0.2]]), np.array([3.0]))
    [array([0.1, 0.2]), 3.0]
    """

    circuit: Circuit
    formulas: tuple[Formula, ...]
    n_features: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "formulas", tuple(self.formulas))
        if not is_integer(self.n_features, 0):
            raise ValueError(f"n_features must be a whole number, got {self.n_features!r}")
        object.__setattr__(self, "n_features", int(self.n_features))  # as JSON takes it
        if len(self.formulas) != self.circuit.n_slots:
            raise ValueError(
                f"the circuit has {self.circuit.n_slots} slots, "
                f"but {len(self.formulas)} formulas came"
            )
        read = {i for formula in self.formulas for i in formula.features}
        if read and not 0 <= min(read) <= max(read) < self.n_features:
            raise ValueError(
                f"the formulas read features {sorted(read)}, but there are only "
                f"features 0 to {self.n_features - 1}"
            )
        weights = {i for formula in self.formulas for i in formula.weights}
        if weights != set(range(len(weights))):
            raise ValueError(
                f"weights must be numbered 0, 1, 2, … without a gap; came {sorted(weights)}"
            )

    @classmethod
    def from_operations(
        cls, n_qubits: int, operations: Iterable[Operation], n_features: int
    ) -> ParametricCircuit:
        """Return the circuit of a list of operations, each angle in a slot of its own."""
        gates: list[Gate] = []
        formulas: list[Formula] = []
        for operation in operations:
            gates.append(operation.at_slot(len(formulas)))
            formulas += operation.formulas
        return cls(Circuit(n_qubits, tuple(gates)), tuple(formulas), n_features)

    def __getstate__(self) -> dict[str, Any]:
        # Without what is remembered of it.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return self.circuit.n_qubits

    @cached_property
    def n_weights(self) -> int:
        """Number of trainable weights."""
        return len({i for formula in self.formulas for i in formula.weights})

    @cached_property
    def trainable_slots(self) -> frozenset[int]:
        """Slots whose angles depend on a weight."""
        return frozenset(k for k, formula in enumerate(self.formulas) if formula.weights)

    @cached_property
    def data_slots(self) -> frozenset[int]:
        """Slots whose angles depend on a feature."""
        return frozenset(k for k, formula in enumerate(self.formulas) if formula.features)

    @cached_property
    def scaling_weights(self) -> tuple[int, ...]:
        """Indices of the weights that multiply features."""
        return tuple(sorted({i for formula in self.formulas for i in formula.scaling_weights}))

    def angles(self, X: Real, w: Real) -> list[Angle]:
        """Return one angle per slot.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Data, scaled so that the angles come out in radians.
        w : ndarray of shape (n_weights,)
            Weights.

        Returns
        -------
        list of float or ndarray of shape (n_samples,)
        """
        return formula_values(self.formulas, X, w)

    @cached_property
    def _joint_slots(self) -> dict[JointAngles, list[tuple[int, int]]]:
        """What computes several angles together, and their slots, each with its place there."""
        slots: dict[JointAngles, list[tuple[int, int]]] = {}
        for slot, formula in enumerate(self.formulas):
            if formula.joint is not None:
                together, place = formula.joint
                slots.setdefault(together, []).append((slot, place))
        return slots

    def check_rows(self, X: Real) -> None:
        """Raise ValueError, naming the row, where a row of X (in radians) makes no angles.

        Only amplitudes ask for more than finite numbers: a row of zeros is no state.
        """
        for together in self._joint_slots:
            together.check(X)

    def weight_gradient(self, X: Real, w: Real, gradients: Sequence[Angle]) -> Real:
        """Pull d loss / d angles, one entry per slot, back to d loss / d w (n_weights,)."""
        out = np.zeros(self.n_weights)
        for formula, gradient in zip(self.formulas, gradients, strict=True):
            formula.weight_gradient(gradient, X, w, out)
        return out

    def input_gradient(self, X: Real, w: Real, gradients: Sequence[Angle]) -> Real:
        """Pull d loss / d angles back to d loss / d X, shape (n_samples, n_features)."""
        out = np.zeros(X.shape)
        for formula, gradient in zip(self.formulas, gradients, strict=True):
            if formula.joint is None:
                formula.input_gradient(gradient, X, w, out)
        for together, slots in self._joint_slots.items():
            by_angles = np.zeros((len(X), together.n_angles))
            for slot, place in slots:
                by_angles[:, place] += gradients[slot]
            together.input_gradient(by_angles, X, out)
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return the circuit and its formulas as plain values, ready for JSON."""
        return {
            "circuit": self.circuit.to_dict(),
            "formulas": [formula.to_dict() for formula in self.formulas],
            "n_features": self.n_features,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ParametricCircuit:
        """Return the circuit that `to_dict` wrote."""
        formulas = tuple(formula_from_dict(formula) for formula in data["formulas"])
        return cls(Circuit.from_dict(data["circuit"]), formulas, int(data["n_features"]))
