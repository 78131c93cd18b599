"""The table of optimisers: from a loss and its gradient to better weights.

An optimiser is an `Optimizer`: a function, and what the rest of the package needs to know of it.
One of your own is given to a classifier as it is, or gets a name:
``OPTIMIZERS["mine"] = Optimizer(my_function, evaluations=lambda n_numbers: (0, 1))``.
A name is known to the process that gave it: to other processes (``n_jobs=2``) give the value.
"""

from __future__ import annotations

from typing import Any

from qmlplay.errors import unknown_name
from qmlplay.training.descent import DESCENTS, spsa_gain, spsa_width
from qmlplay.training.optimizer import (
    Optimizer,
    OptimizerSettings,
    Problem,
    Report,
    Run,
)
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.training.scipy_optimizers import SCIPY_OPTIMIZERS

__all__ = [
    "OPTIMIZERS",
    "Optimizer",
    "OptimizerSettings",
    "OptimizerState",
    "Problem",
    "Report",
    "Run",
    "get_optimizer",
    "optimizer_name",
    "spsa_gain",
    "spsa_width",
]

OPTIMIZERS: dict[str, Optimizer] = {**DESCENTS, **SCIPY_OPTIMIZERS}


def get_optimizer(optimizer: str | Optimizer | Run) -> Optimizer:
    """Return the optimiser of that name, the value itself, or a function as an optimiser.

    Raises
    ------
    ValueError
        If there is no optimiser of that name.
    TypeError
        If it is neither a name nor an `Optimizer` nor a function of four arguments.

    Examples
    --------
    >>> get_optimizer("cobyla").needs_gradients
    False
    >>> get_optimizer(lambda problem, w, settings, report: None).resumable
    False
    """
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZERS:
            raise unknown_name("optimizer", optimizer, OPTIMIZERS)
        optimizer = OPTIMIZERS[optimizer]
    if isinstance(optimizer, Optimizer):
        return optimizer
    if not callable(optimizer) or isinstance(optimizer, type):
        raise TypeError(
            f"optimizer must be one of {sorted(OPTIMIZERS)}, an Optimizer, or a function "
            f"(problem, w, settings, report), got {optimizer!r}"
        )
    return Optimizer(optimizer)


def optimizer_name(optimizer: str | Optimizer | Run) -> str:
    """Return how an optimiser is called: its name, or that of its function.

    Examples
    --------
    >>> optimizer_name("adam"), optimizer_name(OPTIMIZERS["adam"])
    ('adam', 'adam')
    """
    if isinstance(optimizer, str):
        return optimizer
    run: Any = optimizer.run if isinstance(optimizer, Optimizer) else optimizer
    return str(getattr(run, "__name__", type(run).__name__))
