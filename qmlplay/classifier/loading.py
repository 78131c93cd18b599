"""load_model: the way back from a file."""

from __future__ import annotations

from os import PathLike

from qmlplay.backends import Backend
from qmlplay.classifier.estimator import VariationalClassifier
from qmlplay.classifier.model_files import restore

__all__ = ["load_model"]


def load_model(
    path: str | PathLike[str], backend: str | Backend | None = None
) -> VariationalClassifier:
    """Return the fitted classifier that `VariationalClassifier.save` wrote.

    An encoding or ansatz that was a function of the user's own is not in the file; the circuit
    that it made is, so the model predicts as before, but fitting it anew takes the defaults. So it
    is with an optimizer or a learning rate that was a function: set it again, and `partial_fit`
    goes on where it was, as what the optimiser remembered is in the file.

    Parameters
    ----------
    path : str or path-like
        The file.
    backend : str or Backend, optional
        Simulator to predict with; None takes the one that trained the model.

    Returns
    -------
    VariationalClassifier
        Fitted, ready to predict.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, not a model file, or written by a newer version.
    ImportError
        If the backend's framework is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from qmlplay import VariationalClassifier, load_model
    >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(f"{folder}/model.qmlplay")
    ...     again = load_model(f"{folder}/model.qmlplay", backend="cirq")
    >>> bool(abs(again.predict_proba([[0.3]]) - model.predict_proba([[0.3]])).max() < 1e-10)
    True
    """
    clf = VariationalClassifier()
    restore(clf, path, backend)
    return clf
