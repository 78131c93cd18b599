"""The plan of a comparison in a file: which simulator trains, so that it stays the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from qmlplay.compare.running import FitTime, Forecast, ModelForecast, TrainEverywhere
from qmlplay.model.archive import write_whole

__all__ = ["as_planned", "read_plan", "write_plan"]


def write_plan(file: Path, forecast: Forecast, train_everywhere: TrainEverywhere) -> None:
    """Write a forecast, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    content = asdict(forecast) | {"train_everywhere": train_everywhere}
    write_whole(file, json.dumps(content, indent=1).encode(), advice="choose another folder")


def read_plan(file: Path, train_everywhere: TrainEverywhere) -> Forecast | None:
    """Return the forecast of a file; None where there is none that can be used."""
    try:
        content: dict[str, Any] = json.loads(file.read_bytes())
        if content.pop("train_everywhere") != train_everywhere:
            return None
        models = [
            ModelForecast(**model | {"time": FitTime(**model["time"])})
            for model in content.pop("models")
        ]
        return Forecast(tuple(models), **content)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None


def as_planned(forecast: Forecast, before: Forecast) -> Forecast:
    """Return a forecast in which those train that trained before, with the seconds from then."""
    known: Mapping[tuple[str, str], ModelForecast] = {
        (model.dataset, model.model): model for model in before.models
    }
    sources = {dataset: source for (dataset, _), source in before.trained_on.items()}

    def planned(model: ModelForecast) -> ModelForecast:
        same = known.get((model.dataset, model.model))
        if same is not None:
            return replace(same, n_splits=model.n_splits)
        if model.simulator is None or model.dataset not in {dataset for dataset, _ in known}:
            return model
        return replace(model, trained_on=sources.get(model.dataset))

    models = tuple(map(planned, forecast.models))
    seconds = before.seconds_everywhere if any(m.trained_on for m in models) else float("nan")
    return replace(forecast, models=models, seconds_everywhere=seconds)
