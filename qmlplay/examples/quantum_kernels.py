"""Quantum kernels: in scikit-learn's own machines, as estimators, aligned with labels."""

import numpy as np
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.svm import SVC

from qmlplay import QuantumKernel, QuantumKernelClassifier, QuantumKernelRegressor, load_dataset
from qmlplay.kernels import target_alignment, train_alignment

# The labels of this dataset come from the ZZ feature map: its kernel separates them.
data = load_dataset("ad_hoc", n_samples=200, random_state=0)
X_train, y_train, X, y = data.X[:120], data.y[:120], data.X[120:], data.y[120:]
for kernel in ("rbf", QuantumKernel("zz"), QuantumKernel("zz", kind="projected")):
    print(f"SVC, {kernel}: {SVC(kernel=kernel).fit(X_train, y_train).score(X, y):.3f}")
process = GaussianProcessClassifier(QuantumKernel("zz", backend="cirq"))
print(f"Gaussian process, on Cirq: {process.fit(X_train, y_train).score(X, y):.3f}")

# The estimators scale features and choose the bandwidth in cross-validation.
moons = load_dataset("moons", n_samples=200, random_state=0)
model = QuantumKernelClassifier(random_state=0).fit(moons.X[:120], moons.y[:120])
for bandwidth, score in model.bandwidth_scores_.items():
    print(f"bandwidth {bandwidth:6.4f}: {score:.3f} on rows held out")
print(f"chosen {model.bandwidth_}: test accuracy {model.score(moons.X[120:], moons.y[120:]):.3f}")

x = np.linspace(-1, 1, 80)[:, None]
wave = np.sin(4 * x[:, 0]) + x[:, 0]
regressor = QuantumKernelRegressor(random_state=0).fit(x[::2], wave[::2])
print(f"regression: R² {regressor.score(x[1::2], wave[1::2]):.3f} between the training points")

# Measured kernels are estimates; negative eigenvalues are put right.
angles = model.scaling_.radians(moons.X[:30])
exact = model.kernel_(angles)
for shots in (100, 10_000):
    sampled = QuantumKernel("zz", bandwidth=model.bandwidth_, shots=shots, random_state=0)(angles)
    print(f"{shots:>6} shots: off by {np.abs(sampled - exact).mean():.3f}")

# Encoding weights that align the kernel with the labels: the third feature tells nothing.
rows = np.random.default_rng(0).uniform(-1.5, 1.5, (80, 3))
labels = rows[:, 0] + rows[:, 1] > 0
plain = QuantumKernel("angle_ry", bandwidth=0.5)
aligned = train_alignment(plain, rows, labels)
for name, kernel in {"plain": plain, "aligned": aligned}.items():
    print(f"{name:>7}: alignment {target_alignment(kernel(rows), labels, centered=True):.3f}")
print("weights", *(f"{abs(weight):.2f}" for weight in aligned.weights or ()))

# Expected output:
# SVC, rbf: 0.537
# SVC, QuantumKernel(): 1.000
# SVC, QuantumKernel(kind='projected'): 1.000
# Gaussian process, on Cirq: 1.000
# bandwidth 0.0625: 0.875 on rows held out
# bandwidth 0.1250: 0.867 on rows held out
# bandwidth 0.2500: 0.867 on rows held out
# bandwidth 0.5000: 0.933 on rows held out
# bandwidth 1.0000: 0.958 on rows held out
# bandwidth 2.0000: 0.775 on rows held out
# chosen 1.0: test accuracy 0.963
# regression: R² 1.000 between the training points
#    100 shots: off by 0.027
#  10000 shots: off by 0.003
#   plain: alignment 0.273
# aligned: alignment 0.382
# weights 1.91 1.65 0.00
