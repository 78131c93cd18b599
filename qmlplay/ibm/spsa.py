"""SPSA on a device, step by step: checkpoints, and the loop behind `qmlplay.ibm.train`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from qmlplay.ibm import store
from qmlplay.ibm.errors import BudgetError, JobError
from qmlplay.ibm.jobs import Device
from qmlplay.ibm.plans import Plan, angle_columns
from qmlplay.ibm.preparation import device_of
from qmlplay.ibm.records import plan_to_dict, save_plan
from qmlplay.ibm.runs import Run
from qmlplay.ibm.submission import new_run, resume
from qmlplay.model import TrainedModel
from qmlplay.training import TrainingHistory
from qmlplay.training.callback import ends_training
from qmlplay.training.losses import LOSSES
from qmlplay.training.optimizers import spsa_gain, spsa_width
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["KIND", "DeviceCheckpoint", "DeviceTraining", "TrainingResult"]
Points = tuple[TrainedModel, TrainedModel]

#: Of stored records.
KIND = "training"


@dataclass(frozen=True)
class DeviceCheckpoint:
    """What is written down after every iteration.

    Parameters
    ----------
    created : str
        Date and time of the beginning, in UTC.
    iterations, batch_size : int
    learning_rate, max_qpu_seconds : float
    weights : tuple of float
        All trainable numbers: the circuit's weights, then the readout's scale and bias.
    losses : tuple of float
        Mean of the two losses of every iteration so far.
    generator : dict
        State of the random generator.
    spent_seconds : float
        QPU seconds so far; on simulated devices, what they would have been.
    run : str or None
        Key of the iteration that is under way.
    job_ids : tuple of str
        Jobs of the iterations so far.
    """

    created: str
    iterations: int
    batch_size: int
    learning_rate: float
    max_qpu_seconds: float
    weights: tuple[float, ...]
    losses: tuple[float, ...]
    generator: dict[str, Any]
    spent_seconds: float = 0.0
    run: str | None = None
    job_ids: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """Number of iterations so far."""
        return len(self.losses)


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A classifier trained on a device.

    Parameters
    ----------
    key : str
    classifier : VariationalClassifier
        A fitted copy.
    losses : tuple of float
        Of every iteration.
    spent_seconds : float
        QPU seconds; on simulated devices, what they would have been.
    job_ids : tuple of str
    """

    key: str
    classifier: VariationalClassifier
    losses: tuple[float, ...]
    spent_seconds: float
    job_ids: tuple[str, ...]


@final
@dataclass(eq=False)
class DeviceTraining:
    """Training under way: a checkpoint, and what never changes.

    Parameters
    ----------
    key : str
    clf : VariationalClassifier
        A copy with the first numbers.
    plan : Plan
        Of one iteration.
    data : ndarray of shape (n_samples, n_features)
        In radians.
    targets : ndarray of shape (n_samples,)
        Class indices.
    checkpoint : DeviceCheckpoint
    """

    key: str
    clf: VariationalClassifier
    plan: Plan
    data: Real
    targets: NDArray[np.intp]
    checkpoint: DeviceCheckpoint

    @cached_property
    def device(self) -> Device:
        """The device, opened once."""
        return device_of(self.plan)

    def keep_everything(self) -> None:
        """Write down all that `resume_training` needs."""
        save_plan(self.key, self.plan)
        store.write_arrays(self.key, KIND, {"X": self.data, "y": self.targets})
        self.clf.save(store.path_of(self.key, "training.qmlplay"))
        self._keep(self.checkpoint)

    def finish(self, callback: Callable[[DeviceCheckpoint], Any] | None) -> TrainingResult:
        """Do the iterations that are left."""
        try:
            while self.checkpoint.done < self.checkpoint.iterations:
                self._step()
                if callback is not None and ends_training(callback(self.checkpoint)):
                    break
        except BaseException as error:  # Ctrl-C as well
            error.add_note(
                f"{self.checkpoint.done} of {self.checkpoint.iterations} iterations are kept: "
                f"qmlplay.ibm.resume_training({self.key!r}) goes on"
            )
            raise
        done = self.checkpoint
        return TrainingResult(
            self.key, self._trained(), done.losses, done.spent_seconds, done.job_ids
        )

    def _step(self) -> None:
        """Do one iteration; the gains fall as those of the optimiser "spsa"."""
        before = self.checkpoint
        generator = np.random.default_rng()
        generator.bit_generator.state = before.generator
        rows = np.sort(generator.permutation(len(self.data))[: before.batch_size])
        w, k = np.array(before.weights), before.done
        direction = generator.choice([-1.0, 1.0], w.shape)
        gain = spsa_gain(k, before.iterations, before.learning_rate)
        width = spsa_width(k)
        model, shift = self.clf.model_, width * direction
        points = model.with_numbers(w + shift), model.with_numbers(w - shift)
        run = self._run(rows, points)
        up, down = self._losses(run, rows, points)
        w = w - gain * (up - down) / (2 * width) * direction
        spent = run.used_seconds
        if self.plan.is_fake or spent is None:
            spent = run.plan.estimated_seconds
        self._keep(
            replace(
                before,
                weights=tuple(map(float, w)),
                losses=(*before.losses, (up + down) / 2),
                generator=dict(generator.bit_generator.state),
                spent_seconds=before.spent_seconds + spent,
                run=None,
                job_ids=before.job_ids + run.job_ids,
            )
        )
        store.remove(run.key)  # all that counts of it is in the checkpoint now

    def _run(self, rows: NDArray[np.intp], points: Points) -> Run:
        """Return the finished run of both points: taken up where there is one, or posted."""
        if self.checkpoint.run is not None:
            run = resume(self.checkpoint.run)
            run.tracker.device = self.device
        else:
            data = self.data[rows]
            angles = [
                angle_columns(model.circuit.angles(data, model.weights), len(data))
                for model in points
            ]
            seed = (self.plan.seed + self.checkpoint.done) % 2**31
            plan = replace(self.plan, angles=np.concatenate(angles), seed=seed)
            run = new_run(plan, self._limit(plan), self.device)
            self._keep(replace(self.checkpoint, run=run.key))
        if any(job.state == "planned" for job in run.jobs):
            run.tracker.post(run.tracker.max_qpu_seconds)
        try:
            return run.wait()
        except JobError:  # the next attempt needs a job of its own
            self._keep(replace(self.checkpoint, run=None))
            raise

    def _limit(self, plan: Plan) -> float:
        """Return what one iteration may spend, or say that nothing is left for it."""
        needed = sum(plan.needed_seconds)
        left = int(self.checkpoint.max_qpu_seconds - self.checkpoint.spent_seconds)
        if left < needed:
            raise BudgetError(
                f"{self.checkpoint.spent_seconds:.1f} of max_qpu_seconds="
                f"{self.checkpoint.max_qpu_seconds:g} are spent, and an iteration takes {needed}: "
                f"qmlplay.ibm.resume_training({self.key!r}, max_qpu_seconds=...) with more goes on"
            )
        return min(left, 2 * needed)

    def _losses(self, run: Run, rows: NDArray[np.intp], points: Points) -> tuple[float, float]:
        loss, targets = LOSSES[str(self.clf.loss)], self.targets[rows]
        up, down = (
            float(np.mean(loss(model.readout.decisions(values), targets)[0]))
            for model, values in zip(points, np.split(run.result().expectations, 2), strict=True)
        )
        return up, down

    def _trained(self) -> VariationalClassifier:
        done = self.checkpoint.done
        history = TrainingHistory(
            loss_curve=self.checkpoint.losses,
            n_iter=done,
            n_steps=done,
            n_circuit_evaluations=self.plan.n_circuits * done,
            batch_size=self.checkpoint.batch_size,
            range_source=self.clf._history.range_source,
            stop_reason="max_iter" if done == self.checkpoint.iterations else "callbacks",
        )
        trained = self.clf.model_.with_numbers(np.array(self.checkpoint.weights))
        return self.clf.with_model(trained, history)

    def _keep(self, checkpoint: DeviceCheckpoint) -> None:
        self.checkpoint = checkpoint
        content = asdict(checkpoint) | {"plan": plan_to_dict(self.plan)}
        store.write_record(self.key, content, KIND)
