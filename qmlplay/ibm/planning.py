"""plan(): what a job would be and cost, before anything is spent."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted, validate_data

from qmlplay.checks import check_count, is_integer
from qmlplay.classifier.validation import check_not_mixed, numeric_features
from qmlplay.ibm.circuits import duration, n_bases, parametric_circuit, transpiled
from qmlplay.ibm.device import Device
from qmlplay.ibm.errors import too_small
from qmlplay.ibm.estimate import Timing, executions, samples_per_job
from qmlplay.ibm.opening import open_device
from qmlplay.ibm.plans import Model, Plan
from qmlplay.ibm.snapshot import take_snapshot

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["check_level", "check_seed", "make_plan", "plan"]

Real = NDArray[np.float64]


def plan(
    clf: VariationalClassifier,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    shots: int = 512,
    device: str | None = None,
    instance: str | None = None,
    resilience_level: int = 0,
    seed: int | None = None,
) -> Plan:
    """Return what it would take to run a trained classifier on a device. No job is posted.

    Parameters
    ----------
    clf : VariationalClassifier
        Fitted, on whatever backend.
    X : array-like of shape (n_samples, n_features)
        In the units of the training data.
    y : array-like of shape (n_samples,), optional
        Their labels, for the accuracy in the comparison.
    shots : int, default=512
        Measurements per sample and basis.
    device : str, optional
        A device of the account, or one that starts with ``fake_``: an old snapshot of a machine,
        simulated here without an account or a network. None takes, of the account's devices that
        are large enough, the one of the fewest estimated QPU seconds, then of the shortest queue.
    instance : str, optional
        Name or CRN of the service instance that is charged; None takes the one saved with the
        account, else one on the open plan.
    resilience_level : {0, 1, 2}, default=0
        The client's error mitigation: none; readout; readout and zero-noise extrapolation.
    seed : int, optional
        Seed of the layout and, on simulated devices, of the shots.

    Returns
    -------
    Plan
        Print it.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the classifier is not fitted.
    ImportError
        If the client is not installed; the text is the command to type.
    TypeError, ValueError
        If the data or a setting is not allowed, or the device is unknown or too small.
    ServiceError
        If there is no account, its key or instance is wrong, or the service does not answer.

    Notes
    -----
    Tested against an emulator of the service and against simulated devices, not against IBM's
    machines.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, ibm
    >>> model = VariationalClassifier(n_layers=1, max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> print(ibm.plan(model, [[0.2], [0.4]], shots=512, device="fake_manila", seed=1))
    Plan for IBM Quantum; nothing is posted yet
        device: fake_manila (simulated here from an old snapshot: no account, no queue, no cost)
        qubits: 2 of 5: ...
       circuit: depth ..., ... two-qubit gates after transpiling (4 and 1 before)
    executions: 1,024 in 1 job: 2 samples, 1 basis, 512 shots, resilience level 0
     estimated: 2.3 QPU seconds: 2 s a job, 0.25 ms between executions on the real machine
      to go on: qmlplay.ibm.submit(plan, max_qpu_seconds=4)
    """
    check_is_fitted(clf)
    check_count("shots", shots)
    check_level(resilience_level)
    with numeric_features():
        data: Real = validate_data(clf, X, reset=False, dtype=float)
    trained = clf.model_
    targets = None if y is None else _targets(y, trained.classes, len(data))
    angles = trained.angles(data)
    shared = np.array([not isinstance(angle, np.ndarray) for angle in angles])
    columns = np.column_stack([np.broadcast_to(angle, len(data)) for angle in angles])
    model = Model(trained.circuit.circuit, trained.observables, trained.readout, trained.classes)
    return make_plan(
        model,
        columns,
        shared,
        targets,
        shots=int(shots),
        device=device,
        instance=instance,
        resilience_level=int(resilience_level),
        seed=check_seed(seed),
    )


def make_plan(
    model: Model,
    angles: Real,
    shared: NDArray[np.bool_],
    targets: NDArray[np.intp] | None,
    *,
    shots: int,
    device: str | None,
    instance: str | None,
    resilience_level: int,
    seed: int,
    opened: Device | None = None,
) -> Plan:
    """Return the plan for angles (n_samples, n_slots); see `plan` for the rest."""
    circuit = model.circuit
    n_executions = executions(len(angles), n_bases(model.observables), shots, resilience_level)
    where = opened or _open(device, instance, circuit.n_qubits, n_executions)
    if where.n_qubits < circuit.n_qubits:  # before transpiling, which would fail obscurely
        others = where.fitting(circuit.n_qubits)
        raise too_small(where.name, where.n_qubits, circuit.n_qubits, others)
    values = [
        float(column[0]) if one else column for one, column in zip(shared, angles.T, strict=True)
    ]
    target = where.target
    device_circuit = transpiled(parametric_circuit(circuit, values), target, seed)
    native = device_circuit.native()
    n_parameters = len(native.parameters)
    return Plan(
        device=where.name,
        is_fake=where.is_fake,
        instance=where.instance,
        device_qubits=where.n_qubits,
        model=model,
        angles=angles,
        shared=shared,
        targets=targets,
        device_circuit=device_circuit,
        snapshot=take_snapshot(target, device_circuit.qubits()),
        depth=int(native.depth()),
        n_two_qubit_gates=sum(len(step.qubits) == 2 for step in native.data),
        timing=Timing(where.rep_delay, duration(native, target)),
        shots=shots,
        resilience_level=resilience_level,
        seed=seed,
        samples_per_job=samples_per_job(
            n_bases(model.observables), n_parameters, where.n_qubits, shots, resilience_level
        ),
    )


def _open(device: str | None, instance: str | None, n_qubits: int, n_executions: int) -> Device:
    for name, value in (("device", device), ("instance", instance)):
        if value is not None and (not isinstance(value, str) or not value):
            raise TypeError(f"{name} must be a name or None, got {value!r}")
    return open_device(device, instance, n_qubits, n_executions)


def _targets(y: ArrayLike, classes: NDArray[Any], n_samples: int) -> NDArray[np.intp]:
    check_not_mixed("y", y)
    labels = np.asarray(y)
    if labels.shape != (n_samples,):
        raise ValueError(f"y must have shape ({n_samples},) like X, got {labels.shape}")
    unknown = np.setdiff1d(labels, classes)
    if len(unknown):
        raise ValueError(
            f"y has labels {unknown.tolist()[:5]} that the model does not know: its classes are "
            f"{classes.tolist()}"
        )
    return np.searchsorted(classes, labels)


def check_level(level: Any) -> None:
    """Raise an error unless a resilience level is 0, 1 or 2."""
    if not is_integer(level, 0, 2):
        raise ValueError(f"resilience_level must be 0, 1 or 2, got {level!r}")


def check_seed(seed: Any) -> int:
    """Return a seed, drawn where there is none, or raise an error."""
    if seed is None:
        return secrets.randbelow(2**31)
    if not is_integer(seed, 0, 2**31 - 1):
        raise ValueError(f"seed must be None or an integer in [0, 2147483647], got {seed!r}")
    return int(seed)
