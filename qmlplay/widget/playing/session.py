"""A run of the playground: the model, its twin without entanglement, and the baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import ceil, inf
from threading import current_thread
from typing import Any

from qmlplay.baselines import count_parameters
from qmlplay.checks import is_integer
from qmlplay.circuit.picture import CircuitPicture
from qmlplay.classifier import VariationalClassifier
from qmlplay.model import ModelDesign
from qmlplay.widget.data.own_data import OwnData
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.playing.background_fit import BackgroundFit
from qmlplay.widget.playing.entanglers import Entanglers
from qmlplay.widget.playing.models import ablation_parameters, make_classical, model_parameters
from qmlplay.widget.playing.precedence import Precedence
from qmlplay.widget.playing.run_course import STEPWISE, Course
from qmlplay.widget.playing.selected_views import SelectedViews
from qmlplay.widget.playing.simulator_tour import SimulatorTour
from qmlplay.widget.playing.worker import Worker, load_simulator
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.steering_rules import check_trainable_number
from qmlplay.widget.views.frames import Frame, hardware_circuits, make_frame, quantum_frame

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
        ``"ablation"`` or ``"baseline"``; the frame is None where a model failed, and with the
        name ``"progress"`` of a step.

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
        self.configuration, self._stopped = configuration, False
        load_simulator(configuration.backend)
        self.plane = make_plane(configuration, own_data)
        self._show = show
        self._precedence = Precedence()
        n_classes = self.plane.n_classes
        model = VariationalClassifier(**model_parameters(configuration))
        ablation = VariationalClassifier(**ablation_parameters(configuration))
        design = model.design(2, n_classes)
        self.circuit = design.circuit
        self.n_parameters: dict[str, int | None] = {
            "model": design.n_parameters,
            "ablation": ablation.design(2, n_classes).n_parameters,
        }
        self._circuits_per_sample = hardware_circuits(
            design.circuit, design.observables, configuration.optimizer, n_samples=1
        )
        self._check_steering(design)
        self.ablation = self._fit("ablation", ablation)
        self.ablation.limit = inf  # it follows the model
        self.training = self._fit(
            "model",
            model,
            on_step=self.ablation.allow,
            on_progress=lambda: None if self._stopped else self._show(self, "progress", None),
            on_exit=self.ablation.end,
            numbers=configuration.weights,
        )
        self.training.hand = replace(self.training.hand, frozen=frozenset(configuration.frozen))
        self.frames: dict[str, Frame] = {}
        self.entanglers = Entanglers.of(configuration)
        self.spare: dict[int, float] = {}  # weights of entanglers that are out, see `Entanglers`
        self.views = SelectedViews(self.plane, len(self.circuit.circuit.gates))
        self._begin_classical()
        self.tour = SimulatorTour()

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

    @property
    def hardware_circuits(self) -> int:
        """How many circuits a quantum computer would have to run for a step, see the function."""
        return self._circuits_per_sample * self.training.model.n_samples_per_step

    def circuits_of(self, steps: int) -> int:
        """Return how many it would have to run for so many steps from the start."""
        return self._circuits_per_sample * self.training.model.samples_seen(steps)

    @property
    def course(self) -> Course:
        """How the run went, as far as the code has to know it."""
        fit = self.training
        continues_by, reason = fit.model.way_beyond
        iterations = ceil(fit.step / fit.model.steps_per_iteration)
        is_beyond = iterations > fit.planned
        by_hand = (*fit.log.by_hand, *([reason] if reason and is_beyond else []))
        # The plan is of no account where iterations beyond it are as those before.
        plan_counts = bool(reason) or continues_by != "fit"
        rates, rate = list(fit.log.rates), self.configuration.learning_rate_init
        is_stepwise = self.configuration.optimizer in STEPWISE
        if not rates or (is_stepwise and rates[-1][1] != rate):
            rates.append((fit.step, rate))
        return Course(
            fit.step,
            iterations,
            fit.planned if plan_counts else self.configuration.max_iter,
            tuple(rates),
            by_hand,
            fit.numbers,
            continues_by,
            tuple(sorted(fit.hand.frozen)),
        )

    def gate_place(self, gate: Any) -> int:
        """Return the place in the whole circuit of a gate that the page draws."""
        placed = CircuitPicture.of(self.circuit).placed()
        if not is_integer(gate, 0, len(placed) - 1):
            raise ValueError(f"gate={gate!r}: the circuit has gates 0 to {len(placed) - 1}")
        index: int = placed[gate].drawn.index
        return self.entanglers.places[index]

    def set_weight(self, index: Any, value: Any) -> None:
        """Set one of the weights; training goes on from there.

        Adam, gradient descent and SPSA keep what they remember; L-BFGS, COBYLA and Nelder–Mead
        begin anew from these weights.

        Raises
        ------
        ValueError
            If there is no such weight, or the value is no finite number.
        """
        self._check_weight(index)
        if self.state == "failed":
            raise ValueError("this run has failed, so no weight can be set: press Reset")
        self.training.set_number(index, check_trainable_number(f"weight {index}", value))

    def freeze(self, index: Any, frozen: Any) -> None:
        """Hold a weight, so that training does not move it, or let it go.

        Raises
        ------
        ValueError
            If there is no such weight.
        """
        self._check_weight(index)
        if not isinstance(frozen, bool):
            raise ValueError(f"frozen={frozen!r}: must be true or false")
        self.training.steer(self.training.hand.with_frozen(index, frozen))

    def take_over(self, configuration: Configuration) -> None:
        """Take over settings that need no other run: learning rate, iterations, baseline."""
        before, self.configuration = self.configuration, configuration
        rate, max_iter = configuration.learning_rate_init, configuration.max_iter
        for fit in (self.training, self.ablation):
            fit.model.change(learning_rate_init=rate, max_iter=max_iter)
            fit.steer(replace(fit.hand, learning_rate=rate))
        if max_iter != before.max_iter:
            self.training.limit_to(max_iter)
        if configuration.baseline != before.baseline:
            self.frames.pop("baseline", None)
            self._begin_classical()
            if not self.plane.lacks:
                self._fitting.start()

    def _check_steering(self, design: ModelDesign) -> None:
        """Raise ValueError where numbers or held weights are not those of the circuit."""
        numbers, frozen = self.configuration.weights, self.configuration.frozen
        if numbers is not None and len(numbers) != design.n_parameters:
            raise ValueError(
                f"weights: {len(numbers)} numbers are given, but this model has "
                f"{design.n_parameters}"
            )
        for index in frozen:
            self._check_weight(index)

    def _check_weight(self, index: Any) -> None:
        n_weights = self.circuit.n_weights
        if not is_integer(index, 0, n_weights - 1):
            raise ValueError(f"weight {index!r}: the circuit has weights 0 to {n_weights - 1}")

    def select(self, **changes: Any) -> None:
        """Pick a gate, a point or a sample, and make the views of it.

        Raises
        ------
        ValueError
            If there is none; everything stays as it was then.
        """
        self.views.select(**changes)
        with self._precedence.taken():
            self.look()

    def look(self) -> None:
        """Make the views of the quantum model anew, unless they are those of this moment."""
        fit = self.training
        self.views.make(
            lambda: (self.frames.get("model"), fit.hand.frozen),
            coarse=fit.is_coarse or fit.state == "playing",
        )

    def play(self, steps: float = inf, *, steps_per_second: float = inf) -> None:
        """Train on, to so many steps in all; from the end on as far as the first time.

        Raises
        ------
        ValueError
            If samples have to be drawn first.
        """
        if self.plane.lacks:
            raise ValueError(self.plane.lacks)
        if self._stopped:
            return
        fit = self.training
        needed = fit.iteration + self.configuration.max_iter
        if steps < inf:
            needed = ceil(steps / fit.model.steps_per_iteration)
        if fit.is_at_end or (steps < inf and needed > fit.limit):
            fit.limit_to(max(fit.limit, needed))
        fit.allow(steps, steps_per_second=steps_per_second)

    def step(self) -> None:
        """Train one step more than was asked for, and wait; while it plays on, only to its end."""
        self.play(self.training.steps_asked_for + 1)

    def pause(self) -> None:
        """Wait at the end of the step that it is at."""
        self.training.pause()

    def leave_step(self) -> None:
        """Leave the step that it is at, and wait with the weights from before it."""
        self.training.leave_step()

    def stop(self) -> None:
        """End all threads, at once."""
        self._stopped = True
        self.training.stop()
        self.ablation.stop()
        self.tour.stop()

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
            model, watch = fit.fitted(), fit.while_drawing
            frame = quantum_frame(
                model, self.plane, fit.step, before, watch, is_scored=not fit.is_hasty
            )
            self.frames[name] = frame
            if name == "model":
                self.look()
            return self.frames[name]

        def show(frame: Frame | None) -> None:
            if not self._stopped:
                self._show(self, name, frame)

        split = self.plane.split
        options |= {"give_way": self._precedence.give_way}
        return BackgroundFit(model, split.X_train, split.y_train, draw, show, **options)

    def _begin_classical(self) -> None:
        """Make the baseline of the configuration, to be fitted."""
        n_parameters = self.n_parameters["model"]
        self.classical = make_classical(self.configuration, self.plane, n_parameters)
        self._fitting = Worker(partial(self._fit_classical, self.classical), "qmlplay baseline")
        self._classical_error: Exception | None = None

    def _fit_classical(self, classical: Any) -> None:
        split = self.plane.split
        try:
            fitted = classical.fit(split.X_train, split.y_train)
            frame = make_frame(fitted, self.plane)
        except Exception as error:  # whatever it is, the page has to say it
            if classical is self.classical:
                self._classical_error = error
                self._show(self, "baseline", None)
            return
        if not self._stopped and classical is self.classical:
            self.n_parameters["baseline"] = count_parameters(fitted)
            self.frames["baseline"] = frame
            self._show(self, "baseline", frame)
