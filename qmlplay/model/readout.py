"""The readout: from expectations to decision values, class probabilities and classes.

Decision values are ``(n_samples, 1)`` for two classes, the log-odds of class 1, and
``(n_samples, n_classes)`` for more, whose softmax is the probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from qmlplay.model.values import ArrayValue, real_array
from qmlplay.typing import Real

__all__ = ["Readout", "class_indices", "n_outputs", "probabilities", "split_numbers"]


@dataclass(frozen=True, eq=False)
class Readout(ArrayValue):
    """From expectations to decision values: Σ scale · expectation + bias.

    Every output sees every observable, so that a model whose qubits never meet is not blind to
    all qubits but one.

    Parameters
    ----------
    scale : ndarray of shape (n_observables, n_outputs)
    bias : ndarray of shape (n_outputs,)
        One output for two classes, one per class for more.
    is_fixed : bool, default=False
        Whether it stays as it is in training.

    Examples
    --------
    >>> readout = Readout(scale=np.array([[2.0], [1.0]]), bias=np.array([0.5]))
    >>> readout.decisions(np.array([[1.0, -1.0], [0.0, 0.25]]))
    array([[1.5 ],
           [0.75]])
    """

    scale: Real
    bias: Real
    is_fixed: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", real_array("readout_scale", self.scale))
        object.__setattr__(self, "bias", real_array("readout_bias", self.bias))
        super().__post_init__()

    def decisions(self, expectations: Real) -> Real:
        """Return decision values, shape (n_samples, n_outputs)."""
        return np.asarray(expectations @ self.scale + self.bias)

    def cotangents(self, slopes: Real) -> Real:
        """Return d loss / d expectations, given d loss / d decisions (n_samples, n_outputs)."""
        return np.asarray(slopes @ self.scale.T)

    def gradient(self, expectations: Real, slopes: Real) -> Real:
        """Return d loss / d `numbers`, given the expectations and d loss / d decisions."""
        if self.is_fixed:
            return np.zeros(0)
        return np.concatenate([(expectations.T @ slopes).ravel(), slopes.sum(axis=0)])

    @property
    def numbers(self) -> Real:
        """The trainable numbers in one row: scale and bias, or none of a fixed readout."""
        return np.zeros(0) if self.is_fixed else np.concatenate([self.scale.ravel(), self.bias])

    def with_numbers(self, numbers: Real) -> Readout:
        """Return the readout that has other `numbers`."""
        if self.is_fixed:
            return self
        n_scales = self.scale.size
        return Readout(numbers[:n_scales].reshape(self.scale.shape), numbers[n_scales:])


def n_outputs(n_classes: int) -> int:
    """Return the number of decision values: one for two classes, one per class for more."""
    return 1 if n_classes == 2 else n_classes


def split_numbers(w: Real, n_weights: int, n_observables: int) -> tuple[Real, Readout]:
    """Split all trainable numbers into a circuit's weights and the readout's scale and bias.

    Parameters
    ----------
    w : ndarray of shape (n_weights + (n_observables + 1) · n_outputs,)
        The circuit's weights in radians, then the scale row by row, then the bias.
    n_weights : int
        Number of the circuit's weights.
    n_observables : int
        Number of observables.

    Returns
    -------
    weights : ndarray of shape (n_weights,)
    readout : Readout

    Raises
    ------
    TypeError, ValueError
        If w is no row of real numbers, or cannot be split like that.

    Examples
    --------
    >>> split_numbers(np.array([0.1, 0.2, 1.0, -1.0, 0.5]), n_weights=2, n_observables=2)
    (array([0.1, 0.2]), Readout(scale=array([[ 1.],
           [-1.]]), bias=array([0.5])))
    """
    w = real_array("the trainable numbers", w)
    n_outputs, left_over = divmod(w.size - n_weights, n_observables + 1)
    if w.ndim != 1 or n_outputs < 1 or left_over:
        raise ValueError(
            f"the trainable numbers must be {n_weights} weights, {n_observables} scales per output "
            f"and a bias per output, in one row; got shape {w.shape}"
        )
    readout = w[n_weights:].reshape(n_observables + 1, n_outputs)
    return w[:n_weights], Readout(readout[:-1], readout[-1])


def probabilities(decisions: Real) -> Real:
    """Return class probabilities, shape (n_samples, n_classes).

    Examples
    --------
    >>> probabilities(np.array([[0.0]]))
    array([[0.5, 0.5]])
    """
    if decisions.shape[1] > 1:
        return np.asarray(softmax(decisions, axis=1))
    positive = expit(decisions[:, 0])
    return np.stack([expit(-decisions[:, 0]), positive], axis=1)


def class_indices(decisions: Real) -> NDArray[np.intp]:
    """Return the index of the most probable class of every sample, shape (n_samples,).

    Examples
    --------
    >>> class_indices(np.array([[-0.5], [2.0]])), class_indices(np.array([[0.1, 0.3, 0.2]]))
    (array([0, 1]), array([1]))
    """
    if decisions.shape[1] > 1:
        return np.asarray(decisions.argmax(axis=1))
    return (decisions[:, 0] > 0).astype(np.intp)
