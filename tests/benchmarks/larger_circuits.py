"""Matrix product states against state vectors: agreement, and the seconds of both.

    python tests/benchmarks/larger_circuits.py

One row per number of qubits: a batch of samples of a model's circuit (angle encoding, RY and RZ on
every qubit, CX between neighbours), exact expectations of Z on every qubit.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from qmlplay import get_backend
from qmlplay.ansatze import HardwareEfficient
from qmlplay.circuit import build_circuit
from qmlplay.encodings import get_encoding

N_SAMPLES = 4
ROUNDS = 3
#: Qubits from which on state vectors are timed once, without a run before.
LARGE = 18


def case(n_qubits, n_layers, entanglement):
    circuit = build_circuit(
        get_encoding("angle"),
        HardwareEfficient(entanglement=entanglement),
        n_qubits=n_qubits,
        n_features=n_qubits,
        n_layers=n_layers,
    )
    generator = np.random.default_rng(0)
    X = generator.uniform(-1.5, 1.5, (N_SAMPLES, n_qubits))
    angles = circuit.angles(X, generator.uniform(-3, 3, circuit.n_weights))
    return circuit.circuit, angles, list(range(n_qubits))


def timed(backend, work, rounds=ROUNDS):
    if rounds > 1:
        backend.expectations(*work)  # translates the circuit
    seconds = []
    for _ in range(rounds):
        start = perf_counter()
        values = backend.expectations(*work)
        seconds.append(perf_counter() - start)
    return values, sorted(seconds)[rounds // 2]


def main():
    product_states = get_backend("qiskit", method="matrix_product_state")
    states = {name: get_backend(name) for name in ("qiskit", "numpy")}
    print("qubits layers entanglement  MPS s     Aer states s  NumPy s   largest difference")
    for n_layers, entanglement in ((1, "linear"), (2, "ring")):
        for n_qubits in (8, 12, 16, 20, 40):
            work = case(n_qubits, n_layers, entanglement)
            values, seconds = timed(product_states, work)
            others = dict.fromkeys(states, "-")
            difference = "-"
            if n_qubits <= 20:
                for name, backend in states.items():
                    rounds = ROUNDS if n_qubits < LARGE else 1
                    expected, took = timed(backend, work, rounds)
                    others[name] = f"{took:.4f}"
                difference = f"{np.abs(values - expected).max():.1e}"
            print(
                f"{n_qubits:6} {n_layers:6} {entanglement:12}  {seconds:<9.4f} "
                f"{others['qiskit']:13} {others['numpy']:9} {difference}",
                flush=True,
            )


if __name__ == "__main__":
    main()
