"""No key passes through qmlplay: no argument takes one, no object, file or log keeps one."""

from __future__ import annotations

import inspect
import logging
import pickle
import pkgutil
from importlib import import_module

import joblib
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from qmlplay import ibm
from qmlplay.ibm import store
from qmlplay.ibm.connection import connect
from qmlplay.ibm.service import named_device

SENTINEL = "sentinel-key-7f3a9b2c51"
MODULES = [import_module(m.name) for m in pkgutil.iter_modules(ibm.__path__, "qmlplay.ibm.")]


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", SENTINEL)
    return SENTINEL.encode()


def functions():
    for module in MODULES:
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value):
                yield f"{module.__name__}.{name}", value
            elif inspect.isclass(value):
                for own, member in inspect.getmembers(value, inspect.isfunction):
                    yield f"{module.__name__}.{name}.{own}", member


def test_no_function_takes_a_key():
    found = dict(functions())
    assert len(found) > 100
    for name, function in found.items():
        words = set(inspect.signature(function).parameters)
        assert not words & {"token", "api_key", "apikey", "password", "secret"}, name


def test_no_module_reads_the_key():
    for module in MODULES:
        text = inspect.getsource(module)
        assert text.count('"QISKIT_IBM_TOKEN"') <= (module.__name__ == "qmlplay.ibm.connection")


def test_nothing_keeps_the_key(key, model, data, caplog, tmp_path):
    with caplog.at_level(logging.DEBUG):
        plan = ibm.plan(model, data.X, data.y, shots=50, device="fake_manila", seed=1)
        run = ibm.submit(plan, max_qpu_seconds=10)
        result = run.result(60)
        found = run.compare()
    kept = (plan, run, ibm.resume(run.key), result, found)
    copies = [pickle.dumps(kept)]
    joblib.dump(kept, tmp_path / "kept.joblib", compress=0)
    copies.append((tmp_path / "kept.joblib").read_bytes())
    dill = pytest.importorskip("dill")
    copies.append(dill.dumps(kept))
    copies.append("".join(text(one) for one in kept for text in (str, repr)).encode())
    copies.append(caplog.text.encode())
    copies.append(repr(ibm.list_runs().to_dict()).encode())
    copies += [file.read_bytes() for file in store.folder().iterdir()]
    assert len(copies) >= 9
    assert all(key not in copy for copy in copies)


def test_a_connection_is_not_copied(emulator):
    device = named_device(connect(None), "ibmq_manila", 2)
    for copy in (pickle.dumps, pytest.importorskip("dill").dumps):
        with pytest.raises(TypeError, match="holds the API key"):
            copy(device)


def test_a_copied_run_has_no_connection(emulator, model, data):
    plan = ibm.plan(model, data.X, shots=50, device="ibmq_manila", seed=1)
    run = ibm.submit(plan, max_qpu_seconds=60)
    assert "device" in vars(run.tracker)
    again = pickle.loads(pickle.dumps(run))
    assert "device" not in vars(again.tracker)
    assert again.wait(60).status() == "done"
