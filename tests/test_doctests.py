"""Every example in a docstring runs."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import qmlplay

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(qmlplay.__path__, "qmlplay.")
    if not info.name.startswith("qmlplay.examples.") and info.name != "qmlplay.__main__"
)
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


#: Modules and packages that import the package of an extra, which may be absent.
OF_EXTRAS = {
    "qmlplay.torch": "torch",
    "qmlplay.jax": "jax",
    "qmlplay.keras": "keras",
    "qmlplay.search": "optuna",
    "qmlplay.mlflow": "mlflow",
    "qmlplay.export.tensorflow_graph": "tensorflow",
    "qmlplay.backends.arrays.torch_backend": "torch",
    "qmlplay.backends.arrays.jax_backend": "jax",
}


def needed(name):
    return OF_EXTRAS.get(name, OF_EXTRAS.get(".".join(name.split(".")[:2])))


def case(name):
    package = needed(name)
    return pytest.param(name, marks=[pytest.mark.needs(package)] if package else [])


@pytest.mark.parametrize("name", [case(name) for name in MODULES])
def test_docstring_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path))  # where qmlplay.ibm keeps its runs
    assert doctest.testmod(import_module(name), optionflags=FLAGS).failed == 0


def test_there_are_many():
    finder = doctest.DocTestFinder()
    tests = [
        test for name in MODULES if not needed(name) for test in finder.find(import_module(name))
    ]
    assert sum(bool(test.examples) for test in tests) >= 40
