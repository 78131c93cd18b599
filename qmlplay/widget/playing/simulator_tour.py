"""A tour of the simulators: the same weights on one after the other, in the background."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock
from typing import Any

from qmlplay.widget.data.plane import Plane
from qmlplay.widget.playing.worker import Worker, load_simulator
from qmlplay.widget.views.frames import Frame
from qmlplay.widget.views.simulator_views import SimulatorView, listed_simulators, view_on

__all__ = ["SimulatorTour"]


class SimulatorTour:
    """Asks every installed simulator for the same model, and tells what each has said.

    Parameters
    ----------
    frame : Frame, optional
        Of the quantum model, whose weights are taken; without one there is nothing to do.
    plane : Plane, optional
    show : callable, optional
        ``show(values)`` is called, mostly from its thread, with what is known so far, as plain
        values.
    """

    def __init__(
        self,
        frame: Frame | None = None,
        plane: Plane | None = None,
        show: Callable[[dict[str, Any]], None] = lambda values: None,
    ) -> None:
        self._frame, self._plane, self._show = frame, plane, show
        self._rows = listed_simulators()
        self._turn = Lock()  # held while the page is told: nothing comes after a cancel
        self._cancelled = Event()
        self._worker = Worker(self._run, "qmlplay simulators", self._cancelled.set)
        self._state = "ready"

    @property
    def state(self) -> str:
        """What it is doing: "ready", "running", "finished" or "cancelled"."""
        return "cancelled" if self._cancelled.is_set() else self._state

    @property
    def values(self) -> dict[str, Any]:
        """What is known so far."""
        assert self._frame is not None
        model = self._frame.estimator
        return {
            "state": self.state,
            "step": self._frame.step,
            "noise": model.noise or "",
            "shots": model.shots,
            "rows": [dict(row) for row in self._rows],
        }

    def start(self) -> None:
        """Begin."""
        if any(row["name"] == "qiskit" and row["is_installed"] for row in self._rows):
            load_simulator("qiskit")
        self._tell("running")
        self._worker.start()

    def cancel(self) -> None:
        """End it, and keep what is known; what it is just computing is thrown away."""
        self._tell("cancelled", only_from="running")

    def stop(self) -> None:
        """End it without telling: whoever stops it may hold the lock that `show` waits for."""
        if self._state == "running":
            self._cancelled.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until its thread has ended."""
        if self.state != "ready":
            self._worker.join(timeout)

    def _tell(self, state: str, *, only_from: str = "") -> None:
        with self._turn:
            if self._cancelled.is_set() or (only_from and self.state != only_from):
                return
            self._state = state
            if state == "cancelled":
                self._cancelled.set()
            self._show(self.values)

    def _run(self) -> None:
        reference: SimulatorView | None = None
        for row in self._rows:
            if row["is_installed"] and not self._cancelled.is_set():
                reference = self._ask(row, reference)
                self._tell("running")
        self._tell("finished")

    def _ask(self, row: dict[str, Any], reference: SimulatorView | None) -> SimulatorView | None:
        """Add to a row what its simulator says; return the one that others are compared with."""
        assert self._frame is not None
        assert self._plane is not None
        model, is_cancelled = self._frame.estimator, self._cancelled.is_set
        try:
            view = view_on(row["name"], model, self._plane, is_cancelled)
        except Exception as error:  # whatever it is, the page has to say it
            row["error"] = str(error) or type(error).__name__
            return reference
        if view is not None:
            row |= view.to_dict(reference or view)
        return reference or view
