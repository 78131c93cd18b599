"""Posting one job so that it is posted once: intent first, then the job, then its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import sleep

from qmlplay.ibm.device import Device, JobRequest
from qmlplay.ibm.errors import AccountError, RefusedError, ServiceError, unknown_job
from qmlplay.ibm.records import JobRecord

__all__ = ["look_up", "post_job"]

#: Pauses, in seconds, between looks for a job whose reply was lost.
_PAUSES = (0.0, 1.0, 3.0)


def post_job(
    key: str, device: Device, request: JobRequest, save: Callable[[JobRecord], None]
) -> JobRecord:
    """Post a job; where the reply is lost, look for it by its tag.

    Parameters
    ----------
    key : str
        The run it belongs to.
    device : Device
    request : JobRequest
    save : callable
        Puts the record on the disk.

    Raises
    ------
    RefusedError
        If the service said no: the job is "planned" again.
    UnknownJobError
        If it cannot be found out whether the job exists: it stays "posting".
    """
    record = JobRecord(request.tag, "posting")
    save(record)
    try:
        job_id = device.post(request)
    except (RefusedError, ValueError):
        save(JobRecord(request.tag, "planned"))
        raise
    except Exception as error:
        job_id = _of_lost_reply(key, device, request.tag, error)
    record = replace(record, state="posted", job_id=job_id)
    save(record)
    return record


def _of_lost_reply(key: str, device: Device, tag: str, error: Exception) -> str:
    """Return the id of a job of which it is not known whether it was posted."""
    try:
        found = look_up(device, tag)
    except ServiceError as silence:
        raise unknown_job(key, tag, silence) from error
    if found is not None:
        return found
    if isinstance(error, ServiceError):
        raise unknown_job(key, tag, error) from error
    raise error


def look_up(device: Device, tag: str) -> str | None:
    """Return the id of the job with a tag, looking more than once; None if there is none.

    Raises
    ------
    ServiceError
        If the service does not answer: that is no "there is none".
    """
    for pause in _PAUSES:
        sleep(pause)
        try:
            found, silence = device.find(tag), None
        except AccountError:
            raise
        except ServiceError as error:
            found, silence = None, error
        if found is not None:
            return found
    if silence is not None:
        raise silence
    return None
