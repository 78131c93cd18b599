"""IBM's machines, through the client: what is asked of them, and what is posted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar, final

from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.exceptions import RuntimeInvalidStateError, RuntimeJobNotFound
from qiskit_ibm_runtime.executor_estimator import Estimator
from qiskit_ibm_runtime.options_models import EstimatorOptions
from qiskit_ibm_runtime.utils import validate_isa_circuits

from qmlplay.backends.qiskit.translation import to_qiskit_circuit
from qmlplay.circuit import Angle, Circuit
from qmlplay.errors import unknown_name
from qmlplay.ibm.compiled import DeviceCircuit, slot_values
from qmlplay.ibm.connection import CALL_SECONDS, translated, within
from qmlplay.ibm.errors import BudgetError, JobError, ServiceError, too_small
from qmlplay.ibm.jobs import Device, JobRequest, JobValues

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

__all__ = ["best_device", "named_device"]

T = TypeVar("T")


def _ask(question: Callable[[], T], seconds: float | None = None) -> T:
    """Return what the service answers in time, or raise one of our errors."""
    with translated():
        return within(CALL_SECONDS if seconds is None else min(seconds, CALL_SECONDS), question)


def named_device(client: QiskitRuntimeService, name: str, n_qubits: int) -> ServiceDevice:
    """Return a device of the service by its name.

    Raises
    ------
    ValueError
        If there is none of that name, or it is too small.
    """
    with translated():
        try:
            backend = within(CALL_SECONDS, lambda: client.backend(name))
        except QiskitBackendNotFoundError:
            raise unknown_name("device", name, _names(client, 1)) from None
        device = ServiceDevice(client, backend)
        if device.n_qubits < n_qubits:
            raise too_small(name, device.n_qubits, n_qubits, device.fitting(n_qubits))
    return device


def _names(client: QiskitRuntimeService, n_qubits: int) -> list[str]:
    return [backend.name for backend in _ask(lambda: client.backends(min_num_qubits=n_qubits))]


def best_device(client: QiskitRuntimeService, n_qubits: int, executions: int) -> ServiceDevice:
    """Return the device that takes the fewest QPU seconds; of equals, the shortest queue.

    A device that waits long between executions costs more than any queue is worth.

    Raises
    ------
    ValueError
        If no device in operation is large enough.
    """
    listed = _ask(lambda: client.backends(simulator=False, operational=True))
    if not listed:
        raise ServiceError(
            "IBM Quantum lists no device in operation for this account: try again later, or "
            "name another instance=..."
        )
    largest = max(listed, key=lambda backend: backend.num_qubits)
    fitting = [backend for backend in listed if backend.num_qubits >= n_qubits]
    if not fitting:
        raise too_small(largest.name, largest.num_qubits, n_qubits, [])
    with translated():
        devices = [ServiceDevice(client, backend) for backend in fitting]
        ranks = {device: device.rank(executions) for device in devices}
    return min(devices, key=ranks.__getitem__)


@final
class ServiceDevice(Device):
    """One of IBM's machines. It holds the connection: it is never copied, stored or shown."""

    is_fake = False

    def __init__(self, client: QiskitRuntimeService, backend: Any) -> None:
        self.name = backend.name
        self._client = client
        self._backend = backend
        self.instance = client.active_instance()

    def __reduce__(self) -> Any:
        raise TypeError("a connection to IBM Quantum is not copied: it holds the API key")

    @property
    def target(self) -> Target:
        """Qubits and gates, as they are today."""
        return _ask(lambda: self._backend.target)

    @property
    def configured_delay(self) -> float | None:
        """Seconds between two executions, as the device says."""
        return getattr(self._backend.configuration(), "default_rep_delay", None)

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return int(self._backend.num_qubits)

    def compiled(self, circuit: Circuit, angles: Sequence[Angle], seed: int) -> DeviceCircuit:
        """Return a circuit in the device's gates, on the qubits that suit it best today."""
        return _transpiled(to_qiskit_circuit(circuit, slot_values(angles)), self.target, seed)

    def rank(self, executions: int) -> tuple[int, int, str]:
        """Return QPU seconds, rounded up, then the length of the queue."""
        queued = _ask(self._backend.status).pending_jobs
        return ceil(self.rep_delay * executions), queued, self.name

    def fitting(self, n_qubits: int) -> list[str]:
        """Return the names of the account's devices with enough qubits."""
        return _names(self._client, n_qubits)

    def remaining_seconds(self) -> float | None:
        """Return what is left of the instance's QPU seconds."""
        usage = _ask(self._client.usage)
        left = usage.get("usage_remaining_seconds")
        if usage.get("usage_limit_reached"):
            raise BudgetError(
                "the instance has used up its QPU time, and jobs would wait for more: see "
                "https://quantum.cloud.ibm.com/instances for when that is, or name another "
                "instance=... in qmlplay.ibm.plan"
            )
        return None if left is None else float(left)

    def post(self, request: JobRequest) -> str:
        """Post a job and return its id."""
        pub = request.circuit.pub(request.observables, request.angles)
        with translated():
            validate_isa_circuits([pub[0]], self.target)
            estimator = Estimator(mode=self._backend, options=EstimatorOptions(**request.options()))
            job_id = str(within(3 * CALL_SECONDS, lambda: estimator.run([pub])).job_id())
        self._cancel_twins(request.tag, job_id)
        return job_id

    def _cancel_twins(self, tag: str, job_id: str) -> None:
        """Cancel other jobs with the tag of a job.

        After an error of a gateway the client posts again by itself, and the first job may exist.
        """
        with suppress(ServiceError):  # the job itself is posted, come what may
            for twin in self._tagged(tag):
                if twin != job_id:
                    self.cancel(twin)

    def find(self, tag: str) -> str | None:
        """Return the id of the first job with a tag, if there is one."""
        return next(iter(self._tagged(tag)), None)

    def _tagged(self, tag: str) -> list[str]:
        """Return the ids of the jobs with a tag, the oldest first."""
        jobs = _ask(
            lambda: self._client.jobs(job_tags=[tag], instance=self.instance, descending=False)
        )
        return [str(job.job_id()) for job in jobs]

    def _job(self, job_id: str) -> Any:
        try:
            return self._client.job(job_id)
        except RuntimeJobNotFound:
            raise JobError(
                f"IBM Quantum knows no job {job_id!r} in the instance {self.instance}: it was "
                f"deleted, or belongs to another account; see "
                f"https://quantum.cloud.ibm.com/workloads"
            ) from None

    def state(self, job_id: str, seconds: float | None = None) -> str:
        """Return how far a job is."""
        return str(_ask(lambda: self._job(job_id).status(), seconds))

    def values(self, job_id: str, n_samples: int) -> JobValues:
        """Return what a finished job measured."""
        result = _ask(lambda: self._job(job_id).result())
        return JobValues.from_result(result, n_samples, self.used_seconds(job_id))

    def reason(self, job_id: str) -> str:
        """Return why a job failed."""
        return str(_ask(lambda: self._job(job_id).error_message()))

    def cancel(self, job_id: str) -> None:
        """Cancel a job; one that has ended stays as it is."""
        with translated(), suppress(RuntimeInvalidStateError):
            within(CALL_SECONDS, lambda: self._job(job_id).cancel())

    def used_seconds(self, job_id: str) -> float | None:
        """Return the QPU seconds charged for a job; None where that is not known yet."""
        metrics = _ask(lambda: self._job(job_id).metrics())
        usage = metrics.get("usage") or {}
        is_final = usage.get("status", "pending") != "pending"
        charged = usage.get("qpu_charge_time_seconds") if is_final else None
        return None if charged is None else float(charged)


def _transpiled(native: QuantumCircuit, target: Target, seed: int) -> DeviceCircuit:
    """Return a circuit on the qubits of a device that suit it best; the seed is of the search."""
    passes = generate_preset_pass_manager(optimization_level=3, target=target, seed_transpiler=seed)
    isa = passes.run(native)
    validate_isa_circuits([isa], target)
    return DeviceCircuit.of(isa, isa.layout.final_index_layout())
