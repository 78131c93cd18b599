"""Simulated devices: snapshots of IBM's machines that come with its client.

They need no account and no network. A circuit runs on its own qubits alone, with the noise that
the snapshot states for them, through the same Estimator that posts jobs to the service.
"""

from __future__ import annotations

import warnings
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, final

from qiskit_ibm_runtime import fake_provider
from qiskit_ibm_runtime.executor_estimator import Estimator
from qiskit_ibm_runtime.options_models import EstimatorOptions

from qmlplay.ibm.device import Device, JobRequest, JobValues
from qmlplay.ibm.small_device import noisy_simulator

if TYPE_CHECKING:
    from qiskit.transpiler import Target

__all__ = ["FakeDevice", "fake_device", "simulate"]


def _fakes() -> dict[str, Any]:
    """Return the class of every snapshot by its name; all of them opened would be a second."""
    classes = (kind for kind in vars(fake_provider).values() if isinstance(kind, type))
    named = {getattr(kind, "backend_name", None): kind for kind in classes}
    return {name: kind for name, kind in named.items() if name is not None}


def _opened(kind: Any) -> Any:
    """Return a snapshot, read from its file."""
    with warnings.catch_warnings():
        # One of them says that it is no typical one.
        warnings.filterwarnings("ignore", message="Properties of fake_", category=UserWarning)
        return kind()


def fake_device(name: str) -> FakeDevice:
    """Return a simulated device.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    fakes = _fakes()
    if name not in fakes:
        near = get_close_matches(name, fakes, n=5, cutoff=0.5) or ["fake_manila", "fake_torino"]
        raise ValueError(
            f"unknown device {name!r}: did you mean {', '.join(near)}? There are {len(fakes)}: "
            f"qiskit_ibm_runtime.fake_provider has them all"
        )
    return FakeDevice(_opened(fakes[name]))


def simulate(request: JobRequest) -> JobValues:
    """Return what a job measures on the qubits of its snapshot."""
    small = replace(request, circuit=request.circuit.reduced())
    options = EstimatorOptions(**small.options(simulated=True))
    estimator = Estimator(mode=noisy_simulator(small.snapshot), options=options)
    result = estimator.run([small.circuit.pub(small.observables, small.angles)]).result()
    return JobValues.from_result(result, len(small.angles), used=0.0)


@final
class FakeDevice(Device):
    """An old snapshot of one of IBM's machines, simulated here."""

    is_fake = True

    def __init__(self, backend: Any) -> None:
        self.name = backend.name
        self._backend = backend
        self._jobs: dict[str, Future[JobValues]] = {}

    @property
    def target(self) -> Target:
        """Qubits and gates."""
        return self._backend.target

    @property
    def configured_delay(self) -> float | None:
        """Seconds between two executions, as the snapshot says."""
        return getattr(self._backend.configuration(), "default_rep_delay", None)

    def fitting(self, n_qubits: int) -> list[str]:
        """Return the names of the smallest snapshots with enough qubits."""
        sizes = {name: _opened(kind).configuration().n_qubits for name, kind in _fakes().items()}
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
