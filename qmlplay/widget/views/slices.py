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
from qmlplay.circuit.shift_rules import shift_rule
from qmlplay.typing import Real
from qmlplay.widget.views.weight_use import WeightUse, sentence

__all__ = ["Slice"]

_POINTS, _POINTS_OF_RUNS = 81, 49
#: Expectations that differ by less are the same.
_FLAT = 1e-9


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
    def is_flat(self) -> bool:
        """Whether no expectation of any sample depends on the weight."""
        return bool(np.ptp(self.expectations, axis=0).max() < _FLAT)

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
        factor = float(np.abs(use.factors[slot]).max())  # the rule is the same for both signs
        gates = use.problem.model.circuit.circuit.elementary
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
            "is_sine": use.is_fixed and use.is_of_one_sine and not self.is_flat,
            "sentence": sentence(use, is_flat=self.is_flat),
        }


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
