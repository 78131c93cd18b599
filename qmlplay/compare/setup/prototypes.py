"""Prototypes: the settings of a comparison's quantum model, checked before anything is trained."""

from __future__ import annotations

from typing import Any

from qmlplay.backends.inputs import check_memory
from qmlplay.classifier import VariationalClassifier, VariationalRegressor
from qmlplay.classifier.validation import check_parameters
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.compare.setup.learning_task import CLASSIFICATION, REGRESSION, LearningTask

__all__ = ["check_prototype", "prototype_of"]

#: More qubits than any computer can simulate exactly.
_MOST_QUBITS = 60


def prototype_of(task: LearningTask, classifier: Any, regressor: Any) -> VariationalEstimator:
    """Return the settings of the task's quantum model, the defaults where none are given.

    Raises
    ------
    TypeError, ValueError
        If they are of the other task, or not allowed.
    """
    given = {"classification": classifier, "regression": regressor}
    types = {"classification": VariationalClassifier, "regression": VariationalRegressor}
    for name, settings in given.items():
        if settings is not None and name != task.name:
            wanted = types[task.name].__name__
            own = "regressor" if task is REGRESSION else "classifier"
            raise TypeError(
                f"the data are a {task.name}: give {own}={wanted}(...) in place of "
                f"{'classifier' if task is REGRESSION else 'regressor'}={settings!r}"
            )
    own = given[task.name]
    return check_prototype(types[task.name]() if own is None else own, task)


def check_prototype(prototype: Any, task: LearningTask = CLASSIFICATION) -> VariationalEstimator:
    """Return the quantum model's settings, checked before anything is trained.

    Raises
    ------
    TypeError, ValueError
        If a setting is not allowed whatever the data, or the qubits do not fit into memory.
    """
    kind = VariationalRegressor if task is REGRESSION else VariationalClassifier
    if not isinstance(prototype, kind):
        option = "regressor" if task is REGRESSION else "classifier"
        raise TypeError(
            f"{option} must be a {kind.__name__}, such as {kind.__name__}(n_layers=2), got "
            f"{prototype!r}; models of other kinds go to models={{'name': estimator}}"
        )
    check_parameters(prototype)
    n_qubits = prototype.n_qubits
    if n_qubits is not None and n_qubits > _MOST_QUBITS:
        raise ValueError(
            f"n_qubits={n_qubits} needs 16 · 2^{n_qubits} bytes per state vector, more than any "
            f"computer has: use fewer qubits, such as n_qubits=8, or give a model of your own, "
            f"models={{'large': {kind.__name__}(get_backend('qiskit', "
            f"method='matrix_product_state'), n_qubits={n_qubits})}}"
        )
    if n_qubits is not None:
        check_memory(n_qubits, 4)
    return prototype
