"""From the neutral circuit to one that a device understands, with parameters where samples differ.

Qiskit writes qubit 0 last in its Pauli strings; ours are turned around here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.circuit import Angle, Circuit

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

__all__ = ["DeviceCircuit", "duration", "n_bases", "parametric_circuit", "transpiled"]

Real = NDArray[np.float64]
_PREFIX = "angle_"


def parametric_circuit(circuit: Circuit, angles: Sequence[Angle]) -> QuantumCircuit:
    """Return one Qiskit circuit for a whole batch.

    Parameters
    ----------
    circuit : Circuit
    angles : sequence of float or ndarray of shape (n_samples,)
        One entry per slot, in radians. A float becomes a number in the circuit, an array a
        parameter named by its slot.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> turns = Circuit(1, (Gate("ry", (0,), slot=0), Gate("rz", (0,), slot=1)))
    >>> print(parametric_circuit(turns, [np.zeros(3), 0.5]))
       ┌─────────────────┐┌─────────┐
    q: ┤ Ry(angle_00000) ├┤ Rz(0.5) ├
       └─────────────────┘└─────────┘
    """
    from qiskit.circuit import Parameter

    from qmlplay.backends.qiskit.translation import to_qiskit_circuit

    # Padded with zeros, so that Qiskit's order by name is the order of the slots.
    values: list[Any] = [
        Parameter(f"{_PREFIX}{slot:05d}") if isinstance(angle, np.ndarray) else angle
        for slot, angle in enumerate(angles)
    ]
    return to_qiskit_circuit(circuit, values)


@dataclass(frozen=True)
class DeviceCircuit:
    """A circuit in a device's own gates, kept as bytes.

    Parameters
    ----------
    qpy : bytes
        The circuit in Qiskit's format.
    layout : tuple of int
        Where our qubits 0, 1, … end up on the device.
    """

    qpy: bytes
    layout: tuple[int, ...]

    @classmethod
    def of(cls, native: QuantumCircuit, layout: Sequence[int]) -> DeviceCircuit:
        """Pack a circuit."""
        from qiskit import qpy

        buffer = BytesIO()
        qpy.dump(native, buffer)
        return cls(buffer.getvalue(), tuple(int(qubit) for qubit in layout))

    def native(self) -> QuantumCircuit:
        """Unpack the circuit."""
        from qiskit import qpy

        found: QuantumCircuit = qpy.load(BytesIO(self.qpy))[0]
        return found

    def reduced(self) -> DeviceCircuit:
        """Return the circuit on its own qubits alone, in the device's order."""
        from qiskit import QuantumCircuit

        whole = self.native()
        place = {qubit: i for i, qubit in enumerate(self.qubits())}
        small = QuantumCircuit(len(place))
        for instruction in whole.data:
            own = [place[whole.find_bit(qubit).index] for qubit in instruction.qubits]
            small.append(instruction.operation, own)
        return DeviceCircuit.of(small, [place[qubit] for qubit in self.layout])

    def qubits(self) -> tuple[int, ...]:
        """Return every qubit of the device that the circuit touches or that is measured."""
        whole = self.native()
        touched = {whole.find_bit(q).index for step in whole.data for q in step.qubits}
        return tuple(sorted(touched | set(self.layout)))

    def pub(self, observables: Sequence[str], angles: Real) -> tuple[Any, ...]:
        """Return one PUB with the whole batch: results have shape (n_observables, n_samples).

        Parameters
        ----------
        observables : sequence of str
            Our Pauli strings, qubit 0 first.
        angles : ndarray of shape (n_samples, n_slots)
            In radians.
        """
        from qiskit.quantum_info import SparsePauliOp

        native = self.native()
        labels = [_placed(string, self.layout, native.num_qubits) for string in observables]
        column = [[SparsePauliOp(label)] for label in labels]
        slots = [int(parameter.name.removeprefix(_PREFIX)) for parameter in native.parameters]
        if not slots:
            return native, column
        return native, column, angles[:, slots]


def _placed(string: str, layout: Sequence[int], n_qubits: int) -> str:
    """Return one of our Pauli strings on a device's qubits, in Qiskit's order."""
    letters = ["I"] * n_qubits
    for letter, qubit in zip(string, layout, strict=True):
        letters[n_qubits - 1 - qubit] = letter
    return "".join(letters)


def transpiled(native: QuantumCircuit, target: Any, seed: int) -> DeviceCircuit:
    """Return a circuit in the gates of a device, on the qubits that suit it best.

    Parameters
    ----------
    native : qiskit.QuantumCircuit
    target : qiskit.transpiler.Target
        The device.
    seed : int
        Of the search for a layout.
    """
    from qiskit.transpiler import generate_preset_pass_manager
    from qiskit_ibm_runtime.utils import validate_isa_circuits

    passes = generate_preset_pass_manager(optimization_level=3, target=target, seed_transpiler=seed)
    isa = passes.run(native)
    validate_isa_circuits([isa], target)
    return DeviceCircuit.of(isa, isa.layout.final_index_layout())


def n_bases(observables: Sequence[str]) -> int:
    """Return in how many bases the client measures, one for all that commute qubit by qubit.

    Examples
    --------
    >>> n_bases(["ZI", "IZ", "ZZ"]), n_bases(["ZI", "XI"])
    (1, 2)
    """
    from qiskit.quantum_info import PauliList

    return len(PauliList(list(dict.fromkeys(observables))).group_commuting(qubit_wise=True))


def duration(native: QuantumCircuit, target: Any) -> float:
    """Return the seconds of a circuit and its measurement; 0 where the device does not say."""
    from qiskit.exceptions import QiskitError

    measured = native.copy()
    measured.measure_all()
    try:
        return float(measured.estimate_duration(target, unit="s"))
    except QiskitError:
        return 0.0
