"""Your first quantum regressor: a Fourier series, in any units, and with errors of typing."""

import numpy as np
from sklearn.model_selection import train_test_split

from qmlplay import VariationalRegressor, load_dataset
from qmlplay.baselines import make_baseline

data = load_dataset("fourier", degree=2, noise=0.05, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(data.X, data.y, random_state=0)
model = VariationalRegressor(random_state=0).fit(X_train, y_train)
print(f"{model.n_qubits_} qubits, {model.n_parameters_} trainable numbers")
print(f"quantum model: R² {model.score(X_test, y_test):.2f} on unseen points")
for name in ("ridge", "svr_rbf"):
    baseline = make_baseline(name, task="regression").fit(X_train, y_train)
    print(f"{name}: R² {baseline.score(X_test, y_test):.2f}")

# Targets are brought to standard units inside, so that theirs do not matter.
other = VariationalRegressor(random_state=0).fit(X_train, 1e6 * y_train)
print(f"a million times as large: R² {other.score(X_test, 1e6 * y_test):.2f}")

# Four targets of a hundred are off by a factor of 1000: Huber's loss lets them be.
wrong = y_train.copy()
wrong[::25] *= 1000
for loss in ("squared_error", "huber"):
    model = VariationalRegressor(loss=loss, max_iter=200, random_state=0).fit(X_train, wrong)
    error = np.abs(model.predict(X_test) - y_test).mean()
    print(f"with errors of typing, {loss}: mean error {'below' if error < 0.2 else 'above'} 0.2")

# Several targets at once, and the same weights on another simulator.
both = np.column_stack([y_train, np.abs(X_train[:, 0])])
model = VariationalRegressor(random_state=0).fit(X_train, both)
moved = model.with_backend("cirq").predict(X_test)
print("two targets, shape", model.predict(X_test).shape)
print("Cirq says the same within 1e-10:", bool(np.abs(moved - model.predict(X_test)).max() < 1e-10))

# Expected output:
# 2 qubits, 31 trainable numbers
# quantum model: R² 0.98 on unseen points
# ridge: R² 0.03
# svr_rbf: R² 0.99
# a million times as large: R² 0.98
# with errors of typing, squared_error: mean error above 0.2
# with errors of typing, huber: mean error below 0.2
# two targets, shape (50, 2)
# Cirq says the same within 1e-10: True
