"""An optimiser of your own, and a learning rate that falls from step to step."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.training import Optimizer, OptimizerSettings
from qmlplay.training.optimizers import Problem, Report


def signs(
    problem: Problem, w: NDArray[np.float64], settings: OptimizerSettings, report: Report
) -> None:
    """Step against the signs of the gradient, until the report ends it."""
    for step in range(settings.max_iter):
        loss, gradient = problem.loss_and_gradient(w)
        w = w - settings.rate(step) * np.sign(gradient)
        report(w, loss)


def falling(step: int) -> float:
    return 0.1 / (1 + 0.05 * step)


data = load_dataset("moons", n_samples=100, random_state=0)
common: dict[str, Any] = {
    "n_layers": 2,
    "max_iter": 40,
    "n_iter_no_change": None,
    "random_state": 0,
}

# A plain function is enough; the value says more, so that the cost is known beforehand.
declared = Optimizer(signs, evaluations=lambda n_numbers: (0, 1))
for optimizer in ("adam", signs, declared):
    model = VariationalClassifier(optimizer=optimizer, **common)
    print(model.training_cost(data.X))
    model.fit(data.X, data.y)
    print(f"  loss {model.loss_curve_[0]:.2f} -> {model.loss_curve_[-1]:.2f}")

rates: dict[str, Any] = {"0.1": 0.1, "falling": falling}
for name, rate in rates.items():
    model = VariationalClassifier(optimizer=signs, learning_rate_init=rate, **common)
    losses = model.fit(data.X, data.y).loss_curve_
    print(f"rate {name:>7}: loss {losses[-1]:.2f}, last change {abs(losses[-1] - losses[-2]):.4f}")

# Expected output:
# adam by adjoint: 2 circuits per sample and gradient, 200 per iteration, at most 8,000 circuits in all
#   loss 0.63 -> 0.08
# signs by adjoint: 2 circuits per sample and gradient, in all as many as it asks for (see Optimizer.evaluations)
#   loss 0.63 -> 0.08
# signs by adjoint: 2 circuits per sample and gradient, 200 per iteration, at most 8,000 circuits in all
#   loss 0.63 -> 0.08
# rate     0.1: loss 0.08, last change 0.0041
# rate falling: loss 0.12, last change 0.0027
