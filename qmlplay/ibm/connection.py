"""The line to IBM Quantum: which account, which address, how long to wait, what errors mean.

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
from typing import Any, TypeVar
from urllib.parse import urlparse

from ibm_cloud_sdk_core import ApiException
from qiskit.exceptions import QiskitError
from qiskit_ibm_runtime import QiskitRuntimeService
from qiskit_ibm_runtime.accounts.exceptions import AccountNotFoundError, InvalidAccountError
from qiskit_ibm_runtime.api.exceptions import RequestsApiError
from qiskit_ibm_runtime.exceptions import IBMInputValueError, IBMNotAuthorizedError
from requests import RequestException

from qmlplay.ibm.errors import RefusedError, ServiceError, no_account, wrong_instance, wrong_key

__all__ = ["CALL_SECONDS", "connect", "translated", "within"]

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
        with translated():
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
def translated() -> Iterator[None]:
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
