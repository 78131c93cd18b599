"""Saliency: how the class probabilities of a trained model change with each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.model import probabilities
from qmlplay.model.classifiers import check_classifier
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["saliency"]


def saliency(clf: VariationalClassifier, X: ArrayLike) -> Real:
    """Return the derivatives of a model's class probabilities by the features.

    They come from the circuit itself, by the adjoint method where the model's backend is exact,
    and by parameter shift where it has shots or noise: no step size has to be chosen, as for
    finite differences.

    Parameters
    ----------
    clf : VariationalClassifier
        A fitted model; its backend, shots and noise count.
    X : array-like of shape (n_samples, n_features)
        Where to differentiate, in the units of the training data.

    Returns
    -------
    ndarray of shape (n_samples, n_features, n_classes)
        d probability / d feature, per unit of the feature; the sum over the classes is 0. It is
        0 where the scaling holds a far outlier (see `qmlplay.model.InputScaling`). To compare
        features of different units, multiply each by its standard deviation.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If it has no circuit.
    ValueError
        If X has another number of features, or entries that are not finite.

    References
    ----------
    Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising image
    classification models and saliency maps", arXiv:1312.6034.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> model = VariationalClassifier(n_layers=2, max_iter=10, random_state=0)
    >>> model = model.fit(data.X, data.y)
    >>> slopes = saliency(model, data.X)
    >>> slopes.shape
    (60, 2, 2)
    >>> step = np.array([1e-5, 0])
    >>> up, down = model.predict_proba(data.X + step), model.predict_proba(data.X - step)
    >>> bool(np.allclose(slopes[:, 0], (up - down) / 2e-5, atol=1e-8))
    True
    """
    check_classifier(clf)
    rows, backend = clf._asked(X)  # says what is wrong with X
    decisions, pullback = clf.model_.decisions_vjp(rows, backend, by="X")
    p = probabilities(decisions)  # (n_samples, n_classes)
    # d decision values / d X, shape (n_samples, n_features, n_outputs)
    outputs = np.eye(decisions.shape[1])
    slopes = np.stack([pullback(np.tile(one, (len(p), 1)))[1] for one in outputs], axis=2)
    if slopes.shape[2] == 1:  # two classes: the softmax of 0 and the log-odds
        slopes = np.concatenate([np.zeros_like(slopes), slopes], axis=2)
    mean = np.einsum("nfc,nc->nf", slopes, p)
    return np.asarray(p[:, None] * (slopes - mean[..., None]))
