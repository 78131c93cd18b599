"""The same weights on a simulator: its map of the plane, its seconds, and what it disagrees in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from qmlplay.backends import backend_info, get_backend, list_backends
from qmlplay.classifier import VariationalClassifier
from qmlplay.typing import Real
from qmlplay.widget.data.plane import Plane
from qmlplay.widget.settings.choices import label

__all__ = ["SimulatorView", "listed_simulators", "view_on"]

#: Points along each side of a map, and with noise, which takes far more numbers.
_RESOLUTION, _NOISY_RESOLUTION = 24, 12
#: A simulator is asked for so many points at once: after each part it can be cancelled.
_POINTS_AT_ONCE = 72
#: Runs that the median is of, unless they take longer together.
_MOST_RUNS, _MOST_SECONDS = 5, 1.0


@dataclass(frozen=True, eq=False)
class SimulatorView:
    """What a simulator says of a model, without shots.

    Parameters
    ----------
    first_seconds : float
        The first run on the test samples: circuits are translated and compiled in it.
    seconds : float
        Median of the runs after it.
    n_samples : int
        How many test samples a run is for.
    probabilities : ndarray of float, shape (resolution, resolution, n_classes)
        The map, from the top left.
    """

    first_seconds: float
    seconds: float
    n_samples: int
    probabilities: Real

    def to_dict(self, reference: SimulatorView) -> dict[str, Any]:
        """Return the values that the page needs, with the difference from another simulator."""
        difference = np.abs(self.probabilities - reference.probabilities).max()
        return {
            "first_seconds": self.first_seconds,
            "seconds": self.seconds,
            "n_samples": self.n_samples,
            "difference": float(difference),
            "resolution": self.probabilities.shape[0],
            "probabilities": np.round(255 * self.probabilities).astype(np.uint8).tobytes(),
        }


def listed_simulators() -> list[dict[str, Any]]:
    """Return all simulators by name, whether each is installed, and the command to install it.

    Examples
    --------
    >>> listed_simulators()[0]
    {'name': 'numpy', 'label': 'NumPy', 'is_installed': True, 'to_install': 'pip install numpy'}
    """
    infos = map(backend_info, list_backends())
    return [
        {
            "name": info.name,
            "label": label(info.name),
            "is_installed": info.is_installed,
            "to_install": info.to_install,
        }
        for info in infos
    ]


def view_on(
    name: str,
    model: VariationalClassifier,
    plane: Plane,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> SimulatorView | None:
    """Run a fitted model's weights on a simulator, exactly or with the noise of its device.

    Parameters
    ----------
    name : str
        A name of `qmlplay.list_backends`.
    model : VariationalClassifier
        Fitted; it stays as it is.
    plane : Plane
    is_cancelled : callable, optional
        Asked between two parts of the work.

    Returns
    -------
    SimulatorView or None
        None once it is cancelled.

    Raises
    ------
    ImportError
        If the framework is missing.
    """
    simulator = get_backend(name, noise=model.noise)  # not in the seconds: Python imports it once
    shown = model.with_backend(simulator)
    X, seconds = plane.split.X_test, list[float]()
    while len(seconds) < 2 or (len(seconds) <= _MOST_RUNS and sum(seconds) < _MOST_SECONDS):
        if is_cancelled():
            return None
        start = perf_counter()
        shown.predict_proba(X)
        seconds.append(perf_counter() - start)
    resolution = _RESOLUTION if model.noise is None else _NOISY_RESOLUTION
    points = plane.grid(resolution)
    parts = []
    for start_row in range(0, len(points), _POINTS_AT_ONCE):
        if is_cancelled():
            return None
        parts.append(shown.predict_proba(points[start_row : start_row + _POINTS_AT_ONCE]))
    p = np.concatenate(parts).reshape(resolution, resolution, -1)
    return SimulatorView(seconds[0], median(seconds[1:]), len(X), p)
