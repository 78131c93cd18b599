"""Training.

``problem`` is what is minimised, ``losses`` and ``regression_losses`` how far off an answer is,
``gradients`` where downhill is, ``optimizers`` how to get better, ``monitor`` when to end,
``callback`` who else watches, ``loop`` all of that at work, ``cost`` what it will take, and
``history`` what it took.
"""

from qmlplay.model import Model, Readout, split_numbers
from qmlplay.training.callback import Callback
from qmlplay.training.cost import TrainingCost
from qmlplay.training.history import TrainingHistory
from qmlplay.training.loop import train
from qmlplay.training.monitor import Monitor, StopTraining, TrainingState
from qmlplay.training.optimizer import Optimizer, OptimizerSettings
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.training.problem import TrainingProblem

__all__ = [
    "Callback",
    "Model",
    "Monitor",
    "Optimizer",
    "OptimizerSettings",
    "OptimizerState",
    "Readout",
    "StopTraining",
    "TrainingCost",
    "TrainingHistory",
    "TrainingProblem",
    "TrainingState",
    "split_numbers",
    "train",
]
