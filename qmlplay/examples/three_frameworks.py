"""One model, three frameworks: trained on each, and the same to the last digits."""

import numpy as np

from qmlplay import VariationalClassifier, get_backend, load_dataset

data = load_dataset("circles", n_samples=200, random_state=1)

trained = {}
for backend in ("numpy", "qiskit", "cirq", "pennylane"):
    model = VariationalClassifier(backend=backend, max_iter=30, random_state=1)
    trained[backend] = model.fit(data.X, data.y)
    print(
        f"{backend:>9}: accuracy {model.score(data.X, data.y):.3f}, loss {model.loss_curve_[-1]:.6f}"
    )

reference = trained["numpy"].predict_proba(data.X)
for backend in ("qiskit", "cirq", "pennylane"):
    difference = np.abs(trained[backend].predict_proba(data.X) - reference).max()
    print(f"{backend} and numpy agree within 1e-8: {difference < 1e-8}")

moved = trained["cirq"].with_backend("qiskit")
print("trained on Cirq, evaluated on Qiskit:", moved.predict(data.X[:5]))

# One level down: any circuit, any angles, on any simulator.
moved_model = moved.model_
angles = moved_model.angles(data.X[:2])
z = get_backend("pennylane").expectations(moved_model.circuit.circuit, angles, ["ZI", "IZ"])
print("⟨Z⟩ of both qubits for two samples, from PennyLane:", z.round(3).tolist())

# Expected output:
#     numpy: accuracy 0.995, loss 0.177259
#    qiskit: accuracy 0.995, loss 0.177259
#      cirq: accuracy 0.995, loss 0.177259
# pennylane: accuracy 0.995, loss 0.177259
# qiskit and numpy agree within 1e-8: True
# cirq and numpy agree within 1e-8: True
# pennylane and numpy agree within 1e-8: True
# trained on Cirq, evaluated on Qiskit: [0 0 0 1 1]
# ⟨Z⟩ of both qubits for two samples, from PennyLane: [[-0.229, -0.546], [-0.619, -0.555]]
