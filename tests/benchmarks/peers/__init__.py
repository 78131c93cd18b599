"""The peers: who they are, what to install, and on which part of the work they are timed.

Each module holds ``make(problem)``, which returns a function without arguments that returns
the loss and its gradient (n_weights,), computed from scratch at every call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from workloads import Problem

StepFunction = Callable[[], tuple[float, np.ndarray]]


@dataclass(frozen=True)
class Peer:
    """A competitor.

    Parameters
    ----------
    name, label : str
        For the command line, and for tables.
    factory : str
        ``module:function``.
    packages : dict of str to str
        Module to import → package to install.
    n_samples : dict of str to int
        Workload → samples that it is timed on, where the whole would take too long.
    tolerance : float
        Largest difference from our NumPy backend that is accepted.
    compiles : bool
        Whether its first call compiles.
    """

    name: str
    label: str
    factory: str
    packages: dict[str, str]
    n_samples: dict[str, int] = field(default_factory=dict)
    tolerance: float = 1e-8
    compiles: bool = False

    @property
    def missing(self) -> list[str]:
        """Packages that would have to be installed."""
        return [package for module, package in self.packages.items() if find_spec(module) is None]

    def make(self, problem: Problem) -> StepFunction:
        """Import the peer and return its step."""
        module, function = self.factory.split(":")
        step: StepFunction = getattr(import_module(f"peers.{module}"), function)(problem)
        return step


_SQULEARN = {"squlearn": "squlearn", "qiskit": "qiskit"}
_PENNYLANE = {"pennylane": "pennylane"}

PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "qiskit_ml",
            "qiskit-machine-learning EstimatorQNN",
            "qiskit_ml:make",
            {"qiskit_machine_learning": "qiskit-machine-learning"},
            {"W1": 8, "W2": 1, "W3": 1},
        ),
        Peer(
            "squlearn_qulacs",
            "sQUlearn on Qulacs",
            "squlearn_qnn:make_qulacs",
            _SQULEARN | {"qulacs": "qulacs"},
            {"W3": 64},
        ),
        Peer(
            "squlearn_pennylane",
            "sQUlearn on PennyLane",
            "squlearn_qnn:make_pennylane",
            _SQULEARN | _PENNYLANE,
            {"W1": 16, "W2": 4, "W3": 2},
        ),
        Peer(
            "squlearn_qiskit",
            "sQUlearn on Qiskit",
            "squlearn_qnn:make_qiskit",
            _SQULEARN,
            {"W2": 128, "W3": 8},
        ),
        Peer(
            "lightning",
            "PennyLane lightning.qubit, adjoint, per sample",
            "pennylane_autograd:make_lightning",
            {"pennylane_lightning": "pennylane-lightning"},
            {"W2": 64, "W3": 64},
        ),
        Peer(
            "pennylane_broadcast",
            "PennyLane default.qubit, broadcast, backprop",
            "pennylane_autograd:make_broadcast",
            _PENNYLANE,
            {"W3": 128},
        ),
        Peer(
            "pennylane_jax",
            "PennyLane + JAX jit(vmap)",
            "pennylane_jax:make",
            _PENNYLANE | {"jax": "jax"},
            compiles=True,
        ),
        Peer(
            "tensorcircuit_jax",
            "TensorCircuit-NG + JAX jit(vmap)",
            "tensorcircuit_jax:make",
            {"tensorcircuit": "tensorcircuit-ng", "jax": "jax"},
            compiles=True,
        ),
        Peer(
            "cirq_sweep",
            "Cirq sweep + parameter shift",
            "cirq_sweep:make_cirq",
            {"cirq": "cirq-core"},
            {"W1": 4, "W2": 1, "W3": 1},
        ),
        Peer(
            "qsim_sweep",
            "qsim sweep + parameter shift (single precision)",
            "qsim_sweep:make",
            {"qsimcirq": "qsimcirq", "cirq": "cirq-core"},
            {"W1": 8, "W2": 2, "W3": 1},
            tolerance=1e-5,
        ),
    )
}
