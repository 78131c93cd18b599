"""The plan of a circuit for the array simulator: constants in NumPy, made once per circuit.

The steps are those of the NumPy backend (`qmlplay.backends.numpy.fusion`). What depends on the
angles is gathered over the whole circuit: the phases of all diagonals come from one matrix
product with the angles, and all unitaries of one form from the same few products of matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from qmlplay.backends.arrays.alternation import Alternation, alternate
from qmlplay.backends.numpy.fusion import MAX_WIDTH, Draft, draft_steps, finish
from qmlplay.backends.numpy.steps import DiagonalStep, PermutationStep, Window
from qmlplay.circuit import Circuit
from qmlplay.typing import Complex, Integers, Real

__all__ = ["Applied", "Diagonals", "Exponents", "StepPlan", "Unitaries", "make_plan"]


@dataclass(frozen=True, eq=False)
class Unitaries:
    """Unitaries of one form, (size, size) each: products of m diagonals between constants.

    Parameters
    ----------
    first : ndarray of shape (n_unitaries, size, size)
        What acts first.
    constants : ndarray of shape (m, n_unitaries, size, size)
        What acts after each diagonal.
    eigenvalues : ndarray of shape (m · n_unitaries · size, n_shared)
        Of the diagonals, by the shared angles.
    """

    first: Complex
    constants: Complex
    eigenvalues: Real


@dataclass(frozen=True, eq=False)
class Exponents:
    """A matrix of eigenvalues by some of the angles: minus the exponents are its product with them.

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_entries, n_angles)
    columns : ndarray of shape (n_angles,)
        Which of all the angles they belong to.
    """

    eigenvalues: Real
    columns: Integers


@dataclass(frozen=True, eq=False)
class Diagonals:
    """Diagonals that are applied to states, their entries one below the other.

    Parameters
    ----------
    shared, per_sample : Exponents or None
        By the shared angles, and by those that have one value per sample; None if there are none.
    """

    shared: Exponents | None
    per_sample: Exponents | None


@dataclass(frozen=True, eq=False)
class Applied:
    """A step: which factor is applied to which qubits.

    Parameters
    ----------
    kind : str
        "unitary", "diagonal", "constant" or "permutation".
    window : Window
        The qubits.
    group, place : int
        Which group of unitaries or diagonals, and the unitary's number or the diagonal's first
        entry in it.
    matrix : ndarray or None
        Of a constant step, (size, size); of a permutation, its phases (2**n_qubits,), if any.
    source : ndarray or None
        Of a permutation: new row i is old row source[i].
    """

    kind: str
    window: Window
    group: int = 0
    place: int = 0
    matrix: Complex | None = None
    source: Integers | None = None


@dataclass(frozen=True, eq=False)
class StepPlan:
    """All that is known of a circuit before its angles are.

    Parameters
    ----------
    start : ndarray of shape (2**n_qubits, 1)
        The state before the first step.
    unitaries : list of Unitaries
    diagonals : list of Diagonals
    steps : list of Applied
    """

    start: Complex
    unitaries: list[Unitaries]
    diagonals: list[Diagonals]
    steps: list[Applied]


@lru_cache(maxsize=256)
def make_plan(
    circuit: Circuit,
    shared: tuple[int, ...],
    per_sample: tuple[int, ...],
    *,
    starts_anywhere: bool = False,
) -> StepPlan:
    """Return the plan of a circuit.

    Parameters
    ----------
    circuit : Circuit
        Gates with one angle or none.
    shared, per_sample : tuple of int
        The slots whose angles are shared, and those that have one value per sample, in the order
        in which their angles will come.
    starts_anywhere : bool, default=False
        Whether other states than |0…0⟩ will come; gates before the first angle are then steps.
    """
    is_per_sample = tuple(slot in set(per_sample) for slot in range(circuit.n_slots))
    making = _Making(circuit.n_qubits, shared, per_sample, starts_anywhere)
    for draft in draft_steps(circuit, is_per_sample):
        making.add(draft)
    return making.plan()


class _Making:
    """A plan in the making."""

    def __init__(
        self,
        n_qubits: int,
        shared: Sequence[int],
        per_sample: Sequence[int],
        starts_anywhere: bool,
    ) -> None:
        self._n_qubits = n_qubits
        self._starts_anywhere = starts_anywhere
        self._shared = {slot: column for column, slot in enumerate(shared)}
        self._per_sample = {slot: column for column, slot in enumerate(per_sample)}
        self._start: Complex = np.eye(1 << n_qubits, 1, dtype=complex)
        self._steps: list[Applied] = []
        self._forms: dict[tuple[int, int], list[Alternation]] = {}
        self._groups: dict[int, list[DiagonalStep]] = {}

    def add(self, draft: Draft) -> None:
        """Add a step."""
        window = draft.window(self._n_qubits)
        if draft.kind == "unitary":
            self._add_unitary(alternate(draft, self._n_qubits), window)
            return
        step = finish(draft, self._n_qubits)
        if isinstance(step, PermutationStep):
            permutation = Applied("permutation", window, matrix=step.phase, source=step.source)
            self._add_constant(permutation)
        elif isinstance(step, DiagonalStep):
            self._add_diagonal(step)

    def _add_unitary(self, found: Alternation, window: Window) -> None:
        if not found.diagonals:
            self._add_constant(Applied("constant", window, matrix=found.constants[0]))
            return
        form = (window.width, len(found.diagonals))
        same = self._forms.setdefault(form, [])
        self._steps.append(Applied("unitary", window, list(self._forms).index(form), len(same)))
        same.append(found)

    def _add_constant(self, step: Applied) -> None:
        if self._steps or self._starts_anywhere:
            self._steps.append(step)
        else:  # before the first angle: done here and now
            self._start = _after(step, self._start)

    def _add_diagonal(self, step: DiagonalStep) -> None:
        # Small ones are made together; those on the whole register are as large as the states.
        is_shared = self._per_sample.keys().isdisjoint(step.slots)
        is_small = step.window.width <= MAX_WIDTH
        key = int(is_shared) if is_small else 2 + len(self._groups)
        group = self._groups.setdefault(key, [])
        place = sum(1 << other.window.width for other in group)
        number = list(self._groups).index(key)
        self._steps.append(Applied("diagonal", step.window, number, place))
        group.append(step)

    def plan(self) -> StepPlan:
        """Return what has been added."""
        return StepPlan(
            self._start,
            [self._unitaries(same) for same in self._forms.values()],
            [self._diagonals(group) for group in self._groups.values()],
            self._steps,
        )

    def _unitaries(self, same: list[Alternation]) -> Unitaries:
        constants = np.stack([found.constants for found in same], axis=1)
        size, n_diagonals = constants.shape[-1], len(constants) - 1
        eigenvalues = np.zeros((n_diagonals, len(same), size, len(self._shared)))
        for number, found in enumerate(same):
            for place, diagonal in enumerate(found.diagonals):
                for slot, values in diagonal.items():
                    eigenvalues[place, number, :, self._shared[slot]] = values
        return Unitaries(constants[0], constants[1:], eigenvalues.reshape(-1, len(self._shared)))

    def _diagonals(self, group: list[DiagonalStep]) -> Diagonals:
        return Diagonals(_exponents(group, self._shared), _exponents(group, self._per_sample))


def _exponents(group: list[DiagonalStep], columns: dict[int, int]) -> Exponents | None:
    """Return the eigenvalues of several steps by those of their angles that have a column."""
    slots = sorted({slot for step in group for slot in step.slots if slot in columns})
    if not slots:
        return None
    blocks = []
    for step in group:
        block = np.zeros((1 << step.window.width, len(slots)))
        for slot, values in zip(step.slots, step.eigenvalues, strict=True):
            if slot in columns:
                block[:, slots.index(slot)] += values
        blocks.append(block)
    return Exponents(np.concatenate(blocks), np.array([columns[slot] for slot in slots]))


def _after(step: Applied, state: Complex) -> Complex:
    """Return a state (2**n_qubits, 1) after a constant step."""
    if step.source is not None:
        moved: Complex = state[step.source]
        return moved if step.matrix is None else moved * step.matrix[:, None]
    view = state.reshape(1 << step.window.before, 1 << step.window.width, -1)
    assert step.matrix is not None
    return np.asarray(step.matrix @ view).reshape(state.shape)
