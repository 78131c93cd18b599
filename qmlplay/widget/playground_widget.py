"""The playground's widget: it answers requests of the page and sends it the state of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any, Self

from qmlplay.classifier import VariationalClassifier
from qmlplay.datasets import list_datasets
from qmlplay.errors import unknown_name
from qmlplay.widget import page
from qmlplay.widget.audience import Audience
from qmlplay.widget.code.native_code import NATIVE, native_code
from qmlplay.widget.data.own_data import OwnData, Upload
from qmlplay.widget.experiments import settings_of
from qmlplay.widget.playing.session import Session
from qmlplay.widget.requests import answer
from qmlplay.widget.settings.choices import DRAWN, OWN_DATA, TOYS
from qmlplay.widget.settings.configuration import RULES, Configuration
from qmlplay.widget.settings.configuration_strings import from_string
from qmlplay.widget.settings.drawn_points import Points
from qmlplay.widget.steering_widget import LIVE_SETTINGS, SteeringWidget
from qmlplay.widget.views.frames import Frame

__all__ = ["Playground"]


class Playground(SteeringWidget):
    """See `qmlplay.playground`.

    Every request is tried first and shown then: an error appears in the page, and nothing
    changes.

    Parameters
    ----------
    configuration : Configuration
    own_data : OwnData, optional
        The user's own data.
    comm : optional
        The channel to a page that is not a notebook's.
    """

    def __init__(
        self, configuration: Configuration, own_data: OwnData | None = None, *, comm: Any = None
    ) -> None:
        super().__init__(comm)
        self.audience: Audience = Audience()
        self._speed = 10
        self._upload = None if own_data is None else own_data.upload
        self._own_data = own_data
        self._drawn: list[Points] = [()]  # what was drawn, change after change
        self._session: Session | None = None
        self._framework = ""  # that the circuit is written for
        self._is_closed = False
        try:
            self._begin(configuration, own_data)
        except BaseException:
            self.close()
            raise
        self.on_msg(answer)
        if self.comm is not None:
            self.comm.on_close(lambda message: self.session.stop())

    @classmethod
    def opened(
        cls,
        data: Any,
        target: Any,
        *,
        configuration: str | None = None,
        comm: Any = None,
        **options: Any,
    ) -> Self:
        """Return a playground; the arguments are those of `qmlplay.playground`."""
        own_data, first, steps = None, Configuration(), 0
        has_options = any(value not in (None, ()) for value in options.values())
        is_known = isinstance(data, str) and data in list_datasets("classification")
        if data is None and (target is not None or has_options):
            raise ValueError(
                "target, separator, drop, features and keep say how a table is read: give it, too"
            )
        if is_known and target is None and not has_options:
            first = Configuration.for_dataset(data)
        elif data is not None:
            own_data = OwnData.from_object(data, target, **options)
            first = Configuration(dataset=OWN_DATA, data_noise=0.0, own_data=own_data.fingerprint)
        if configuration is not None:
            first, steps = from_string(configuration)
        widget = cls(first, own_data, comm=comm)
        if steps and widget.session.state != "waiting":
            widget.session.play(steps)
        return widget

    @property
    def session(self) -> Session:
        """The run that the page shows."""
        assert self._session is not None
        return self._session

    @property
    def configuration(self) -> Configuration:
        """Its settings."""
        return self.session.configuration

    @property
    def data(self) -> Any:
        """The user's own data, as `qmlplay.datasets.as_dataset` returns them, or None."""
        return None if self._own_data is None else self._own_data.bunch

    @property
    def model(self) -> VariationalClassifier | None:
        """The quantum model as the page shows it, a fitted classifier; None before a step."""
        frame = self.session.frames.get("model")
        return None if frame is None or frame.step == 0 else frame.estimator

    @property
    def speed(self) -> int:
        """Training steps per second; 0 is as fast as it goes."""
        return self._speed

    @speed.setter
    def speed(self, value: int) -> None:
        if type(value) is not int or value not in page.SPEEDS:
            raise ValueError(f"speed={value!r}: must be one of {list(page.SPEEDS)}")
        self._speed = value
        self.session.training.change_pace(value or inf)
        self._tell_run()

    def play(self) -> None:
        """Train on, beyond the limit as well; after a failure, once more from the start."""
        with self.at_once():
            if self.session.state == "failed":
                self.reset()
            self.session.play(steps_per_second=self._speed or inf)
            self._tell_run()

    def pause(self) -> None:
        """Wait after the step that it is at."""
        self.session.pause()
        self._tell_run()

    def step(self) -> None:
        """Train one step more; after a failure, one from the start."""
        with self.at_once():
            if self.session.state == "failed":
                self.reset()
            self.session.step()
            self._tell_run()

    def reset(self) -> None:
        """Go back to the first weights."""
        self._begin(replace(self.configuration, weights=None, frozen=()), self._own_data)

    def change(self, **settings: Any) -> None:
        """Change settings, such as ``n_layers=2``; training begins anew.

        It goes on with another learning rate, number of iterations or classical model.

        Raises
        ------
        ValueError
            If a setting is unknown or not allowed; everything stays as it was then.
        """
        values = self.configuration.to_dict()
        if settings.get("dataset", values["dataset"]) != values["dataset"]:
            values |= self._at_first(settings["dataset"])
        changed = {name for name, value in settings.items() if value != values.get(name)}
        configuration = Configuration.from_dict(values | settings)
        if changed <= LIVE_SETTINGS and self.session.state != "failed":
            self._take_over(configuration)
            return
        was_playing = self.session.state == "playing"
        with self.at_once():
            self._begin(replace(configuration, **self._unsteered(changed)), self._own_data)
            if was_playing and self.session.state != "waiting":
                self.play()

    def redraw(self, drawn: Callable[[Points], Points]) -> None:
        """Change drawn samples: they become what the function makes of them."""
        if self.configuration.dataset != DRAWN:
            raise ValueError("choose the dataset “Draw your own” before you draw")
        self.change(points=drawn(self.configuration.points))

    def undo_drawing(self) -> None:
        """Go back to the samples before the last change of them."""
        if self.configuration.dataset != DRAWN or len(self._drawn) < 2:
            raise ValueError("there is nothing drawn that could be taken back")
        last = self._drawn.pop()
        try:
            self.change(points=self._drawn[-1])
        except ValueError:
            self._drawn.append(last)
            raise

    def load_experiment(self, name: str, variant: int = 0) -> None:
        """Take the settings of a guided experiment; ValueError where there is none such."""
        self._begin(settings_of(name, variant, self.configuration), self._own_data)

    def select(self, **changes: Any) -> None:
        """Look at a gate, a point or a sample: fields of `PageSelection`."""
        self.session.select(**changes)
        with self.at_once():
            self.tell_views(self.session)

    def load_file(self, name: str, content: bytes) -> None:
        """Take a file with a table instead of the data so far."""
        self._load(Upload(name, content))

    def choose_target(self, target: str) -> None:
        """Take another column of the uploaded file as the labels."""
        if self._upload is None:
            raise ValueError("there is no file whose target could be chosen: upload one")
        loaded = self._own_data
        is_this = loaded is not None and loaded.upload is self._upload
        options = loaded.options if loaded is not None and is_this else {}
        self._load(self._upload, **{**options, "target": target})

    def _load(self, upload: Upload, **options: Any) -> None:
        """Take a file; where that fails, its columns are shown all the same, to choose from."""
        self._upload = upload
        try:
            own_data = OwnData.from_upload(upload, **options)
            with self.at_once():
                self._take(own_data)
                told = [own_data.recognized, self.session.plane.notice]
                self.say(". ".join(filter(None, told)), kind="notice")
        finally:
            self._tell_settings()

    def restore(self, text: str) -> None:
        """Take over the state in a string of `share`; ValueError for a damaged one."""
        configuration, steps = from_string(text)
        with self.at_once():
            self._begin(configuration, self._own_data)
            if steps and self.session.state != "waiting":
                self.session.play(steps)
                self._tell_run()
            self.say("The state is restored.", kind="notice")  # at once: else the page jumps

    def compare_simulators(self, *, cancel: bool = False) -> None:
        """Run the weights of this moment on every simulator, in the background; or end that."""
        session = self.session

        def show(values: dict[str, Any]) -> None:
            with self.telling:
                if session is self._session:
                    self.simulators = values

        if cancel:
            session.tour.cancel()
        else:
            session.compare_simulators(show)

    def write_native(self, framework: str) -> None:
        """Write the trained circuit as code for a framework, from now on at every pause."""
        if framework not in NATIVE:
            raise unknown_name("framework", framework, NATIVE)
        self._framework = framework
        self._tell_native()

    def watched(self, view: str) -> None:
        """Note that a page is open, and answer it; what waited for one goes on."""
        was_missed = self.audience.is_missed
        self.audience.alive(view)
        self.send({"alive": view})
        waits = self.session.state in ("pausing", "paused")
        if was_missed and waits and not self.session.training.is_at_end:
            self.play()

    def close(self) -> None:
        """End training and close the page's side."""
        self._is_closed = True
        if self._session is not None:
            self._session.stop()
        if self.comm is not None:  # not closed yet
            self.layout.close()  # another widget, which ipywidgets would keep for ever
        super().close()

    def _at_first(self, dataset: Any) -> dict[str, Any]:
        """Return the settings that come with another dataset."""
        RULES["dataset"].check("dataset", dataset)
        first = {"features": None, "own_data": "", "data_noise": 0.0, "points": ()}
        if dataset == DRAWN:
            return first | {"points": self._drawn[-1]}
        if dataset != OWN_DATA:
            return first | {"data_noise": TOYS[dataset].usual_noise}
        return first if self._own_data is None else first | {"own_data": self._own_data.fingerprint}

    def _unsteered(self, changed: set[str]) -> dict[str, Any]:
        """Return what was steered and is not that of another model."""
        given = {"weights": None, "frozen": ()}
        if changed & {"encoding", "ansatz", "n_layers", "n_qubits"}:
            given["removed_gates"] = ()
        return {name: value for name, value in given.items() if name not in changed}

    def _take(self, own_data: OwnData) -> None:
        values = self.configuration.to_dict() | {
            "dataset": OWN_DATA,
            "data_noise": 0.0,
            "features": None,
            "own_data": own_data.fingerprint,
            "points": (),
            "weights": None,
            "frozen": (),
        }
        self._begin(Configuration.from_dict(values), own_data)

    def _begin(self, configuration: Configuration, own_data: OwnData | None) -> None:
        """Start a new session in the place of the last one, or fail and change nothing."""
        session = Session(configuration, own_data, self._show)
        before = self._session
        if before is not None:
            session.views.select_as(before.views)
        with self.at_once():
            self._session, self._own_data = session, own_data
            self.audience.is_missed = False  # what was missed was the run before
            if configuration.dataset == DRAWN and configuration.points != self._drawn[-1]:
                self._drawn.append(configuration.points)
            self.tell_start(session)
            self._tell_settings()
            self._tell_run()
        if before is not None:
            before.stop()
        session.start()
        if self._is_closed:  # by another thread, meanwhile
            session.stop()

    def _show(self, session: Session, name: str, frame: Frame | None) -> None:
        """Tell the page of a model, from the thread that trains it."""
        with self.at_once():
            if session is not self._session:  # one that has been replaced meanwhile
                return
            if name == "progress":
                self.tell_progress(session)
                return
            if frame is not None:
                self.tell_frame(name, frame)
                if name == "model":
                    self.tell_views(session)
            elif session.error is not None:
                self.say_error(session.error)
            if self.audience.has_left and session.state == "playing":
                self.audience.is_missed = True
                session.pause()
            self._tell_run()

    def _tell_settings(self) -> None:
        own_data = page.own_data(self._own_data, self._upload)
        with self.telling:
            self.settings = page.settings(self.session, own_data)

    def _tell_run(self) -> None:
        with self.telling:
            self.tell_run(self.session, self._own_data, self._speed)
            if self.session.state != "playing":
                self._tell_native()

    def _tell_native(self) -> None:
        """Tell the code of the circuit that is shown, for the framework asked for last."""
        if not self._framework:
            return
        with self.telling:
            model, code = self.model, "# Train first: press Play or Step."
            if model is not None:
                code = native_code(self._framework, model, self.session.plane.split.X_test[0])
            self.native = {"framework": self._framework, "code": code}
