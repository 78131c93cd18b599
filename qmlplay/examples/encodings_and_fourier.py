"""The encoding decides the frequencies, the weights only the coefficients (notebook 6)."""

import numpy as np

from qmlplay import Feature, Operation, VariationalClassifier
from qmlplay.circuit import ParametricCircuit
from qmlplay.diagnostics import allowed_band, fourier_spectrum, random_weights

# RX(x) gives ⟨Z⟩ = cos x, two of them in a row cos 2x.
turn = Operation("rx", 0, Feature(0))
for count in (1, 2):
    circuit = ParametricCircuit.from_operations(1, count * [turn], n_features=1)
    c = fourier_spectrum(circuit, [], "Z").coefficients.real.round(6) + 0.0
    print(f"{count} x RX(x): coefficients {c.tolist()}")

# Six stripes need the frequency 3: r layers of one qubit have the frequencies −r … r.
rng = np.random.default_rng(0)
X = rng.uniform(-np.pi, np.pi, (200, 1))
y = (np.cos(3 * X[:, 0] + 0.5) > 0).astype(int)
model = VariationalClassifier(
    n_qubits=1, scale_inputs=False, trainable_scaling=False, max_iter=150, random_state=0
)
for n_layers in (1, 2, 3):
    model.set_params(n_layers=n_layers).fit(X, y)
    (r,) = allowed_band(model.circuit_)
    print(f"{n_layers} layer(s), frequencies up to {r}: accuracy {model.score(X, y):.2f}")

# Whatever the weights: beyond the band every coefficient is zero.
W = random_weights(model.circuit_, 20, random_state=0)
spectra = [fourier_spectrum(model.circuit_, w, "Z", extra=2) for w in W]
beyond = max(np.abs(s.coefficients[[0, 1, -2, -1]]).max() for s in spectra)
print("beyond the band, 20 random weight vectors: zero within 1e-12:", bool(beyond < 1e-12))

# Expected output:
# 1 x RX(x): coefficients [0.5, 0.0, 0.5]
# 2 x RX(x): coefficients [0.5, 0.0, 0.0, 0.0, 0.5]
# 1 layer(s), frequencies up to 1: accuracy 0.49
# 2 layer(s), frequencies up to 2: accuracy 0.56
# 3 layer(s), frequencies up to 3: accuracy 0.99
# beyond the band, 20 random weight vectors: zero within 1e-12: True
