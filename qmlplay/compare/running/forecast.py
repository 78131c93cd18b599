"""The forecast of a comparison: what it will take, said before it starts.

It comes from a timed step of every quantum model and a short fit of every baseline (see
``timing``). Training may end early, so it is an upper bound, as far as a busy machine keeps its
pace. Where all in all would take long, the quantum model is trained on one simulator, the fastest
one, and its weights are evaluated on the others.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import isnan, nan

import numpy as np

from qmlplay.compare.running.timing import FitTime
from qmlplay.framework_names import simulator_label
from qmlplay.progress import duration

__all__ = ["WORTH_SAYING", "Forecast", "ModelForecast"]

#: Seconds in all beyond which the forecast is printed.
WORTH_SAYING = 5.0
#: Models that are named in the sentence.
_MOST_NAMES = 5


@dataclass(frozen=True)
class ModelForecast:
    """What one model takes on one dataset.

    Parameters
    ----------
    dataset, model : str
        Names.
    time : FitTime
        Of one split.
    n_splits : int
        How many there are.
    simulator : str or None, default=None
        The simulator that it stands for, where it is the quantum model by name.
    trained_on : str or None, default=None
        The simulator that its weights come from, where it is not trained itself.

    Examples
    --------
    >>> cirq = ModelForecast("moons", "cirq", FitTime(10.0, 0.5), n_splits=3, simulator="cirq")
    >>> cirq.seconds, replace(cirq, trained_on="numpy").seconds
    (30.0, 1.5)
    """

    dataset: str
    model: str
    time: FitTime
    n_splits: int
    simulator: str | None = None
    trained_on: str | None = None

    @property
    def seconds_per_split(self) -> float:
        """Seconds on one split as planned, at most; NaN where nobody knows."""
        return self.time.evaluation if self.trained_on else self.time.fit

    @property
    def seconds(self) -> float:
        """Seconds on all splits as planned, at most; NaN where nobody knows."""
        return self.n_splits * self.seconds_per_split


@dataclass(frozen=True)
class Forecast:
    """What a comparison takes at most.

    Parameters
    ----------
    models : tuple of ModelForecast
        One per dataset and model.
    n_jobs : int, default=1
        Processes that share the work.
    seconds_everywhere : float, default=nan
        What it would take at most to train on every simulator, where that is not planned.

    Examples
    --------
    >>> times = {"numpy": FitTime(2.0, 0.1), "cirq": FitTime(20.0, 0.3)}
    >>> forecast = Forecast(
    ...     tuple(ModelForecast("moons", name, time, 3, name) for name, time in times.items()))
    >>> print(forecast)
    at most about 66 s (Cirq 60 s, NumPy 6 s)
    >>> print(forecast.trained_once())
    at most about 7 s (NumPy 6 s, Cirq 1 s): the quantum model is trained on NumPy, the fastest
    simulator here, and its weights are evaluated on Cirq; to train on each would take at most
    about 66 s
    """

    models: tuple[ModelForecast, ...]
    n_jobs: int = 1
    seconds_everywhere: float = nan

    @property
    def seconds(self) -> float:
        """Seconds in all, at most, without the models that nobody knows anything of."""
        return float(np.nansum([model.seconds for model in self.models])) / self.n_jobs

    @property
    def unknown(self) -> tuple[str, ...]:
        """Models whose time nobody knows."""
        return tuple(dict.fromkeys(m.model for m in self.models if isnan(m.seconds)))

    @property
    def trained_on(self) -> dict[tuple[str, str], str]:
        """(dataset, model) → the simulator that its weights come from, where it is not trained."""
        return {(m.dataset, m.model): m.trained_on for m in self.models if m.trained_on}

    def seconds_per_split(self, dataset: str, model: str) -> float:
        """Return the seconds of a model on one split, at most; NaN where nobody knows."""
        found = (m for m in self.models if (m.dataset, m.model) == (dataset, model))
        return next((m.seconds_per_split for m in found), nan)

    def trained_once(self) -> Forecast:
        """Return the forecast where each dataset's fastest simulator trains for all of them."""
        known = [m for m in self.models if m.simulator and not isnan(m.time.fit)]
        fastest: dict[str, str | None] = {}
        for model in sorted(known, key=lambda model: model.time.fit):
            fastest.setdefault(model.dataset, model.simulator)

        def planned(model: ModelForecast) -> ModelForecast:
            chosen = fastest.get(model.dataset)
            if model.simulator is None or chosen in (None, model.simulator):
                return model
            return replace(model, trained_on=chosen)

        models = tuple(map(planned, self.models))
        if models == self.models:
            return self
        return replace(self, models=models, seconds_everywhere=self.seconds)

    def __str__(self) -> str:
        text = f"at most about {duration(self.seconds)}{self._by_model()}"
        if self.unknown:
            text += f", besides what nobody knows beforehand: {', '.join(self.unknown)}"
        if not self.trained_on:
            return text
        sources = map(simulator_label, dict.fromkeys(self.trained_on.values()))
        others = map(simulator_label, dict.fromkeys(model for _, model in self.trained_on))
        return (
            f"{text}: the quantum model is trained on {' or '.join(sources)}, the fastest "
            f"simulator here, and its weights are evaluated on {', '.join(others)}; to train on "
            f"each would take at most about {duration(self.seconds_everywhere)}"
        )

    def _by_model(self) -> str:
        """Return the seconds of the slowest models, in parentheses."""
        by_model: dict[str, float] = defaultdict(float)
        for model in self.models:
            by_model[model.model] += model.seconds / self.n_jobs
        known = {name: seconds for name, seconds in by_model.items() if not isnan(seconds)}
        order = sorted(known, key=lambda name: -known[name])
        parts = [f"{simulator_label(name)} {duration(known[name])}" for name in order[:_MOST_NAMES]]
        if rest := sum(known[name] for name in order[_MOST_NAMES:]):
            parts.append(f"the others {duration(rest)}")
        return f" ({', '.join(parts)})" if parts else ""
