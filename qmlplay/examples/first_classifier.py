"""Your first quantum classifier: two moons, two qubits, a second of training."""

from sklearn.model_selection import train_test_split

from qmlplay import VariationalClassifier, load_dataset

data = load_dataset("moons", n_samples=300, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(
    data.X, data.y, test_size=0.3, stratify=data.y, random_state=0
)
model = VariationalClassifier(n_layers=3, random_state=0).fit(X_train, y_train)

print(f"{model.n_qubits_} qubits, {model.n_parameters_} trainable numbers")
print(f"loss: {model.loss_curve_[0]:.2f} at first, {model.loss_curve_[-1]:.2f} at last")
print(f"accuracy on unseen points: {model.score(X_test, y_test):.2f}")
print("the circuit: x are the features, w the trainable weights")
print(model.draw())

# Expected output:
# 2 qubits, 24 trainable numbers
# loss: 0.72 at first, 0.04 at last
# accuracy on unseen points: 0.99
# the circuit: x are the features, w the trainable weights
# q0: ──H──RY(w0·x0)──RY(w2)──RZ(w4)────RXX────RY(w7·x0)───RY(w9)──RZ(w11)────RXX─────RY(w14·x0)──
#                                        │                                     │
# q1: ──H──RY(w1·x1)──RY(w3)──RZ(w5)──RXX(w6)──RY(w8·x1)──RY(w10)──RZ(w12)──RXX(w13)──RY(w15·x1)──
#
# q0: ──RY(w16)──RZ(w18)────RXX─────
#                            │
# q1: ──RY(w17)──RZ(w19)──RXX(w20)──
