"""The trained model and its parts.

``trained_circuit`` holds the value that every other part of qmlplay asks, ``trained`` that of a
classifier and ``trained_regression`` that of a regressor, ``design`` the one before it has been
trained, ``layer`` that of a layer in a network, ``evaluation`` either's circuit on a backend,
``scaling`` the way in, ``readout`` the way out, ``files`` the way to a disk.
"""

from qmlplay.model.design import ModelDesign
from qmlplay.model.evaluation import Model
from qmlplay.model.readout import Readout, class_indices, probabilities, split_numbers
from qmlplay.model.scaling import InputScaling
from qmlplay.model.target_scaling import TargetScaling
from qmlplay.model.trained import TrainedModel
from qmlplay.model.trained_circuit import TrainedCircuit
from qmlplay.model.trained_regression import TrainedRegression

__all__ = [
    "InputScaling",
    "Model",
    "ModelDesign",
    "Readout",
    "TargetScaling",
    "TrainedCircuit",
    "TrainedModel",
    "TrainedRegression",
    "class_indices",
    "probabilities",
    "split_numbers",
]
