"""Training.

``problem`` is what is minimised, ``losses`` how far off an answer is, ``gradients`` where
downhill is, ``optimizers`` how to get better, ``monitor`` when to end, ``cost`` what it will take,
and ``history`` what it took.
"""

from qmlplay.model.readout import Readout, split_numbers
from qmlplay.training.cost import TrainingCost
from qmlplay.training.history import TrainingHistory
from qmlplay.training.monitor import Monitor, StopTraining, TrainingState, train
from qmlplay.training.problem import TrainingProblem

__all__ = [
    "Monitor",
    "Readout",
    "StopTraining",
    "TrainingCost",
    "TrainingHistory",
    "TrainingProblem",
    "TrainingState",
    "split_numbers",
    "train",
]
