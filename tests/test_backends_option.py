"""The option --backends of these tests: it restricts them, says so, and never skips in silence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from backend_helpers import chosen_backends, each_backend

MODULE = Path(__file__).name


@each_backend()
def test_that_is_run_for_every_backend(name, backend_names):
    assert name in backend_names


@pytest.mark.backend("qiskit", "cirq")
def test_that_compares_two_backends():
    pass


def run(*options):
    """Return what a run of the two tests above says."""
    chosen = ["-p", "no:cacheprovider", "-k", "test_that", "-v", MODULE]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *chosen, *options],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_a_run_of_some_says_which():
    code, text = run("--backends=cirq,numpy")
    assert code == 0, text
    assert "backends: numpy, cirq (not asked for: qiskit, pennylane)" in text
    assert "test_that_is_run_for_every_backend[cirq] PASSED" in text
    assert "test_that_compares_two_backends" not in text
    assert "2 passed, " in text
    assert "skipped" not in text


@pytest.mark.parametrize(("option", "message"), [("nmpy", "did you mean 'numpy'?"), ("", "''")])
def test_unknown_names_are_refused(pytestconfig, monkeypatch, option, message):
    monkeypatch.setattr(pytestconfig.option, "backends", option)
    with pytest.raises(pytest.UsageError, match=message):
        chosen_backends(pytestconfig)
