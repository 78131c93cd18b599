"""The placement of circuits on a device: which of its qubits, and what its gates make of ours."""

from __future__ import annotations

from dataclasses import dataclass

from qiskit import transpile
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.transpiler import Target

from qmlplay.backends.qiskit.densities import parametrised
from qmlplay.circuit import Circuit

__all__ = ["PlacedCircuit", "good_qubits", "placed_circuit"]


@dataclass(frozen=True)
class PlacedCircuit:
    """A circuit in the gates of a device, without measurements.

    Parameters
    ----------
    native : qiskit.QuantumCircuit
        On all qubits of the device.
    parameters : tuple of qiskit.circuit.Parameter
        One per slot, whether or not a gate still reads it.
    qubits : tuple of int
        Where our qubits 0, 1, … end up on the device.
    """

    native: QuantumCircuit
    parameters: tuple[Parameter, ...]
    qubits: tuple[int, ...]


def placed_circuit(circuit: Circuit, target: Target) -> PlacedCircuit:
    """Return a circuit in the gates of a device, on qubits with small errors.

    Angles stay parameters, so that it is transpiled once, whatever the weights.

    Raises
    ------
    qiskit.transpiler.TranspilerError
        If there is no way onto the device.
    """
    measured, parameters = parametrised(circuit, keep_folds=True)
    measured.measure_all()
    transpiled = transpile(
        measured,
        target=target,
        initial_layout=good_qubits(circuit, target),
        optimization_level=2,
        seed_transpiler=0,
    )
    native, ends = QuantumCircuit(target.num_qubits), {}
    for item in transpiled.data:
        qubits = [transpiled.find_bit(qubit).index for qubit in item.qubits]
        if item.operation.name == "measure":
            ends[transpiled.find_bit(item.clbits[0]).index] = qubits[0]
        elif item.operation.name != "barrier":
            native.append(item.operation, qubits)
    # Qiskit's qubit 0 is our last.
    ours = tuple(ends[qubit] for qubit in reversed(range(circuit.n_qubits)))
    return PlacedCircuit(native, tuple(parameters), ours)


def good_qubits(circuit: Circuit, target: Target) -> list[int]:
    """Choose the device's qubits by which pairs interact, and not by how often.

    A circuit that is folded to amplify its noise is then placed like the original. The first of
    them is for Qiskit's qubit 0, our last.
    """
    n_qubits = circuit.n_qubits
    skeleton = QuantumCircuit(n_qubits)
    for pair in dict.fromkeys(tuple(sorted(gate.qubits)) for gate in circuit.gates):
        if len(pair) == 2:
            skeleton.cz(*(n_qubits - 1 - qubit for qubit in pair))
    skeleton.sx(range(n_qubits))
    skeleton.measure_all()  # qubits should read well, too
    placed = transpile(skeleton, target=target, optimization_level=2, seed_transpiler=0)
    qubits: list[int] = placed.layout.initial_index_layout(filter_ancillas=True)
    return qubits
