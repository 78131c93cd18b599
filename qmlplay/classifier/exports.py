"""Taking a fitted classifier elsewhere: drawings and native circuits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from qmlplay import interop
from qmlplay.circuit import Circuit
from qmlplay.drawing import draw_text

if TYPE_CHECKING:
    from qmlplay.classifier.estimator import VariationalClassifier

__all__ = [
    "draw",
    "to_cirq",
    "to_openqasm",
    "to_pennylane",
    "to_qiskit",
]


def draw(clf: VariationalClassifier) -> str:
    """Return a text drawing of a fitted classifier's circuit."""
    return draw_text(clf.circuit_)


def to_qiskit(clf: VariationalClassifier, x: ArrayLike) -> Any:
    """Return a fitted classifier's circuit for one sample in Qiskit."""
    return interop.to_qiskit(*_numbers(clf, x))


def to_cirq(clf: VariationalClassifier, x: ArrayLike) -> Any:
    """Return a fitted classifier's circuit for one sample in Cirq."""
    return interop.to_cirq(*_numbers(clf, x))


def to_pennylane(clf: VariationalClassifier, x: ArrayLike) -> Any:
    """Return a fitted classifier's circuit for one sample in PennyLane."""
    return interop.to_pennylane(*_numbers(clf, x))


def to_openqasm(clf: VariationalClassifier, x: ArrayLike) -> str:
    """Return a fitted classifier's circuit for one sample as OpenQASM 3."""
    return interop.to_openqasm(*_numbers(clf, x))


def _numbers(clf: VariationalClassifier, x: ArrayLike) -> tuple[Circuit, list[float]]:
    """Return the circuit and its angles in radians for one sample."""
    check_is_fitted(clf)
    row: NDArray[np.float64] = np.asarray(x, dtype=float)
    if row.shape != (clf.n_features_in_,):
        raise ValueError(
            f"one sample of shape ({clf.n_features_in_},) is needed, such as X[0]; "
            f"got shape {row.shape}"
        )
    angles = clf.circuit_.angles(clf.scaling_.radians(row[None]), clf.weights_)
    return clf.circuit_.circuit, [float(np.ravel(angle)[0]) for angle in angles]
