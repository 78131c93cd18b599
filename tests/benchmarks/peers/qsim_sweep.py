"""qsim, Google's compiled simulator behind Cirq's interface; it knows single precision only."""

from __future__ import annotations

import qsimcirq
from workloads import Problem

from peers.cirq_sweep import make as make_sweep


def make(problem: Problem):
    return make_sweep(problem, qsimcirq.QSimSimulator())
