"""Simulated devices: fake devices behind the same contract as IBM's machines.

They need no account and no network. A circuit runs on its own qubits alone, with the noise that
its snapshot states for them, through the same Estimator that posts jobs to the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, final

from qiskit_ibm_runtime.executor_estimator import Estimator
from qiskit_ibm_runtime.options_models import EstimatorOptions

from qmlplay.backends.qiskit.fake_device import fake_device, fake_device_sizes, noisy_simulator
from qmlplay.circuit import Angle, Circuit
from qmlplay.ibm.compiled import DeviceCircuit
from qmlplay.ibm.jobs import Device, JobRequest, JobValues

if TYPE_CHECKING:
    from qiskit.transpiler import Target

__all__ = ["SimulatedDevice", "simulate"]


def simulate(request: JobRequest) -> JobValues:
    """Return what a job measures on the qubits of its snapshot."""
    small = replace(request, circuit=request.circuit.reduced())
    options = EstimatorOptions(**small.options(simulated=True))
    estimator = Estimator(mode=noisy_simulator(small.snapshot), options=options)
    result = estimator.run([small.circuit.pub(small.observables, small.angles)]).result()
    return JobValues.from_result(result, len(small.angles), used=0.0)


@final
class SimulatedDevice(Device):
    """An old snapshot of one of IBM's machines, simulated here.

    Parameters
    ----------
    name : str
        Such as ``"fake_manila"``.

    Raises
    ------
    ValueError
        If there is no fake device of that name.
    """

    is_fake = True

    def __init__(self, name: str) -> None:
        self.name = name
        self._fake = fake_device(name)
        self._jobs: dict[str, Future[JobValues]] = {}

    @property
    def target(self) -> Target:
        """Qubits, and gates that work."""
        return self._fake.target

    @property
    def configured_delay(self) -> float | None:
        """Seconds between two executions, as the snapshot says."""
        return self._fake.rep_delay

    def compiled(self, circuit: Circuit, angles: Sequence[Angle], seed: int) -> DeviceCircuit:
        """Return a circuit where the simulators with ``noise=`` put it, whatever the seed."""
        return DeviceCircuit.placed(self._fake.place(circuit), angles)

    def fitting(self, n_qubits: int) -> list[str]:
        """Return the names of the smallest snapshots with enough qubits."""
        sizes = fake_device_sizes()
        fitting = sorted((size, name) for name, size in sizes.items() if size >= n_qubits)
        return [f"{name} ({size})" for size, name in fitting[:5]]

    def remaining_seconds(self) -> float | None:
        """Return None: simulations are not charged."""
        return None

    def post(self, request: JobRequest) -> str:
        """Start to simulate, in a thread; the id is the tag."""
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="qmlplay-ibm")
        self._jobs[request.tag] = pool.submit(simulate, request)
        pool.shutdown(wait=False)
        return request.tag

    def find(self, tag: str) -> str | None:
        """Return the tag if the job was started in this process."""
        return tag if tag in self._jobs else None

    def state(self, job_id: str, seconds: float | None = None) -> str:
        """Return how far a simulation is."""
        job = self._jobs[job_id]
        if not job.done():
            return "RUNNING"
        if job.cancelled():
            return "CANCELLED"
        return "DONE" if job.exception() is None else "ERROR"

    def values(self, job_id: str, n_samples: int) -> JobValues:
        """Return what a finished simulation measured."""
        return self._jobs[job_id].result()

    def reason(self, job_id: str) -> str:
        """Return why a simulation failed."""
        try:
            return str(self._jobs[job_id].exception())
        except CancelledError:
            return "cancelled"

    def cancel(self, job_id: str) -> None:
        """Forget a simulation; one that has begun runs to its end, which nobody reads."""
        self._jobs[job_id].cancel()

    def used_seconds(self, job_id: str) -> float | None:
        """Return 0: simulations are not charged."""
        return 0.0
