"""The page's side of the widget: traits that anywidget keeps the same in Python and the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import anywidget
import traitlets

from qmlplay.widget import page
from qmlplay.widget.code.script import script
from qmlplay.widget.data.own_data import OwnData
from qmlplay.widget.playing.session import Session
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import to_string
from qmlplay.widget.settings.page_words import in_page_words
from qmlplay.widget.views.frames import Frame

__all__ = ["PageWidget"]


def _sent(kind: Any) -> Any:
    """Return a trait that is sent to the page."""
    return kind().tag(sync=True)


class PageWidget(anywidget.AnyWidget):
    """Sends the page all that it shows; a base class that does nothing by itself.

    Parameters
    ----------
    comm : optional
        The channel to a page that is not a notebook's.
    """

    _esm = page.page_code()
    _css = page.page_style()
    options = _sent(traitlets.Dict)
    settings = _sent(traitlets.Dict)
    plane = _sent(traitlets.Dict)
    run = _sent(traitlets.Dict)
    circuit = _sent(traitlets.Dict)
    model_frame = _sent(traitlets.Dict)
    ablation_frame = _sent(traitlets.Dict)
    baseline_frame = _sent(traitlets.Dict)
    growth = _sent(traitlets.Dict)
    point = _sent(traitlets.Dict)
    gates = _sent(traitlets.Dict)
    gate_view = _sent(traitlets.Dict)
    simulators = _sent(traitlets.Dict)
    script = _sent(traitlets.Unicode)
    native = _sent(traitlets.Dict)
    share = _sent(traitlets.Unicode)
    message = _sent(traitlets.Dict)

    def __init__(self, comm: Any = None) -> None:
        super().__init__(options=page.options(), **({} if comm is None else {"comm": comm}))
        self.telling = RLock()  # held by the thread that sends something
        self._told: Frame | None = None  # of the quantum model
        self._shared: Configuration | None = None

    def say(self, text: str, *, kind: str = "error", field: str = "") -> None:
        """Show a message, an "error" or a "notice", beside a field where one is named.

        Without text none is shown. The field is a setting, or what the page asked for.
        """
        with self.telling:
            self.message = {"text": text, "kind": kind, "field": field} if text else {}

    def say_error(self, error: Exception, *, field: str = "") -> None:
        """Show what is wrong, in the page's words."""
        self.say(in_page_words(str(error)) or type(error).__name__, field=field)

    def take_back_error(self, field: str) -> None:
        """Show no error beside a field any more, as what came after it is right."""
        with self.telling:
            if self.message.get("kind") == "error" and self.message["field"] == field:
                self.say("")

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Send what is told within as one state: no button changes its meaning in between."""
        with self.telling, self.hold_sync():
            yield

    def tell_start(self, session: Session) -> None:
        """Show a session's data and circuit, and nothing trained."""
        self.model_frame, self.ablation_frame, self.baseline_frame = {}, {}, {}
        self.growth, self.point, self.gates, self.gate_view = {}, {}, {}, {}
        self._told, self.native, self.simulators = None, {}, {}
        self.tell_plane(session)
        self.circuit = page.circuit_of(session)
        self.say(session.plane.notice, kind="notice")

    def tell_plane(self, session: Session) -> None:
        """Show the data."""
        self.plane = page.plane(session)

    def tell_frame(self, name: str, frame: Frame) -> None:
        """Show one model: "model", "ablation" or "baseline"."""
        setattr(self, f"{name}_frame", frame.to_dict())
        if name == "model":
            self._told = frame

    def tell_views(self, session: Session) -> None:
        """Show what is picked of the quantum model, and how its state grows."""
        session.look()
        if session.views.latest is not None:
            for name, value in session.views.latest.values.items():
                setattr(self, name, value)

    def tell_run(self, session: Session, own_data: OwnData | None, speed: int) -> None:
        """Show how far training is and, unless it goes on, the code of this moment."""
        with self.hold_sync():
            frame = session.frames.get("model")
            if frame is not None and frame is not self._told:  # numbers and picture go together
                self.tell_frame("model", frame)
                self.tell_views(session)
            self.run = page.run(session, frame, speed)
            course, configuration = session.course, session.configuration
            if session.state != "playing":
                used = own_data if configuration.own_data else None
                self.script = script(configuration, session.plane, own_data=used, course=course)
            if session.state != "playing" or configuration is not self._shared:
                self.share = to_string(*course.shared(configuration))
                self._shared = configuration

    def tell_progress(self, session: Session) -> None:
        """Show how far a long step is, and what a step will take."""
        self.run = self.run | page.progress(session)
