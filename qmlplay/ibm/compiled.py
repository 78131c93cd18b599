"""Compiled circuits: in a device's own gates, as bytes, and what it costs to execute them.

Angles that samples share are numbers in them, the others parameters. Qiskit writes qubit 0 last
in its Pauli strings; ours are turned around here. Executions are counted as the client counts
them; seconds follow IBM's formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.circuit import Angle
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from qmlplay.backends.qiskit.placement import PlacedCircuit

__all__ = [
    "MAX_BYTES",
    "MAX_EXECUTIONS",
    "DeviceCircuit",
    "Timing",
    "bases",
    "circuits",
    "duration",
    "executions",
    "n_bases",
    "samples_per_job",
    "slot_values",
]

#: Of the names of parameters; the number of the slot follows.
_PREFIX = "angle_"
#: Limits of one job, below IBM's of 10 million executions and 50 MB.
MAX_EXECUTIONS = 5_000_000
MAX_BYTES = 30_000_000
#: Noise factors by which level 2 folds its gates (the client's default).
_N_NOISE_FACTORS = 3
#: Seconds before and after the circuits of a job.
_OVERHEAD = 2.0


def slot_values(angles: Sequence[Angle]) -> list[Any]:
    """Return what stands in a circuit for every slot: a number, or a parameter named by the slot.

    Parameters
    ----------
    angles : sequence of float or ndarray of shape (n_samples,)
        A float is shared by all samples and stays; an array becomes a parameter.
    """
    from qiskit.circuit import Parameter

    # Padded with zeros, so that Qiskit's order by name is the order of the slots.
    return [
        Parameter(f"{_PREFIX}{slot:05d}") if isinstance(angle, np.ndarray) else angle
        for slot, angle in enumerate(angles)
    ]


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

    @classmethod
    def placed(cls, placed: PlacedCircuit, angles: Sequence[Angle]) -> DeviceCircuit:
        """Pack a circuit that a fake device has placed, with angles as in `slot_values`."""
        values = dict(zip(placed.parameters, slot_values(angles), strict=True))
        return cls.of(placed.native.assign_parameters(values, strict=False), placed.qubits)

    def native(self) -> QuantumCircuit:
        """Unpack the circuit."""
        from qiskit import qpy

        circuit: QuantumCircuit = qpy.load(BytesIO(self.qpy))[0]
        return circuit

    def reduced(self) -> DeviceCircuit:
        """Return the circuit on its own qubits alone, in the device's order."""
        from qiskit import QuantumCircuit

        whole = self.native()
        numbers = {qubit: i for i, qubit in enumerate(self.qubits())}
        small = QuantumCircuit(len(numbers))
        for instruction in whole.data:
            where = [numbers[whole.find_bit(qubit).index] for qubit in instruction.qubits]
            small.append(instruction.operation, where)
        return DeviceCircuit.of(small, [numbers[qubit] for qubit in self.layout])

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


def bases(strings: Sequence[str]) -> list[list[str]]:
    """Return the strings that the client measures together: those that commute qubit by qubit.

    Examples
    --------
    >>> bases(["ZI", "IZ", "ZZ"])
    [['ZI', 'IZ', 'ZZ']]
    """
    from qiskit.quantum_info import PauliList

    distinct = PauliList(list(dict.fromkeys(strings)))
    return [group.to_labels() for group in distinct.group_commuting(qubit_wise=True)]


def n_bases(strings: Sequence[str]) -> int:
    """Return in how many bases the client measures strings.

    Examples
    --------
    >>> n_bases(["ZI", "IZ", "ZZ"]), n_bases(["ZI", "XI"])
    (1, 2)
    """
    return len(bases(strings))


def duration(native: QuantumCircuit, target: Any) -> float:
    """Return the seconds of a circuit and its measurement; 0 where the device does not say."""
    from qiskit.exceptions import QiskitError

    measured = native.copy()
    measured.measure_all()
    try:
        return float(measured.estimate_duration(target, unit="s"))
    except QiskitError:
        return 0.0


def executions(n_samples: int, n_bases: int, shots: int, resilience_level: int) -> int:
    """Return how often a job executes a circuit, counted as the client does.

    Level 0 measures every sample in every basis. Level 1 twirls the measurements: the shots are
    split over at most 32 randomisations of at least 64 shots, rounded up, and as many more
    calibrate the readout. Level 2 runs the circuits at three noise factors as well.

    Parameters
    ----------
    n_samples, n_bases, shots : int
        Samples, groups of observables that are measured together, and shots, each at least 1.
    resilience_level : {0, 1, 2}

    Returns
    -------
    int

    Examples
    --------
    >>> [executions(20, 1, 1024, level) for level in (0, 1, 2)]
    [20480, 21504, 62464]
    """
    n_circuits = circuits(n_samples, n_bases, resilience_level)
    if resilience_level == 0:
        return n_circuits * shots
    per_randomization = max(64, ceil(shots / 32))
    return n_circuits * ceil(shots / per_randomization) * per_randomization


def circuits(n_samples: int, n_bases: int, resilience_level: int) -> int:
    """Return how many circuits one job runs: one per sample, basis and noise factor.

    From level 1 on there is one more, to calibrate the readout.

    Examples
    --------
    >>> [circuits(20, 2, level) for level in (0, 1, 2)]
    [40, 41, 121]
    """
    factors = _N_NOISE_FACTORS if resilience_level == 2 else 1
    return factors * n_samples * n_bases + (resilience_level > 0)


@dataclass(frozen=True)
class Timing:
    """How long a device needs for one execution of a circuit.

    Parameters
    ----------
    rep_delay : float
        Seconds between two executions.
    circuit : float
        Seconds that the circuit and its measurement take.

    References
    ----------
    IBM Quantum documentation, "Workload usage": overhead of about 2 s per sub-job +
    (rep_delay + circuit length) · executions.

    Examples
    --------
    >>> round(Timing(rep_delay=250e-6, circuit=5e-6).seconds(100 * 1024), 1)
    28.1
    """

    rep_delay: float
    circuit: float

    def seconds(self, n_executions: int, n_jobs: int = 1) -> float:
        """Return the estimated QPU seconds of some jobs together."""
        return _OVERHEAD * n_jobs + (self.rep_delay + self.circuit) * n_executions


def samples_per_job(
    n_bases: int, n_parameters: int, n_device_qubits: int, shots: int, resilience_level: int
) -> int:
    """Return how many samples fit one job, at least 1.

    Examples
    --------
    >>> samples_per_job(1, 4, 156, shots=1024, resilience_level=0)
    4882
    """
    per_sample = executions(1, n_bases, shots, resilience_level)
    # Angles as base64, and a basis for every qubit of the device.
    n_bytes = n_bases * ceil((8 * n_parameters + n_device_qubits) * 4 / 3)
    return max(1, min(MAX_EXECUTIONS // per_sample, MAX_BYTES // n_bytes))
