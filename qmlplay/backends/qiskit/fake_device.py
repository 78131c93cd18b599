"""Noise of a real IBM device, as it was recorded: fake devices of qiskit-ibm-runtime.

The circuit is transpiled to the device's own gates and connections, once, with parameters in
place of angles, onto qubits with small errors. After each gate stands the error that Aer makes
of the calibration: thermal relaxation while the gate lasts, and depolarising up to the recorded
error. Idle qubits do not decay. Calibration data come with the package; nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray
from qiskit import transpile
from qiskit.circuit import Instruction, Parameter, QuantumCircuit
from qiskit.quantum_info import SuperOp
from qiskit.transpiler import Target, TranspilerError
from qiskit_aer.library import SaveDensityMatrix
from qiskit_aer.noise import QuantumError
from qiskit_aer.noise.device import basic_device_gate_errors, basic_device_readout_errors

from qmlplay.backends.inputs import check_memory
from qmlplay.backends.qiskit.densities import parametrised, run_densities
from qmlplay.circuit import Angle, Circuit
from qmlplay.errors import unknown_name

__all__ = ["FakeDevice", "fake_device", "is_device_name"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


def is_device_name(noise: object) -> TypeGuard[str]:
    """Return whether a setting of `noise` names a fake device."""
    return isinstance(noise, str) and noise.startswith("fake_")


@dataclass(frozen=True, eq=False)
class FakeDevice:
    """A fake device, and what Aer makes of its calibration data.

    Parameters
    ----------
    name : str
        Its name, with ``fake_`` in front.
    target : qiskit.transpiler.Target
        Qubits, gates that work, and calibration data.
    gate_errors : dict of (str, tuple of int) to qiskit_aer.noise.QuantumError
        The error after a gate of that name on those qubits of the device.
    confusions_of : dict of int to ndarray of shape (2, 2)
        P(read | true) of a qubit of the device, a matrix [read, true].

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> (density,) = fake_device("fake_manila").densities(bell, [], 1)
    >>> bool(0.45 < density[0, 0].real < 0.51)
    True
    """

    name: str
    target: Target
    gate_errors: dict[tuple[str, tuple[int, ...]], QuantumError]
    confusions_of: dict[int, Real]

    def densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        """Return the final density matrices (n_samples, 2**n_qubits, 2**n_qubits).

        Raises
        ------
        ValueError
            If the device has too few qubits, or the matrices would not fit into memory.
        """
        placed = _place(self, circuit)
        return run_densities(placed.noisy, placed.parameters, angles, n_samples)

    def confusions(self, circuit: Circuit) -> list[Real]:
        """Return P(read | true) for every qubit of the circuit, matrices [read, true]."""
        return [self.confusions_of[place] for place in _place(self, circuit).places]


@lru_cache(maxsize=8)
def fake_device(name: str) -> FakeDevice:
    """Return a fake device.

    Parameters
    ----------
    name : str
        Such as ``"fake_manila"`` (5 qubits) or ``"fake_torino"`` (133 qubits).

    Raises
    ------
    ImportError
        If qiskit-ibm-runtime is not installed; the text is the command to type.
    ValueError
        If it has no device of that name.
    """
    try:
        from qiskit_ibm_runtime import fake_provider
    except ImportError as error:
        raise ImportError(
            f'noise={name!r} needs the fake devices of IBM\'s client: pip install "qmlplay[ibm]"'
        ) from error
    named = {getattr(cls, "backend_name", None): cls for cls in vars(fake_provider).values()}
    classes: dict[str, Any] = {key: cls for key, cls in named.items() if is_device_name(key)}
    if name not in classes:
        raise unknown_name("fake device", name, classes)
    target = _without_broken_gates(classes[name]().target)
    gates = basic_device_gate_errors(target=target)
    readout = basic_device_readout_errors(target=target)
    return FakeDevice(
        name,
        target,
        {(gate, tuple(qubits)): error for gate, qubits, error in gates},
        # Qiskit has the true bit first.
        {qubit: error.probabilities.T for (qubit,), error in readout},
    )


def _without_broken_gates(target: Target) -> Target:
    """Leave out gates that failed calibration (error 1), and control flow.

    Qiskit's routing does not look at errors.
    """
    working = Target(
        num_qubits=target.num_qubits, dt=target.dt, qubit_properties=target.qubit_properties
    )
    for name in target.operation_names:
        properties = {
            qubits: found
            for qubits, found in target[name].items()
            if qubits is not None and (found is None or found.error is None or found.error < 1)
        }
        if properties:
            working.add_instruction(target.operation_from_name(name), properties, name=name)
    return working


@dataclass(frozen=True)
class _Placed:
    """A circuit on a device: noisy, its parameters, and the device's qubit for each of ours."""

    noisy: QuantumCircuit
    parameters: list[Parameter]
    places: list[int]


@lru_cache(maxsize=64)
def _place(device: FakeDevice, circuit: Circuit) -> _Placed:
    available = device.target.num_qubits
    if circuit.n_qubits > available:
        raise ValueError(
            f"the circuit has {circuit.n_qubits} qubits, but noise={device.name!r} is a device "
            f"with {available}: use fewer qubits or a larger device, such as 'fake_torino'"
        )
    native, parameters = parametrised(circuit, keep_folds=True)
    native.measure_all()
    try:
        there = transpile(
            native,
            target=device.target,
            initial_layout=_good_qubits(device, circuit),
            optimization_level=2,
            seed_transpiler=0,
        )
    except TranspilerError as error:
        raise ValueError(
            f"Qiskit cannot put this circuit on {device.name!r} ({error}): take another device, "
            f"such as 'fake_torino'"
        ) from error
    gates, places = [], {}
    for item in there.data:
        qubits = tuple(there.find_bit(qubit).index for qubit in item.qubits)
        if item.operation.name == "measure":
            places[there.find_bit(item.clbits[0]).index] = qubits[0]
        elif item.operation.name != "barrier":
            gates.append((item.operation, qubits))
    ends = [places[qubit] for qubit in range(circuit.n_qubits)]
    # Qiskit's qubit 0 is our last.
    return _Placed(_with_errors(device, gates, ends), parameters, ends[::-1])


def _good_qubits(device: FakeDevice, circuit: Circuit) -> list[int]:
    """Choose the device's qubits by which pairs interact, and not by how often.

    A circuit that is folded to amplify its noise is then placed like the original.
    """
    n_qubits = circuit.n_qubits
    skeleton = QuantumCircuit(n_qubits)
    for pair in dict.fromkeys(tuple(sorted(gate.qubits)) for gate in circuit.gates):
        if len(pair) == 2:
            skeleton.cz(*(n_qubits - 1 - qubit for qubit in pair))
    skeleton.sx(range(n_qubits))
    skeleton.measure_all()  # qubits should read well, too
    placed = transpile(skeleton, target=device.target, optimization_level=2, seed_transpiler=0)
    found: list[int] = placed.layout.initial_index_layout(filter_ancillas=True)
    return found


def _with_errors(
    device: FakeDevice, gates: list[tuple[Instruction, tuple[int, ...]]], ends: list[int]
) -> QuantumCircuit:
    """Return the device's gates and their errors, on the qubits in use alone."""
    in_use = sorted(set(ends).union(*(qubits for _, qubits in gates)))
    check_memory(len(in_use), 4, densities=True)
    errors = {
        key: SuperOp(device.gate_errors[key]).to_instruction()
        for key in {(gate.name, qubits) for gate, qubits in gates}
        if key in device.gate_errors
    }
    noisy = QuantumCircuit(len(in_use))
    for gate, qubits in gates:
        own = [in_use.index(qubit) for qubit in qubits]
        noisy.append(gate, own)
        if (gate.name, qubits) in errors:
            noisy.append(errors[gate.name, qubits], own)
    noisy.append(SaveDensityMatrix(len(ends)), [in_use.index(end) for end in ends])
    return noisy
