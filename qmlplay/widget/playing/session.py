"""A run of the playground: the model, its twin without entanglement, and the baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf
from threading import current_thread
from typing import Any

from qmlplay.baselines import count_parameters
from qmlplay.classifier import VariationalClassifier
from qmlplay.widget.data.own_data import OwnData
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.playing.background_fit import BackgroundFit
from qmlplay.widget.playing.models import ablation_parameters, make_classical, model_parameters
from qmlplay.widget.playing.simulator_tour import SimulatorTour
from qmlplay.widget.playing.worker import Worker
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.views import ModelViews, model_views
from qmlplay.widget.views.frames import Frame, hardware_circuits, make_frame, quantum_frame
from qmlplay.widget.views.selection import Selection

__all__ = ["Session"]


class Session:
    """All that one configuration starts; a change of it makes another session.

    Each of the two quantum models trains in a thread, in step with the other; the baseline is
    fitted in a third.

    Parameters
    ----------
    configuration : Configuration
    own_data : OwnData or None
        The user's own data, for a configuration that belongs to them.
    show : callable
        ``show(session, name, frame)`` is called from those threads with the name ``"model"``,
        ``"ablation"`` or ``"baseline"``; the frame is None where a model failed.

    Raises
    ------
    ValueError
        If the data or the circuit cannot be made.
    """

    def __init__(
        self,
        configuration: Configuration,
        own_data: OwnData | None,
        show: Callable[[Session, str, Frame | None], None],
    ) -> None:
        self.configuration = configuration
        self.plane = make_plane(configuration, own_data)
        self._show = show
        split = self.plane.split
        n_classes = self.plane.n_classes
        model = VariationalClassifier(**model_parameters(configuration))
        ablation = VariationalClassifier(**ablation_parameters(configuration))
        design = model.design(2, n_classes)
        self.circuit = design.circuit
        self.n_parameters: dict[str, int | None] = {
            "model": design.n_parameters,
            "ablation": ablation.design(2, n_classes).n_parameters,
        }
        self.hardware_circuits = hardware_circuits(
            design.circuit, design.observables, configuration.optimizer, len(split.y_train)
        )
        self.ablation = self._fit("ablation", ablation)
        self.ablation.limit = inf  # it follows the model
        follow = {"on_step": self.ablation.allow, "on_exit": self.ablation.end}
        self.training = self._fit("model", model, **follow)
        self.frames: dict[str, Frame] = {}
        self.selection = Selection()
        self.views: ModelViews | None = None  # of the quantum model, as it was drawn last
        self.classical = make_classical(configuration, self.plane, self.n_parameters["model"])
        self._fitting = Worker(self._fit_classical, "qmlplay baseline")
        self._classical_error: Exception | None = None
        self.tour = SimulatorTour()
        self._stopped = False

    @property
    def state(self) -> str:
        """Of its training: "ready", "playing", "pausing", "paused", "finished" or "failed".

        Or "waiting", for samples to be drawn.
        """
        return "waiting" if self.plane.lacks else self.training.state

    @property
    def error(self) -> Exception | None:
        """What a model has failed with."""
        return self.training.error or self.ablation.error or self._classical_error

    def start(self) -> None:
        """Draw the models with their first weights, and fit the baseline."""
        if self.plane.lacks:
            return
        self.training.start()
        self.ablation.start()
        self._fitting.start()

    def select(self, **changes: Any) -> None:
        """Pick a gate, a point or a sample, and make the views of it.

        Raises
        ------
        ValueError
            If there is none; everything stays as it was then.
        """
        split = self.plane.split
        n_samples = {"train": len(split.X_train), "test": len(split.X_test)}
        n_gates = len(self.circuit.circuit.gates)
        self.selection = replace(self.selection, **changes).checked(n_gates, n_samples)
        self.look()

    def look(self, *, coarse: bool = False) -> None:
        """Make the views of the quantum model anew, unless they are those of this moment."""
        while (frame := self.frames.get("model")) is not None:
            selection, frozen = self.selection, self.training.hand.frozen
            views = self.views
            if views is not None and (views.frame, views.selection, views.frozen) == (
                frame,
                selection,
                frozen,
            ):
                return
            earlier = None if views is None or views.frame is not frame else views
            values = model_views(
                frame.estimator,
                self.plane,
                selection,
                frozen=frozen,
                coarse=coarse,
                earlier=earlier,
            )
            self.views = ModelViews(frame, selection, frozen, values)

    def play(self, steps: float = inf, *, steps_per_second: float = inf) -> None:
        """Train on, to so many steps in all; from the end on as far as the first time.

        Raises
        ------
        ValueError
            If samples have to be drawn first.
        """
        if self.plane.lacks:
            raise ValueError(self.plane.lacks)
        if not self._stopped:
            if self.state == "finished":
                self.training.limit_to(self.training.iteration + self.configuration.max_iter)
            self.training.allow(steps, steps_per_second=steps_per_second)

    def step(self) -> None:
        """Train one step more, and wait."""
        if self.state == "finished":
            self.training.limit_to(self.training.iteration + 1)
        self.play(self.training.step + 1)

    def pause(self) -> None:
        """Wait at the end of the step that it is at."""
        self.training.pause()

    def stop(self) -> None:
        """End all threads, at once."""
        self._stopped = True
        self.training.stop()
        self.ablation.stop()
        self.tour.cancel()

    def compare_simulators(self, show: Callable[[dict[str, Any]], None]) -> None:
        """Run the weights of this moment on every simulator, see `SimulatorTour`.

        Raises
        ------
        ValueError
            If there is no model yet.
        """
        frame = self.frames.get("model")
        if frame is None:
            raise ValueError("there is no model yet: wait for its first picture")
        self.tour.cancel()
        self.tour = SimulatorTour(frame, self.plane, show)
        self.tour.start()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the threads have ended."""
        self.training.join(timeout)
        self.ablation.join(timeout)
        if self._fitting.is_alive() and self._fitting is not current_thread():
            self._fitting.join(timeout)

    def _fit(self, name: str, model: VariationalClassifier, **options: Any) -> BackgroundFit:
        def draw(fit: BackgroundFit) -> Frame:
            before = self.frames.get(name)
            frame = quantum_frame(fit.fitted(), self.plane, fit.step, before, fit.check)
            self.frames[name] = frame
            if name == "model":
                self.look(coarse=fit.is_coarse or fit.state == "playing")
            return self.frames[name]

        def show(frame: Frame | None) -> None:
            if not self._stopped:
                self._show(self, name, frame)

        split = self.plane.split
        return BackgroundFit(model, split.X_train, split.y_train, draw, show, **options)

    def _fit_classical(self) -> None:
        split = self.plane.split
        try:
            fitted = self.classical.fit(split.X_train, split.y_train)
            frame = make_frame(fitted, self.plane)
        except Exception as error:  # whatever it is, the page has to say it
            self._classical_error = error
            self._show(self, "baseline", None)
            return
        if not self._stopped:
            self.n_parameters["baseline"] = count_parameters(fitted)
            self.frames["baseline"] = frame
            self._show(self, "baseline", frame)
