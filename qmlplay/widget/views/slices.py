"""Slices: the training loss and the expectations along one weight, all others held.

Where a weight reaches one gate whose generator has two eigenvalues, every sample's expectation is
a sine of the gate's angle, and three runs tell all of it. Elsewhere the circuit is run at every
point of the curve, all of them in one batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import pi
from typing import Any

import numpy as np

from qmlplay.circuit import Observable
from qmlplay.circuit.gates import gate_type
from qmlplay.circuit.shift_rules import shift_rule
from qmlplay.training import TrainingProblem
from qmlplay.typing import Real

__all__ = ["Slice", "WeightUse"]

_POINTS, _POINTS_OF_RUNS = 81, 49
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


@dataclass(frozen=True, eq=False)
class Slice:
    """What a weight does to the expectations and to the loss.

    Parameters
    ----------
    use : WeightUse
    values : ndarray of shape (n_points,)
        Of the weight.
    expectations : ndarray of shape (n_points, n_samples, n_observables)
    n_runs : int
        How often each sample was run.
    """

    use: WeightUse
    values: Real
    expectations: Real
    n_runs: int

    @classmethod
    def of(cls, use: WeightUse) -> Slice:
        """Compute a slice, in one batch."""
        low, high = use.ends
        if not use.is_of_one_sine:
            values = np.linspace(low, high, _POINTS_OF_RUNS)
            return cls(use, values, _run(use, use.angles(values)), len(values))
        values = np.linspace(low, high, _POINTS)
        (slot,) = use.slots
        assert use.factors is not None
        gap = float(use.gaps[slot][0][0])
        thirds = 2 * pi / 3 * np.array([0, 1, -1])
        here = use.angles(np.array([use.value]))[slot]
        seen = _run(use, {slot: np.concatenate([here + third / gap for third in thirds])})
        mean = seen.mean(axis=0)  # (n_samples, n_observables)
        cosine, sine = (
            2 / 3 * np.einsum("t,tnk->nk", wave(thirds), seen) for wave in (np.cos, np.sin)
        )
        turns = gap * np.multiply.outer(values - use.value, use.factors[slot])[..., None]
        return cls(use, values, mean + cosine * np.cos(turns) + sine * np.sin(turns), 3)

    @cached_property
    def losses(self) -> Real:
        """The mean training loss at every value, (n_points,)."""
        problem, shape = self.use.problem, self.expectations.shape
        readout = problem.model.split(self.use.numbers)[1]
        decisions = readout.decisions(self.expectations.reshape(-1, shape[2]))
        losses, _ = problem.loss_function(decisions, np.tile(problem.y, shape[0]))
        return np.asarray(losses.reshape(shape[:2]).mean(axis=1))

    @property
    def shift_points(self) -> list[tuple[float, float]]:
        """The parameter-shift rule as (coefficient, value of the weight), where it has such.

        The slope of each expectation is Σ coefficient · expectation there.
        """
        use = self.use
        if not use.is_fixed or use.factors is None or len(use.slots) != 1 or use.period is None:
            return []
        (slot,) = use.slots
        factor, gates = float(use.factors[slot][0]), use.problem.model.circuit.circuit.elementary
        readers = [gate for gate in gates.gates if slot in gate.slots]
        if len(readers) != 1:
            return []
        low = use.ends[0]
        return [
            (c * factor, low + (use.value + shift / factor - low) % use.period)
            for c, shift in shift_rule(readers[0].name)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the values that the page needs."""
        use = self.use
        return {
            "weight": use.weight,
            "value": use.value,
            "low": use.ends[0],
            "high": use.ends[1],
            "period": use.period,
            "values": _rounded(self.values),
            "losses": _rounded(self.losses),
            "expectations": [_rounded(row) for row in self.expectations.mean(axis=1).T],
            "observables": [_observable_label(name) for name in use.problem.model.observables],
            "shift_points": [list(point) for point in self.shift_points],
            "n_runs": self.n_runs,
            "is_sine": use.is_fixed and use.is_of_one_sine,
            "sentence": sentence(use),
        }


def sentence(use: WeightUse) -> str:
    """Return what kind of curves a slice shows, in a sentence that is true of it."""
    n_gates = sum(map(len, use.gaps.values()))
    if use.factors is None:
        return "The angle is a curved function of this weight, so that nothing here is a sine."
    if use.is_fixed and use.is_of_one_sine:
        return (
            "Every sample's expectation is a sine of this angle, and so is their mean: three runs "
            "tell all of it. The log-loss is a curved function of the expectations, so its curve "
            "is no sine."
        )
    if use.is_of_one_sine:
        return (
            "This weight multiplies a feature: every sample's expectation is a sine of its own "
            "angle, faster for some than for others. Their mean adds up sines of many frequencies."
        )
    if not use.is_fixed:
        return (
            f"{n_gates} gates turn with this weight, farther for some samples than for others: "
            "the expectations add up sines of many frequencies."
        )
    if n_gates == 1:
        return (
            "This gate has more than one frequency: each expectation is a sum of "
            f"{len(next(iter(use.gaps.values()))[0])} sines, so the parameter-shift rule needs "
            "more points."
        )
    return (
        f"{n_gates} gates turn with this weight: the expectations add up sines of several "
        "frequencies."
    )


def _run(use: WeightUse, moved: dict[int, Real]) -> Real:
    """Return expectations (n_points, n_samples, n_observables) at other angles, in one batch."""
    model, X = use.problem.model, use.problem.X
    n_points = len(next(iter(moved.values()))) // len(X)
    angles = [
        np.tile(angle, n_points) if isinstance(angle, np.ndarray) and angle.size > 1 else angle
        for angle in model.circuit.angles(X, model.split(use.numbers)[0])
    ]
    for slot, angle in moved.items():
        angles[slot] = angle
    seen = model.backend.expectations(model.circuit.circuit, angles, model.observables)
    return seen.reshape(n_points, len(X), -1)


def _observable_label(observable: Observable) -> str:
    """Return ⟨Z0⟩ for "ZI", and a sum of strings as it is."""
    if not isinstance(observable, str):
        return f"⟨{observable}⟩"
    return f"⟨{''.join(f'{letter}{k}' for k, letter in enumerate(observable) if letter != 'I')}⟩"


def _rounded(values: Real) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]
