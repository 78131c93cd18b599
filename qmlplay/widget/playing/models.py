"""The three models of a configuration, which stand side by side."""

from __future__ import annotations

from typing import Any

from qmlplay.baselines import make_baseline
from qmlplay.widget.data.plane import Plane
from qmlplay.widget.settings.configuration import Configuration

__all__ = ["ablation_parameters", "make_classical", "model_parameters"]

_PASSED_ON = (
    "backend",
    "encoding",
    "ansatz",
    "n_qubits",
    "n_layers",
    "shots",
    "optimizer",
    "learning_rate_init",
    "max_iter",
    "random_state",
)


def model_parameters(configuration: Configuration) -> dict[str, Any]:
    """Return the parameters of `VariationalClassifier` that a configuration stands for.

    Training ends by `max_iter`, not for lack of improvement: the user decides when.
    """
    values = {name: getattr(configuration, name) for name in _PASSED_ON}
    noise = None if configuration.noise == "none" else configuration.noise
    return values | {"noise": noise, "n_iter_no_change": None}


def ablation_parameters(configuration: Configuration) -> dict[str, Any]:
    """Return the same without entangling gates in the ansatz.

    Without shots results do not depend on the simulator, so the fastest one computes them.
    """
    values = model_parameters(configuration) | {"ansatz": "no_entanglement"}
    return values | ({"backend": "numpy"} if values["shots"] is None else {})


def make_classical(configuration: Configuration, plane: Plane, n_parameters: int | None) -> Any:
    """Return the unfitted classical baseline, a network as large as the quantum model."""
    return make_baseline(
        configuration.baseline,
        random_state=configuration.random_state,
        n_parameters=n_parameters,
        n_features=2,
        n_classes=plane.n_classes,
    )
