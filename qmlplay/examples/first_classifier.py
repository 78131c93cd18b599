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
# 2 qubits, 21 trainable numbers
# loss: 0.70 at first, 0.03 at last
# accuracy on unseen points: 1.00
# the circuit: x are the features, w the trainable weights
# q0: ──RY(w0·x0)──RY(w2)──RZ(w4)──●──RY(w6·x0)──RY(w8)──RZ(w10)──●──RY(w12·x0)──RY(w14)──RZ(w16)──●──
#                                  │                              │                                │
# q1: ──RY(w1·x1)──RY(w3)──RZ(w5)──⊕──RY(w7·x1)──RY(w9)──RZ(w11)──⊕──RY(w13·x1)──RY(w15)──RZ(w17)──⊕──
