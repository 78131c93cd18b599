"""MLflow: trainings logged as they run, models in its format, comparisons as nested runs.

`Logger` is a callback of `fit`; `save_model`, `log_model` and `load_model` are a flavour whose
file holds nothing executable; ``qmlplay.compare(..., track=True)`` logs a comparison, and
``mlflow.sklearn.autolog()`` sees quantum models as it sees scikit-learn's. What a server that is
down does not take is kept in a folder, which `send` sends later.
"""

try:
    import mlflow as _mlflow  # noqa: F401 - said early, and what to type
except ImportError as error:
    raise ImportError('qmlplay.mlflow needs MLflow: pip install "qmlplay[mlflow]"') from error

from qmlplay.mlflow.flavor import (
    FLAVOR_NAME,
    _load_pyfunc,
    load_model,
    log_model,
    save_model,
)
from qmlplay.mlflow.logger import Logger
from qmlplay.mlflow.model_environment import get_default_conda_env, get_default_pip_requirements
from qmlplay.mlflow.unsent import send

__all__ = [
    "FLAVOR_NAME",
    "Logger",
    "_load_pyfunc",
    "get_default_conda_env",
    "get_default_pip_requirements",
    "load_model",
    "log_model",
    "save_model",
    "send",
]
