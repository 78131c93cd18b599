"""Trained models on IBM Quantum: plan, submit, wait, compare, resume, cancel.

Nothing but `submit` (and `train`, which needs a budget as well) ever posts a job. Without an
account, devices named ``fake_...`` go the same way on this machine. IBM's client is imported on
first use: ``pip install "qmlplay[ibm]"``.

Tested against an emulator of the service and against simulated devices, not against IBM's
machines.
"""

from __future__ import annotations

from qmlplay.ibm.catalogue import list_runs, resume
from qmlplay.ibm.checkpoints import TrainingResult, list_trainings
from qmlplay.ibm.comparison import RunComparison
from qmlplay.ibm.planning import plan
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.results import Result
from qmlplay.ibm.runs import Run
from qmlplay.ibm.submission import submit
from qmlplay.ibm.training import resume_training, train

__all__ = [
    "Plan",
    "Result",
    "Run",
    "RunComparison",
    "TrainingResult",
    "list_runs",
    "list_trainings",
    "plan",
    "resume",
    "resume_training",
    "submit",
    "train",
]
