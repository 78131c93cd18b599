"""The trained kernel model: a frozen value that holds rows and what each of them says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.utils.multiclass import _ovr_decision_function

from qmlplay.backends import Backend
from qmlplay.circuit import ParametricCircuit
from qmlplay.kernels.kernel_design import KernelDesign
from qmlplay.kernels.kernel_matrix import kernel_matrix
from qmlplay.model import InputScaling
from qmlplay.model.values import ArrayValue, real_array
from qmlplay.typing import Integers, Real

__all__ = ["KernelModel", "probabilities_of", "svc_decisions"]

#: Entries of the kernel matrix that predictions hold at a time (128 MiB).
_ENTRIES = 2**24
_ARRAYS = ("rows", "coefficients", "intercept", "n_support")


@dataclass(frozen=True, eq=False)
class KernelModel(ArrayValue):
    """A kernel machine with its numbers: all that predictions need but a simulator.

    Parameters
    ----------
    design : KernelDesign
    scaling : InputScaling
        From features to radians.
    rows : ndarray of shape (n_rows, n_features)
        Rows of the training data, in their units: support vectors of a classifier.
    coefficients : ndarray of shape (n_coefficients, n_rows)
        Of a classifier as ``SVC.dual_coef_``; of a regressor one line per target.
    intercept : ndarray of shape (n_intercepts,)
        As ``SVC.intercept_``; of a regressor one per target.
    classes : ndarray of shape (n_classes,)
        The labels; empty for a regressor.
    n_support : ndarray of shape (n_classes,)
        How many of the rows belong to each class, in order; empty for a regressor.
    temperature : float, default=1.0
        What decision values are divided by before they become probabilities.

    Raises
    ------
    TypeError, ValueError
        If the parts do not fit together, or a number is not finite.
    """

    design: KernelDesign
    scaling: InputScaling
    rows: Real
    coefficients: Real
    intercept: Real
    classes: NDArray[Any]
    n_support: Integers
    temperature: float = 1.0

    def __post_init__(self) -> None:
        for name in ("rows", "coefficients", "intercept"):
            object.__setattr__(self, name, real_array(name, getattr(self, name)))
        object.__setattr__(self, "classes", np.asarray(self.classes))
        object.__setattr__(self, "n_support", np.asarray(self.n_support, dtype=np.int64))
        object.__setattr__(self, "temperature", float(self.temperature))
        super().__post_init__()
        self._check()

    def _check(self) -> None:
        n_rows, n_classes = len(self.rows), len(self.classes)
        is_classifier = n_classes > 0
        n_lines = n_classes - 1 if is_classifier else len(self.intercept)
        n_intercepts = n_classes * (n_classes - 1) // 2 if is_classifier else len(self.intercept)
        n_features = self.design.circuit.n_features
        for name, array, shape in (
            ("rows", self.rows, (n_rows, n_features)),
            ("coefficients", self.coefficients, (n_lines, n_rows)),
            ("intercept", self.intercept, (n_intercepts,)),
            ("n_support", self.n_support, (n_classes,)),
            ("scaling_center", self.scaling.center, (n_features,)),
            ("scaling_half_range", self.scaling.half_range, (n_features,)),
        ):
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(f"its array {name!r} should hold finite numbers of shape {shape}")
        if is_classifier and (self.n_support.min() < 0 or self.n_support.sum() != n_rows):
            raise ValueError("n_support does not count the rows")
        if n_classes == 1 or len(set(self.classes.tolist())) < n_classes:
            raise ValueError(f"classes must be at least 2 that differ, got {self.classes}")
        if not 0 < self.temperature < np.inf or not n_intercepts:
            raise ValueError(f"a model needs intercepts, and a temperature > 0: {self.temperature}")

    @property
    def n_parameters(self) -> int:
        """How many numbers it has learned: rows, coefficients and intercepts."""
        return int(self.rows.size + self.coefficients.size + self.intercept.size)

    @property
    def sizes(self) -> dict[str, int]:
        """Its number of parameters, and qubits, depth and gates of the encoding."""
        circuit = self.design.circuit.circuit
        return {
            "n_parameters": self.n_parameters,
            "n_qubits": circuit.n_qubits,
            "depth": circuit.depth,
            "two_qubit_gates": circuit.n_two_qubit_gates,
        }

    def matrix(self, X: Real, backend: Backend) -> Real:
        """Return the kernel of X (n_samples, n_features) with the rows, (n_samples, n_rows)."""
        angles = self.scaling.radians
        return kernel_matrix(self.design, backend, angles(X), angles(self.rows), enforce_psd=False)

    def values(self, X: Real, backend: Backend) -> Real:
        """Return a regressor's predictions, (n_samples, n_targets)."""
        parts = [K @ self.coefficients.T + self.intercept for K in self._blocks(X, backend)]
        return np.concatenate(parts)

    def decisions(self, X: Real, backend: Backend) -> Real:
        """Return a classifier's decisions, (n_samples,) for two classes, else one per class."""
        parts = [
            svc_decisions(K, self.coefficients, self.intercept, self.n_support)
            for K in self._blocks(X, backend)
        ]
        return np.concatenate(parts)

    def _blocks(self, X: Real, backend: Backend) -> Iterator[Real]:
        """Yield the rows of the matrix, as many at a time as memory takes easily."""
        size = max(1, _ENTRIES // max(1, len(self.rows)))
        for start in range(0, len(X), size):
            yield self.matrix(X[start : start + size], backend)

    def probabilities(self, X: Real, backend: Backend) -> Real:
        """Return class probabilities, (n_samples, n_classes)."""
        return probabilities_of(self.decisions(X, backend), self.temperature)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return all but the classes as values for JSON and arrays, for files and pickles.

        Raises
        ------
        ValueError
            If a formula of its circuit is of another class than the package's own.
        """
        circuit = self.design.circuit.to_dict()
        if ParametricCircuit.from_dict(circuit) != self.design.circuit:
            raise ValueError("the formulas of its circuit do not come back as they are")
        design = {
            "kind": self.design.kind,
            "bandwidth": float(self.design.bandwidth),
            "gamma": float(self.design.gamma),
            "weights": list(self.design.weights),
        }
        content = {"circuit": circuit, "design": design, "temperature": self.temperature}
        return content, {name: getattr(self, name) for name in _ARRAYS} | self.scaling.to_arrays()

    @classmethod
    def from_parts(
        cls, content: Mapping[str, Any], arrays: dict[str, NDArray[Any]], classes: NDArray[Any]
    ) -> KernelModel:
        """Return the model that `to_parts` wrote, and take its arrays out of all arrays."""
        return cls(
            KernelDesign(ParametricCircuit.from_dict(content["circuit"]), **content["design"]),
            InputScaling.from_arrays(arrays),
            **{name: arrays.pop(name) for name in _ARRAYS},
            classes=classes,
            temperature=content["temperature"],
        )

    def with_design(self, **changes: Any) -> KernelModel:
        """Return the model with another bandwidth, gamma or kind."""
        return replace(self, design=replace(self.design, **changes))


def svc_decisions(kernel: Real, coefficients: Real, intercept: Real, n_support: Integers) -> Real:
    """Return what ``SVC(kernel="precomputed").decision_function`` returns, from its numbers.

    Parameters
    ----------
    kernel : ndarray of shape (n_samples, n_rows)
        Of samples and support vectors.
    coefficients, intercept, n_support
        ``dual_coef_``, ``intercept_`` and ``n_support_``.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_classes)
        For more than two classes votes of all pairs, each with a fraction for how sure they are.
    """
    n_classes = len(n_support)
    if n_classes == 2:
        return np.asarray(kernel @ coefficients[0] + intercept[0])
    ends = np.cumsum(n_support)
    parts = [slice(end - size, end) for end, size in zip(ends, n_support, strict=True)]
    pairs = [(i, j) for i in range(n_classes) for j in range(i + 1, n_classes)]
    decisions = np.stack(
        [
            kernel[:, parts[i]] @ coefficients[j - 1, parts[i]]
            + kernel[:, parts[j]] @ coefficients[i, parts[j]]
            + offset
            for (i, j), offset in zip(pairs, intercept, strict=True)
        ],
        axis=1,
    )
    return np.asarray(_ovr_decision_function(decisions < 0, -decisions, n_classes))


def probabilities_of(decisions: Real, temperature: float) -> Real:
    """Return a sigmoid, for more than two classes a softmax, of decisions / temperature.

    It keeps the order of the classes, so that the likeliest is the predicted one.

    Examples
    --------
    >>> probabilities_of(np.array([0.0, 2.0]), temperature=2.0).round(3)
    array([[0.5  , 0.5  ],
           [0.269, 0.731]])
    """
    scaled = decisions / temperature
    if scaled.ndim == 1:
        return np.column_stack([expit(-scaled), expit(scaled)])
    return np.asarray(softmax(scaled, axis=1))
