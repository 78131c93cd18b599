"""SPSA step by step, every step a job: the loop behind `qmlplay.ibm.train`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from qmlplay.ibm import store
from qmlplay.ibm.catalogue import new_run, resume
from qmlplay.ibm.checkpoints import KIND, Checkpoint, TrainingResult
from qmlplay.ibm.device import Device
from qmlplay.ibm.errors import BudgetError, JobError
from qmlplay.ibm.opening import open_device
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.records import plan_to_dict, save_plan
from qmlplay.ibm.runs import Run
from qmlplay.model import split_numbers
from qmlplay.training import TrainingHistory
from qmlplay.training.losses import LOSSES
from qmlplay.training.optimizers import spsa_gain, spsa_width

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["Training", "angle_columns"]

Real = NDArray[np.float64]


def angle_columns(clf: VariationalClassifier, data: Real, weights: Real) -> Real:
    """Return the angles (n_samples, n_slots) of data in radians."""
    angles = clf.model_.circuit.angles(data, weights)
    return np.column_stack([np.broadcast_to(angle, len(data)) for angle in angles])


@final
class Training:
    """Training under way: a checkpoint, and what never changes."""

    def __init__(
        self,
        key: str,
        model: VariationalClassifier,
        plan: Plan,
        data: Real,
        targets: NDArray[np.intp],
        checkpoint: Checkpoint,
    ) -> None:
        self.key = key
        self.checkpoint = checkpoint
        self._model, self._plan = model, plan
        self._data, self._targets = data, targets
        self._opened: Device | None = None

    @property
    def device(self) -> Device:
        """The device, opened once."""
        if self._opened is None:
            plan = self._plan
            n_qubits = plan.model.circuit.n_qubits
            self._opened = open_device(plan.device, plan.instance, n_qubits, plan.executions)
        return self._opened

    def keep_everything(self) -> None:
        """Write down all that `resume_training` needs."""
        save_plan(self.key, self._plan)
        store.write_arrays(self.key, KIND, {"X": self._data, "y": self._targets})
        self._model.save(store.path_of(self.key, "training.qmlplay"))
        self._keep(self.checkpoint)

    def finish(self, callback: Callable[[Checkpoint], Any] | None) -> TrainingResult:
        """Do the iterations that are left."""
        try:
            while self.checkpoint.done < self.checkpoint.iterations:
                self._step()
                if callback is not None and callback(self.checkpoint):
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
        """Do one iteration; the gains fall as in `qmlplay.training.optimizers.spsa`."""
        before = self.checkpoint
        generator = np.random.default_rng()
        generator.bit_generator.state = before.generator
        rows = np.sort(generator.permutation(len(self._data))[: before.batch_size])
        w, k = np.array(before.weights), before.done
        direction = generator.choice([-1.0, 1.0], w.shape)
        gain = spsa_gain(k, before.iterations, before.learning_rate)
        width = spsa_width(k)
        points = (w + width * direction, w - width * direction)
        run = self._run(rows, points)
        up, down = self._losses(run, rows, points)
        w = w - gain * (up - down) / (2 * width) * direction
        spent = run.used_seconds
        if self._plan.is_fake or spent is None:
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

    def _run(self, rows: NDArray[np.intp], points: tuple[Real, Real]) -> Run:
        """Return the finished run of both points: taken up where there is one, or posted."""
        if self.checkpoint.run is not None:
            run = resume(self.checkpoint.run)
            run._tracker.device = self.device
        else:
            n_weights = self._model.circuit_.n_weights
            angles = [angle_columns(self._model, self._data[rows], w[:n_weights]) for w in points]
            seed = (self._plan.seed + self.checkpoint.done) % 2**31
            plan = replace(self._plan, angles=np.concatenate(angles), seed=seed)
            run = new_run(plan, self._limit(plan), self.device)
            self._keep(replace(self.checkpoint, run=run.key))
        if any(job.state == "planned" for job in run.jobs):
            run._tracker.post(run._tracker.max_qpu_seconds)
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

    def _losses(
        self, run: Run, rows: NDArray[np.intp], points: tuple[Real, Real]
    ) -> tuple[float, float]:
        circuit, observables = self._model.circuit_, self._model.observables_
        halves = np.split(run.result().expectations, 2)
        losses = []
        for values, w in zip(halves, points, strict=True):
            readout = split_numbers(w, circuit.n_weights, len(observables))[1]
            found, _ = LOSSES[self._model.loss](readout.decisions(values), self._targets[rows])
            losses.append(float(np.mean(found)))
        return losses[0], losses[1]

    def _trained(self) -> VariationalClassifier:
        done, batch_size = self.checkpoint.done, self.checkpoint.batch_size
        history = TrainingHistory(
            loss_curve=self.checkpoint.losses,
            n_iter=done,
            n_steps=done,
            n_circuit_evaluations=2 * batch_size * done,
            batch_size=batch_size,
            stop_reason="max_iter" if done == self.checkpoint.iterations else "callbacks",
        )
        trained = self._model.model_.with_numbers(np.array(self.checkpoint.weights))
        return self._model.with_model(trained, history)

    def _keep(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        content = asdict(checkpoint) | {"plan": plan_to_dict(self._plan)}
        store.write_record(self.key, content, KIND)
