"""What several test files of qmlplay.ibm share."""

from __future__ import annotations

import numpy as np

from qmlplay.circuit import Circuit, Gate
from qmlplay.ibm.jobs import JobValues
from qmlplay.model import Readout

OBSERVABLES = ("ZII", "IZI", "IIZ", "ZZI", "XII", "IYI", "XYZ")


def plan_of(
    circuit, angles, observables=OBSERVABLES, device="fake_manila", shots=100, level=0, seed=1
):
    """Return a plan for any circuit; angles is (n_samples, n_slots)."""
    from qmlplay.ibm.plans import model_of_angles
    from qmlplay.ibm.preparation import make_plan

    readout = Readout(np.ones((len(observables), 1)), np.zeros(1))
    model = model_of_angles(circuit, observables, readout, np.array([0, 1]))
    shared = np.ptp(angles, axis=0) == 0
    settings = {"shots": shots, "device": device, "instance": None, "seed": seed}
    return make_plan(model, angles, shared, None, resilience_level=level, **settings)


def asymmetric():
    """Return a circuit on 3 qubits that no wrong order of qubits or signs leaves alone."""
    gates = [Gate("ry", (q,), slot=q) for q in range(3)]
    gates += [Gate("cx", (0, 1)), Gate("rz", (1,), slot=3), Gate("crx", (1, 2), slot=4)]
    return Circuit(3, (*gates, Gate("sx", (0,)), Gate("ryy", (0, 2), slot=5)))


SHOTS = 400


def exact_values(request):
    """Return what a job would measure with endless shots and no noise, by Qiskit's own algebra."""
    from qiskit.quantum_info import Statevector

    small = request.circuit.reduced()
    native, observables, *rest = small.pub(request.observables, request.angles)
    rows = rest[0] if rest else np.empty((len(request.angles), 0))
    values = []
    for row in rows:
        state = Statevector(native.assign_parameters(row))
        values.append([state.expectation_value(one).real for (one,) in observables])
    found = np.array(values)
    return JobValues(found, np.full(found.shape, 1e-9), used_seconds=0.0)
