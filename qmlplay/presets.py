"""Presets: the models of papers by name, each with its source and the problem it is tried on.

A preset holds parameters for `qmlplay.VariationalClassifier`, no more:

>>> from qmlplay import VariationalClassifier, get_preset, list_presets
>>> list_presets()[:2]
['circuit_centric', 'convolutional']
>>> preset = get_preset("circuit_centric")
>>> preset.source
'arXiv:1804.00633'
>>> clf = VariationalClassifier.from_preset("circuit_centric", max_iter=20)
>>> clf.encoding, clf.ansatz, clf.max_iter
('amplitude', 'strongly_entangling', 20)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qmlplay.ansatze import HardwareEfficient, NoEntanglement
from qmlplay.datasets import load_dataset
from qmlplay.errors import unknown_name

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["Preset", "get_preset", "list_presets"]


@dataclass(frozen=True, eq=False)
class Preset:
    """A model of a paper.

    Parameters
    ----------
    name : str
        What `get_preset` and ``VariationalClassifier.from_preset`` take.
    title : str
        What it is, in a few words.
    source : str
        The paper.
    description : str
        Where it differs from the paper, and what it reaches on its problem: mean and standard
        deviation of the test accuracy over seeds 30 to 34, 70 of 100 samples for training
        (``tests/benchmarks/presets.py``). The papers' own figures are for other losses, sizes and
        splits, and are not repeated.
    parameters : mapping of str to object
        For `qmlplay.VariationalClassifier`; all others keep their defaults.
    problem : str
        A dataset of `qmlplay.list_datasets`, with two classes.
    problem_options : mapping of str to object
        Options of the dataset.
    """

    name: str
    title: str
    source: str
    description: str
    parameters: Mapping[str, Any]
    problem: str
    problem_options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("parameters", "problem_options"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def load_problem(self, **options: Any) -> Bunch:
        """Return the data of its problem, as `qmlplay.load_dataset` does.

        Parameters
        ----------
        **options
            Further options of the dataset, such as ``random_state``.

        Examples
        --------
        >>> get_preset("data_reuploading").load_problem(random_state=0).X.shape
        (300, 2)
        """
        return load_dataset(self.problem, **{**self.problem_options, **options})


_PRESETS = (
    Preset(
        "data_reuploading",
        "data re-uploading on one qubit",
        "arXiv:1907.02085",
        (
            "U(θ + w∘x) four times on one qubit, read by ⟨Z⟩. The paper compares the state with "
            "a target state of each class, by a weighted fidelity, and also takes several "
            "qubits with CZ between them, which n_qubits=2 does here. Test accuracy on the disk "
            "0.964 ± 0.034 from 210 points (the paper takes 200); a support vector machine has "
            "0.958."
        ),
        {
            "encoding": "reuploading",
            "ansatz": HardwareEfficient("cz", "linear", rotations=()),
            "n_qubits": 1,
            "n_layers": 4,
            "max_iter": 300,
        },
        "disk",
    ),
    Preset(
        "circuit_centric",
        "circuit-centric classifier",
        "arXiv:1804.00633",
        (
            "Features scaled to [−π/2, π/2] as the amplitudes of 5 qubits, four layers of "
            "general rotations and CX of growing range, ⟨Z⟩ of qubit 0, a bias, and the squared "
            "error. The paper has trainable controlled rotations in place of CX, and a dropout "
            "that is not here. Test accuracy on breast cancer, one of its datasets, 0.944 ± "
            "0.003; logistic regression has 0.968."
        ),
        {
            "encoding": "amplitude",
            "ansatz": "strongly_entangling",
            "scale_inputs": True,
            "observables": [0],
            "loss": "squared_error",
        },
        "breast_cancer",
    ),
    Preset(
        "iqp_variational",
        "ZZ feature map and variational circuit",
        "arXiv:1804.11326",
        (
            "The ZZ feature map, then layers of RY, RZ and CZ on all pairs. The paper reads the "
            "parity, for two qubits observables=['ZZ'] here; this one reads ⟨Z⟩ of every qubit, "
            "so that it takes any number of them. Test accuracy on ad hoc data 0.998 ± 0.005, "
            "as they are labelled by the same map; a support vector machine has 0.589."
        ),
        {
            "encoding": "zz",
            "ansatz": HardwareEfficient("cz", "full"),
        },
        "ad_hoc",
    ),
    Preset(
        "tree_tensor",
        "tree tensor network",
        "arXiv:1804.03680",
        (
            "A row as the amplitudes of 6 qubits, as in arXiv:2403.07059, a tree of RY and CX, "
            "and ⟨Z⟩ of qubit 0. The paper puts a feature on each qubit, and also joins qubits "
            "by general two-qubit gates. Test accuracy on the digits 0 and 1 is 0.987 ± 0.011; "
            "logistic regression has 1.000."
        ),
        {
            "encoding": "amplitude",
            "ansatz": "tree_tensor",
            "n_layers": 1,
            "observables": [0],
        },
        "digits",
        {"classes": (0, 1)},
    ),
    Preset(
        "convolutional",
        "convolutions and pooling",
        "arXiv:1810.03787",
        (
            "Convolutions with shared weights, pooling, and ⟨Z⟩ of the qubit that is left, on "
            "ground states given as amplitudes. The paper has 15 spins and more, whose states "
            "the device prepares, and draws a phase diagram in two fields. Test accuracy on a "
            "ring of 6 spins in one field 0.983 ± 0.017; logistic regression on the amplitudes "
            "has 0.993."
        ),
        {
            "encoding": "amplitude",
            "ansatz": "convolutional",
            "n_layers": 1,
            "observables": [0],
        },
        "cluster_ising",
    ),
    Preset(
        "separable",
        "no entanglement anywhere",
        "arXiv:2403.07059",
        (
            "RY(x) and a general rotation on every qubit, four times, and no gate on two "
            "qubits: whatever it learns, entanglement did not help. In the paper the rotations "
            "come first, and the mean of all ⟨Z⟩ is read; here a trained sum of them is. Test "
            "accuracy on the hidden manifold with 4 features 0.967 ± 0.035; a support vector "
            "machine has 0.956."
        ),
        {
            "encoding": "angle_ry",
            "ansatz": NoEntanglement(("rz", "ry", "rz")),
            "trainable_scaling": False,
        },
        "hidden_manifold",
    ),
)
_BY_NAME: Mapping[str, Preset] = MappingProxyType({preset.name: preset for preset in _PRESETS})


def list_presets() -> list[str]:
    """Return the names of all presets, sorted.

    Returns
    -------
    list of str
        What `get_preset` and ``VariationalClassifier.from_preset`` accept.

    Examples
    --------
    >>> list_presets()
    ['circuit_centric', 'convolutional', 'data_reuploading', 'iqp_variational', 'separable',
    'tree_tensor']
    """
    return sorted(_BY_NAME)


def get_preset(name: str) -> Preset:
    """Return the preset of that name.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> get_preset("tree_tensor").title
    'tree tensor network'
    """
    if not isinstance(name, str) or name not in _BY_NAME:
        raise unknown_name("preset", name, _BY_NAME)
    return _BY_NAME[name]
