"""A hybrid network of your own in Keras: a quantum circuit between two dense layers.

Keras computes with TensorFlow, or with JAX or PyTorch if KERAS_BACKEND says so.
"""

import tempfile
from pathlib import Path

import keras
import numpy as np
from sklearn.model_selection import train_test_split

from qmlplay import load_dataset
from qmlplay.keras import QuantumLayer

data = load_dataset("moons", n_samples=300, random_state=0)
parts = train_test_split(data.X, data.y, stratify=data.y, random_state=0)
X_train, X_test, y_train, y_test = (np.asarray(part, dtype="float32") for part in parts)

# The hybrid, in ten lines.
keras.utils.set_random_seed(0)
model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(4, kernel_initializer=keras.initializers.Orthogonal(gain=2)),
    QuantumLayer(n_layers=2),
    keras.layers.Dense(1, activation="sigmoid"),
])  # fmt: skip
model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=40, batch_size=32, verbose=0)
_, accuracy = model.evaluate(X_test, y_test, verbose=0)
quantum = model.layers[1]
print(f"{quantum.design.n_qubits} qubits, {quantum.count_params()} weights")
print(f"accuracy on unseen moons above 0.95: {accuracy > 0.95}")

# A saved model holds the circuit as JSON, and nothing that could be executed.
expected = model.predict(X_test, verbose=0)
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder) / "moons.keras")
    again = keras.saving.load_model(Path(folder) / "moons.keras")
same = np.allclose(again.predict(X_test, verbose=0), expected, atol=1e-6)
print(f"saved and loaded, it says the same: {same}")

# The same weights on other simulators, which train as well: their gradients are exact.
for backend in ("numpy", "qiskit", "cirq", "pennylane"):
    layer = QuantumLayer(design=quantum.design, backend=backend)
    other = keras.Sequential([keras.Input((2,)), model.layers[0], layer, model.layers[2]])
    layer.set_weights(quantum.get_weights())
    same = np.allclose(other.predict(X_test, verbose=0), expected, atol=1e-5)
    other.compile("adam", "binary_crossentropy")
    history = other.fit(X_train, y_train, epochs=1, verbose=0).history
    print(f"{backend}: same predictions {same}, trains on: {bool(np.isfinite(history['loss'][0]))}")
    model.layers[0].set_weights(again.layers[0].get_weights())
    model.layers[2].set_weights(again.layers[2].get_weights())

# Expected output:
# 4 qubits, 32 weights
# accuracy on unseen moons above 0.95: True
# saved and loaded, it says the same: True
# numpy: same predictions True, trains on: True
# qiskit: same predictions True, trains on: True
# cirq: same predictions True, trains on: True
# pennylane: same predictions True, trains on: True
