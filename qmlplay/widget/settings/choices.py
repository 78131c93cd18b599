"""Choices on the page: datasets, levels of noise, and their names there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from qmlplay.backends.noise import NOISE_PRESETS
from qmlplay.framework_names import FRAMEWORK_NAMES

__all__ = ["LABELS", "NOISE_LEVELS", "OWN_DATA", "TOYS", "Toy"]

#: The name of the user's own data among the datasets.
OWN_DATA = "own data"
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
