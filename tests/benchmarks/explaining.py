"""Explanations of 100 rows: SHAP for a quantum and classical models, and exact gradients.

    OMP_NUM_THREADS=1 python tests/benchmarks/explaining.py --rounds 5

First the agreement: SHAP against Shapley values known by hand, integrated gradients against their
sum rule, saliency against central differences. Then seconds, one call of each per round: SHAP's
exact explainer and LIME on models of one table (5 features of breast cancer, a background of 20
rows, 100 rows explained), and the exact gradients against central differences. It needs
`pip install -e ".[explain]"`; XGBoost is timed where it is installed.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from machine import machine, sentence
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tables import markdown, seconds, write_json
from timing import seconds_of

from qmlplay import QuantumKernelClassifier, VariationalClassifier, load_dataset
from qmlplay.diagnostics import integrated_gradients, saliency

sys.path.insert(0, str(Path(__file__).parents[1]))
from own_circuits import additive_regressor, interaction_regressor

N_ROWS, N_BACKGROUND, N_FEATURES = 100, 20, 5


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = _arguments()
    X, y = _table()
    models = fitted_models(X, y)
    agreement = agreements(models["quantum model"], X)
    print(
        markdown(
            ["agreement", "largest difference"], [[k, f"{v:.0e}"] for k, v in agreement.items()]
        )
    )
    calls = shap_calls(models, X) | gradient_calls(models["quantum model"], X)
    times = {name: [] for name in calls}
    for call in calls.values():
        call()  # imports and compilation
    for _ in range(arguments.rounds):
        for name, call in calls.items():
            times[name].append(seconds_of(call))
    medians = {name: float(np.median(values)) for name, values in times.items()}
    print(
        markdown(["100 rows of 5 features", "time"], [[k, seconds(v)] for k, v in medians.items()])
    )
    found = machine()
    print(sentence(found))
    write_json(arguments.json, {"machine": found, "agreement": agreement, "explaining": medians})


def _table():
    data = load_dataset("breast_cancer")
    return data.X[:, :N_FEATURES], data.y


def fitted_models(X, y):
    """Return the models by name, fitted to the whole table."""
    models = {
        "quantum model": VariationalClassifier(max_iter=30, random_state=0),
        "quantum kernel": QuantumKernelClassifier(bandwidth=0.25, C=1.0, random_state=0),
        "random forest": RandomForestClassifier(random_state=0),
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
    }
    if find_spec("xgboost"):
        from xgboost import XGBClassifier

        models["XGBoost"] = XGBClassifier(n_jobs=1)
    return {name: model.fit(X[:200], y[:200]) for name, model in models.items()}


def agreements(model, X):
    """Return the largest differences from what is known otherwise."""
    import shap

    random = np.random.default_rng(0)
    rows, background = random.uniform(-3, 3, (20, 3)), random.uniform(-3, 3, (30, 3))
    by_hand = np.cos(rows) - np.cos(background).mean(axis=0)
    of_sum = shap.Explainer(additive_regressor().predict, background)(rows, silent=True).values
    x, b = np.cos(rows[:, :2]), np.cos(background[:, :2])
    nothing, both = (b[:, 0] * b[:, 1]).mean(), x[:, 0] * x[:, 1]
    alone = x * b.mean(axis=0)[::-1]
    shared = (alone - alone[:, ::-1] - nothing + both[:, None]) / 2
    product = interaction_regressor().predict
    of_product = shap.Explainer(product, background[:, :2])(rows[:, :2], silent=True).values
    parts = integrated_gradients(model, X[:N_ROWS], X[:5])
    differences = saliency(model, X[:N_ROWS]) - central_differences(model, X[:N_ROWS])
    return {
        "SHAP, sum of cosines": float(np.abs(of_sum - by_hand).max()),
        "SHAP, product of cosines": float(np.abs(of_product - shared).max()),
        "integrated gradients, sum rule": float(np.abs(parts.error).max()),
        "saliency × spread, central differences": float(
            np.abs(differences * X.std(axis=0)[:, None]).max()
        ),
    }


def central_differences(model, X):
    """Return the slopes from two predictions per feature, 1e-5 of its spread to both sides."""
    steps = 1e-5 * X.std(axis=0)
    moves = np.diag(steps)
    rows = np.concatenate([X + sign * move for move in moves for sign in (1, -1)])
    p = model.predict_proba(rows).reshape(len(moves), 2, len(X), -1)
    return np.moveaxis((p[:, 0] - p[:, 1]) / (2 * steps[:, None, None]), 0, 1)


def shap_calls(models, X):
    """Return a call per model: Shapley values of all rows, by SHAP's exact explainer."""
    import shap

    def of(model):
        return lambda: shap.ExactExplainer(model.predict_proba, X[:N_BACKGROUND])(
            X[N_BACKGROUND : N_BACKGROUND + N_ROWS], silent=True
        )

    by_shap = {f"SHAP, {name}": of(model) for name, model in models.items()}
    return by_shap | {f"LIME, {name}": _lime(model, X) for name, model in models.items()}


def _lime(model, X):
    from lime.lime_tabular import LimeTabularExplainer

    explainer = LimeTabularExplainer(X, random_state=0)
    return lambda: [
        explainer.explain_instance(row, model.predict_proba, num_samples=500) for row in X[:N_ROWS]
    ]


def gradient_calls(model, X):
    """Return calls of the exact gradients, and of what stands for them elsewhere."""
    rows = X[:N_ROWS]
    return {
        "saliency": lambda: saliency(model, rows),
        "central differences, one call": lambda: central_differences(model, rows),
        "central differences, row by row": lambda: [
            central_differences(model, rows[i : i + 1]) for i in range(N_ROWS)
        ],
        "integrated gradients, 64 steps": lambda: integrated_gradients(model, rows, X.mean(axis=0)),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", default=None)
    return parser.parse_args()


if __name__ == "__main__":
    main()
