"""The widget's channel to a page of the server, where a notebook has one to its kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any
from uuid import uuid4

__all__ = ["SocketComm"]


class SocketComm:
    """What ipywidgets calls a comm: takes the widget's changes, and keeps the last of each.

    A page that is slow gets fewer pictures, never old ones; what was set at once is sent at once.

    Parameters
    ----------
    wake : callable
        Called, from any thread, when there is something to send.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.comm_id = uuid4().hex
        self._wake = wake
        self._lock = Lock()
        self._state: dict[str, Any] = {}
        self._buffers: dict[str, list[tuple[list[Any], Any]]] = {}
        self._contents: list[dict[str, Any]] = []

    def send(self, data: dict[str, Any], buffers: Sequence[Any] | None = None) -> None:
        """Take a message of the widget: changes of its state, or a content of its own."""
        with self._lock:
            if data["method"] == "custom":
                self._contents.append(data["content"])
            else:
                self._merge(data["state"], data["buffer_paths"], buffers or ())
        self._wake()

    def _merge(
        self, state: dict[str, Any], paths: Sequence[list[Any]], buffers: Sequence[Any]
    ) -> None:
        for name, value in state.items():
            if not name.startswith("_"):  # the code, which the page has
                self._state[name], self._buffers[name] = value, []
        for path, buffer in zip(paths, buffers, strict=True):
            if path[0] in self._buffers:
                self._buffers[path[0]].append((path, buffer))

    def take(self) -> tuple[dict[str, Any], list[Any]] | None:
        """Return all that has not been sent yet, as a content and buffers; None where nothing."""
        with self._lock:
            if not self._state and not self._contents:
                return None
            found = [pair for pairs in self._buffers.values() for pair in pairs]
            content = {
                "state": self._state,
                "paths": [path for path, _ in found],
                "contents": self._contents,
            }
            self._state, self._buffers, self._contents = {}, {}, []
        return content, [buffer for _, buffer in found]

    def forget(self) -> None:
        """Drop what has not been sent: a page that comes gets everything."""
        self.take()

    def on_msg(self, callback: Any) -> None:
        """Take nothing: the server hands requests over itself."""

    def on_close(self, callback: Any) -> None:
        """Take nothing: the server ends the widget itself."""

    def close(self) -> None:
        """End; the widget is closed."""
        self.forget()
