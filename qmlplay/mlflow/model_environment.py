"""The environment of a model: what has to be installed where it predicts, as MLflow writes it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from mlflow.utils.environment import (
    _CONDA_ENV_FILE_NAME,
    _CONSTRAINTS_FILE_NAME,
    _PYTHON_ENV_FILE_NAME,
    _REQUIREMENTS_FILE_NAME,
    _mlflow_conda_env,
    _process_conda_env,
    _process_pip_requirements,
    _PythonEnv,
)
from sklearn.pipeline import Pipeline

from qmlplay._version import __version__
from qmlplay.backends import Backend, backend_info, list_backends

__all__ = [
    "ENVIRONMENT_FILES",
    "get_default_conda_env",
    "get_default_pip_requirements",
    "write_environment",
]

#: Which files MLflow has to look at, by kind.
ENVIRONMENT_FILES = {"conda_env": _CONDA_ENV_FILE_NAME, "python_env": _PYTHON_ENV_FILE_NAME}


def get_default_pip_requirements(model: Any = None) -> list[str]:
    """Return the installed versions of qmlplay and of what predicts with a model.

    Examples
    --------
    >>> [text.split("==")[0] for text in get_default_pip_requirements()]
    ['qmlplay', 'numpy', 'scikit-learn', 'scipy', 'pandas']
    """
    packages = ["numpy", "scikit-learn", "scipy", "pandas", *_simulator_packages(model)]
    return [
        f"qmlplay=={__version__}",
        *(f"{name}=={version(name)}" for name in dict.fromkeys(packages)),
    ]


def get_default_conda_env(model: Any = None) -> Any:
    """Return a conda environment with those requirements."""
    return _mlflow_conda_env(additional_pip_deps=get_default_pip_requirements(model))


def _simulator_packages(model: Any) -> list[str]:
    last = model[-1] if isinstance(model, Pipeline) else model
    backend = getattr(last, "backend", "numpy")
    name = backend.name if isinstance(backend, Backend) else backend
    return list(backend_info(name).versions) if name in list_backends() else []


def write_environment(
    folder: Path, model: Any, conda_env: Any, requirements: Any, extra: Any
) -> None:
    """Write the files by which MLflow builds an environment for the model in a folder."""
    process: Callable[..., Any] = _process_conda_env
    arguments = [conda_env]
    if conda_env is None:
        process = _process_pip_requirements
        arguments = [get_default_pip_requirements(model), requirements, extra]
    conda, pip, constraints = process(*arguments)
    (folder / _CONDA_ENV_FILE_NAME).write_text(yaml.safe_dump(conda), encoding="utf-8")
    if constraints:
        (folder / _CONSTRAINTS_FILE_NAME).write_text("\n".join(constraints), encoding="utf-8")
    (folder / _REQUIREMENTS_FILE_NAME).write_text("\n".join(pip), encoding="utf-8")
    _PythonEnv.current().to_yaml(str(folder / _PYTHON_ENV_FILE_NAME))
