"""Two qubits by hand: the Bell state, what is left of each qubit, and CX in a model (notebook 2)."""

import warnings

import numpy as np
from sklearn.model_selection import train_test_split

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.circuit import Circuit, Gate, gate_matrix
from qmlplay.diagnostics import bloch_vectors, pair_concurrences

# By hand: H on qubit 0 is H ⊗ I, for qubit 0 comes first; CX flips qubit 1 where qubit 0 is 1.
bell = gate_matrix("cx") @ np.kron(gate_matrix("h"), np.eye(2)) @ [1, 0, 0, 0]
circuit = Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1))))  # RY(π/2)|0⟩ = H|0⟩
print("by hand:", bell.real.round(4))
for name in ("numpy", "cirq"):  # "qiskit" and "pennylane" give the same
    state = get_backend(name).statevector(circuit, [np.pi / 2])[0]
    print(f"{name:>7}:", state.real.round(4) + 0.0)

# No product state has |⟨ZZ⟩| + |⟨XX⟩| above 1.
zz, xx = get_backend("numpy").expectations(circuit, [np.pi / 2], ["ZZ", "XX"])[0]
print(f"⟨ZZ⟩ + ⟨XX⟩ = {zz + xx:.4f}")

# The more entangled, the shorter the Bloch vector of each qubit alone: |r|² = 1 − C².
angles = np.array([0, np.pi / 6, np.pi / 3, np.pi / 2])
states = get_backend("numpy").statevector(circuit, [angles])
lengths = np.linalg.norm(bloch_vectors(states)[:, 0], axis=1)
for angle, length, value in zip(angles, lengths, pair_concurrences(states)[:, 0, 1], strict=True):
    print(f"θ = {angle:.4f}: length {length:.4f}, concurrence {value:.4f}")

# XOR needs both features at once, circles do not; mean test accuracy over five seeds.
warnings.simplefilter("ignore")  # without CX hardly anything is learned of XOR, and fit says so
for dataset in ("xor", "circles"):
    for ansatz in ("hardware_efficient", "no_entanglement"):
        scores = []
        for seed in range(5):
            data = load_dataset(dataset, n_samples=200, random_state=seed)
            X_train, X_test, y_train, y_test = train_test_split(
                data.X, data.y, test_size=0.3, stratify=data.y, random_state=seed
            )
            model = VariationalClassifier(ansatz=ansatz, random_state=seed, verbose=0)
            scores.append(model.fit(X_train, y_train).score(X_test, y_test))
        print(f"{dataset}, {ansatz}: {np.mean(scores):.2f}")

# Expected output:
# by hand: [0.7071 0.     0.     0.7071]
#   numpy: [0.7071 0.     0.     0.7071]
#    cirq: [0.7071 0.     0.     0.7071]
# ⟨ZZ⟩ + ⟨XX⟩ = 2.0000
# θ = 0.0000: length 1.0000, concurrence 0.0000
# θ = 0.5236: length 0.8660, concurrence 0.5000
# θ = 1.0472: length 0.5000, concurrence 0.8660
# θ = 1.5708: length 0.0000, concurrence 1.0000
# xor, hardware_efficient: 0.97
# xor, no_entanglement: 0.55
# circles, hardware_efficient: 0.99
# circles, no_entanglement: 0.99
