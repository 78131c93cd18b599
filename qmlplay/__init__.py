"""qmlplay: learn and compare quantum machine learning on several simulators.

Importing it imports no framework and no plotting library: they are loaded on first use.
"""

from __future__ import annotations

from qmlplay import ibm
from qmlplay._version import __version__
from qmlplay.backends import Backend, NoiseModel, get_backend, list_backends
from qmlplay.circuit import Feature, FeatureProduct, Fixed, Operation, Weight
from qmlplay.classifier import VariationalClassifier, VariationalRegressor, save_model
from qmlplay.compare import compare
from qmlplay.datasets import list_datasets, load_dataset
from qmlplay.kernels import QuantumKernel, QuantumKernelClassifier, QuantumKernelRegressor
from qmlplay.presets import get_preset, list_presets
from qmlplay.saving import load_model
from qmlplay.tables import FeatureReduction, TablePreprocessor
from qmlplay.widget import playground

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
