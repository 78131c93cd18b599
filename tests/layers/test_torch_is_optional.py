"""Without PyTorch: what needs it says what to type, and all else works."""

import subprocess
import sys

import pytest

from qmlplay import VariationalClassifier

LAZY = """
import sys, qmlplay
from qmlplay import VariationalClassifier
clf = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], [0, 1])
assert "torch" not in sys.modules
"""


@pytest.fixture
def _no_torch(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("qmlplay.torch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.mark.usefixtures("_no_torch")
def test_says_what_to_install():
    clf = VariationalClassifier(max_iter=1, random_state=0).fit([[0.0], [1.0]], ["a", "b"])
    with pytest.raises(ImportError, match=r'needs PyTorch: pip install "qmlplay\[torch\]"'):
        clf.to_torch()


@pytest.mark.slow
def test_is_not_imported_before_it_is_asked_for():
    subprocess.run([sys.executable, "-c", LAZY], check=True)
