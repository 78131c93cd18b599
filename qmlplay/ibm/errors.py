"""Errors on the way to IBM Quantum, each with the next command to type.

All of them are OSError or ValueError, so that a program need not know their names, and the command
line prints them on one line.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "AccountError",
    "BudgetError",
    "JobError",
    "RefusedError",
    "ServiceError",
    "StillWaitingError",
    "StoreError",
    "UnknownJobError",
    "UnknownRunError",
    "no_account",
    "no_package",
    "still_waiting",
    "too_small",
    "unknown_job",
    "wrong_instance",
    "wrong_key",
]


class ServiceError(OSError):
    """IBM Quantum did not answer, or refused."""


class RefusedError(ServiceError):
    """IBM Quantum answered, and said no: nothing was posted."""


class AccountError(RefusedError):
    """There is no account, or its API key or instance is wrong."""


class JobError(ServiceError):
    """A job failed or was cancelled."""


class UnknownJobError(ServiceError):
    """Whether a job was posted could not be found out; it may exist."""


class StillWaitingError(TimeoutError):
    """A job is not finished yet: no failure."""


class BudgetError(ValueError):
    """The budget is too low for the plan, or above what the account has left."""


class StoreError(ValueError):
    """A file of a stored run is damaged, or from a newer version."""


class UnknownRunError(ValueError):
    """There is no stored run of that key."""


def no_package(error: ImportError) -> ImportError:
    """Return the error for a missing or broken client."""
    if isinstance(error, ModuleNotFoundError) and error.name == "qiskit_ibm_runtime":
        return ImportError('IBM Quantum needs qiskit-ibm-runtime: pip install "qmlplay[ibm]"')
    return ImportError(
        f"qiskit-ibm-runtime is installed but cannot be imported as qmlplay needs it ({error}): "
        f'pip install --upgrade "qmlplay[ibm]"'
    )


def no_account() -> AccountError:
    """Return the error for a machine without an account."""
    return AccountError(
        "there is no IBM Quantum account on this machine. Once, make an API key on "
        "https://quantum.cloud.ibm.com and type in Python (the client keeps it as plain text in "
        "~/.qiskit/qiskit-ibm.json):\n"
        "    from qiskit_ibm_runtime import QiskitRuntimeService as Service;\n"
        "    key = input('API key: ');\n"
        "    Service.save_account(token=key);\n"
        "or stay on this machine, without an account: device='fake_manila'"
    )


def wrong_key(error: object) -> AccountError:
    """Return the error for an API key that IBM refuses."""
    return AccountError(
        f"IBM Quantum refuses the API key ({_first_line(error)}): make a new one on "
        f"https://quantum.cloud.ibm.com and save it with "
        f"QiskitRuntimeService.save_account(token=key, overwrite=True)"
    )


def wrong_instance(instance: str | None, error: object) -> AccountError:
    """Return the error for an instance that the account cannot use."""
    if instance is None:
        return AccountError(
            f"the account has no instance that may be used without being named, such as one on "
            f"the open plan ({_first_line(error)}): name one, qmlplay.ibm.plan(..., "
            f'instance="its name or CRN")'
        )
    return AccountError(
        f"instance={instance!r} cannot be used with this account ({_first_line(error)}): "
        f"QiskitRuntimeService().instances() lists those that can"
    )


def too_small(device: str, has: int, needs: int, others: Iterable[str]) -> ValueError:
    """Return the error for a device with too few qubits."""
    fitting = list(others)
    advice = (
        f"devices that fit: {', '.join(fitting)}"
        if fitting
        else "train a model on fewer qubits, VariationalClassifier(n_qubits=...)"
    )
    return ValueError(f"{device} has {has} qubits, but the model needs {needs}; {advice}")


def still_waiting(key: str, job_ids: Iterable[str], seconds: float, why: str) -> StillWaitingError:
    """Return the word that a job is not finished yet, and how to come back to it."""
    return StillWaitingError(
        f"run {key} (job {', '.join(job_ids) or 'not known yet'}) is not finished after "
        f"{seconds:g} s{why}. It goes on without you: qmlplay.ibm.resume({key!r}).wait() takes it "
        f"up again, in any process; qmlplay.ibm.resume({key!r}).cancel() ends it"
    )


def unknown_job(key: str, tag: str, why: object) -> UnknownJobError:
    """Return the error for a job that may or may not exist."""
    return UnknownJobError(
        f"run {key}: the service took a job or did not, and none is found under the tag {tag!r} "
        f"({_first_line(why)}). Nothing is posted again without your word. Look again in a minute, "
        f"qmlplay.ibm.resume({key!r}).status(), and on https://quantum.cloud.ibm.com/workloads; "
        f"if there is none: qmlplay.ibm.submit(qmlplay.ibm.resume({key!r}), max_qpu_seconds=...)"
    )


def _first_line(error: object) -> str:
    """Return the start of a message of the client, without the mark-up around it."""
    lines = str(error).strip().strip("'\"").splitlines()
    return lines[0].rstrip(" .") if lines else type(error).__name__
