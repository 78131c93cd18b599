"""One qubit by hand: paper, package, shots and slopes (notebook 1)."""

import numpy as np

from qmlplay import get_backend
from qmlplay.circuit import Circuit, Gate

theta = 0.7
circuit = Circuit(1, (Gate("ry", (0,), slot=0),))

# On paper RY(θ)|0⟩ = (cos θ/2, sin θ/2), so ⟨Z⟩ = cos θ and ⟨X⟩ = sin θ.
state = get_backend("numpy").statevector(circuit, [theta])[0]
print("state on paper and computed:", np.cos(theta / 2).round(4), state[0].real.round(4))
for name in ("numpy", "cirq"):  # "qiskit" and "pennylane" give the same
    x, z = get_backend(name).expectations(circuit, [theta], ["X", "Z"])[0]
    print(f"{name:>8}: ⟨X⟩ = {x:.6f}, ⟨Z⟩ = {z:.6f}")
print(f"on paper: sin θ = {np.sin(theta):.6f}, cos θ = {np.cos(theta):.6f}")

# A thousand experiments of 100 shots each: one sample of a batch is one experiment.
sampled = get_backend("numpy", shots=100, seed=0)
estimates = sampled.expectations(circuit, [np.full(1000, theta)], ["Z"])
spread = np.sqrt((1 - np.cos(theta) ** 2) / 100)
print(f"spread of ⟨Z⟩ from 100 shots: {estimates.std():.2f}, by the formula {spread:.2f}")

# The slope from two more circuits, a quarter turn away: exact, not approximate.
left, right = theta - np.pi / 2, theta + np.pi / 2
values = get_backend("numpy").expectations(circuit, [np.array([left, right])], ["Z"])
print(f"slope by parameter shift: {(values[1, 0] - values[0, 0]) / 2:.6f}")
print(f"slope on paper, −sin θ:   {-np.sin(theta):.6f}")

# Expected output:
# state on paper and computed: 0.9394 0.9394
#    numpy: ⟨X⟩ = 0.644218, ⟨Z⟩ = 0.764842
#     cirq: ⟨X⟩ = 0.644218, ⟨Z⟩ = 0.764842
# on paper: sin θ = 0.644218, cos θ = 0.764842
# spread of ⟨Z⟩ from 100 shots: 0.06, by the formula 0.06
# slope by parameter shift: -0.644218
# slope on paper, −sin θ:   -0.644218
