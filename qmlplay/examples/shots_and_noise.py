"""Shots and noise: how exactly shots measure, what noise does, and what mitigation helps."""

import numpy as np

from qmlplay import NoiseModel, VariationalClassifier, get_backend, load_dataset
from qmlplay.circuit import Circuit, Gate
from qmlplay.mitigation import mitigation_table

# A batch of 20,000 samples with the same angle is the same experiment 20,000 times.
turn = Circuit(1, (Gate("ry", (0,), slot=0),))
for shots in (100, 400):
    estimates = get_backend("numpy", shots=shots, seed=1).expectations(
        turn, [np.full(20_000, 1.0)], ["Z"]
    )
    expected = np.sqrt((1 - np.cos(1.0) ** 2) / shots)
    print(
        f"{shots} shots: standard error {estimates.std():.4f}, √((1 − E²)/shots) = {expected:.4f}"
    )

# Depolarising with probability p after a gate multiplies ⟨Z⟩ by 1 − 4p/3.
p = 0.06
noisy = get_backend("numpy", noise=NoiseModel(depolarizing_1q=p))
left = noisy.expectations(turn, [1.0], ["Z"])[0, 0] / np.cos(1.0)
print(f"noise leaves {left:.4f} of ⟨Z⟩, 1 − 4p/3 = {1 - 4 * p / 3:.4f}")

data = load_dataset("moons", n_samples=200, random_state=0)
X_train, y_train, X, y = data.X[:120], data.y[:120], data.X[120:], data.y[120:]
model = VariationalClassifier(n_layers=2, random_state=0).fit(X_train, y_train)
exact = model.predict_proba(X)
for name, variant in {
    "exact": model,
    "100 shots": model.with_backend("numpy", shots=100),
    "high noise": model.with_backend("numpy", noise="high"),
    "high noise, 100 shots": model.with_backend("numpy", noise="high", shots=100),
}.items():
    difference = np.abs(variant.predict_proba(X) - exact).mean()
    print(f"{name:>21}: accuracy {variant.score(X, y):.3f}, probabilities off by {difference:.3f}")

# What training would take, known before anything is run.
for method in ("parameter_shift", "spsa"):
    learner = VariationalClassifier(n_layers=2, shots=100, gradient_method=method, max_iter=25)
    print(learner.training_cost(X_train, y_train))

print(mitigation_table(model, X, y, noise="high").round(3).to_string(index=False))

# Expected output:
# 100 shots: standard error 0.0842, √((1 − E²)/shots) = 0.0841
# 400 shots: standard error 0.0421, √((1 − E²)/shots) = 0.0421
# noise leaves 0.9200 of ⟨Z⟩, 1 − 4p/3 = 0.9200
#                 exact: accuracy 0.988, probabilities off by 0.000
#             100 shots: accuracy 0.975, probabilities off by 0.019
#            high noise: accuracy 0.975, probabilities off by 0.035
# high noise, 100 shots: accuracy 0.975, probabilities off by 0.059
# adam by parameter_shift: 29 circuits per sample and gradient, 3,480 per iteration, at most 87,000 circuits of 100 shots in all (8,700,000 shots)
# adam by spsa: 2 circuits per sample and gradient, 240 per iteration, at most 6,000 circuits of 100 shots in all (600,000 shots)
#                   method  mean_abs_error  accuracy  circuits
#                    exact           0.000     0.988        80
#                    noisy           0.154     0.975        80
#        readout corrected           0.100     0.975        80
#               ZNE linear           0.109     0.975       240
#           ZNE Richardson           0.076     0.975       240
#     readout + ZNE linear           0.048     0.975       240
# readout + ZNE Richardson           0.010     0.988       240
