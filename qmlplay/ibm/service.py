"""The service itself, through IBM's client.

The client reads the account: from $QISKIT_IBM_TOKEN, or from the file that it saved. No key passes
through qmlplay, and it is sent to IBM's addresses alone.
"""

from __future__ import annotations

import os
import queue
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar, final
from urllib.parse import urlparse

from ibm_cloud_sdk_core import ApiException
from qiskit.exceptions import QiskitError
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.accounts.exceptions import AccountNotFoundError, InvalidAccountError
from qiskit_ibm_runtime.api.exceptions import RequestsApiError
from qiskit_ibm_runtime.exceptions import (
    IBMInputValueError,
    IBMNotAuthorizedError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
)
from qiskit_ibm_runtime.executor_estimator import Estimator
from qiskit_ibm_runtime.options_models import EstimatorOptions
from qiskit_ibm_runtime.utils import validate_isa_circuits
from requests import RequestException

from qmlplay.errors import unknown_name
from qmlplay.ibm.device import Device, JobRequest, JobValues
from qmlplay.ibm.errors import (
    BudgetError,
    JobError,
    RefusedError,
    ServiceError,
    no_account,
    too_small,
    wrong_instance,
    wrong_key,
)

if TYPE_CHECKING:
    from qiskit.transpiler import Target

__all__ = ["ServiceDevice", "best_device", "connect", "named_device"]

T = TypeVar("T")

#: Seconds that one question to the service may take; the client itself would wait for ever.
CALL_SECONDS = 120.0
#: For tests: the address of a service on this machine.
TEST_URL = "QMLPLAY_IBM_TEST_URL"
_ADDRESSES = (
    "QISKIT_IBM_URL",
    "IAM_URL",
    "GLOBAL_SEARCH_URL",
    "GLOBAL_CATALOG_URL",
    "RESOURCE_CONTROLLER_URL",
)


def connect(instance: str | None) -> QiskitRuntimeService:
    """Return a connection to the service.

    Parameters
    ----------
    instance : str or None
        Its name or CRN; None takes the one saved with the account, else those of the open plan.

    Raises
    ------
    AccountError
        If there is no account (no network is touched then), or its key or instance is wrong.
    ServiceError
        If an address is not IBM's, or the service does not answer.
    """
    address = _checked_addresses()
    chosen: dict[str, Any] = {"instance": instance or "auto"}
    if instance is None:
        chosen["plans_preference"] = ["open"]
    if address is not None:
        chosen |= {"channel": "ibm_quantum_platform", "url_resolver": lambda *_: address}
    try:
        with _translated(instance):
            return within(CALL_SECONDS, lambda: QiskitRuntimeService(**chosen))
    except ServiceError:
        raise
    except IBMInputValueError as error:
        raise wrong_instance(instance, " ".join(map(str, error.args)) or error) from None


def _checked_addresses() -> str | None:
    """Return the address of a test service, if any; refuse addresses that are not IBM's.

    The client sends the API key to whatever address it is told.
    """
    named = {name: os.environ[name] for name in _ADDRESSES if os.environ.get(name)}
    test = os.environ.get(TEST_URL)
    if test is not None:
        needed = _ADDRESSES[1:4]
        strange = [name for name in needed if not _is_loopback(named.get(name, ""))]
        if strange or not _is_loopback(test):
            raise ServiceError(
                f"${TEST_URL} is for tests on this machine alone: it, and $"
                f"{', $'.join(needed)}, must be addresses such as http://127.0.0.1:8000"
            )
    saved = {} if os.environ.get("QISKIT_IBM_TOKEN") else _saved_addresses()
    if test is not None:
        return f"{test.rstrip('/')}/api/v1"
    for name, address in (named | saved).items():
        if not _is_ibm(address):
            raise ServiceError(
                f"{name} is {address!r}, which is none of IBM's addresses (https://....cloud.ibm"
                f".com), and the API key would be sent there: take it away, such as with "
                f"unset {name}"
            )
    return None


def _saved_addresses() -> dict[str, str]:
    """Return the addresses of the saved accounts.

    Raises
    ------
    AccountError
        If there is no account.
    """
    try:
        accounts = QiskitRuntimeService.saved_accounts()
    except (OSError, ValueError, KeyError, QiskitError) as error:
        raise ServiceError(
            f"the client's file of accounts cannot be read ({error}): mend or delete "
            f"~/.qiskit/qiskit-ibm.json and save the account again"
        ) from error
    if not accounts:
        raise no_account()
    return {
        f"the url of the saved account {name!r}": str(account["url"])
        for name, account in accounts.items()
        if account.get("url")
    }


def _is_ibm(address: str) -> bool:
    parts = urlparse(address)
    host = parts.hostname or ""
    return parts.scheme == "https" and (host == "cloud.ibm.com" or host.endswith(".cloud.ibm.com"))


def _is_loopback(address: str) -> bool:
    return urlparse(address).hostname in ("127.0.0.1", "localhost")


def within(seconds: float, ask: Callable[[], T]) -> T:
    """Return what a question is answered, or give up: a stalled answer must not hang us.

    Raises
    ------
    ServiceError
        If there is no answer in time.
    """
    answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put((ask(), None))
        except BaseException as error:
            answers.put((None, error))

    threading.Thread(target=work, name="qmlplay-ibm", daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise ServiceError(
            f"IBM Quantum did not answer within {seconds:.0f} s: try again; nothing is lost"
        ) from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]


@contextmanager
def _translated(instance: str | None = None) -> Iterator[None]:
    """Turn the client's errors into ours, and its worst warning into an error.

    Where the token endpoint is down, the client would send the API key itself instead.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Unable to retrieve IBM Cloud access token")
        try:
            yield
        except AccountNotFoundError:
            raise no_account() from None
        except IBMNotAuthorizedError as error:
            raise wrong_key(error) from None
        except InvalidAccountError as error:
            code = getattr(error.__cause__, "status_code", None) or getattr(
                error.__cause__, "code", None
            )
            if code in (400, 401, 403):
                raise wrong_key(error.__cause__) from None
            raise _unreachable(error.__cause__ or error) from None
        except IBMInputValueError:
            raise
        except UserWarning as error:
            if "access token" not in str(error):
                raise
            raise ServiceError(
                f"IBM's token service did not answer or refused the API key ({error}); the key was "
                f"not sent anywhere else. Try again, or make a new key"
            ) from None
        except (QiskitError, RequestException, ApiException) as error:
            raise _unreachable(error) from error


def _unreachable(error: BaseException) -> ServiceError:
    """Return our error for one of the client's, which hides the answer's code in its context."""
    text = str(getattr(error, "message", "") or error).strip("'\" .")
    answers = [error, error.__context__]
    codes = [answer.status_code for answer in answers if isinstance(answer, RequestsApiError)]
    if any(400 <= code < 500 for code in codes):
        return RefusedError(f"IBM Quantum refuses: {text}. Nothing was posted, nothing is lost")
    return ServiceError(f"IBM Quantum does not answer: {text}. Nothing is lost: try again")


def named_device(client: QiskitRuntimeService, name: str, n_qubits: int) -> ServiceDevice:
    """Return a device of the service by its name.

    Raises
    ------
    ValueError
        If there is none of that name, or it is too small.
    """
    with _translated():
        try:
            backend = within(CALL_SECONDS, lambda: client.backend(name))
        except QiskitBackendNotFoundError:
            raise unknown_name("device", name, _names(client, 1)) from None
        device = ServiceDevice(client, backend)
        if device.n_qubits < n_qubits:
            raise too_small(name, device.n_qubits, n_qubits, device.fitting(n_qubits))
    return device


def _names(client: QiskitRuntimeService, n_qubits: int) -> list[str]:
    found = within(CALL_SECONDS, lambda: client.backends(min_num_qubits=n_qubits))
    return [backend.name for backend in found]


def best_device(client: QiskitRuntimeService, n_qubits: int, executions: int) -> ServiceDevice:
    """Return the device that takes the fewest QPU seconds; of equals, the shortest queue.

    A device that waits long between executions costs more than any queue is worth.

    Raises
    ------
    ValueError
        If no device in operation is large enough.
    """
    with _translated():
        found = within(CALL_SECONDS, lambda: client.backends(simulator=False, operational=True))
        if not found:
            raise ServiceError(
                "IBM Quantum lists no device in operation for this account: try again later, or "
                "name another instance=..."
            )
        largest = max(found, key=lambda backend: backend.num_qubits)
        fitting = [backend for backend in found if backend.num_qubits >= n_qubits]
        if not fitting:
            raise too_small(largest.name, largest.num_qubits, n_qubits, [])
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
        with _translated():
            return within(CALL_SECONDS, lambda: self._backend.target)

    @property
    def configured_delay(self) -> float | None:
        """Seconds between two executions, as the device says."""
        return getattr(self._backend.configuration(), "default_rep_delay", None)

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return int(self._backend.num_qubits)

    def rank(self, executions: int) -> tuple[int, int, str]:
        """Return QPU seconds, rounded up, then the length of the queue."""
        queued = within(CALL_SECONDS, self._backend.status).pending_jobs
        return ceil(self.rep_delay * executions), queued, self.name

    def fitting(self, n_qubits: int) -> list[str]:
        """Return the names of the account's devices with enough qubits."""
        with _translated():
            return _names(self._client, n_qubits)

    def remaining_seconds(self) -> float | None:
        """Return what is left of the instance's QPU seconds."""
        with _translated():
            usage = within(CALL_SECONDS, self._client.usage)
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
        with _translated():
            validate_isa_circuits([pub[0]], self.target)
            estimator = Estimator(mode=self._backend, options=EstimatorOptions(**request.options()))
            return str(within(3 * CALL_SECONDS, lambda: estimator.run([pub])).job_id())

    def find(self, tag: str) -> str | None:
        """Return the id of the first job with a tag, if there is one."""
        with _translated():
            found = within(
                CALL_SECONDS,
                lambda: self._client.jobs(
                    limit=2, job_tags=[tag], instance=self.instance, descending=False
                ),
            )
        return str(found[0].job_id()) if found else None

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
        with _translated():
            limit = CALL_SECONDS if seconds is None else min(seconds, CALL_SECONDS)
            return str(within(limit, lambda: self._job(job_id).status()))

    def values(self, job_id: str, n_samples: int) -> JobValues:
        """Return what a finished job measured."""
        with _translated():
            result = within(CALL_SECONDS, lambda: self._job(job_id).result())
        return JobValues.from_result(result, n_samples, self.used_seconds(job_id))

    def reason(self, job_id: str) -> str:
        """Return why a job failed."""
        with _translated():
            return str(within(CALL_SECONDS, lambda: self._job(job_id).error_message()))

    def cancel(self, job_id: str) -> None:
        """Cancel a job; one that has ended stays as it is."""
        with _translated():
            try:
                within(CALL_SECONDS, lambda: self._job(job_id).cancel())
            except RuntimeInvalidStateError:
                return

    def used_seconds(self, job_id: str) -> float | None:
        """Return the QPU seconds charged for a job; None where that is not known yet."""
        with _translated():
            metrics = within(CALL_SECONDS, lambda: self._job(job_id).metrics())
        usage = metrics.get("usage") or {}
        is_final = usage.get("status", "pending") != "pending"
        charged = usage.get("qpu_charge_time_seconds") if is_final else None
        return None if charged is None else float(charged)
