"""Without Optuna: the search says what to type, and all else works."""

import sys

import pytest

from qmlplay.cli import main


@pytest.fixture
def _no_optuna(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("qmlplay.search")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "optuna", None)


@pytest.mark.usefixtures("_no_optuna")
def test_says_what_to_install(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImportError, match=r'needs Optuna: pip install "qmlplay\[search\]"'):
        import qmlplay.search  # noqa: F401
    with pytest.raises(SystemExit) as exit_:
        main(["search", "moons"])
    assert exit_.value.code == 2
    assert 'pip install "qmlplay[search]"' in capsys.readouterr().err
