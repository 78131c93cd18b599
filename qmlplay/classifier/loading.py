"""The reading of model files: estimators of every kind, alone or in their pipelines."""

from __future__ import annotations

from os import PathLike
from typing import Any

from qmlplay.backends import Backend
from qmlplay.classifier.estimator import VariationalClassifier
from qmlplay.classifier.persistence import from_file
from qmlplay.classifier.quantum_pipelines import with_steps
from qmlplay.classifier.regressor import VariationalRegressor
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.model.files import ModelFile

__all__ = ["load_model"]

_KINDS: tuple[type[VariationalEstimator], ...] = (VariationalClassifier, VariationalRegressor)


def load_model(path: str | PathLike[str], backend: str | Backend | None = None) -> Any:
    """Return the fitted model that its `save` or `qmlplay.save_model` wrote.

    It predicts as before, and training goes on, or anew, to the last bit as before. A file holds
    no functions and no objects of other people's classes: where an encoding, an ansatz, an
    optimizer, a schedule of the learning rate, callbacks or a backend was one, a
    `qmlplay.errors.ModelFileWarning` names it, and what to set. Predictions need none of them, as
    the circuit is in the file.

    Parameters
    ----------
    path : str or path-like
        The file.
    backend : str or Backend, optional
        Simulator to predict with; None takes the one that trained the model.

    Returns
    -------
    VariationalClassifier, VariationalRegressor or Pipeline
        Fitted, ready to predict: a pipeline where one was saved, which takes the raw table.

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
    file = ModelFile.read(path)
    kind = next(kind for kind in _KINDS if isinstance(file.model, kind.model_type))
    return with_steps(file.steps, from_file(kind, file, path, backend))
