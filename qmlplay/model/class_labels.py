"""Class labels: one for every sample, all of one kind, and known to the model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_known", "check_not_mixed", "check_one_column"]


def check_one_column(y: Any) -> None:
    """Check that labels are one column, and not one-hot.

    Raises
    ------
    ValueError
        If there are several columns.

    Examples
    --------
    >>> check_one_column([[0, 1], [1, 0], [0, 1]])
    Traceback (most recent call last):
        ...
    ValueError: y should be a 1d array of shape (n_samples,), one label per sample, got shape
    (3, 2): for one-hot columns give y.argmax(axis=1), and for several labels per sample train a
    model for each column, such as sklearn.multioutput.MultiOutputClassifier
    """
    shape = getattr(y, "shape", None)
    if shape is None:
        try:
            shape = np.asarray(y).shape
        except ValueError:  # rows of several lengths, which scikit-learn refuses in its words
            return
    if len(shape) == 2 and shape[1] != 1:
        of_frames = " (y.idxmax(axis=1) of a DataFrame)" if hasattr(y, "idxmax") else ""
        raise ValueError(
            f"y should be a 1d array of shape (n_samples,), one label per sample, got shape "
            f"{tuple(shape)}: for one-hot columns give y.argmax(axis=1){of_frames}, and for "
            f"several labels per sample train a model for each column, such as "
            f"sklearn.multioutput.MultiOutputClassifier"
        )


def check_not_mixed(what: str, labels: Any) -> None:
    """Check that labels are either all text or all something else, and not complex.

    NumPy turns the list [1, "a"] into text without a word, so look before it does.

    Raises
    ------
    TypeError
        If text and other labels are mixed.
    ValueError
        If there are complex labels.
    """
    if not isinstance(labels, list | tuple):
        labels = np.asarray(labels)
        if labels.dtype.kind not in "Oc" or labels.ndim == 0:
            return
        labels = labels.ravel()
    if any(isinstance(label, complex | np.complexfloating) for label in labels):
        raise ValueError(
            f"Complex data not supported: {what} holds complex numbers, but labels must be real "
            f"numbers, text or booleans, such as {what}.real"
        )
    if len({isinstance(label, str) for label in labels}) > 1:
        raise TypeError(
            f"{what} mixes text and other labels: make them all of one type, for instance with "
            f"[str(label) for label in {what}]"
        )


def check_known(labels: Any, classes: NDArray[Any]) -> None:
    """Raise ValueError unless all labels are among the classes of a trained model."""
    unknown = np.setdiff1d(labels, classes)
    if len(unknown):
        raise ValueError(
            f"y has labels {unknown.tolist()[:5]} that the model does not know: its classes are "
            f"{classes.tolist()}"
        )
