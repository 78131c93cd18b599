"""Plans: what a run would post, where, and what it would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.duration import readable_seconds
from qmlplay.backends.pauli import expanded
from qmlplay.backends.qiskit.snapshot import Snapshot
from qmlplay.circuit import Angle, Circuit, Feature, Observables, ParametricCircuit
from qmlplay.ibm.compiled import DeviceCircuit, Timing, circuits, executions, n_bases
from qmlplay.ibm.jobs import JobRequest
from qmlplay.model import InputScaling, Readout, TrainedModel
from qmlplay.typing import Booleans, Real

__all__ = ["Plan", "angle_columns", "angle_list", "model_of_angles"]


#: Seconds of simulation from which on a plan tells them.
_NOTICEABLE = 10.0


@dataclass(frozen=True, eq=False)
class Plan:
    """What would be posted, where, and what it would cost. Plain data: it can be pickled.

    Parameters
    ----------
    device : str
        Name of the device.
    is_fake : bool
        Whether it is simulated here, from an old snapshot.
    instance : str or None
        Service instance that would be charged.
    device_qubits : int
        Number of qubits of the device.
    model : TrainedModel
        The trained model as a function of its angles, which stand for features: what of it a run
        needs.
    angles : ndarray of shape (n_samples, n_slots)
        In radians.
    shared : ndarray of bool of shape (n_slots,)
        Which angles all samples share.
    targets : ndarray of shape (n_samples,) or None
        Class indices, where labels are known.
    device_circuit : DeviceCircuit
    snapshot : Snapshot
        Of the qubits that the circuit runs on.
    depth, n_two_qubit_gates : int
        After transpiling.
    timing : Timing
    shots, resilience_level, seed : int
    samples_per_job : int
        More samples are split over several jobs.
    """

    device: str
    is_fake: bool
    instance: str | None
    device_qubits: int
    model: TrainedModel
    angles: Real
    shared: Booleans
    targets: NDArray[np.intp] | None
    device_circuit: DeviceCircuit
    snapshot: Snapshot
    depth: int
    n_two_qubit_gates: int
    timing: Timing
    shots: int
    resilience_level: int
    seed: int
    samples_per_job: int

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.angles)

    @property
    def jobs(self) -> list[slice]:
        """Which samples each job takes."""
        step = self.samples_per_job
        return [slice(i, min(i + step, self.n_samples)) for i in range(0, self.n_samples, step)]

    @property
    def n_bases(self) -> int:
        """Number of bases that are measured for every sample."""
        return n_bases(expanded(self.model.observables)[0])

    def executions_of(self, rows: slice) -> int:
        """Return how often one job executes a circuit."""
        n_samples = rows.stop - rows.start
        return executions(n_samples, self.n_bases, self.shots, self.resilience_level)

    @property
    def executions(self) -> int:
        """How often all jobs together execute a circuit."""
        return sum(self.executions_of(rows) for rows in self.jobs)

    @property
    def n_circuits(self) -> int:
        """How many circuits all jobs together run: one per sample, basis and noise factor."""
        sizes = [rows.stop - rows.start for rows in self.jobs]
        return sum(circuits(size, self.n_bases, self.resilience_level) for size in sizes)

    @property
    def estimated_seconds(self) -> float:
        """Estimated QPU seconds of all jobs together."""
        return self.timing.seconds(self.executions, len(self.jobs))

    @property
    def local_seconds(self) -> float | None:
        """About how many seconds a simulated device takes on this machine; None for a real one.

        Noise is simulated shot by shot on state vectors, or on density matrices if that is less,
        of the circuit's qubits and those that it is routed over.
        """
        if not self.is_fake:
            return None
        n_qubits, n_gates = len(self.device_circuit.qubits()), len(self.device_circuit.native())
        per_gate = min(6e-8 * self.shots * 2.0**n_qubits, 1e-8 * 4.0**n_qubits)
        return self.n_circuits * n_gates * per_gate

    @property
    def needed_seconds(self) -> list[int]:
        """Estimated QPU seconds of every job, in whole seconds, as the service is told them."""
        return [ceil(self.timing.seconds(self.executions_of(rows))) for rows in self.jobs]

    @property
    def suggested_budget(self) -> int:
        """A budget with a fifth to spare, in whole QPU seconds."""
        return ceil(1.2 * sum(self.needed_seconds))

    def requests(self, tags: list[str], max_qpu_seconds: float) -> list[JobRequest]:
        """Return one request per job; what the budget has to spare is shared out."""
        needed = self.needed_seconds
        spare = max(0, int(max_qpu_seconds) - sum(needed))
        limits = [need + spare * need // sum(needed) for need in needed]
        return [
            JobRequest(
                tag=tag,
                circuit=self.device_circuit,
                observables=expanded(self.model.observables)[0],
                angles=self.angles[rows],
                shots=self.shots,
                resilience_level=self.resilience_level,
                seed=self.seed + number,
                max_seconds=limit,
                snapshot=self.snapshot,
            )
            for number, (tag, rows, limit) in enumerate(zip(tags, self.jobs, limits, strict=True))
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures of the plan, ready for JSON."""
        return {
            "device": self.device,
            "is_fake": self.is_fake,
            "instance": self.instance,
            "device_qubits": self.device_qubits,
            "qubits": list(self.device_circuit.layout),
            "depth": self.depth,
            "two_qubit_gates": self.n_two_qubit_gates,
            "samples": self.n_samples,
            "bases": self.n_bases,
            "shots": self.shots,
            "resilience_level": self.resilience_level,
            "jobs": len(self.jobs),
            "executions": self.executions,
            "estimated_seconds": self.estimated_seconds,
            "suggested_budget": self.suggested_budget,
            "local_seconds": self.local_seconds,
        }

    def __str__(self) -> str:
        where = "simulated here from an old snapshot: no account, no queue, no cost"
        circuit = self.model.circuit.circuit
        lines = {
            "device": f"{self.device} ({where if self.is_fake else self.instance})",
            "qubits": f"{circuit.n_qubits} of {self.device_qubits}: "
            f"{', '.join(map(str, self.device_circuit.layout))}",
            "circuit": f"depth {self.depth}, {self.n_two_qubit_gates} two-qubit gates after "
            f"transpiling ({circuit.depth} and "
            f"{circuit.n_two_qubit_gates} before)",
            "executions": f"{self.executions:,} in {_number(len(self.jobs), 'job')}: "
            f"{_number(self.n_samples, 'sample')}, {self.n_bases} "
            f"{'basis' if self.n_bases == 1 else 'bases'}, {self.shots:,} shots, "
            f"resilience level {self.resilience_level}",
            "estimated": f"{self.estimated_seconds:.1f} QPU seconds: 2 s a job, "
            f"{1e3 * self.timing.rep_delay:g} ms between executions"
            + (" on the real machine" if self.is_fake else ""),
            "to go on": f"qmlplay.ibm.submit(plan, max_qpu_seconds={self.suggested_budget})",
        }
        if self.local_seconds is not None and self.local_seconds > _NOTICEABLE:
            n_qubits = len(self.device_circuit.qubits())
            lines["here"] = (
                f"about {readable_seconds(self.local_seconds)} to simulate noise on "
                f"{n_qubits} qubits on this machine"
            )
        title = "Plan for IBM Quantum; nothing is posted yet"
        return "\n".join([title, *(f"{name:>10}: {text}" for name, text in lines.items())])


def model_of_angles(
    circuit: Circuit, observables: Observables, readout: Readout, classes: NDArray[Any]
) -> TrainedModel:
    """Return a trained model as a function of its angles (n_samples, n_slots), in radians."""
    n_slots = circuit.n_slots
    return TrainedModel(
        ParametricCircuit(circuit, tuple(Feature(slot) for slot in range(n_slots)), n_slots),
        observables,
        InputScaling.identity(n_slots),
        np.empty(0),
        readout,
        classes,
    )


def angle_list(angles: Real, shared: Booleans) -> list[Angle]:
    """Return angles (n_samples, n_slots) as one per slot: a float where samples share it."""
    return [
        float(column[0]) if is_shared else column
        for column, is_shared in zip(angles.T, shared, strict=True)
    ]


def angle_columns(angles: Sequence[Angle], n_samples: int) -> Real:
    """Return angles, one per slot, as an array (n_samples, n_slots)."""
    return np.column_stack([np.broadcast_to(angle, n_samples) for angle in angles])


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
