"""Larger circuits: 40 qubits by matrix product states, which follow entanglement and not 2**n."""

from typing import Any

import numpy as np

from qmlplay import QuantumKernelClassifier, VariationalClassifier, get_backend, load_dataset
from qmlplay.ansatze import HardwareEfficient

large = get_backend("qiskit", method="matrix_product_state")
chain = HardwareEfficient(entanglement="linear")  # CX between neighbours alone

# The same numbers as state vectors give, where there are any.
data = load_dataset("blobs", n_samples=30, n_features=12, random_state=0)
settings: dict[str, Any] = {
    "n_layers": 1,
    "ansatz": chain,
    "max_iter": 5,
    "verbose": 0,
    "random_state": 0,
}
model = VariationalClassifier("numpy", **settings).fit(data.X, data.y)
p, q = model.predict_proba(data.X), model.with_backend(large).predict_proba(data.X)
print(f"12 features on {model.n_qubits_} qubits: the same to 1e-10: {np.abs(p - q).max() < 1e-10}")

# 40 qubits: a state vector would have 16 terabytes.
data = load_dataset("blobs", n_samples=45, n_features=40, random_state=0)
train, test = slice(30), slice(30, None)
settings |= {"n_qubits": 40, "gradient_method": "spsa", "max_iter": 6}
model = VariationalClassifier(large, **settings).fit(data.X[train], data.y[train])
print(f"{model.n_qubits_} qubits, {model.circuit_.circuit.n_two_qubit_gates} CX")
print(f"test accuracy {model.score(data.X[test], data.y[test]):.3f}")

# Kernels of expectations work as well.
kernel = QuantumKernelClassifier(
    encoding="angle_ry", kind="projected", backend=large, n_qubits=40, bandwidth=0.25, verbose=0
).fit(data.X[train], data.y[train])
print(f"projected kernel: test accuracy {kernel.score(data.X[test], data.y[test]):.3f}")

# What is left out at a bond is left out of the numbers: raise it until they stay.
for dimension in (1, 2):
    coarse = get_backend(
        "qiskit",
        method="matrix_product_state",
        matrix_product_state_max_bond_dimension=dimension,
    )
    p = model.with_backend(coarse).predict_proba(data.X)
    error = np.abs(p - model.predict_proba(data.X)).max()
    print(f"bond dimension {dimension}: probabilities off by up to {error:.3f}")

# Expected output:
# 12 features on 8 qubits: the same to 1e-10: True
# 40 qubits, 39 CX
# test accuracy 1.000
# projected kernel: test accuracy 1.000
# bond dimension 1: probabilities off by up to 0.549
# bond dimension 2: probabilities off by up to 0.000
