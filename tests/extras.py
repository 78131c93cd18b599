"""Packages of extras that a piece of code needs: examples, the README's blocks and the guides."""

from __future__ import annotations

import re
import sys

import pytest

__all__ = ["extras_of", "mark_of_extras"]

IMPORT = re.compile(r"^[ ]*(?:import|from) ([\w.]+)", flags=re.MULTILINE)
#: What `pip install "qmlplay[test]"` brings, besides Python itself.
ALWAYS = {
    *("IPython", "cirq", "click", "joblib", "matplotlib", "numpy", "openpyxl", "pandas"),
    *("pennylane", "polars", "psutil", "pyarrow", "qiskit", "qiskit_aer", "qiskit_ibm_runtime"),
    *("qmlplay", "rich", "scipy", "sklearn", "sympy", "threadpoolctl", "tqdm"),
}
#: What parts of qmlplay need.
OF_OURS = {
    "qmlplay.torch": "torch",
    "qmlplay.jax": "jax",
    "qmlplay.keras": "keras",
    "qmlplay.mlflow": "mlflow",
    "qmlplay.search": "optuna",
}


def extras_of(code):
    """Return the packages that code imports and only an extra brings, sorted."""
    modules = [name.split(".") for name in IMPORT.findall(code)]
    parts = {".".join(module[:2]) for module in modules}
    ours = {package for part, package in OF_OURS.items() if part in parts}
    others = {module[0] for module in modules}
    return sorted(ours | (others - ALWAYS - set(sys.stdlib_module_names)))


def mark_of_extras(code):
    """Return the marks of a test that runs code: none, or what it needs."""
    needed = extras_of(code)
    return [pytest.mark.needs(*needed)] if needed else []
