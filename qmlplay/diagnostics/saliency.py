"""Saliency: how the answers of a trained model change with each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from qmlplay.diagnostics.input_slopes import answers_and_slopes, asked_model, shaped
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier, VariationalRegressor

__all__ = ["saliency"]


def saliency(clf: VariationalClassifier | VariationalRegressor, X: ArrayLike) -> Real:
    """Return the derivatives of a model's class probabilities, or numbers, by the features.

    They come from the circuit itself, by the adjoint method where the model's backend is exact,
    and by parameter shift where it has shots or noise: no step size has to be chosen, as for
    finite differences.

    Parameters
    ----------
    clf : VariationalClassifier or VariationalRegressor
        A fitted model; its backend, shots and noise count.
    X : array-like of shape (n_samples, n_features)
        Where to differentiate, in the units of the training data.

    Returns
    -------
    ndarray of shape (n_samples, n_features, n_classes)
        d probability / d feature, per unit of the feature; the sum over the classes is 0. Of a
        regressor d prediction / d feature, (n_samples, n_features), or (n_samples, n_features,
        n_targets) where y had columns. It is 0 where the scaling holds a far outlier (see
        `qmlplay.model.InputScaling`). To compare features of different units, multiply each by
        its standard deviation.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If it has no circuit whose features could be differentiated by, as a pipeline.
    ValueError
        If X has another number of features, or entries that are not finite.

    References
    ----------
    Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising image
    classification models and saliency maps", arXiv:1312.6034.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> import numpy as np
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
    model, rows, backend = asked_model(clf, X)
    return shaped(model, answers_and_slopes(model, rows, backend)[1])
