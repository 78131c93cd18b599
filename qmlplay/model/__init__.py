"""The trained model and its parts.

``trained`` holds the value that every other part of qmlplay asks, ``design`` the one before it
has been trained, ``evaluation`` either's circuit on a backend, ``scaling`` the way in, ``readout``
the way out, ``files`` the way to a disk.
"""

from qmlplay.model.design import ModelDesign
from qmlplay.model.evaluation import Model
from qmlplay.model.readout import Readout, class_indices, probabilities, split_numbers
from qmlplay.model.scaling import InputScaling
from qmlplay.model.trained import TrainedModel

__all__ = [
    "InputScaling",
    "Model",
    "ModelDesign",
    "Readout",
    "TrainedModel",
    "class_indices",
    "probabilities",
    "split_numbers",
]
