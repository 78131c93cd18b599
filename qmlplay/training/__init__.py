"""Training.

``problem`` says what is minimised, ``losses`` how far off an answer is,
``optimizers`` how to get better, and ``monitor`` when to end.
"""

from qmlplay.training.monitor import Monitor, StopTraining, TrainingState, train
from qmlplay.training.problem import Model, Readout, TrainingProblem, split_numbers

__all__ = [
    "Model",
    "Monitor",
    "Readout",
    "StopTraining",
    "TrainingProblem",
    "TrainingState",
    "split_numbers",
    "train",
]
