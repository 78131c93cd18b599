"""Training.

``model`` is what is trained, ``problem`` what is minimised, ``losses`` how far off an answer is,
``gradients`` where downhill is, ``optimizers`` how to get better, ``monitor`` when to end,
``loop`` all of that at work, and ``cost`` what it will take.
"""

from qmlplay.training.cost import TrainingCost
from qmlplay.training.loop import train
from qmlplay.training.model import Model, Readout, split_numbers
from qmlplay.training.monitor import Monitor, StopTraining, TrainingState
from qmlplay.training.optimizer import Optimizer, OptimizerSettings
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.training.problem import TrainingProblem

__all__ = [
    "Model",
    "Monitor",
    "Optimizer",
    "OptimizerSettings",
    "OptimizerState",
    "Readout",
    "StopTraining",
    "TrainingCost",
    "TrainingProblem",
    "TrainingState",
    "split_numbers",
    "train",
]
