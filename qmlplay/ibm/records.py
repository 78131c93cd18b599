"""Records of jobs and plans, as they are stored: plain JSON values, and arrays of numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.qiskit.snapshot import Snapshot
from qmlplay.circuit import Circuit, observables_to_list
from qmlplay.ibm import store
from qmlplay.ibm.compiled import DeviceCircuit, Timing
from qmlplay.ibm.errors import StoreError
from qmlplay.ibm.plans import Plan, model_of_angles
from qmlplay.model import Readout

__all__ = ["JobRecord", "load_plan", "plan_to_dict", "save_plan"]

#: Fields that are stored as they are.
_PLAIN = (
    "device",
    "is_fake",
    "instance",
    "device_qubits",
    "depth",
    "n_two_qubit_gates",
    "shots",
    "resilience_level",
    "seed",
    "samples_per_job",
)


@dataclass(frozen=True)
class JobRecord:
    """What is known of one job.

    Parameters
    ----------
    tag : str
        Under which the job can be found at the service.
    state : str
        "planned", "posting" (its fate is open), "posted", "done", "failed" or "cancelled".
    job_id : str or None
    used_seconds : float or None
        QPU seconds charged.
    """

    tag: str
    state: str = "planned"
    job_id: str | None = None
    used_seconds: float | None = None


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan without its arrays, ready for JSON."""
    model, classes = plan.model, plan.model.classes
    return {name: getattr(plan, name) for name in _PLAIN} | {
        "circuit": model.circuit.circuit.to_dict(),
        "observables": observables_to_list(model.observables),
        "classes": classes.tolist(),
        "classes_dtype": str(classes.dtype),
        "layout": list(plan.device_circuit.layout),
        "snapshot": plan.snapshot.to_dict(),
        "timing": asdict(plan.timing),
        "estimated_seconds": plan.estimated_seconds,
        "executions": plan.executions,
        "samples": plan.n_samples,
    }


def save_plan(key: str, plan: Plan) -> None:
    """Write the arrays of a plan."""
    arrays: dict[str, NDArray[Any]] = {
        "angles": plan.angles,
        "shared": plan.shared,
        "scale": plan.model.readout.scale,
        "bias": plan.model.readout.bias,
        "qpy": np.frombuffer(plan.device_circuit.qpy, dtype=np.uint8),
    }
    if plan.targets is not None:
        arrays["targets"] = plan.targets
    store.write_arrays(key, "plan", arrays)


def load_plan(key: str, content: dict[str, Any]) -> Plan:
    """Return the plan of a stored run.

    Raises
    ------
    StoreError
        If its files do not fit together.
    """
    arrays = store.read_arrays(key, "plan")
    try:
        circuit = Circuit.from_dict(content["circuit"])
        if arrays["angles"].shape[1:] != (circuit.n_slots,):
            raise ValueError("the angles do not fit the circuit")
        return Plan(
            **{name: content[name] for name in _PLAIN},
            model=model_of_angles(
                circuit,
                tuple(content["observables"]),
                Readout(arrays["scale"], arrays["bias"]),
                np.array(content["classes"], dtype=content["classes_dtype"]),
            ),
            angles=arrays["angles"],
            shared=arrays["shared"],
            targets=arrays.get("targets"),
            device_circuit=DeviceCircuit(arrays["qpy"].tobytes(), tuple(content["layout"])),
            snapshot=Snapshot.from_dict(content["snapshot"]),
            timing=Timing(**content["timing"]),
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"the files of run {key} in {store.folder()} do not fit together ({error}); they are "
            f"left as they are. Jobs that were posted are safe at IBM, under the tag 'qmlplay-{key}"
            f"-0' on https://quantum.cloud.ibm.com/workloads"
        ) from error
