"""Hierarchical ansätze: qubits drop out level by level, until qubit 0 is left.

A layer of them is the whole hierarchy, from all qubits to one; how deep that is follows from the
number of qubits. Several layers are the same hierarchy again, with weights of their own. What was
learned is on qubit 0: read it alone with ``observables=[0]``, as the papers do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qmlplay.circuit import Operation, Weight

__all__ = ["Convolutional", "TreeTensor"]


@dataclass(frozen=True)
class TreeTensor:
    """A tree tensor network: rotations, then CX between neighbours, of which the first remain.

    In every level the qubits that are left are turned and joined in pairs, the second one of a
    pair controlling the first, which goes on; a qubit without a partner goes on as it is. The last
    one, qubit 0, is turned once more: 2n − 1 RY and n − 1 CX in all.

    Parameters
    ----------
    rotations : tuple of str, default=("ry",)
        The rotations of a qubit, in the order in which they act; RY keeps amplitudes real.

    References
    ----------
    Grant et al., "Hierarchical quantum classifiers", arXiv:1804.03680; with amplitude encoding
    Bowles, Ahmed and Schuld, arXiv:2403.07059.

    Examples
    --------
    >>> [op.qubits for op in TreeTensor()(4, 0) if op.name == "cx"]
    [(1, 0), (3, 2), (2, 0)]
    """

    rotations: tuple[str, ...] = ("ry",)

    def __call__(self, n_qubits: int, layer: int) -> list[Operation]:
        """Return the operations of one layer: the whole tree."""
        operations: list[Operation] = []
        n_weights = 0
        for left in _levels(n_qubits):
            pairs = _pairs(left)
            turned = [qubit for pair in pairs for qubit in pair] or [0]
            for name in self.rotations:
                for qubit in turned:
                    operations.append(Operation(name, qubit, Weight(n_weights)))
                    n_weights += 1
            operations += [Operation("cx", (second, first)) for first, second in pairs]
        return operations


@dataclass(frozen=True)
class Convolutional:
    """Convolutions and pooling: a two-qubit block all along the qubits, then half of them drop out.

    In every level the same block, RY and RZ on both qubits, RXX, RYY and RZZ, acts on every pair
    of neighbours, with the same seven weights; so do its two weights of the pooling. There the
    second qubit of a pair would be measured and the first one turned by what came out, about x
    for 0 and about z for 1, and go on; measured at the end, that is CRZ, X and CRX. Qubit 0 is left
    and turned by RZ and RY.

    References
    ----------
    Cong, Choi and Lukin, "Quantum convolutional neural networks", arXiv:1810.03787; for the gates
    of the pooling Hur, Kim and Park, "Quantum convolutional neural network for classical data
    classification", arXiv:2108.00661.

    Examples
    --------
    >>> [op.qubits for op in Convolutional()(4, 0) if op.name == "rxx"]
    [(0, 1), (2, 3), (1, 2), (3, 0), (0, 2)]
    >>> [op.qubits for op in Convolutional()(4, 0) if op.name == "crz"]
    [(1, 0), (3, 2), (2, 0)]
    """

    def __call__(self, n_qubits: int, layer: int) -> list[Operation]:
        """Return the operations of one layer: all convolutions and poolings."""
        operations: list[Operation] = []
        first_weight = 0
        for left in _levels(n_qubits):
            if len(left) == 1:
                operations += _turns(("rz", "ry"), left[0], first_weight)
                break
            for pair in _neighbours(left):
                operations += _block(pair, first_weight)
            for first, second in _pairs(left):
                operations += _pooling(second, first, first_weight + 7)
            first_weight += 9
        return operations


def _levels(n_qubits: int) -> Iterator[Sequence[int]]:
    """Yield the qubits of every level, down to one."""
    left: Sequence[int] = range(n_qubits)
    while len(left) > 1:
        yield left
        left = left[::2]
    yield left


def _pairs(qubits: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip(qubits[::2], qubits[1::2], strict=False))


def _neighbours(qubits: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of neighbours, first those of `_pairs`, then those between, as on a ring."""
    between = _pairs(qubits[1:])
    closes = len(qubits) > 2 and len(qubits) % 2 == 0
    return _pairs(qubits) + between + ([(qubits[-1], qubits[0])] if closes else [])


def _turns(names: Sequence[str], qubit: int, weight: int) -> list[Operation]:
    return [Operation(name, qubit, Weight(weight + k)) for k, name in enumerate(names)]


def _block(pair: tuple[int, int], weight: int) -> list[Operation]:
    joint = [
        Operation(name, pair, Weight(weight + 4 + k))
        for k, name in enumerate(("rxx", "ryy", "rzz"))
    ]
    names = ("ry", "rz")
    return [*_turns(names, pair[0], weight), *_turns(names, pair[1], weight + 2), *joint]


def _pooling(measured: int, kept: int, weight: int) -> list[Operation]:
    return [
        Operation("crz", (measured, kept), Weight(weight)),
        Operation("x", measured),
        Operation("crx", (measured, kept), Weight(weight + 1)),
    ]
