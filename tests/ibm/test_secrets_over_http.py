"""The API key reaches the token endpoint and nothing else: no file, log, copy or message."""

from __future__ import annotations

import base64
import http.client
import logging
import pickle
import zipfile

import pytest

pytest.importorskip("qiskit_ibm_runtime")

import dill
import joblib
from emulator import API_KEY, Fault

from qmlplay import ibm
from qmlplay.ibm.errors import ServiceError


@pytest.fixture
def secrets(emulator):
    """Give a function that returns the key, in clear and in base64, and every token so far."""

    def known():
        tokens = [token.encode() for token in emulator.service.tokens]
        return [API_KEY.encode(), base64.b64encode(API_KEY.encode())[:-4], *tokens]

    return known


def contents(folder):
    """Give the bytes of every file, of packed ones too."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as archive:
                    for member in archive.namelist():
                        yield f"{file}: {member}", archive.read(member)


def leaks(found, secrets):
    return [place for place, content in found for secret in secrets if secret in content]


@pytest.fixture
def log(caplog, monkeypatch):
    """Log everything; IBM's library then logs all of HTTP too, which must end with the test."""
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 0)
    monkeypatch.setattr(http.client, "print", print, raising=False)
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_after_a_full_run_the_key_is_nowhere(emulator, log, model, data, tmp_path, secrets):
    plan = ibm.plan(model, data.X, data.y, shots=100, device="ibmq_manila")
    run = ibm.submit(plan, max_qpu_seconds=60)
    result = run.result(timeout=60)
    emulator.service.faults.add(
        Fault("POST", "/jobs", "drop", after=True), Fault("GET", "/jobs/{id}", status=401)
    )
    lost = ibm.submit(plan, max_qpu_seconds=60)
    with pytest.raises(ServiceError) as caught:
        lost.status()
    lost.cancel()

    objects = (plan, run, lost, result, ibm.resume(run.key), run.compare(), caught.value)
    copies = [
        (f"{pack.__module__} of {type(one).__name__}", pack(one))
        for one in objects
        for pack in (pickle.dumps, dill.dumps)
    ]
    texts = [
        (f"text of {type(one).__name__}", text(one).encode())
        for one in objects
        for text in (str, repr)
    ]
    joblib.dump(objects, tmp_path / "objects.joblib")
    logged = [(record.name, log.handler.format(record).encode()) for record in log.records]
    files = list(contents(tmp_path))
    assert len(files) > 10
    assert len(logged) > 10  # the client's own words are among them
    assert leaks([*copies, *texts, *logged, *files], secrets()) == []


def test_a_leak_would_be_seen(home, secrets):
    (home / "careless.json").write_text(f'{{"token": "{API_KEY}"}}', "utf-8")
    with zipfile.ZipFile(home / "packed.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("key.npy", base64.b64encode(API_KEY.encode()))
    found = leaks(contents(home), secrets())
    names = sorted(str(place).rpartition("/")[2] for place in found)
    assert names == ["careless.json", "packed.npz: key.npy"]


def test_the_clients_own_objects_do_hold_the_key(emulator, secrets):
    """Why none of them may be kept: this is what would leak (and what the search finds)."""
    from qiskit_ibm_runtime import QiskitRuntimeService
    from qiskit_ibm_runtime.executor_estimator import Estimator

    address = f"{emulator.url}/api/v1"
    service = QiskitRuntimeService(url_resolver=lambda *_: address)
    estimator = Estimator(service.backend("ibmq_manila"))
    assert leaks([("estimator", dill.dumps(estimator))], secrets()) != []
