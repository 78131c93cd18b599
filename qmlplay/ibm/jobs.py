"""Jobs, and the contract with the devices that run them: IBM's machines, or simulated ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.backends.pauli import expanded
from qmlplay.backends.qiskit.snapshot import Snapshot
from qmlplay.circuit import Angle, Circuit, Observables
from qmlplay.ibm.compiled import DeviceCircuit, bases
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qiskit.transpiler import Target

__all__ = ["FINAL", "Device", "JobRequest", "JobValues"]

#: States of a job that do not change any more.
FINAL = ("DONE", "ERROR", "CANCELLED")
#: IBM's quick formula, for devices that do not say how long they wait between executions.
_QUICK = 0.00035


@dataclass(frozen=True, eq=False)
class JobRequest:
    """All that one job needs; plain data.

    Parameters
    ----------
    tag : str
        Unique; the job can be found by it.
    circuit : DeviceCircuit
    observables : tuple of str
        Our Pauli strings.
    angles : ndarray of shape (n_samples, n_slots)
        In radians.
    shots, resilience_level, seed : int
        The seed is that of simulated devices.
    max_seconds : int
        QPU seconds after which the service ends the job.
    snapshot : Snapshot
        For simulated devices.
    """

    tag: str
    circuit: DeviceCircuit
    observables: tuple[str, ...]
    angles: Real
    shots: int
    resilience_level: int
    seed: int
    max_seconds: int
    snapshot: Snapshot

    def options(self, *, simulated: bool = False) -> dict[str, Any]:
        """Return the client's options for this job."""
        options: dict[str, Any] = {
            "default_shots": self.shots,
            "resilience_level": self.resilience_level,
        }
        if simulated:
            return options | {"simulator": {"seed_simulator": self.seed}}
        # Results of a private job can be read once: nothing could be resumed.
        environment = {"job_tags": ["qmlplay", self.tag], "private": False}
        return options | {"max_execution_time": self.max_seconds, "environment": environment}


@dataclass(frozen=True, eq=False)
class JobValues:
    """What a job measured.

    Parameters
    ----------
    values, errors : ndarray of shape (n_samples, n_strings)
        Expectations of Pauli strings, and their standard errors.
    used_seconds : float or None
        QPU seconds that were charged; None where that is not known yet.
    """

    values: Real
    errors: Real
    used_seconds: float | None

    @classmethod
    def from_result(cls, result: Any, n_samples: int, used: float | None) -> JobValues:
        """Read a result of the client, whose arrays are (n_observables, n_samples)."""
        data = result[0].data
        shape = (n_samples, len(data.evs))
        values, errors = (
            np.broadcast_to(np.asarray(part, dtype=float).T, shape).copy()
            for part in (data.evs, data.stds)
        )
        return cls(values, errors, used)

    def of(self, observables: Observables) -> tuple[Real, Real]:
        """Return the expectations of observables whose strings were measured, and their errors.

        The client does not say how strings go together that share shots. The error of a sum is
        the largest that it can be: those of such strings added up, and squared with those of
        other bases.
        """
        strings, coefficients = expanded(observables)
        if coefficients is None:
            return self.values, self.errors
        squares = np.zeros((len(self.errors), len(observables)))
        for group in bases(strings):
            members = [strings.index(string) for string in group]
            squares += (self.errors[:, members] @ np.abs(coefficients[members])) ** 2
        return self.values @ coefficients, np.sqrt(squares)


class Device(ABC):
    """A place where jobs run, by the ids and tags of which they can be found again."""

    name: str
    #: Whether it is simulated here, from an old snapshot, at no cost.
    is_fake: bool
    #: Service instance, where there is one.
    instance: str | None = None

    @property
    @abstractmethod
    def target(self) -> Target:
        """Qubits and gates."""

    @property
    @abstractmethod
    def configured_delay(self) -> float | None:
        """Seconds between two executions, as the device says."""

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return int(self.target.num_qubits)

    @property
    def rep_delay(self) -> float:
        """Seconds between two executions, IBM's quick formula where the device does not say."""
        delay = self.configured_delay
        return _QUICK if delay is None else delay

    @abstractmethod
    def compiled(self, circuit: Circuit, angles: Sequence[Angle], seed: int) -> DeviceCircuit:
        """Return a circuit in the device's gates; angles as in `slot_values`."""

    @abstractmethod
    def fitting(self, n_qubits: int) -> list[str]:
        """Return the names of some devices beside it with enough qubits."""

    @abstractmethod
    def remaining_seconds(self) -> float | None:
        """Return the QPU seconds that may still be used; None without a limit.

        Raises
        ------
        BudgetError
            If the limit is reached.
        """

    @abstractmethod
    def post(self, request: JobRequest) -> str:
        """Start a job and return its id."""

    @abstractmethod
    def find(self, tag: str) -> str | None:
        """Return the id of the job with a tag, if there is one."""

    @abstractmethod
    def state(self, job_id: str, seconds: float | None = None) -> str:
        """Return INITIALIZING, QUEUED, RUNNING, DONE, ERROR or CANCELLED.

        Where there is no answer within some seconds, ServiceError is raised.
        """

    @abstractmethod
    def values(self, job_id: str, n_samples: int) -> JobValues:
        """Return what a finished job measured."""

    @abstractmethod
    def reason(self, job_id: str) -> str:
        """Return why a job failed."""

    @abstractmethod
    def cancel(self, job_id: str) -> None:
        """End a job."""

    @abstractmethod
    def used_seconds(self, job_id: str) -> float | None:
        """Return the QPU seconds charged for a job; None where that is not known yet."""
