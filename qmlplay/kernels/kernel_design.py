"""The design of a quantum kernel: its circuit, and what is made of the states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from qmlplay.backends.inputs import check_memory
from qmlplay.checks import check_choice, check_count, check_positive
from qmlplay.circuit import Angle, Operation, ParametricCircuit, build_circuit
from qmlplay.encodings import Encoding, get_encoding
from qmlplay.interop.circuit_layers import check_roles
from qmlplay.model.design import choose_n_qubits
from qmlplay.typing import Real

__all__ = ["KERNEL_KINDS", "KernelDesign"]

KERNEL_KINDS = ("fidelity", "projected")


@dataclass(frozen=True)
class KernelDesign:
    """All that decides a kernel but the simulator.

    Parameters
    ----------
    circuit : ParametricCircuit
        The encoding of a row in radians.
    kind : {"fidelity", "projected"}, default="fidelity"
    bandwidth : float, default=1.0
        Positive factor of every angle that reads features.
    gamma : float, default=1.0
        Positive; of the projected kernel.
    weights : tuple of float, default=()
        Of the circuit, where it has any.

    Examples
    --------
    >>> design = KernelDesign.make(2, encoding="angle_ry", bandwidth=0.5)
    >>> design.angles(np.array([[1.0, 2.0]]))
    [array([0.5]), array([1.])]
    """

    circuit: ParametricCircuit
    kind: str = "fidelity"
    bandwidth: float = 1.0
    gamma: float = 1.0
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KERNEL_KINDS)
        check_positive("bandwidth", self.bandwidth)
        check_positive("gamma", self.gamma)
        weights = tuple(float(weight) for weight in self.weights)
        object.__setattr__(self, "weights", weights)
        if len(weights) != self.circuit.n_weights or not np.isfinite(weights).all():
            raise ValueError(
                f"weights must be {self.circuit.n_weights} finite numbers, as many as the "
                f"encoding has angles to weigh; got {weights}"
            )

    @classmethod
    def make(
        cls,
        n_features: int,
        *,
        encoding: str | Encoding,
        n_qubits: int | None = None,
        n_layers: int = 1,
        kind: str = "fidelity",
        bandwidth: float = 1.0,
        gamma: float = 1.0,
        weights: Sequence[float] | Literal["ones"] | None = None,
        keeps_amplitudes: bool = True,
    ) -> KernelDesign:
        """Return the design for rows of so many features; parameters as in `QuantumKernel`.

        With ``weights="ones"`` every angle gets a weight of 1. Where a simulator keeps no
        amplitudes, there may be more qubits than memory has place for.

        Raises
        ------
        TypeError, ValueError
            If a number is not allowed, the encoding makes no circuit that reads a feature or has
            weights of its own, or its states would not fit into memory.
        """
        check_count("n_layers", n_layers)
        layer = get_encoding(encoding)
        check_roles(layer, None)
        n_qubits = n_qubits or choose_n_qubits(layer, n_features)
        if keeps_amplitudes:
            check_memory(n_qubits, 4)
        circuit = build_circuit(
            layer,
            _no_gates,
            n_qubits=n_qubits,
            n_features=n_features,
            n_layers=n_layers,
            trainable_scaling=weights is not None,
        )
        if weights is None and circuit.n_weights:
            raise ValueError(
                "the encoding of a kernel has no trainable weights of its own: take Fixed(angle) "
                "instead of Weight(index)"
            )
        if not circuit.data_slots:
            raise ValueError(
                "the circuit reads no feature: the encoding must return at least one operation "
                "such as Operation('ry', 0, Feature(0))"
            )
        if weights is None or isinstance(weights, str):
            weights = (1.0,) * circuit.n_weights
        return cls(circuit, kind, bandwidth, gamma, tuple(weights))

    @cached_property
    def observables(self) -> tuple[str, ...]:
        """X, Y and Z of every qubit, which the projected kernel reads."""
        n = self.circuit.n_qubits
        return tuple("I" * q + letter + "I" * (n - 1 - q) for letter in "XYZ" for q in range(n))

    def angles(self, X: Real) -> list[Angle]:
        """Return one angle per slot for rows in radians, (n_samples, n_features)."""
        angles = self.circuit.angles(X, np.array(self.weights))
        data = self.circuit.data_slots
        return [self.bandwidth * a if slot in data else a for slot, a in enumerate(angles)]

    def n_circuits(self, n_rows: int, n_columns: int | None = None, *, exact: bool) -> int:
        """Return how many circuits a kernel matrix takes; n_columns is None where it is symmetric.

        Exactly a state per sample; else a circuit per pair (the diagonal is known), or three per
        sample for the projected kernel.

        Examples
        --------
        >>> design = KernelDesign.make(2, encoding="iqp")
        >>> design.n_circuits(10, exact=True), design.n_circuits(10, exact=False)
        (10, 45)
        """
        n_samples = n_rows + (n_columns or 0)
        if exact:
            return n_samples
        if self.kind == "projected":
            return 3 * n_samples
        return n_rows * (n_rows - 1) // 2 if n_columns is None else n_rows * n_columns


def _no_gates(n_qubits: int, layer: int) -> list[Operation]:
    return []
