"""Training.

``model`` is what is trained, ``problem`` what is minimised, ``losses`` how far off an answer is,
``gradients`` where downhill is, ``optimizers`` how to get better, ``monitor`` when to end,
and ``cost`` what it will take.
"""

from qmlplay.training.cost import TrainingCost
from qmlplay.training.model import Model, Readout, split_numbers
from qmlplay.training.monitor import Monitor, StopTraining, TrainingState, train
from qmlplay.training.problem import TrainingProblem

__all__ = [
    "Model",
    "Monitor",
    "Readout",
    "StopTraining",
    "TrainingCost",
    "TrainingProblem",
    "TrainingState",
    "split_numbers",
    "train",
]
