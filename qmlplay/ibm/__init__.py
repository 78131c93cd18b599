"""Trained models on IBM Quantum: plan, submit, wait, compare, resume, cancel.

Nothing but `submit` (and `train`, which needs a budget as well) ever posts a job. Without an
account, devices named ``fake_...`` go the same way on this machine. IBM's client is imported on
first use: ``pip install "qmlplay[ibm]"``.

The way of a run through the files: ``preparation`` opens a device (``service`` through
``connection``, or ``simulated``; ``jobs`` says what they have in common), compiles the circuit
(``compiled``) and makes a plan (``plans``). ``submission`` makes a run of it (``runs``), whose
jobs ``tracking`` posts, follows and writes down (``records`` in the ``store``); ``results`` reads
what they measured. A step of ``spsa``, behind ``device_training``, is such a run. Each file imports
only those below it.

Tested against an emulator of the service and against simulated devices, not against IBM's
machines.
"""

from __future__ import annotations

from qmlplay.ibm.device_training import list_trainings, resume_training, train
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.preparation import plan
from qmlplay.ibm.results import Result, RunComparison
from qmlplay.ibm.runs import Run
from qmlplay.ibm.spsa import TrainingResult
from qmlplay.ibm.submission import list_runs, resume, submit

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
