"""The part of the widget that steers a run: weights, and settings that change while it goes on."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from qmlplay.widget.data.own_data import OwnData
from qmlplay.widget.page_widget import PageWidget
from qmlplay.widget.playing.run_course import STEPWISE
from qmlplay.widget.playing.session import Session
from qmlplay.widget.settings.choices import label
from qmlplay.widget.settings.configuration import Configuration

__all__ = ["LIVE_SETTINGS", "SteeringWidget"]

#: Settings whose change needs no other run.
LIVE_SETTINGS = frozenset({"learning_rate_init", "max_iter", "baseline"})


class SteeringWidget(PageWidget):
    """Takes hold of a run; a base class that does nothing by itself."""

    _own_data: OwnData | None

    @property
    @abstractmethod
    def session(self) -> Session:
        """The run that the page shows."""

    @abstractmethod
    def play(self) -> None:
        """Train on."""

    @abstractmethod
    def _begin(self, configuration: Configuration, own_data: OwnData | None) -> None: ...

    @abstractmethod
    def _tell_run(self) -> None: ...

    @abstractmethod
    def _tell_settings(self) -> None: ...

    def set_weight(self, index: int, value: float) -> None:
        """Set one of the circuit's weights by hand; training goes on from there.

        Parameters
        ----------
        index : int
            Its place among the weights, w0 being the first.
        value : float
            In radians, from -1000 to 1000; for one that multiplies a feature, a factor.

        Raises
        ------
        ValueError
            If there is no such weight, or the value is not allowed; nothing changes then.
        """
        self.session.set_weight(index, value)

    def freeze(self, index: int, frozen: bool = True) -> None:
        """Hold a weight, so that training does not move it, or let it go.

        Raises
        ------
        ValueError
            If there is no such weight; nothing changes then.
        """
        self.session.freeze(index, frozen)
        with self.at_once():
            self.tell_views(self.session)
            self._tell_run()

    def leave_step(self) -> None:
        """Leave a long step at once; the weights stay as they were before it."""
        self.session.leave_step()
        self._tell_run()

    def set_entangler(self, gate: int, present: bool) -> None:
        """Take an entangler out of the circuit, or put it in again; the other weights stay.

        The run begins anew with these weights, and goes on playing where it did.

        Parameters
        ----------
        gate : int
            To take it out, its place among the gates that the page draws; to put it in again, the
            number that ``circuit["removed"]`` says.
        present : bool
            Whether it is to be in.

        Raises
        ------
        ValueError
            If there is no such entangler; nothing changes then.
        """
        session, before = self.session, self.session.entanglers
        if not isinstance(present, bool):
            raise ValueError(f"present={present!r}: must be true or false")
        after = before.with_again(gate) if present else before.without(session.gate_place(gate))
        numbers, held = session.training.numbers, session.training.hand.frozen
        spare = session.spare | dict(zip(before.weights, numbers, strict=False))
        configuration = replace(
            session.configuration,
            removed_gates=after.removed,
            weights=before.numbers_after(after, numbers, spare) if numbers else None,
            frozen=before.indices_after(after, held),
        )
        was_playing = session.state == "playing"
        with self.at_once():
            self._begin(configuration, self._own_data)
            self.session.spare = spare
            if was_playing:
                self.play()

    def _take_over(self, configuration: Configuration) -> None:
        """Take over settings that need no other run."""
        session, before = self.session, self.session.configuration
        with self.at_once():
            if configuration.baseline != before.baseline:
                self.baseline_frame = {}
            session.take_over(configuration)
            self.tell_plane(session)
            self._tell_settings()
            self._tell_run()
            rate_counts = session.state == "ready" or configuration.optimizer in STEPWISE
            if configuration.learning_rate_init != before.learning_rate_init and not rate_counts:
                name = label(configuration.optimizer)
                self.say(
                    f"{name} asks for no learning rate on the way: it counts from the next "
                    "start, after Reset.",
                    kind="notice",
                )
