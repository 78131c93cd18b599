"""Choices on the page: datasets, levels of noise, settings, and their names there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from qmlplay.backends.noise import NOISE_PRESETS
from qmlplay.framework_names import FRAMEWORK_NAMES
from qmlplay.training.optimizers import OPTIMIZERS, get_optimizer

__all__ = [
    "DRAWN",
    "DRAWN_LABEL",
    "FIELD_LABELS",
    "LABELS",
    "NOISE_LEVELS",
    "OWN_DATA",
    "TOYS",
    "FieldLabel",
    "Toy",
    "label",
    "optimizer_help",
]

#: The name of the user's own data among the datasets.
OWN_DATA = "own data"
#: The name of data drawn by clicking, and what the page calls them.
DRAWN, DRAWN_LABEL = "drawn", "Draw your own"
#: Levels of noise of the simulated device.
NOISE_LEVELS = ("none", *NOISE_PRESETS)


@dataclass(frozen=True)
class Toy:
    """A dataset of `qmlplay.load_dataset` in the playground.

    Parameters
    ----------
    label : str
        Its name on the page.
    noise : str or None
        The option that sets its noise.
    usual_noise : float
        The default of that option.
    options : mapping of str to int
        Further options, such as its size.
    """

    label: str
    noise: str | None = None
    usual_noise: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)


#: The datasets, plane ones first.
TOYS: Mapping[str, Toy] = MappingProxyType(
    {
        "moons": Toy("Moons", "noise", 0.15),
        "circles": Toy("Circles", "noise", 0.1),
        "xor": Toy("XOR", "noise", 0.0),
        "spirals": Toy("Spirals", "noise", 0.05),
        "blobs": Toy("Three blobs", "cluster_std", 1.0),
        "checkerboard": Toy("Checkerboard", "noise", 0.0),
        "linearly_separable": Toy("A straight line"),
        "disk": Toy("Disk"),
        "ad_hoc": Toy("Ad hoc (quantum)"),
        "hidden_manifold": Toy("Hidden manifold", "noise", 0.0),
        "two_curves": Toy("Two curves", "noise", 0.01),
        "hyperplanes": Toy("Hyperplanes"),
        "parity": Toy("Parity", "noise", 0.1),
        "bars_and_stripes": Toy("Bars and stripes", "noise", 0.5),
        "iris": Toy("Iris flowers"),
        "wine": Toy("Wines"),
        "breast_cancer": Toy("Breast cancer", options={"n_samples": 300}),
        "cluster_ising": Toy("Spin ring (quantum)"),
        "digits": Toy("Digits 3 and 8", options={"classes": (3, 8), "n_samples": 300}),
    }
)

#: Names as people write them; for others the underscores become spaces.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        **FRAMEWORK_NAMES,
        "adam": "Adam",
        "sgd": "SGD",
        "lbfgs": "L-BFGS",
        "cobyla": "COBYLA",
        "nelder_mead": "Nelder–Mead",
        "spsa": "SPSA",
        "zz": "ZZ feature map",
        "iqp": "IQP",
        "svc_rbf": "SVM with RBF kernel",
        "k_nearest_neighbours": "k nearest neighbours",
        "mlp": "neural network",
        "dummy": "commonest class",
    }
)


def label(name: str) -> str:
    """Return the name of a choice as people write it.

    Examples
    --------
    >>> label("zz"), label("strongly_entangling")
    ('ZZ feature map', 'strongly entangling')
    """
    return LABELS.get(name, name.replace("_", " "))


@dataclass(frozen=True)
class FieldLabel:
    """A setting as the page calls it.

    Parameters
    ----------
    label : str
        Its name on the page.
    help : str
        What it does, in one line.
    """

    label: str
    help: str


def optimizer_help() -> str:
    """Return a line about the optimisers that are known by now, as others may join them."""
    *others, last = (label(name) for name in OPTIMIZERS if get_optimizer(name).needs_gradients)
    return f"{', '.join(others)} and {last} follow gradients; the others only compare losses."


#: Setting of `Configuration` → its name and a line about it on the page.
FIELD_LABELS: Mapping[str, FieldLabel] = MappingProxyType(
    {
        "dataset": FieldLabel("Dataset", "Samples of two features or more, each of one class."),
        "data_noise": FieldLabel("Noise in the data", "How far samples stray from their shape."),
        "features": FieldLabel("Shown and learned from", "What spans the plane of the pictures."),
        "own_data": FieldLabel("Your own table", "It stays on this computer."),
        "encoding": FieldLabel("Encoding", "How features become angles of gates."),
        "ansatz": FieldLabel("Ansatz", "The gates whose angles are trained."),
        "n_layers": FieldLabel("Layers", "How often encoding and ansatz alternate."),
        "n_qubits": FieldLabel("Qubits", "Lines of the circuit; with device noise at most 5."),
        "backend": FieldLabel("Backend", "Runs the circuit: same model, other seconds."),
        "shots": FieldLabel("Shots", "Measurements of each circuit; exact is without chance."),
        "noise": FieldLabel("Device noise", "Errors of the gates and of the readout."),
        "optimizer": FieldLabel("Optimiser", "How the weights are changed."),
        "learning_rate_init": FieldLabel(
            "Learning rate", "How far a step goes; it may change on the way."
        ),
        "max_iter": FieldLabel(
            "Iterations",
            "Steps until Play stops, of large tables passes; they may change on the way.",
        ),
        "baseline": FieldLabel("Classical baseline", "What the quantum model is compared with."),
        "random_state": FieldLabel("Seed", "Draws the data, the split and the first weights."),
        "removed_gates": FieldLabel("Gates taken out", "Entanglers that the circuit lacks."),
        "frozen": FieldLabel("Frozen weights", "Weights that training leaves as they are."),
        "weights": FieldLabel("Weights set by hand", "Where training starts from."),
        "points": FieldLabel("Drawn data", "Samples that were drawn by clicking."),
    }
)
