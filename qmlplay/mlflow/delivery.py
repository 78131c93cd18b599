"""The delivery of log entries: a thread sends them, and a folder keeps what cannot be sent."""

from __future__ import annotations

import threading
import warnings
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from os import PathLike
from time import monotonic, sleep
from typing import Any

from qmlplay.errors import TrackingWarning
from qmlplay.mlflow.log_entry import LogEntry
from qmlplay.mlflow.tracking_server import TrackingServer, impatient, shown_uri
from qmlplay.mlflow.unsent import UnsentFolder

__all__ = ["Delivery"]

#: Losses of many steps travel together: a batch takes milliseconds, and those of a training, too.
_SECONDS_BETWEEN, _TIMES_BETWEEN = 1.0, 10.0
#: A server that was down is asked again by a run that begins so many seconds later.
_SECONDS_BEFORE_ASKING_AGAIN = 30.0


class Delivery:
    """Sends entries in a thread, so that training waits for no server.

    From the first one of a run that cannot be sent on, all entries of that run go to a folder
    (see `UnsentFolder`), and one warning names it.

    Parameters
    ----------
    uri : str
        Tracking URI.
    unsent : path
        Where that folder is made.
    timeout : float
        Seconds that `finish` waits at most.
    """

    def __init__(self, uri: str, unsent: str | PathLike[str], timeout: float) -> None:
        self.server = TrackingServer(uri)
        self.timeout = timeout
        self._folder = UnsentFolder(unsent, uri)
        self._changed = threading.Condition()
        self._queue: deque[LogEntry] = deque()
        self._in_hand: deque[LogEntry] = deque()
        self._is_urgent = False
        self._worker: threading.Thread | None = None
        self._begins: dict[str, LogEntry] = {}
        self._kept: set[str] = set()  # keys of the runs whose entries go to the folder
        self._failed_at = -float("inf")
        self._reason, self._is_told = "", False
        self._pause = _SECONDS_BETWEEN

    def put(self, entry: LogEntry) -> None:
        """Take an entry; it is sent within a second or so."""
        with self._changed:
            if entry.kind == "begin":
                self._begins[entry.run] = entry
                self._expect_failure(entry)
            if entry.run in self._kept:
                self._keep([entry])
            else:
                self._queue.append(entry)
                self._start_worker()
            if entry.kind != "metrics":
                self._changed.notify_all()
        self._tell()

    def finish(self) -> None:
        """Wait until all is sent, or for `timeout` seconds: what is left then is kept."""
        deadline = monotonic() + self.timeout
        with self._changed:
            self._is_urgent = True
            self._changed.notify_all()
            while self._queue or self._in_hand:
                if monotonic() >= deadline:
                    self._give_up(f"no answer within {self.timeout:g} s")
                self._changed.wait(max(0, deadline - monotonic()))
            self._is_urgent = False
        self._tell()

    def _expect_failure(self, entry: LogEntry) -> None:
        """Keep a run without asking where a server has just failed, or the run around it is."""
        just_failed = monotonic() - self._failed_at < _SECONDS_BEFORE_ASKING_AGAIN
        if just_failed or entry.content.get("parent") in self._kept:
            self._kept.add(entry.run)

    def _start_worker(self) -> None:
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="qmlplay-mlflow", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        while batch := self._next_batch():
            start = monotonic()
            for entry in batch:
                reason = self._reason_of_failure(entry)
                with self._changed:
                    if self._worker is not threading.current_thread():
                        return  # too late: all of it is kept by now
                    if reason:
                        self._give_up(reason)
                        return
                    self._in_hand.popleft()
                    self._changed.notify_all()
            self._pause = max(_SECONDS_BETWEEN, _TIMES_BETWEEN * (monotonic() - start))

    def _next_batch(self) -> list[LogEntry]:
        """Return what to send next; nothing ends the thread, until something comes again."""
        with self._changed:
            self._changed.wait_for(self._is_due, self._pause)
            if self._worker is not threading.current_thread():
                return []
            self._in_hand.extend(_merged(self._queue))
            self._queue.clear()
            if not self._in_hand:
                self._worker = None
            return list(self._in_hand)

    def _is_due(self) -> bool:
        return self._is_urgent or any(entry.kind != "metrics" for entry in self._queue)

    def _reason_of_failure(self, entry: LogEntry) -> str:
        """Send an entry; return why it could not be sent, "" where it was."""
        try:
            with impatient():
                self.server.log(entry)
        except Exception as error:
            if not self.server.run_ids:
                return _one_line(error)
        else:
            return ""
        sleep(1)  # it was there before: perhaps only a request was lost
        try:
            with impatient():
                self.server.log(entry)
        except Exception as error:
            return _one_line(error)
        return ""

    def _give_up(self, reason: str) -> None:
        """Keep all that is not sent; the thread that has it in hand finds out by itself."""
        self._failed_at, self._reason = monotonic(), reason
        entries = [*self._in_hand, *self._queue]
        self._in_hand.clear()
        self._queue.clear()
        self._worker = None
        newly_kept = {entry.run for entry in entries} - self._kept
        self._kept |= newly_kept
        begun = [self._begun(key) for key in newly_kept if key in self.server.run_ids]
        keys = {entry.run for entry in begun}
        rest = [e for e in entries if not (e.kind == "begin" and e.run in keys)]
        self._keep([*begun, *rest])
        self._changed.notify_all()

    def _begun(self, key: str) -> LogEntry:
        """Return the begin of a run that goes on with the id that it has."""
        server, begin = self.server, self._begins[key]
        known = {"run_id": server.run_ids[key], "is_ours": server.is_ours[key]}
        return replace(begin, content={**begin.content, **known})

    def _keep(self, entries: Iterable[LogEntry]) -> None:
        try:
            for entry in entries:
                self._folder.write(self._with_parent(entry))
        except (OSError, TypeError, ValueError) as error:
            self._reason += f"; nothing can be kept either: {error}"

    def _with_parent(self, entry: LogEntry) -> LogEntry:
        """Name the run around a run by the id that it has, which the folder does not know."""
        parent = self.server.run_ids.get(entry.content.get("parent", ""))
        if entry.kind != "begin" or parent is None:
            return entry
        return replace(entry, content={**entry.content, "within": parent})

    def _tell(self) -> None:
        if not self._reason or self._is_told:
            return
        self._is_told = True
        path = str(self._folder.path)
        warnings.warn(
            f"{shown_uri(self.server.uri)} takes no logs ({self._reason}). Training goes on, and "
            f"what was to be logged is kept in {path}: qmlplay.mlflow.send({path!r}) sends it "
            f"when the server is back",
            TrackingWarning,
            stacklevel=3,
        )


def _merged(entries: Iterable[LogEntry]) -> list[LogEntry]:
    """Return entries with neighbouring metrics of one run in one."""
    merged: list[LogEntry] = []
    for (kind, run), group in groupby(entries, key=lambda entry: (entry.kind, entry.run)):
        if kind != "metrics":
            merged += group
            continue
        values: dict[str, list[Any]] = {}
        for entry in group:
            for name, more in entry.content.items():
                values.setdefault(name, []).extend(more)
        merged.append(LogEntry(kind, run, values))
    return merged


def _one_line(error: Exception) -> str:
    """Return the reason in a few words: of a request the cause, which stands last."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = text.rpartition("Caused by ")[2]
    return text if len(text) <= 200 else f"{text[:199]}…"
