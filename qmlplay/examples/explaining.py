"""SHAP and LIME: the libraries' own explainers, beside the exact gradients of the circuit."""

from typing import Any

import numpy as np
import shap
from lime.lime_tabular import LimeTabularExplainer
from sklearn.ensemble import RandomForestClassifier

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.diagnostics import integrated_gradients
from qmlplay.plots import AttributionsDisplay

# Half-moons, and a third column that says nothing.
data = load_dataset("moons", n_samples=200, random_state=0)
X = np.column_stack([data.X, np.random.default_rng(0).normal(size=200)])
names = ["x0", "x1", "noise"]
quantum = VariationalClassifier(n_layers=3, random_state=0).fit(X, data.y)
forest = RandomForestClassifier(random_state=0).fit(X, data.y)


def shares(values: Any) -> str:
    """Return the share of each feature in the mean size of attributions, as text."""
    sizes = np.abs(values).mean(axis=0)
    return ", ".join(
        f"{name} {share:.2f}" for name, share in zip(names, sizes / sizes.sum(), strict=True)
    )


# Shapley values of 50 samples against a background of 100: one call each.
background, samples = X[:100], X[100:150]
explained = {
    name: shap.Explainer(model.predict_proba, background, feature_names=names)(samples)
    for name, model in {"quantum model": quantum, "random forest": forest}.items()
}
for name, explanation in explained.items():
    print(f"SHAP, {name}: {shares(explanation.values[:, :, 1])}")

# The same from the circuit's gradients, along straight lines from the same background.
parts = integrated_gradients(quantum, samples, background)
print(f"integrated gradients: {shares(parts.values[:, :, 1])}")
print(f"what their sums miss: less than 1e-6: {np.abs(parts.error).max() < 1e-6}")
same = np.corrcoef(
    parts.values[:, :, 1].ravel(), explained["quantum model"].values[:, :, 1].ravel()
)
print(f"correlation with SHAP: {same[0, 1]:.2f}")

# LIME fits a line near one sample.
explainer = LimeTabularExplainer(X, feature_names=names, random_state=0)
row = samples[np.abs(quantum.predict_proba(samples)[:, 1] - 0.5).argmin()]
lines = explainer.explain_instance(row, quantum.predict_proba).as_list()
print(f"LIME, the least sure sample: {lines[-1][0].split()[0]} matters least")

display = AttributionsDisplay.from_explanations(explained, label="SHAP value: P(class 1)")
display.plot().figure_.savefig("explaining.png")
print("explaining.png")

# Expected output:
# SHAP, quantum model: x0 0.45, x1 0.54, noise 0.01
# SHAP, random forest: x0 0.38, x1 0.54, noise 0.08
# integrated gradients: x0 0.46, x1 0.53, noise 0.01
# what their sums miss: less than 1e-6: True
# correlation with SHAP: 0.96
# LIME, the least sure sample: noise matters least
# explaining.png
