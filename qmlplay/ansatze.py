"""Ansätze: the trainable layers of a variational circuit.

An ansatz is a function ``ansatz(n_qubits, layer)`` that returns the operations of layer
number `layer`; it numbers its own weights from 0. Those here are frozen dataclasses, so that
they have options, compare equal and can be copied; a plain function of your own works, too:

>>> from qmlplay.circuit import Operation, Weight
>>> def my_ansatz(n_qubits, layer):
...     turns = [Operation("ry", q, Weight(q)) for q in range(n_qubits)]
...     return turns + [Operation("cz", (q, q + 1)) for q in range(n_qubits - 1)]
>>> len(my_ansatz(3, 0))
5
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from qmlplay.circuit import Operation, Weight
from qmlplay.errors import named_function, unknown_name
from qmlplay.hierarchical_ansatze import Convolutional, TreeTensor

__all__ = [
    "ANSATZE",
    "Ansatz",
    "Convolutional",
    "HardwareEfficient",
    "NoEntanglement",
    "RealAmplitudes",
    "StronglyEntangling",
    "TreeTensor",
    "entangled_pairs",
    "get_ansatz",
]

#: (n_qubits, layer) → the operations of one trainable layer.
Ansatz = Callable[[int, int], Sequence[Operation]]

#: Fixed two-qubit gates, and those with a trainable angle.
_FIXED, _TRAINABLE = ("cx", "cz"), ("rxx", "ryy", "rzz")
_PATTERNS = ("linear", "reverse_linear", "ring", "full")


def entangled_pairs(n_qubits: int, pattern: str) -> list[tuple[int, int]]:
    """Return which qubits a pattern entangles: (control, target) in the order of the gates.

    Parameters
    ----------
    n_qubits : int
        Number of qubits.
    pattern : {"linear", "reverse_linear", "ring", "full"}
        Neighbours, neighbours from the last to the first, neighbours and last to first, or
        every pair.

    Raises
    ------
    ValueError
        If the pattern is unknown.

    Examples
    --------
    >>> entangled_pairs(3, "ring")
    [(0, 1), (1, 2), (2, 0)]
    """
    linear = [(q, q + 1) for q in range(n_qubits - 1)]
    if pattern == "linear":
        return linear
    if pattern == "reverse_linear":
        return linear[::-1]
    if pattern == "ring":
        return linear + ([(n_qubits - 1, 0)] if n_qubits > 2 else [])
    if pattern == "full":
        return list(combinations(range(n_qubits), 2))
    raise unknown_name("entanglement", pattern, _PATTERNS)


def _rotations(names: Sequence[str], n_qubits: int) -> list[Operation]:
    """Return a rotation of each name on every qubit, name after name."""
    return [
        Operation(name, qubit, Weight(i * n_qubits + qubit))
        for i, name in enumerate(names)
        for qubit in range(n_qubits)
    ]


@dataclass(frozen=True)
class HardwareEfficient:
    """Rotations on every qubit, then two-qubit gates between some.

    Parameters
    ----------
    entangler : {"cx", "cz", "rxx", "ryy", "rzz"}, default="cx"
        The two-qubit gate. The last three have a trainable angle each, and are the identity where
        it is 0: trained from near there, a circuit entangles as much as the data ask for.
    entanglement : {"linear", "reverse_linear", "ring", "full"}, default="ring"
        Between which qubits.
    rotations : tuple of str, default=("ry", "rz")
        The rotations, in the order in which they act.

    References
    ----------
    Kandala et al., "Hardware-efficient variational quantum eigensolver for small molecules
    and quantum magnets", arXiv:1704.05018; for the start near the identity Grant et al., "An
    initialization strategy for addressing barren plateaus in parametrized quantum circuits",
    arXiv:1903.05076.

    Examples
    --------
    >>> [op.name for op in HardwareEfficient(entangler="cz", rotations=("ry",))(2, 0)]
    ['ry', 'ry', 'cz']
    >>> HardwareEfficient(entangler="rxx", rotations=("ry",))(2, 0)[-1]
    Operation(name='rxx', qubits=(0, 1), angle=Weight(index=2))
    """

    entangler: str = "cx"
    entanglement: str = "ring"
    rotations: tuple[str, ...] = ("ry", "rz")

    def __post_init__(self) -> None:
        if self.entangler not in _FIXED + _TRAINABLE:
            raise unknown_name("entangler", self.entangler, _FIXED + _TRAINABLE)
        entangled_pairs(1, self.entanglement)

    def __call__(self, n_qubits: int, layer: int) -> list[Operation]:
        """Return the operations of one layer."""
        pairs = entangled_pairs(n_qubits, self.entanglement)
        turns = _rotations(self.rotations, n_qubits)
        if self.entangler in _FIXED:
            return turns + [Operation(self.entangler, pair) for pair in pairs]
        return turns + [
            Operation(self.entangler, pair, Weight(len(turns) + k)) for k, pair in enumerate(pairs)
        ]


@dataclass(frozen=True)
class StronglyEntangling:
    """A general rotation RZ · RY · RZ on every qubit, then a ring of CX of growing range.

    In layer l qubit q controls qubit q + (l mod (n − 1)) + 1, as in PennyLane's
    ``StronglyEntanglingLayers``.

    References
    ----------
    Schuld, Bocharov, Svore and Wiebe, "Circuit-centric quantum classifiers", arXiv:1804.00633.

    Examples
    --------
    >>> [op.qubits for op in StronglyEntangling()(3, 1) if op.name == "cx"]
    [(0, 2), (1, 0), (2, 1)]
    """

    def __call__(self, n_qubits: int, layer: int) -> list[Operation]:
        """Return the operations of one layer."""
        turns = _rotations(("rz", "ry", "rz"), n_qubits)
        if n_qubits == 1:
            return turns
        reach = layer % (n_qubits - 1) + 1
        return turns + [Operation("cx", (q, (q + reach) % n_qubits)) for q in range(n_qubits)]


@dataclass(frozen=True)
class RealAmplitudes:
    """RY on every qubit, then CX: amplitudes stay real.

    As Qiskit's ``real_amplitudes`` without its last rotation layer.

    Parameters
    ----------
    entanglement : {"linear", "reverse_linear", "ring", "full"}, default="reverse_linear"
        Between which qubits.

    Examples
    --------
    >>> [op.qubits for op in RealAmplitudes()(3, 0) if op.name == "cx"]
    [(1, 2), (0, 1)]
    """

    entanglement: str = "reverse_linear"

    def __call__(self, n_qubits: int, layer: int) -> list[Operation]:
        """Return the operations of one layer."""
        pairs = entangled_pairs(n_qubits, self.entanglement)
        return _rotations(("ry",), n_qubits) + [Operation("cx", pair) for pair in pairs]


@dataclass(frozen=True)
class NoEntanglement:
    """Rotations only: the qubits never meet, so a classical computer can follow them one by one.

    The control experiment: where it predicts just as well, entanglement was not what helped.

    Parameters
    ----------
    rotations : tuple of str, default=("ry", "rz")
        The rotations, in the order in which they act.

    References
    ----------
    Bowles, Ahmed and Schuld, "Better than classical? The subtle art of benchmarking quantum
    machine learning models", arXiv:2403.07059.

    Examples
    --------
    >>> {op.name for op in NoEntanglement()(3, 0)} == {"ry", "rz"}
    True
    """

    rotations: tuple[str, ...] = ("ry", "rz")

    def __call__(self, n_qubits: int, layer: int) -> list[Operation]:
        """Return the operations of one layer."""
        return _rotations(self.rotations, n_qubits)


#: Name → ansatz, as the parameter ``ansatz`` takes them.
ANSATZE: dict[str, Ansatz] = {
    "hardware_efficient": HardwareEfficient(),
    "hardware_efficient_rxx": HardwareEfficient("rxx"),
    "strongly_entangling": StronglyEntangling(),
    "real_amplitudes": RealAmplitudes(),
    "no_entanglement": NoEntanglement(),
    "tree_tensor": TreeTensor(),
    "convolutional": Convolutional(),
}


def get_ansatz(ansatz: str | Ansatz) -> Ansatz:
    """Return the ansatz of that name, or the function itself.

    Raises
    ------
    ValueError
        If there is no ansatz of that name.
    TypeError
        If it is neither a name nor a function.

    Examples
    --------
    >>> get_ansatz("real_amplitudes")
    RealAmplitudes(entanglement='reverse_linear')
    """
    return named_function("ansatz", ansatz, ANSATZE, "(n_qubits, layer) → list of Operation")
