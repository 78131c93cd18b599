"""qmlplay: learn and compare quantum machine learning on several simulators.

Importing it imports nothing else: every name is loaded on first use, so that the command line can
answer before scikit-learn is there.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from qmlplay._version import __version__

if TYPE_CHECKING:
    from qmlplay import ibm
    from qmlplay.backends import Backend, NoiseModel, get_backend, list_backends
    from qmlplay.circuit import Feature, FeatureProduct, Fixed, Operation, Weight
    from qmlplay.classifier import VariationalClassifier, VariationalRegressor, save_model
    from qmlplay.compare.run import compare
    from qmlplay.datasets import list_datasets, load_dataset
    from qmlplay.kernels import QuantumKernel, QuantumKernelClassifier, QuantumKernelRegressor
    from qmlplay.presets import get_preset, list_presets
    from qmlplay.saving import load_model
    from qmlplay.tables import FeatureReduction, TablePreprocessor
    from qmlplay.widget import playground
else:  # the folder has the name of the function: once it is loaded, the name is free
    import_module("qmlplay.compare")
    globals().pop("compare")

__all__ = [
    "Backend",
    "Feature",
    "FeatureProduct",
    "FeatureReduction",
    "Fixed",
    "NoiseModel",
    "Operation",
    "QuantumKernel",
    "QuantumKernelClassifier",
    "QuantumKernelRegressor",
    "TablePreprocessor",
    "VariationalClassifier",
    "VariationalRegressor",
    "Weight",
    "__version__",
    "compare",
    "get_backend",
    "get_preset",
    "ibm",
    "list_backends",
    "list_datasets",
    "list_presets",
    "load_dataset",
    "load_model",
    "playground",
    "save_model",
]

#: Module → the public names that are in it.
_NAMES_OF = {
    "backends": ("Backend", "NoiseModel", "get_backend", "list_backends"),
    "circuit": ("Feature", "FeatureProduct", "Fixed", "Operation", "Weight"),
    "classifier": ("VariationalClassifier", "VariationalRegressor", "save_model"),
    "compare.run": ("compare",),
    "datasets": ("list_datasets", "load_dataset"),
    "kernels": ("QuantumKernel", "QuantumKernelClassifier", "QuantumKernelRegressor"),
    "presets": ("get_preset", "list_presets"),
    "saving": ("load_model",),
    "tables": ("FeatureReduction", "TablePreprocessor"),
    "widget": ("playground",),
}
_HOMES = {name: module for module, names in _NAMES_OF.items() for name in names}


def _loaded(name: str) -> Any:
    """Return what is asked for the first time: a public name, or a module."""
    if name in _HOMES:
        value = getattr(import_module(f"qmlplay.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    is_name = name.isidentifier() and not name.startswith("_")
    if is_name and find_spec(f"qmlplay.{name}") is not None:
        return import_module(f"qmlplay.{name}")
    raise AttributeError(f"module 'qmlplay' has no attribute {name!r}")


if not TYPE_CHECKING:  # to type checkers it would say that every name is there
    __getattr__ = _loaded


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
