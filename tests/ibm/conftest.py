"""Every test here: no network but loopback, no account of the reader's, nothing in the home."""

from __future__ import annotations

import os
from contextlib import contextmanager

import pytest
from ibm_helpers import SHOTS
from loopback import only_loopback

from qmlplay import VariationalClassifier, get_backend, ibm, load_dataset

#: Beginnings of the environment variables that lead to accounts, addresses and runs.
OURS = ("QISKIT_IBM", "IBM", "QMLPLAY", "IAM_", "GLOBAL_", "RESOURCE_CONTROLLER_")


@pytest.fixture(autouse=True)
def network():
    """Give the list of attempts to leave this machine, which must stay empty."""
    with only_loopback() as attempts:
        yield attempts
    assert attempts == []


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Set up an empty home, without any account."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setenv("QMLPLAY_HOME", str(folder / "qmlplay"))
    # At every request the client looks up who called it, which takes long under pytest.
    monkeypatch.setenv("USAGE_DATA_OPT_OUT", "True")
    try:
        from qiskit_ibm_runtime.accounts import management
    except ImportError:  # without the extra there is nothing that could find an account
        return folder
    # The client looks up the home when it is imported, which may have been before.
    saved = str(folder / ".qiskit" / "qiskit-ibm.json")
    monkeypatch.setattr(management, "_DEFAULT_ACCOUNT_CONFIG_JSON_FILE", saved)
    return folder


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Look sooner after a job than a user's machine would: here it takes milliseconds."""
    monkeypatch.setattr("qmlplay.ibm.runs._FIRST_LOOK", 0.01)


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


@pytest.fixture
def quick(monkeypatch, no_backoff):
    """Look for lost jobs without pauses."""
    monkeypatch.setattr("qmlplay.ibm.tracking._PAUSES", (0.0, 0.0))


@pytest.fixture
def impatient(monkeypatch):
    """Give a context in which a silent service is given up soon."""

    @contextmanager
    def within(seconds):
        with monkeypatch.context() as patch:
            patch.setattr("qmlplay.ibm.service.CALL_SECONDS", seconds)
            yield

    return within


@pytest.fixture(scope="session")
def data():
    """Return four samples of two features with their labels."""
    return load_dataset("moons", n_samples=4, random_state=1)


@pytest.fixture(scope="session")
def model():
    """Return a small model, trained on this machine."""
    data = load_dataset("moons", n_samples=40, random_state=0)
    model = VariationalClassifier(n_layers=2, max_iter=5, random_state=0)
    return model.fit(data.X, data.y)


@pytest.fixture
def plan(emulator, model, data):
    """Return a plan for a device of the emulator."""
    return ibm.plan(model, data.X, data.y, shots=SHOTS, device="ibmq_manila", seed=1)


@pytest.fixture
def exact(model, data):
    """Return the model's exact expectations, (n_samples, n_observables)."""
    angles = model.circuit_.angles(model.scaling_.radians(data.X), model.weights_)
    backend = get_backend("numpy")
    return backend.expectations(model.circuit_.circuit, angles, model.observables_)
