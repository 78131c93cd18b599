"""The flavour of qmlplay: models in MLflow's format, whose file holds nothing executable."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.models.utils import _save_example
from mlflow.tracking.artifact_utils import _download_artifact_from_uri
from mlflow.utils.environment import _validate_env_arguments
from mlflow.utils.model_utils import (
    _add_code_from_conf_to_system_path,
    _get_flavor_configuration,
    _validate_and_copy_code_paths,
    _validate_and_prepare_target_save_path,
)

from qmlplay import saving
from qmlplay._version import __version__
from qmlplay.backends import Backend
from qmlplay.checks import check_choice
from qmlplay.classifier import save_model as write_model
from qmlplay.errors import ModelFileWarning
from qmlplay.mlflow.model_environment import ENVIRONMENT_FILES, write_environment
from qmlplay.mlflow.python_function import METHODS, PredictionFunction, inferred_signature
from qmlplay.mlflow.unwatched import unwatched

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns of type hints of its own
    from mlflow.pyfunc import add_to_model

__all__ = [
    "FLAVOR_NAME",
    "load_model",
    "log_model",
    "save_model",
]

#: What the flavour is called in an ``MLmodel`` file.
FLAVOR_NAME = "qmlplay"
#: By this name MLflow finds the functions of the flavour.
_MODULE = "qmlplay.mlflow"
_FILE = "model.qmlplay"


def save_model(
    model: Any,
    path: str | PathLike[str],
    conda_env: Any = None,
    code_paths: Sequence[str] | None = None,
    mlflow_model: Model | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    pip_requirements: Any = None,
    extra_pip_requirements: Any = None,
    pyfunc_predict_fn: str = "predict",
    metadata: dict[str, Any] | None = None,
) -> None:
    """Write a fitted model into a folder in MLflow's format.

    The model itself is the file of `qmlplay.save_model`, JSON and arrays: nothing is pickled. The
    folder has two flavours, ``qmlplay`` for `load_model` and ``python_function`` for MLflow's own
    ways: ``mlflow.pyfunc.load_model``, serving, and batch scoring.

    Parameters
    ----------
    model : estimator or Pipeline
        A fitted `VariationalClassifier`, `VariationalRegressor` or kernel estimator, or a pipeline
        of `TablePreprocessor` and `FeatureReduction` that ends in one.
    path : str or path-like
        The folder, new or empty.
    signature : ModelSignature or False, optional
        What goes in and comes out; by default inferred from the input example. False leaves it out.
    input_example : DataFrame or array-like, optional
        Some rows of X as the model takes them.
    pyfunc_predict_fn : {"predict", "predict_proba", "decision_function"}, default="predict"
        What the python_function answers with; with a signature each of its calls may ask for
        another one, ``predict(X, params={"predict_method": "predict_proba"})``.
    conda_env, code_paths, mlflow_model, pip_requirements, extra_pip_requirements, metadata
        As in every flavour of MLflow. By default the requirements are the installed versions of
        qmlplay and of the model's simulator.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If it, or a step of its pipeline, is of another kind.
    ValueError
        If it has no such prediction method.
    mlflow.exceptions.MlflowException
        If the folder is not empty.

    Examples
    --------
    >>> import tempfile
    >>> import mlflow
    >>> import numpy as np
    >>> from qmlplay import VariationalClassifier
    >>> X, y = np.array([[0.0], [1.0]]), ["a", "b"]
    >>> model = VariationalClassifier(max_iter=20, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(model, f"{folder}/model", input_example=X)
    ...     again = mlflow.pyfunc.load_model(f"{folder}/model")
    >>> [str(label) for label in again.predict(X)]
    ['a', 'b']
    """
    check_choice("pyfunc_predict_fn", pyfunc_predict_fn, METHODS)
    function = PredictionFunction(model, pyfunc_predict_fn)
    _validate_env_arguments(conda_env, pip_requirements, extra_pip_requirements)
    folder = Path(path).absolute()
    _validate_and_prepare_target_save_path(str(folder))
    try:
        write_model(unwatched(model), folder / _FILE)
    except BaseException:
        folder.rmdir()  # nothing is in it
        raise
    code = _validate_and_copy_code_paths(code_paths, str(folder))
    description = Model() if mlflow_model is None else mlflow_model
    example = _save_example(description, _as_mlflow_takes_it(input_example), str(folder))
    if signature is None and example is not None:
        signature = inferred_signature(function, input_example)
    if isinstance(signature, ModelSignature):
        description.signature = signature
    if metadata is not None:
        description.metadata = metadata
    add_to_model(
        description,
        loader_module=_MODULE,
        data=_FILE,
        code=code,
        model_config={"predict_method": pyfunc_predict_fn},
        **ENVIRONMENT_FILES,
    )
    description.add_flavor(
        FLAVOR_NAME,
        data=_FILE,
        qmlplay_version=__version__,
        model_class=f"{type(model).__module__}.{type(model).__name__}",
        code=code,
    )
    description.save(str(folder / "MLmodel"))
    write_environment(folder, model, conda_env, pip_requirements, extra_pip_requirements)


def log_model(
    model: Any,
    name: str = "model",
    *,
    registered_model_name: str | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    pyfunc_predict_fn: str = "predict",
    **settings: Any,
) -> Any:
    """Log a fitted model to MLflow, in the active run if there is one.

    Parameters
    ----------
    model : estimator or Pipeline
        As in `save_model`.
    name : str, default="model"
        Its name in MLflow.
    registered_model_name : str, optional
        Also registers it, as a new version of this name: ``models:/name/1``.
    signature, input_example, pyfunc_predict_fn
        As in `save_model`.
    **settings
        Further ones of `save_model` and of ``mlflow.models.Model.log``.

    Returns
    -------
    mlflow.models.model.ModelInfo
        Its ``model_uri`` is what `load_model` takes.
    """
    import qmlplay.mlflow

    return Model.log(
        artifact_path=None,
        name=name,
        flavor=qmlplay.mlflow,
        model=model,
        registered_model_name=registered_model_name,
        signature=signature,
        input_example=input_example,
        pyfunc_predict_fn=pyfunc_predict_fn,
        **settings,
    )


def load_model(
    model_uri: str, dst_path: str | None = None, backend: str | Backend | None = None
) -> Any:
    """Return a model from MLflow as the estimator or pipeline that it was.

    Parameters
    ----------
    model_uri : str
        As in every flavour: a folder, ``models:/name/1``, ``models:/name@alias``,
        ``runs:/run_id/model``.
    dst_path : str, optional
        An existing folder to download it to.
    backend : str or Backend, optional
        Simulator to predict with; None takes the one that trained the model.

    Raises
    ------
    mlflow.exceptions.MlflowException
        If there is no such model, or it has not this flavour.
    """
    folder = _download_artifact_from_uri(artifact_uri=str(model_uri), output_path=dst_path)
    configuration = _get_flavor_configuration(model_path=folder, flavor_name=FLAVOR_NAME)
    _add_code_from_conf_to_system_path(folder, configuration)
    return saving.load_model(Path(folder) / configuration["data"], backend=backend)


def _load_pyfunc(path: str, model_config: dict[str, Any] | None = None) -> PredictionFunction:
    """Return what MLflow's python_function asks, from the model file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelFileWarning)  # of training, which it does not do
        model = saving.load_model(path)
    return PredictionFunction(model, (model_config or {}).get("predict_method", "predict"))


def _as_mlflow_takes_it(example: Any) -> Any:
    """Return an input example with its rows; lists would be taken for one row of JSON."""
    import numpy as np

    if example is None or isinstance(example, pd.DataFrame):
        return example
    return np.asarray(example)
