"""The preparation of a run: plan(), which opens a device and asks what a job would be and cost."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qmlplay.backends.pauli import expanded
from qmlplay.backends.qiskit.snapshot import take_snapshot
from qmlplay.checks import check_count, is_integer
from qmlplay.classifier.validation import numeric_features
from qmlplay.ibm.compiled import Timing, duration, executions, n_bases, samples_per_job
from qmlplay.ibm.errors import no_package, too_small
from qmlplay.ibm.jobs import Device
from qmlplay.ibm.plans import Plan, angle_columns, angle_list, model_of_angles
from qmlplay.model import TrainedModel
from qmlplay.model.class_labels import check_known, check_not_mixed, check_one_column
from qmlplay.model.classifiers import check_classifier
from qmlplay.tables.transformers import checked_rows
from qmlplay.typing import Booleans, Real

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["check_level", "check_seed", "device_of", "make_plan", "plan"]


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
        On IBM's machines, of the search for a layout; on simulated devices, of the shots.

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
    A device ``fake_...`` is that of ``VariationalClassifier(backend="qiskit", noise="fake_...")``:
    the same circuit on the same qubits with the same errors, whatever the seed. The client's
    Estimator adds what it adds on IBM's machines: two SX gates per qubit, to measure in its basis,
    which move expectations by some 1e-3; and from level 1 on its mitigation. For IBM's machines
    Qiskit compiles as well as it can (level 3) for the calibration of the day.

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
       circuit: depth ..., ... two-qubit gates after transpiling (5 and 1 before)
    executions: 1,024 in 1 job: 2 samples, 1 basis, 512 shots, resilience level 0
     estimated: 2.3 QPU seconds: 2 s a job, 0.25 ms between executions on the real machine
      to go on: qmlplay.ibm.submit(plan, max_qpu_seconds=4)
    """
    check_classifier(clf)
    check_count("shots", shots)
    check_level(resilience_level)
    with numeric_features(X):
        data = checked_rows(clf, X)
    trained = clf.model_
    targets = None if y is None else _targets(y, trained, len(data))
    angles = trained.angles(data)
    return make_plan(
        trained,
        angle_columns(angles, len(data)),
        np.array([not isinstance(angle, np.ndarray) for angle in angles]),
        targets,
        shots=int(shots),
        device=device,
        instance=instance,
        resilience_level=int(resilience_level),
        seed=check_seed(seed),
    )


def make_plan(
    model: TrainedModel,
    angles: Real,
    shared: Booleans,
    targets: NDArray[np.intp] | None,
    *,
    shots: int,
    device: str | None,
    instance: str | None,
    resilience_level: int,
    seed: int,
) -> Plan:
    """Return the plan for angles (n_samples, n_slots) of a model; see `plan` for the rest."""
    circuit, bases = model.circuit.circuit, n_bases(expanded(model.observables)[0])
    n_executions = executions(len(angles), bases, shots, resilience_level)
    for name, value in (("device", device), ("instance", instance)):
        if value is not None and (not isinstance(value, str) or not value):
            raise TypeError(f"{name} must be a name or None, got {value!r}")
    opened = open_device(device, instance, circuit.n_qubits, n_executions)
    if opened.n_qubits < circuit.n_qubits:  # before transpiling, which would fail obscurely
        others = opened.fitting(circuit.n_qubits)
        raise too_small(opened.name, opened.n_qubits, circuit.n_qubits, others)
    device_circuit = opened.compiled(circuit, angle_list(angles, shared), seed)
    target, native = opened.target, device_circuit.native()
    return Plan(
        device=opened.name,
        is_fake=opened.is_fake,
        instance=opened.instance,
        device_qubits=opened.n_qubits,
        model=model_of_angles(circuit, model.observables, model.readout, model.classes),
        angles=angles,
        shared=shared,
        targets=targets,
        device_circuit=device_circuit,
        snapshot=take_snapshot(target, device_circuit.qubits()),
        depth=int(native.depth()),
        n_two_qubit_gates=sum(len(step.qubits) == 2 for step in native.data),
        timing=Timing(opened.rep_delay, duration(native, target)),
        shots=shots,
        resilience_level=resilience_level,
        seed=seed,
        samples_per_job=samples_per_job(
            bases, len(native.parameters), opened.n_qubits, shots, resilience_level
        ),
    )


def open_device(name: str | None, instance: str | None, n_qubits: int, executions: int) -> Device:
    """Return a device by its name; without one, the one that would take the fewest QPU seconds.

    Parameters
    ----------
    name : str or None
        Names that start with ``fake_`` are simulated here.
    instance : str or None
        Service instance; None takes the account's own, or its open plan.
    n_qubits, executions : int
        What the device is for.

    Raises
    ------
    ImportError
        If the client is not installed; the text is the command to type.
    ValueError
        If there is no such device, or none that is large enough.
    ServiceError
        If the service cannot be reached, or there is no account for it.
    """
    try:
        from qmlplay.ibm import connection, service, simulated
    except ImportError as error:
        raise no_package(error) from error
    if name is not None and name.startswith("fake_"):
        return simulated.SimulatedDevice(name)
    client = connection.connect(instance)
    if name is not None:
        return service.named_device(client, name, n_qubits)
    return service.best_device(client, n_qubits, executions)


def device_of(plan: Plan) -> Device:
    """Return the device of a plan, opened anew; what is raised is as for `open_device`."""
    return open_device(plan.device, plan.instance, plan.model.n_qubits, plan.executions)


def _targets(y: ArrayLike, model: TrainedModel, n_samples: int) -> NDArray[np.intp]:
    check_one_column(y)
    check_not_mixed("y", y)
    labels = np.asarray(y)
    if labels.shape != (n_samples,):
        raise ValueError(f"y must have shape ({n_samples},) like X, got {labels.shape}")
    check_known(labels, model.classes)
    return model.label_indices(labels)


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
