"""The Keras layer on each backend of Keras, which is chosen once per process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("keras_checks.py")
FRAMEWORKS = ("tensorflow", "jax", "torch")
NAMES = re.findall(r"^def (check_\w+)", SCRIPT.read_text(encoding="utf-8"), flags=re.MULTILINE)
ON_EACH = pytest.mark.parametrize(
    "framework",
    [pytest.param(name, marks=pytest.mark.needs("keras", name)) for name in FRAMEWORKS],
)

pytestmark = [pytest.mark.needs("keras"), pytest.mark.slow]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Framework → check → None, or the traceback of its failure."""
    folder = tmp_path_factory.mktemp("models")
    installed = [name for name in FRAMEWORKS if find_spec(name)]
    return {name: run(name, folder) for name in installed}


def run(framework, folder):
    settings = {"KERAS_BACKEND": framework, "JAX_ENABLE_X64": "1", "KERAS_HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder)],
        capture_output=True,
        text=True,
        env=os.environ | settings,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@ON_EACH
@pytest.mark.parametrize("name", NAMES)
def test_keras_layer(results, framework, name):
    failure = results[framework][name]
    assert failure is None, failure


@ON_EACH
def test_every_check_ran(results, framework):
    assert sorted(results[framework]) == sorted(NAMES)
    assert len(NAMES) >= 15
