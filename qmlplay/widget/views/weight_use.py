"""A weight's way into a circuit: which gates it turns, how far, and what follows from that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import pi

import numpy as np

from qmlplay.circuit.gates import gate_type
from qmlplay.training import TrainingProblem
from qmlplay.typing import Real

__all__ = ["WeightUse", "sentence"]

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class WeightUse:
    """How a weight enters a circuit.

    Parameters
    ----------
    problem : TrainingProblem
        The circuit and the data.
    numbers : ndarray of shape (n_parameters,)
        All trainable numbers.
    weight : int
    """

    problem: TrainingProblem
    numbers: Real
    weight: int

    @cached_property
    def slots(self) -> list[int]:
        """The slots whose angles depend on it."""
        formulas = self.problem.model.circuit.formulas
        return [k for k, formula in enumerate(formulas) if self.weight in formula.weights]

    @cached_property
    def gaps(self) -> dict[int, list[Real]]:
        """For each slot, of the gates that read it the differences of eigenvalues."""
        gates = self.problem.model.circuit.circuit.elementary.gates
        return {
            slot: [gate_type(gate.name).gaps for gate in gates if slot in gate.slots]
            for slot in self.slots
        }

    @cached_property
    def factors(self) -> dict[int, Real] | None:
        """For each slot, how much the angle of each sample grows with the weight.

        None where an angle does not grow in proportion to it.
        """
        moved = [self.angles(np.array([self.value + step])) for step in (0.0, 1.0, 2.0)]
        factors = {}
        for slot in self.slots:
            here, once, twice = (angles[slot] for angles in moved)
            if np.abs(twice - 2 * once + here).max() > _SAME * (1 + np.abs(once - here).max()):
                return None
            factors[slot] = once - here
        return factors

    @property
    def value(self) -> float:
        """The weight as it is."""
        return float(self.numbers[self.weight])

    @cached_property
    def is_fixed(self) -> bool:
        """Whether it turns a gate equally far for all samples for which it turns it at all.

        A column of two values becomes factors of opposite signs, or 0 and another.
        """
        return self.factors is not None and all(
            np.ptp(sizes) <= _SAME * (1 + sizes.max())
            for sizes in map(_sizes, self.factors.values())
            if sizes.size
        )

    @cached_property
    def is_alike(self) -> bool:
        """Whether it moves the angles of all samples alike."""
        return self.factors is not None and all(
            np.ptp(factor) <= _SAME * (1 + np.abs(factor).max()) for factor in self.factors.values()
        )

    @cached_property
    def is_of_one_sine(self) -> bool:
        """Whether each sample's expectation is a sine of one angle, which follows the weight."""
        gaps = [gap for of_slot in self.gaps.values() for gap in of_slot]
        return self.factors is not None and len(gaps) == 1 and len(gaps[0]) == 1

    @cached_property
    def period(self) -> float | None:
        """After how much of the weight everything repeats, or None if it does not."""
        if not self.is_fixed or self.factors is None:
            return None
        waves = self._waves()
        if not len(waves):
            return None
        multiples = waves / waves.min()
        is_whole = np.abs(multiples - multiples.round()).max() < _SAME * multiples.max()
        return float(2 * pi / waves.min()) if is_whole else None

    @cached_property
    def width(self) -> float:
        """How wide the slice is: a period, or else a turn of the sample that turns fastest."""
        waves = self._waves()
        return self.period or (float(2 * pi / waves.max()) if len(waves) else 2 * pi)

    def _waves(self) -> Real:
        """Return the frequencies of all gates in the weight, those of the fastest samples."""
        factors = self.factors or {slot: np.ones(1) for slot in self.slots}
        waves = [
            np.abs(factors[slot]).max() * gaps for slot in self.slots for gaps in self.gaps[slot]
        ]
        together = np.concatenate(waves) if waves else np.zeros(0)
        return np.asarray(together[together > _SAME])

    @property
    def ends(self) -> tuple[float, float]:
        """Where the slice begins and ends: around a multiple of its width."""
        middle = self.width * round(self.value / self.width)
        return middle - self.width / 2, middle + self.width / 2

    def angles(self, values: Real) -> dict[int, Real]:
        """Return the angles of its slots, one per value of the weight and sample."""
        model, X = self.problem.model, self.problem.X
        weights = model.split(self.numbers)[0].copy()
        rows: dict[int, list[Real]] = {slot: [] for slot in self.slots}
        for value in values.tolist():
            weights[self.weight] = value
            for slot in self.slots:
                angle = model.circuit.formulas[slot].value(X, weights)
                rows[slot].append(np.broadcast_to(angle, len(X)))
        return {slot: np.concatenate(parts) for slot, parts in rows.items()}


def sentence(use: WeightUse, *, is_flat: bool) -> str:
    """Return what kind of curves a slice shows, in a sentence that is true of it.

    Parameters
    ----------
    use : WeightUse
    is_flat : bool
        Whether no expectation of any sample depends on the weight.
    """
    if is_flat:
        return (
            "Nothing that is read out depends on this weight while the others stay as they are: "
            "neither the expectations nor the loss."
        )
    if use.factors is None:
        return "The angle is a curved function of this weight, so that nothing here is a sine."
    return _of_one_sine(use) if use.is_of_one_sine else _of_several_sines(use)


def _of_one_sine(use: WeightUse) -> str:
    curved = "The log-loss is a curved function of the expectations, so its curve is no sine."
    if use.is_alike:
        return (
            "Every sample's expectation is a sine of this angle, and so is their mean: three runs "
            f"tell all of it. {curved}"
        )
    if use.is_fixed:
        return (
            "This weight multiplies a feature that turns all samples equally far, one way or the "
            "other, or not at all: their expectations are sines of one frequency, and so is their "
            f"mean. {curved}"
        )
    return (
        "This weight multiplies a feature: every sample's expectation is a sine of its own angle, "
        "faster for some than for others. Their mean adds up sines of different frequencies."
    )


def _of_several_sines(use: WeightUse) -> str:
    n_gates = sum(map(len, use.gaps.values()))
    turn = f"{n_gates} gates turn" if n_gates > 1 else "A gate of several frequencies turns"
    if not use.is_fixed:
        return (
            f"{turn} with this weight, farther for some samples than for others: the expectations "
            "may add up sines of many frequencies."
        )
    if n_gates == 1:
        return (
            "This gate has more than one frequency: each expectation is a sum of up to "
            f"{len(next(iter(use.gaps.values()))[0])} sines, so the parameter-shift rule needs "
            "more points."
        )
    return f"{turn} with this weight: the expectations may add up sines of several frequencies."


def _sizes(factor: Real) -> Real:
    """Return how far a weight moves the angles that it moves at all."""
    sizes = np.abs(factor)
    return np.asarray(sizes[sizes > _SAME])
