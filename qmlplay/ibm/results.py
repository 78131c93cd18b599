"""The results of a run: labels and probabilities, and a comparison with simulations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from qmlplay.backends import get_backend
from qmlplay.ibm.errors import no_package
from qmlplay.ibm.plans import Plan
from qmlplay.model import TrainedModel, class_indices, probabilities
from qmlplay.typing import Real

__all__ = ["Result", "RunComparison", "compare_run"]

#: Qubits up to which noise is simulated.
_MAX_NOISY_QUBITS = 10
#: Between the seeds of a simulated device and of the simulations beside it.
_OTHER_SEED = 1_000_003


@dataclass(frozen=True, eq=False)
class Result:
    """What a run measured.

    Parameters
    ----------
    device : str
    expectations, standard_errors : ndarray of shape (n_samples, n_observables)
        Errors are the client's, over shots (and randomisations, from level 1 on); of a sum of
        Pauli strings the largest that they allow, as it does not say how its strings vary together.
    predictions : ndarray of shape (n_samples,)
        Labels.
    probabilities : ndarray of shape (n_samples, n_classes)
    accuracy : float or None
        Share of right labels, where they are known.
    estimated_seconds : float
    used_seconds : float or None
        QPU seconds charged; None where the service has not said yet.
    job_ids : tuple of str
    """

    device: str
    expectations: Real
    standard_errors: Real
    predictions: NDArray[Any]
    probabilities: Real
    accuracy: float | None
    estimated_seconds: float
    used_seconds: float | None
    job_ids: tuple[str, ...]

    @classmethod
    def of(
        cls,
        model: TrainedModel,
        targets: NDArray[np.intp] | None,
        values: Real,
        errors: Real,
        **figures: Any,
    ) -> Result:
        """Read out expectations as the model does."""
        decisions = model.readout.decisions(values)
        chosen = class_indices(decisions)
        return cls(
            expectations=values,
            standard_errors=errors,
            predictions=model.classes[chosen],
            probabilities=probabilities(decisions),
            accuracy=None if targets is None else float(np.mean(chosen == targets)),
            **figures,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, ready for JSON."""
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        return plain | {"job_ids": list(self.job_ids)}


@dataclass(frozen=True, eq=False)
class RunComparison:
    """A table with a row per way to run the same circuits. Print it.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns: run; rms_difference of the expectations from the exact ones; rms_z, the same in
        standard errors (1 where shots alone differ); label_flips against the exact labels; and,
        where labels are known, accuracy with its 95 % Wilson interval, accuracy_low and
        accuracy_high.
    device : str
    is_fake : bool
    n_samples, shots : int
    estimated_seconds : float
    used_seconds : float or None
        QPU seconds charged; None where the service has not said yet.
    notes : tuple of str
        What is missing in the table, and why.
    """

    table: pd.DataFrame
    device: str
    is_fake: bool
    n_samples: int
    shots: int
    estimated_seconds: float
    used_seconds: float | None
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values, ready for JSON."""
        rows = self.table.astype(object).where(self.table.notna(), None)
        return {
            "device": self.device,
            "is_fake": self.is_fake,
            "samples": self.n_samples,
            "shots": self.shots,
            "estimated_seconds": self.estimated_seconds,
            "used_seconds": self.used_seconds,
            "rows": rows.to_dict(orient="records"),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        shown = pd.DataFrame(
            {
                "run": self.table["run"],
                "rms difference": self.table["rms_difference"].map("{:.4f}".format),
                "rms z": self.table["rms_z"].map("{:.2f}".format),
                "label flips": self.table["label_flips"].map(str),
            }
        )
        if self.table["accuracy"].notna().all():
            intervals = zip(
                self.table["accuracy"],
                self.table["accuracy_low"],
                self.table["accuracy_high"],
                strict=True,
            )
            shown["accuracy [95 %]"] = [f"{a:.3f} [{b:.3f}, {c:.3f}]" for a, b, c in intervals]
        used = "not known yet" if self.used_seconds is None else f"{self.used_seconds:.1f}"
        lines = [
            f"{self.n_samples} samples on {self.device}, {self.shots:,} shots each",
            shown.to_string(index=False),
            "differences are of expectations, from the exact ones; z: in standard errors",
            f"QPU seconds: {used} used, {self.estimated_seconds:.1f} estimated",
            *self.notes,
        ]
        return "\n".join(lines)


def compare_run(plan: Plan, result: Result) -> RunComparison:
    """Compare a result with exact, sampled and noisy simulations of its circuits."""
    exact = _simulated(plan, None)
    ideal_errors = np.sqrt(np.clip(1 - exact**2, 0, None) / plan.shots)
    rows = {
        "exact": (exact, np.zeros_like(exact)),
        "same shots, no noise": (_simulated(plan, plan.shots), ideal_errors),
    }
    notes = []
    if plan.is_fake:
        notes.append(f"{plan.device} is an old snapshot of a machine, simulated here")
    if len(plan.snapshot.qubits) <= _MAX_NOISY_QUBITS:
        rows[f"simulated noise of {plan.device}"] = _noisy(plan)
    else:
        notes.append(
            f"noise is simulated on up to {_MAX_NOISY_QUBITS} qubits, and the circuit has "
            f"{len(plan.snapshot.qubits)}"
        )
    rows[plan.device] = (result.expectations, result.standard_errors)
    records = [_row(plan, exact, name, *measured) for name, measured in rows.items()]
    return RunComparison(
        table=pd.DataFrame(records),
        device=plan.device,
        is_fake=plan.is_fake,
        n_samples=plan.n_samples,
        shots=plan.shots,
        estimated_seconds=plan.estimated_seconds,
        used_seconds=result.used_seconds,
        notes=tuple(notes),
    )


def _simulated(plan: Plan, shots: int | None) -> Real:
    """Return expectations without noise, exact or with shots."""
    backend = get_backend("numpy", shots=shots, seed=plan.seed)
    return plan.model.expectations(plan.angles, backend)


def _noisy(plan: Plan) -> tuple[Real, Real]:
    """Return what a simulation with the noise of the day of the plan measures."""
    try:
        from qmlplay.ibm.simulated import simulate
    except ImportError as error:
        raise no_package(error) from error
    tags = [""] * len(plan.jobs)
    requests = plan.requests(tags, sum(plan.needed_seconds))
    jobs = [simulate(replace(job, seed=(job.seed + _OTHER_SEED) % 2**31)) for job in requests]
    return np.concatenate([job.values for job in jobs]), np.concatenate(
        [job.errors for job in jobs]
    )


def _row(plan: Plan, exact: Real, name: str, values: Real, errors: Real) -> dict[str, Any]:
    difference = values - exact
    # All shots alike give no spread, but not certainty: one shot is the least that could differ.
    z = difference / np.maximum(errors, 1 / plan.shots)
    decisions = plan.model.readout.decisions
    chosen, wanted = class_indices(decisions(values)), class_indices(decisions(exact))
    row: dict[str, Any] = {
        "run": name,
        "rms_difference": float(np.sqrt(np.mean(difference**2))),
        "rms_z": float(np.sqrt(np.mean(z**2))),
        "label_flips": int(np.sum(chosen != wanted)),
        "accuracy": None,
        "accuracy_low": None,
        "accuracy_high": None,
    }
    if plan.targets is not None:
        right = int(np.sum(chosen == plan.targets))
        interval = binomtest(right, plan.n_samples).proportion_ci(method="wilson")
        row["accuracy"] = right / plan.n_samples
        row["accuracy_low"], row["accuracy_high"] = float(interval.low), float(interval.high)
    return row
