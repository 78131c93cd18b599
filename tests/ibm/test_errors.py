"""Bad input: one clear message each, with what to type next; nothing posted, no network touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from sklearn.exceptions import NotFittedError

from qmlplay import VariationalClassifier, ibm
from qmlplay.ibm.errors import AccountError, RefusedError, ServiceError

TESTED = "QMLPLAY_IBM_TEST_URL"


class TestPackage:
    """Without the client, everything else of qmlplay works, and the message names the extra."""

    PROGRAM = """
import sys
{break_it}
from qmlplay import VariationalClassifier, ibm
model = VariationalClassifier(n_layers=1, max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
print(len(ibm.list_runs()))
try:
    ibm.plan(model, [[0.0]], device="fake_manila")
except ImportError as error:
    print(error)
"""

    def said(self, break_it):
        program = self.PROGRAM.format(break_it=break_it)
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()

    @pytest.mark.slow
    def test_missing(self):
        hide = (
            "from importlib.abc import MetaPathFinder\n"
            "class Hide(MetaPathFinder):\n"
            "    def find_spec(self, name, path, target=None):\n"
            "        if name.split('.')[0] == 'qiskit_ibm_runtime':\n"
            "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
            "sys.meta_path.insert(0, Hide())\n"
        )
        count, message = self.said(hide)
        assert count == "0"
        assert message == 'IBM Quantum needs qiskit-ibm-runtime: pip install "qmlplay[ibm]"'

    @pytest.mark.slow
    def test_too_old(self):
        old = "import qiskit_ibm_runtime; sys.modules['qiskit_ibm_runtime.options_models'] = None"
        _, message = self.said(old)
        assert "cannot be imported as qmlplay needs it" in message
        assert message.endswith('pip install --upgrade "qmlplay[ibm]"')


class TestAccount:
    def test_none(self, model, data, network):
        with pytest.raises(AccountError) as caught:
            ibm.plan(model, data.X)
        text = str(caught.value)
        for wanted in ("no IBM Quantum account", "save_account(token=key)", "fake_manila"):
            assert wanted in text
        assert network == []  # nobody was asked

    def test_the_lines_to_type_are_python(self):
        lines = [line for line in str(ibm_no_account()).splitlines() if line.startswith("    ")]
        assert len(lines) == 3
        compile("\n".join(line.strip() for line in lines), "message", "exec")
        compile(" ".join(line.strip() for line in lines), "message", "exec")  # the command line's

    def test_a_damaged_file_of_accounts(self, model, data, home):
        (home / ".qiskit").mkdir()
        (home / ".qiskit" / "qiskit-ibm.json").write_text("{broken")
        with pytest.raises(ServiceError, match=r"file of accounts cannot be read"):
            ibm.plan(model, data.X)

    @pytest.mark.parametrize(
        "address",
        [
            "http://cloud.ibm.com",
            "https://cloud.ibm.com.example.org",
            "https://evilcloud.ibm.com.example.org/",
            "https://notcloud.ibm.com@example.org",
            "https://example.org/cloud.ibm.com",
            "https://evilcloud.ibm.com",
            "http://127.0.0.1:1",
            "cloud.ibm.com",
        ],
    )
    @pytest.mark.parametrize("name", ["QISKIT_IBM_URL", "IAM_URL", "GLOBAL_SEARCH_URL"])
    def test_addresses_that_are_not_ibms(self, model, data, monkeypatch, address, name, network):
        monkeypatch.setenv("QISKIT_IBM_TOKEN", "a-key")
        monkeypatch.setenv(name, address)
        with pytest.raises(ServiceError, match=rf"{name}.*none of IBM's addresses.*unset {name}"):
            ibm.plan(model, data.X)
        assert network == []

    def test_a_saved_address_that_is_not_ibms(self, model, data, home, network):
        (home / ".qiskit").mkdir()
        account = {"channel": "ibm_quantum_platform", "token": "a-key", "url": "https://x.org"}
        text = json.dumps({"default-ibm-quantum-platform": account})
        (home / ".qiskit" / "qiskit-ibm.json").write_text(text)
        with pytest.raises(ServiceError, match=r"saved account.*'https://x\.org'"):
            ibm.plan(model, data.X)
        assert network == []

    def test_ibms_own_addresses_pass(self, monkeypatch):
        from qmlplay.ibm.connection import _checked_addresses

        monkeypatch.setenv("QISKIT_IBM_TOKEN", "a-key")
        monkeypatch.setenv("QISKIT_IBM_URL", "https://cloud.ibm.com")
        monkeypatch.setenv("IAM_URL", "https://private.iam.cloud.ibm.com")
        assert _checked_addresses() is None

    @pytest.mark.parametrize("address", ["https://example.org", "http://192.168.1.1:80", "", "x"])
    def test_the_address_for_tests_is_this_machine_alone(self, model, data, monkeypatch, address):
        monkeypatch.setenv("QISKIT_IBM_TOKEN", "a-key")
        for name in (TESTED, "IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(TESTED, address)
        with pytest.raises(ServiceError, match=r"for tests on this machine alone|none of IBM's"):
            ibm.plan(model, data.X)

    def test_the_address_for_tests_wants_all_of_them(self, model, data, monkeypatch):
        monkeypatch.setenv("QISKIT_IBM_TOKEN", "a-key")
        monkeypatch.setenv(TESTED, "http://127.0.0.1:1")
        with pytest.raises(ServiceError, match=r"IAM_URL, \$GLOBAL_SEARCH_URL"):
            ibm.plan(model, data.X)


def ibm_no_account():
    from qmlplay.ibm.errors import no_account

    return no_account()


@pytest.fixture(scope="module")
def wide():
    X = np.random.default_rng(0).normal(size=(6, 6))
    return VariationalClassifier(n_layers=1, max_iter=1).fit(X, [0, 1] * 3), X


class TestDevice:
    def test_unknown(self, model, data):
        with pytest.raises(ValueError, match=r"'fake_manilla': did you mean 'fake_manila'"):
            ibm.plan(model, data.X, device="fake_manilla")

    def test_unknown_at_the_service(self, emulator, model, data):
        with pytest.raises(ValueError, match=r"'ibm_pert': did you mean 'ibm_perth'"):
            ibm.plan(model, data.X, device="ibm_pert")

    def test_too_small(self, wide, monkeypatch):
        refuse = lambda *_: pytest.fail("transpiled all the same")  # noqa: E731
        monkeypatch.setattr("qmlplay.ibm.simulated.SimulatedDevice.compiled", refuse)
        with pytest.raises(ValueError, match=r"has 5 qubits.*needs 6.*fit: fake_\w+ \(7\)"):
            ibm.plan(*wide, device="fake_manila")

    def test_too_small_at_the_service(self, emulator, wide):
        with pytest.raises(ValueError, match=r"has 5 qubits.*needs 6.*ibm_perth"):
            ibm.plan(*wide, device="ibmq_manila")

    @pytest.mark.parametrize("name", ["", 7, b"fake_manila"])
    def test_no_name(self, model, data, name):
        with pytest.raises(TypeError, match="device must be a name or None"):
            ibm.plan(model, data.X, device=name)

    @pytest.mark.parametrize("name", ["", 7])
    def test_no_instance(self, model, data, name):
        with pytest.raises(TypeError, match="instance must be a name or None"):
            ibm.plan(model, data.X, device="fake_manila", instance=name)


class TestPlan:
    def bad(self, model, X, *arguments, **settings):
        return ibm.plan(model, X, *arguments, device="fake_manila", **settings)

    def test_an_unfitted_model(self, data):
        with pytest.raises(NotFittedError):
            self.bad(VariationalClassifier(), data.X)

    @pytest.mark.parametrize("shots", [0, -5])
    def test_shots(self, model, data, shots):
        with pytest.raises(ValueError, match="shots must be an integer of at least 1"):
            self.bad(model, data.X, shots=shots)

    @pytest.mark.parametrize("shots", [1.5, "many", None, True])
    def test_shots_of_another_type(self, model, data, shots):
        with pytest.raises(TypeError, match="shots must be an integer of at least 1"):
            self.bad(model, data.X, shots=shots)

    @pytest.mark.parametrize("level", [3, -1, "1", True, None])
    def test_level(self, model, data, level):
        with pytest.raises(ValueError, match="resilience_level must be 0, 1 or 2"):
            self.bad(model, data.X, resilience_level=level)

    @pytest.mark.parametrize("seed", [-1, 2**31, 0.5, "x", True])
    def test_seed(self, model, data, seed):
        with pytest.raises(ValueError, match="seed must be None or an integer"):
            self.bad(model, data.X, seed=seed)

    def test_features(self, model, data):
        with pytest.raises(ValueError, match="features"):
            self.bad(model, data.X[:, :1])
        with pytest.raises(ValueError, match="NaN"):
            self.bad(model, np.full((2, 2), np.nan))
        with pytest.raises(ValueError, match="minimum of 1"):
            self.bad(model, np.empty((0, 2)))

    def test_labels(self, model, data):
        with pytest.raises(ValueError, match=r"y must have shape \(4,\)"):
            self.bad(model, data.X, data.y[:2])
        with pytest.raises(ValueError, match=r"labels \[7\] that the model does not know"):
            self.bad(model, data.X, [0, 1, 7, 1])
        with pytest.raises(TypeError, match="mixes text"):
            self.bad(model, data.X, [0, 1, "a", 1])


@pytest.mark.parametrize("plan", [None, "a key", {}, 7])
def test_submitting_what_is_no_plan(plan):
    with pytest.raises(TypeError, match=r"submit takes what qmlplay\.ibm\.plan"):
        ibm.submit(plan, max_qpu_seconds=10)


def test_every_error_is_one_that_the_command_line_catches():
    from qmlplay.ibm import errors

    own = [value for value in vars(errors).values() if isinstance(value, type)]
    own = [value for value in own if issubclass(value, Exception)]
    assert len(own) >= 9
    assert all(issubclass(value, OSError | ValueError) for value in own)


def test_waiting_ends_where_looks_are_refused_for_good(emulator, model, data, quick):
    from emulator import Fault

    plan = ibm.plan(model, data.X, shots=50, device="ibmq_manila", seed=1)
    run = ibm.submit(plan, max_qpu_seconds=60)
    emulator.service.faults.add(Fault("GET", "/jobs/{id}", status=403, times=500))
    with pytest.raises(RefusedError, match="403"):
        run.wait()


def test_a_job_that_the_service_does_not_know(emulator, model, data):
    from qmlplay.ibm import store

    plan = ibm.plan(model, data.X, shots=50, device="ibmq_manila", seed=1)
    run = ibm.submit(plan, max_qpu_seconds=60)
    content = store.read_record(run.key)
    content["jobs"][0]["job_id"] = "no-such-job"
    store.write_record(run.key, content)
    with pytest.raises(ServiceError, match=r"knows no job 'no-such-job'.*workloads"):
        ibm.resume(run.key).wait(30)
    assert os.path.isfile(store.path_of(run.key, "run.json"))
