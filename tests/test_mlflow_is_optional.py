"""Without MLflow: what needs it says what to type before it trains, and all else works."""

import subprocess
import sys

import pytest

from qmlplay import VariationalClassifier, compare
from qmlplay.cli import main

MESSAGE = r'qmlplay.mlflow needs MLflow: pip install "qmlplay\[mlflow\]"'
LAZY = """
import sys, qmlplay, qmlplay.callbacks
from qmlplay import QuantumKernelClassifier, VariationalClassifier, compare
VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], [0, 1])
QuantumKernelClassifier(bandwidth=1.0).fit([[0.0], [1.0]], [0, 1])
compare("moons", models=["dummy"], seeds=1)
assert not {name for name in sys.modules if "mlflow" in name}
"""


@pytest.fixture
def _no_mlflow(monkeypatch):
    for name in list(sys.modules):
        if name.startswith("qmlplay.mlflow") or name.split(".")[0] == "mlflow":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)


@pytest.mark.usefixtures("_no_mlflow")
def test_says_what_to_install(monkeypatch, capsys):
    def fail(*_):
        raise AssertionError("trained")

    monkeypatch.setattr(sys.modules["qmlplay.compare.run"], "run_all", fail)
    with pytest.raises(ImportError, match=MESSAGE):
        import qmlplay.mlflow  # noqa: F401
    with pytest.raises(ImportError, match=MESSAGE):
        compare("moons", models=["dummy"], track=True)
    with pytest.raises(SystemExit, match="2"):
        main(["compare", "moons", "--models", "dummy", "--track"])
    assert 'pip install "qmlplay[mlflow]"' in capsys.readouterr().err


@pytest.mark.usefixtures("_no_mlflow")
def test_trains_as_ever():
    assert VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], [0, 1]).n_iter_ == 1


@pytest.mark.slow
def test_is_not_imported_before_it_is_asked_for():
    subprocess.run([sys.executable, "-c", LAZY], check=True)
