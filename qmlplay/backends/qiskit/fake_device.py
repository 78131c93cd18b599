"""Fake devices: IBM's machines as they were recorded, simulated here with their noise.

Both ``noise="fake_manila"`` and ``qmlplay.ibm.plan(device="fake_manila")`` come here for all that
there is to know of a device: its calibration data (which come with qiskit-ibm-runtime; nothing is
downloaded), its errors, and where a circuit goes on it.

The circuit is transpiled to the device's own gates and connections, once, with parameters in
place of angles, onto qubits with small errors. After each gate stands the error that Aer makes
of the calibration: thermal relaxation while the gate lasts, and depolarising up to the recorded
error. Idle qubits do not decay. Measurements in any basis are those of the density matrix, misread
as recorded; the client's Estimator, behind `qmlplay.ibm`, turns every qubit into its basis with
two more SX gates, even where there is nothing to turn, which moves expectations by some 1e-3.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeGuard

from qiskit.circuit import QuantumCircuit
from qiskit.quantum_info import SuperOp
from qiskit.transpiler import Target, TranspilerError
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveDensityMatrix
from qiskit_aer.noise import NoiseModel, QuantumError
from qiskit_aer.noise.device import basic_device_gate_errors, basic_device_readout_errors

from qmlplay.backends.inputs import check_memory
from qmlplay.backends.qiskit.densities import run_densities
from qmlplay.backends.qiskit.placement import PlacedCircuit, placed_circuit
from qmlplay.backends.qiskit.snapshot import Snapshot
from qmlplay.circuit import Angle, Circuit
from qmlplay.errors import unknown_name
from qmlplay.typing import Complex, Real

__all__ = ["FakeDevice", "fake_device", "fake_device_sizes", "is_device_name", "noisy_simulator"]


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
    rep_delay : float or None
        Seconds between two executions on the real machine, where the record says so.

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
    rep_delay: float | None

    @cached_property
    def gate_errors(self) -> dict[tuple[str, tuple[int, ...]], QuantumError]:
        """The error after a gate of that name on those qubits of the device."""
        gates = basic_device_gate_errors(target=self.target)
        return {(name, tuple(qubits)): error for name, qubits, error in gates}

    @cached_property
    def confusions_of(self) -> dict[int, Real]:
        """P(read | true) of every qubit of the device, matrices [read, true]."""
        readout = basic_device_readout_errors(target=self.target)
        # Qiskit has the true bit first.
        return {qubit: error.probabilities.T for (qubit,), error in readout}

    def place(self, circuit: Circuit) -> PlacedCircuit:
        """Return a circuit in the device's gates, on qubits with small errors.

        Raises
        ------
        ValueError
            If the device has too few qubits, or Qiskit finds no way onto it.
        """
        return _place(self, circuit)

    def densities(
        self, circuit: Circuit, angles: Sequence[Angle], n_samples: int, device: str = "CPU"
    ) -> Complex:
        """Return the final density matrices (n_samples, 2**n_qubits, 2**n_qubits).

        Aer computes them on the CPU or a GPU, as `device` says.

        Raises
        ------
        ValueError
            If the device has too few qubits, or the matrices would not fit into memory.
        """
        parameters = self.place(circuit).parameters
        errors = _with_errors(self, circuit)
        return run_densities(errors, parameters, angles, n_samples, device)

    def n_in_use(self, circuit: Circuit) -> int:
        """Return how many of the device's qubits a circuit needs, those on the way included."""
        return len(_in_use(self.place(circuit)))

    def confusions(self, circuit: Circuit) -> list[Real]:
        """Return P(read | true) for every qubit of the circuit, matrices [read, true]."""
        return [self.confusions_of[qubit] for qubit in self.place(circuit).qubits]


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
        classes = _classes()
    except ImportError as error:
        raise ImportError(
            f'noise={name!r} needs the fake devices of IBM\'s client: pip install "qmlplay[ibm]"'
        ) from error
    if name not in classes:
        raise unknown_name("fake device", name, classes)
    recorded = _recorded(classes[name])
    rep_delay = getattr(recorded.configuration(), "default_rep_delay", None)
    return FakeDevice(name, _without_broken_gates(recorded.target), rep_delay)


def fake_device_sizes() -> dict[str, int]:
    """Return the number of qubits of every fake device."""
    devices = {name: _recorded(cls) for name, cls in _classes().items()}
    return {name: int(device.configuration().n_qubits) for name, device in devices.items()}


def _classes() -> dict[str, Any]:
    from qiskit_ibm_runtime import fake_provider

    named = {getattr(cls, "backend_name", None): cls for cls in vars(fake_provider).values()}
    return {name: cls for name, cls in named.items() if is_device_name(name)}


def _recorded(cls: Any) -> Any:
    with warnings.catch_warnings():
        # One of the devices says that it is no typical one.
        warnings.filterwarnings("ignore", message="Properties of fake_", category=UserWarning)
        return cls()


def noisy_simulator(snapshot: Snapshot) -> AerSimulator:
    """Return a simulator of a snapshot's qubits, with the errors of their gates and readout.

    Simulating a whole device is out of reach; a circuit's own qubits are few.
    """
    target = snapshot.target()
    noise = NoiseModel(basis_gates=list(target.operation_names))
    for qubits, readout in basic_device_readout_errors(target=target):
        noise.add_readout_error(readout, qubits)
    for name, qubits, error in basic_device_gate_errors(target=target):
        noise.add_quantum_error(error, name, qubits)
    return AerSimulator(noise_model=noise)


def _without_broken_gates(target: Target) -> Target:
    """Leave out gates that failed calibration (error 1), and control flow.

    Qiskit's routing does not look at errors.
    """
    working = Target(
        num_qubits=target.num_qubits, dt=target.dt, qubit_properties=target.qubit_properties
    )
    for name in target.operation_names:
        properties = {
            qubits: known
            for qubits, known in target[name].items()
            if qubits is not None and (known is None or known.error is None or known.error < 1)
        }
        if properties:
            working.add_instruction(target.operation_from_name(name), properties, name=name)
    return working


@lru_cache(maxsize=64)
def _place(device: FakeDevice, circuit: Circuit) -> PlacedCircuit:
    available = device.target.num_qubits
    if circuit.n_qubits > available:
        raise ValueError(
            f"the circuit has {circuit.n_qubits} qubits, but noise={device.name!r} is a device "
            f"with {available}: use fewer qubits or a larger device, such as 'fake_torino'"
        )
    try:
        return placed_circuit(circuit, device.target)
    except TranspilerError as error:
        raise ValueError(
            f"Qiskit cannot put this circuit on {device.name!r} ({error}): take another device, "
            f"such as 'fake_torino'"
        ) from error


def _in_use(placed: PlacedCircuit) -> list[int]:
    """Return the qubits of the device that a circuit needs: its own, and those on the way."""
    whole = placed.native
    gates = ({whole.find_bit(qubit).index for qubit in item.qubits} for item in whole.data)
    return sorted(set(placed.qubits).union(*gates))


@lru_cache(maxsize=64)
def _with_errors(device: FakeDevice, circuit: Circuit) -> QuantumCircuit:
    """Return the device's gates and their errors, on the qubits in use alone."""
    placed = device.place(circuit)
    whole, ends = placed.native, placed.qubits[::-1]
    gates = [
        (item.operation, tuple(whole.find_bit(qubit).index for qubit in item.qubits))
        for item in whole.data
    ]
    in_use = _in_use(placed)
    check_memory(len(in_use), 4, densities=True)
    errors = {
        key: SuperOp(device.gate_errors[key]).to_instruction()
        for key in {(gate.name, qubits) for gate, qubits in gates}
        if key in device.gate_errors
    }
    noisy = QuantumCircuit(len(in_use))
    for gate, qubits in gates:
        places = [in_use.index(qubit) for qubit in qubits]
        noisy.append(gate, places)
        if (gate.name, qubits) in errors:
            noisy.append(errors[gate.name, qubits], places)
    noisy.append(SaveDensityMatrix(len(ends)), [in_use.index(end) for end in ends])
    return noisy
