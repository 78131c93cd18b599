"""An ansatz without some of its gates: what each of them is good for."""

from __future__ import annotations

from dataclasses import dataclass

from qmlplay.ansatze import Ansatz, get_ansatz
from qmlplay.checks import is_integer
from qmlplay.circuit import Operation

__all__ = ["WithoutGates"]


@dataclass(frozen=True)
class WithoutGates:
    """An ansatz some of whose gates are left out; weights that only they read are left out, too.

    Parameters
    ----------
    ansatz : str or callable
        The whole ansatz.
    removed : tuple of (int, int)
        The gates that are left out: the layer, counted from 0, and the place among its operations.

    Raises
    ------
    ValueError
        If a gate is not named so. One that is not there changes nothing.

    Examples
    --------
    >>> whole = get_ansatz("hardware_efficient_rxx")(2, 0)
    >>> [operation.name for operation in whole]
    ['ry', 'ry', 'rz', 'rz', 'rxx']
    >>> [operation.name for operation in WithoutGates("hardware_efficient_rxx", ((0, 4),))(2, 0)]
    ['ry', 'ry', 'rz', 'rz']
    """

    ansatz: str | Ansatz
    removed: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        get_ansatz(self.ansatz)
        for pair in self.removed:
            is_pair = isinstance(pair, tuple) and len(pair) == 2
            if not is_pair or not all(is_integer(number, 0) for number in pair):
                raise ValueError(f"removed must hold pairs (layer, place) from 0, got {pair!r}")

    def __call__(self, n_qubits: int, layer: int) -> list[Operation]:
        """Return the operations of one layer, their weights numbered anew."""
        operations = get_ansatz(self.ansatz)(n_qubits, layer)
        kept = [op for place, op in enumerate(operations) if (layer, place) not in self.removed]
        used = sorted({i for op in kept for formula in op.formulas for i in formula.weights})
        place_of = {weight: place for place, weight in enumerate(used)}

        def moved(operation: Operation) -> Operation:
            return operation.with_formulas(
                formula.shifted(place_of[formula.weights[0]] - formula.weights[0])
                if formula.weights
                else formula
                for formula in operation.formulas
            )

        return [moved(operation) for operation in kept]
