"""What is measured, how it is read out, and what is minimised, each of one's own."""

from typing import Any

import numpy as np

from qmlplay import VariationalClassifier, VariationalRegressor, load_dataset

data = load_dataset("moons", n_samples=200, random_state=0)

# A Pauli string, a sum of them, and Z on qubit 1; the readout weighs them.
model = VariationalClassifier(
    observables=["XX", {"ZZ": 0.5, "XI": 1.0}, 1], max_iter=60, random_state=0
).fit(data.X, data.y)
print("measured:", ", ".join(map(str, model.observables_)))
print(f"accuracy {model.score(data.X, data.y):.2f} with {model.n_parameters_} trainable numbers")
values, std = model.with_backend("cirq", shots=1000).expectations(data.X[:1], return_std=True)
print("standard errors of 1000 shots below 0.06:", bool((std < 0.06).all()))

# One qubit is read, and nothing trained but the circuit: the expectation is the decision value.
model = VariationalClassifier(
    observables=[0], readout="fixed", loss="hinge", max_iter=60, random_state=0
).fit(data.X, data.y)
same = np.array_equal(model.decision_function(data.X), model.expectations(data.X)[:, 0])
print(f"fixed readout, hinge loss: accuracy {model.score(data.X, data.y):.2f}, {same}")

# Training goes on from the circuit of another model.
on = VariationalClassifier(initial_weights=model.weights_, max_iter=20, random_state=0)
print(f"from these weights: accuracy {on.fit(data.X, data.y).score(data.X, data.y):.2f}")


# A loss of one's own is a pair of functions: here the loss whose best answer is a quantile.
def quantile_loss(decisions: Any, y: Any) -> Any:
    return np.maximum(0.9 * (y - decisions), 0.1 * (decisions - y)).mean(axis=1)


def derivative(decisions: Any, y: Any) -> Any:
    return np.where(decisions < y, -0.9, 0.1) / decisions.shape[1]


x = np.linspace(0, 6, 200)[:, None]
y = np.sin(x[:, 0]) + np.random.default_rng(0).normal(0, 0.3, 200)
model = VariationalRegressor(loss=(quantile_loss, derivative), max_iter=200, random_state=0)
print(f"below the 90 % quantile: {np.mean(y < model.fit(x, y).predict(x)):.2f}")

# Expected output:
# measured: XX, XI + 0.5 ZZ, IZ
# accuracy 0.99 with 32 trainable numbers
# standard errors of 1000 shots below 0.06: True
# fixed readout, hinge loss: accuracy 0.92, True
# from these weights: accuracy 0.98
# below the 90 % quantile: 0.91
