"""Laziness: what importing the package loads, and what it does not, seen in one process."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import qmlplay

#: What is done, step by step, and what has still not been imported after it.
FRAMEWORKS = {
    "qiskit",
    "qiskit_aer",
    "cirq",
    "pennylane",
    "torch",
    "jax",
    "keras",
    "tensorflow",
    "optuna",
}
CLIENT = {"qiskit_ibm_runtime", "requests"}
WIDGETS = {"ipywidgets", "anywidget", "tornado", "qmlplay.widget.playground_widget"}
NOTEBOOK = {"IPython", "tqdm.notebook", "tqdm.auto", *WIDGETS}
PAGES = {"jinja2", "markupsafe"}
STEPS = {
    "import qmlplay": FRAMEWORKS | CLIENT | NOTEBOOK | PAGES | {"matplotlib"},
    "qmlplay.get_backend('numpy')": FRAMEWORKS | {"matplotlib"},
    "import qmlplay.datasets": FRAMEWORKS | {"matplotlib"},
    "qmlplay.load_dataset('moons')._repr_html_()": NOTEBOOK | {"matplotlib"},
    "import qmlplay.interop, qmlplay.circuit.drawing, qmlplay.model": FRAMEWORKS | {"matplotlib"},
    "qmlplay.ibm.plan, qmlplay.ibm.list_runs()": FRAMEWORKS | CLIENT | {"matplotlib"},
    "import qmlplay.diagnostics": FRAMEWORKS | {"matplotlib"},
    "import qmlplay.plots": FRAMEWORKS | {"matplotlib.pyplot"},
    "qmlplay.compare('moons', models=['dummy'], seeds=1).to_html()": (
        FRAMEWORKS | {"matplotlib.pyplot"}
    ),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Step → the modules that a fresh process has after it."""
    code = "import json, sys\nafter = {}\n"
    for step in STEPS:
        code += f"{step}\nafter[{step!r}] = sorted(sys.modules)\n"
    settings = {"PYTHONWARNINGS": "error", "QMLPLAY_HOME": str(tmp_path_factory.mktemp("home"))}
    done = subprocess.run(
        [sys.executable, "-c", code + "print(json.dumps(after))"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | settings,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_imported_before_it_is_needed(loaded, step):
    assert not STEPS[step] & set(loaded[step])


def test_a_page_has_pictures_without_pyplot(loaded):
    assert "matplotlib" in loaded[list(STEPS)[-1]]


@pytest.mark.parametrize("name", ["no_such_name", "no.such", "ibm.store", "", "a b", "__wrapped__"])
def test_what_is_no_name_is_an_attribute_error_as_anywhere(name):
    assert not hasattr(qmlplay, name)


@pytest.mark.parametrize("module", ["qmlplay", "qmlplay.compare"])
def test_lazy_names_are_there_for_people_and_for_type_checkers(module):
    """A `__getattr__` that these see would say that every name is there, misspelt ones as well."""
    package = import_module(module)
    assert set(package.__all__) <= set(dir(package))
    loaded = {}
    exec(f"from {module} import *", loaded)
    assert set(package.__all__) <= set(loaded)
    source = ast.parse(Path(package.__file__).read_text("utf-8"))
    functions = {node.name for node in source.body if isinstance(node, ast.FunctionDef)}
    assert "__getattr__" not in functions
    (typed, *_) = (node.body for node in source.body if isinstance(node, ast.If))
    imported = {alias.name for node in typed for alias in node.names}
    assert imported | {"__version__"} >= set(package.__all__)
