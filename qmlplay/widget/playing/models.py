"""The three models of a configuration, which stand side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qmlplay.baselines import make_baseline
from qmlplay.classifier import VariationalClassifier
from qmlplay.model import ModelDesign
from qmlplay.widget.data.plane import Plane
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.without_gates import WithoutGates

__all__ = ["ablation_parameters", "make_classical", "model_parameters", "whole_design"]

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
    if configuration.removed_gates:
        values["ansatz"] = WithoutGates(configuration.ansatz, _removed_places(configuration))
    noise = None if configuration.noise == "none" else configuration.noise
    return values | {"noise": noise, "n_iter_no_change": None}


def whole_design(configuration: Configuration) -> ModelDesign:
    """Return the design, for two classes, with all entanglers in."""
    values = model_parameters(replace(configuration, removed_gates=()))
    return VariationalClassifier(**values).design(2, 2)


def _removed_places(configuration: Configuration) -> tuple[tuple[int, int], ...]:
    """Return layer and place in it of the gates that are out; ValueError for other gates."""
    design = whole_design(configuration)
    gates, places = design.circuit.circuit.gates, []
    for gate in configuration.removed_gates:
        if gate >= len(gates) or len(gates[gate].qubits) == 1:
            raise ValueError(f"gate {gate} is no entangler: only those can be taken out")
        block = next(block for block in design.blocks if block.start <= gate < block.stop)
        if not block.name.startswith("ansatz"):
            raise ValueError(
                f"gate {gate} is part of the encoding, whose entanglers stay: choose another "
                "encoding"
            )
        layer = int(block.name.removeprefix("ansatz") or 1) - 1
        places.append((layer, gate - block.start))
    return tuple(places)


def ablation_parameters(configuration: Configuration) -> dict[str, Any]:
    """Return the same without entangling gates in the ansatz.

    Without shots results do not depend on the simulator, so the fastest one computes them.
    """
    values = model_parameters(replace(configuration, removed_gates=()))
    values |= {"ansatz": "no_entanglement"}
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
