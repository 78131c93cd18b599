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
    """Return the fitted variational estimator of a file, or its pipeline.

    It is the part of `qmlplay.load_model`, which describes it, that reads no kernel estimators.

    Examples
    --------
    >>> import tempfile
    >>> from qmlplay import VariationalClassifier
    >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(f"{folder}/model.qmlplay")
    ...     load_model(f"{folder}/model.qmlplay").model_ == model.model_
    True
    """
    file = ModelFile.read(path)
    kind = next(kind for kind in _KINDS if isinstance(file.model, kind.model_type))
    return with_steps(file.steps, from_file(kind, file, path, backend))
