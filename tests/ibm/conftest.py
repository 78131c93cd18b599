"""Every test here: no network but loopback, no account of the reader's, nothing in the home."""

from __future__ import annotations

import os

import pytest
from loopback import only_loopback


@pytest.fixture(autouse=True)
def network():
    """Give the list of attempts to leave this machine, which must stay empty."""
    with only_loopback() as attempts:
        yield attempts
    assert attempts == []


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Set up an empty home, without any account."""
    for name in [name for name in os.environ if name.startswith(("QISKIT_IBM", "IBM", "QMLPLAY"))]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setenv("QMLPLAY_HOME", str(folder / "qmlplay"))
    try:
        from qiskit_ibm_runtime.accounts import management
    except ImportError:  # without the extra there is nothing that could find an account
        return folder
    # The client looks up the home when it is imported, which may have been before.
    saved = str(folder / ".qiskit" / "qiskit-ibm.json")
    monkeypatch.setattr(management, "_DEFAULT_ACCOUNT_CONFIG_JSON_FILE", saved)
    return folder


@pytest.fixture
def emulator(home, monkeypatch):
    """Run the emulator in this process, with the environment that leads the client to it."""
    from emulator.server import Emulator, environment

    with Emulator() as running:
        for name, value in environment(running.url).items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def no_backoff(monkeypatch):
    """Let the client retry at once; how long it waits is its own affair."""
    from urllib3.util.retry import Retry

    monkeypatch.setattr(Retry, "get_backoff_time", lambda self: 0.0)
