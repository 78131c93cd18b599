"""Optimisers by what they cost, and barren plateaus beside their exact lines (notebook 7)."""

from sklearn.model_selection import train_test_split

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.diagnostics import (
    global_cost,
    global_variance,
    gradient_variance,
    local_cost,
    local_variance,
    product_rotations,
)

data = load_dataset("moons", n_samples=200, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(
    data.X, data.y, test_size=0.3, stratify=data.y, random_state=0
)

# Circuits that a device would have run; SPSA needs two per sample, whatever the number of weights.
for optimizer in ("adam", "sgd", "spsa"):
    model = VariationalClassifier(
        n_layers=2, optimizer=optimizer, max_iter=60, n_iter_no_change=None, random_state=0
    ).fit(X_train, y_train)
    print(
        f"{optimizer:>4}: {model.n_circuit_evaluations_:7,} circuits, "
        f"loss {model.loss_curve_[0]:.2f} -> {model.loss_curve_[-1]:.2f}"
    )

# RX on every qubit: the global cost has a barren plateau, the local one has not.
costs = {"global": (global_cost, global_variance), "local": (local_cost, local_variance)}
for n_qubits in (2, 4, 6):
    for name, (cost, exact) in costs.items():
        circuit = product_rotations(n_qubits)
        measured = gradient_variance(circuit, cost(n_qubits), n_samples=4000, random_state=0)
        agrees = abs(measured.variance - exact(n_qubits)) < 4 * measured.standard_error
        print(
            f"{n_qubits} qubits, {name:>6} cost: variance of a derivative {exact(n_qubits):.1e}, "
            f"measured the same within 4 standard errors: {agrees}"
        )

# Expected output:
# adam: 243,600 circuits, loss 0.64 -> 0.07
#  sgd: 243,600 circuits, loss 0.64 -> 0.13
# spsa:  16,800 circuits, loss 0.69 -> 0.34
# 2 qubits, global cost: variance of a derivative 4.7e-02, measured the same within 4 standard errors: True
# 2 qubits,  local cost: variance of a derivative 3.1e-02, measured the same within 4 standard errors: True
# 4 qubits, global cost: variance of a derivative 6.6e-03, measured the same within 4 standard errors: True
# 4 qubits,  local cost: variance of a derivative 7.8e-03, measured the same within 4 standard errors: True
# 6 qubits, global cost: variance of a derivative 9.3e-04, measured the same within 4 standard errors: True
# 6 qubits,  local cost: variance of a derivative 3.5e-03, measured the same within 4 standard errors: True
