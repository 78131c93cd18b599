"""Your own ansatz: a function that returns gates, compared with the built-in ones."""

from sklearn.model_selection import train_test_split

from qmlplay import Operation, VariationalClassifier, Weight, load_dataset


def brickwork(n_qubits: int, layer: int) -> list[Operation]:
    """RX and RZ on every qubit, then CZ on even or on odd pairs, layer by layer."""
    turns = [
        Operation(name, qubit, Weight(2 * qubit + i))
        for qubit in range(n_qubits)
        for i, name in enumerate(("rx", "rz"))
    ]
    return turns + [Operation("cz", (q, q + 1)) for q in range(layer % 2, n_qubits - 1, 2)]


data = load_dataset("iris", random_state=0)
X_train, X_test, y_train, y_test = train_test_split(
    data.X, data.y, test_size=0.3, stratify=data.y, random_state=0
)
for ansatz in (brickwork, "hardware_efficient", "real_amplitudes", "no_entanglement"):
    model = VariationalClassifier(ansatz=ansatz, n_layers=3, max_iter=60, random_state=0)
    model.fit(X_train, y_train)
    name = getattr(ansatz, "__name__", ansatz)
    gates = model.circuit_.circuit.n_two_qubit_gates
    print(f"{name:>18}: {gates:2} two-qubit gates, accuracy {model.score(X_test, y_test):.2f}")

# Expected output:
#          brickwork:  5 two-qubit gates, accuracy 0.98
# hardware_efficient: 12 two-qubit gates, accuracy 1.00
#    real_amplitudes:  9 two-qubit gates, accuracy 1.00
#    no_entanglement:  0 two-qubit gates, accuracy 1.00
