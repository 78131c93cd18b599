"""Stored runs: written whole or not at all, read with suspicion, and never lost."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from ibm_helpers import exact_values

from qmlplay import ibm
from qmlplay.ibm import store
from qmlplay.ibm.errors import StoreError, UnknownRunError
from qmlplay.ibm.simulated import SimulatedDevice

KEY = "20260131-120000-0a1b2c3d"


@pytest.fixture(scope="module")
def plan(model, data):
    return ibm.plan(model, data.X, data.y, shots=50, device="fake_manila", seed=1)


@pytest.fixture(autouse=True)
def instant(monkeypatch):
    """Measure at once; what is measured does not matter here."""
    monkeypatch.setattr("qmlplay.ibm.simulated.simulate", exact_values)


@pytest.fixture
def run(plan):
    return ibm.submit(plan, max_qpu_seconds=10).wait(60)


class TestFolder:
    def test_the_users_own(self, monkeypatch, tmp_path):
        monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path / "mine"))
        assert store.folder() == tmp_path / "mine" / "ibm"

    @pytest.mark.parametrize(
        ("platform", "name", "value", "wanted"),
        [
            ("linux", "XDG_DATA_HOME", "{home}/xdg", "xdg/qmlplay/ibm"),
            ("linux", "XDG_DATA_HOME", None, ".local/share/qmlplay/ibm"),
            ("darwin", "XDG_DATA_HOME", None, "Library/Application Support/qmlplay/ibm"),
            ("win32", "LOCALAPPDATA", "{home}/local", "local/qmlplay/ibm"),
            ("win32", "LOCALAPPDATA", None, "AppData/Local/qmlplay/ibm"),
        ],
    )
    def test_where_each_system_keeps_data(self, monkeypatch, home, platform, name, value, wanted):
        monkeypatch.delenv("QMLPLAY_HOME")
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value.format(home=home))
        monkeypatch.setattr(sys, "platform", platform)
        assert store.folder() == home / wanted

    def test_one_that_cannot_be_written(self, monkeypatch, plan, tmp_path):
        (tmp_path / "file").write_text("in the way")
        monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path / "file"))
        with pytest.raises(OSError, match=r"file"):
            ibm.submit(plan, max_qpu_seconds=10)

    def test_nothing_is_posted_where_nothing_can_be_stored(self, monkeypatch, plan):
        def refuse(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "replace", refuse)
        monkeypatch.setattr(SimulatedDevice, "post", lambda *_: pytest.fail("posted all the same"))
        with pytest.raises(OSError, match="QMLPLAY_HOME"):
            ibm.submit(plan, max_qpu_seconds=10)
        assert list(store.folder().iterdir()) == []


class TestWriting:
    def test_comes_back(self):
        content = {"text": "Grüße", "number": 0.1, "nothing": None, "list": [1, 2]}
        store.write_record(KEY, content)
        assert store.read_record(KEY) == content
        store.write_arrays(KEY, "plan", {"a": np.arange(3.0), "b": np.array([True])})
        arrays = store.read_arrays(KEY, "plan")
        assert arrays["a"].tolist() == [0.0, 1.0, 2.0]
        assert arrays["b"].dtype == bool

    def test_the_version_is_in_it(self):
        store.write_record(KEY, {})
        document = json.loads(store.path_of(KEY, "run.json").read_text("utf-8"))
        assert document["format"] == "qmlplay-ibm-run"
        assert document["version"] == 1

    def test_an_interrupted_write_leaves_the_old_file(self, monkeypatch):
        store.write_record(KEY, {"old": 1})
        real = os.fsync

        def stop(handle):
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            store.write_record(KEY, {"new": 2})
        monkeypatch.setattr(os, "fsync", real)
        assert store.read_record(KEY) == {"old": 1}
        assert [file.name for file in store.folder().iterdir()] == [f"{KEY}.run.json"]

    def test_is_on_the_disk_before_it_takes_the_old_ones_place(self, monkeypatch):
        order = []
        for name in ("fsync", "replace"):
            real = getattr(os, name)
            monkeypatch.setattr(
                os, name, lambda *a, name=name, real=real: (order.append(name), real(*a))[1]
            )
        store.write_record(KEY, {})
        assert order[:2] == ["fsync", "replace"]

    def test_no_array_is_pickled(self):
        with pytest.raises(AssertionError):
            store.write_arrays(KEY, "plan", {"a": np.array([{}], dtype=object)})

    def test_removing_leaves_other_runs(self):
        other = "20260131-120000-ffffffff"
        for key in (KEY, other):
            store.write_record(key, {})
            store.write_arrays(key, "plan", {"a": np.ones(1)})
        store.remove(KEY)
        assert store.stored_keys() == [other]
        assert {file.name.split(".")[0] for file in store.folder().iterdir()} == {other}

    def test_keys_are_new_and_in_order(self):
        keys = [store.new_key() for _ in range(50)]
        assert len(set(keys)) == 50
        for key in keys:
            store.write_record(key, {})
        assert sorted(keys, reverse=True) == store.stored_keys()


class TestOrder:
    def test_the_intent_is_stored_before_anything_is_posted(self, plan, monkeypatch):
        seen = []
        real = SimulatedDevice.post

        def post(device, request):
            (key,) = store.stored_keys()
            seen.append(store.read_record(key)["jobs"])
            again = ibm.resume(key)  # all that a new process needs is there
            assert (again.plan.angles == plan.angles).all()
            return real(device, request)

        monkeypatch.setattr(SimulatedDevice, "post", post)
        run = ibm.submit(plan, max_qpu_seconds=10)
        (jobs,) = seen
        tag = f"qmlplay-{run.key}-0"
        assert jobs == [{"tag": tag, "state": "posting", "job_id": None, "used_seconds": None}]
        assert store.read_record(run.key)["jobs"][0]["state"] == "posted"

    def test_the_result_is_stored_before_the_job_is_called_done(self, plan, monkeypatch):
        run = ibm.submit(plan, max_qpu_seconds=10)

        def refuse(*_):
            raise OSError("disk full")

        with monkeypatch.context() as patch:
            patch.setattr("qmlplay.ibm.store.write_arrays", refuse)
            with pytest.raises(OSError, match="disk full"):
                run.wait(60)
        assert store.read_record(run.key)["jobs"][0]["state"] == "posted"
        assert run.wait(60).status() == "done"


class TestReading:
    @pytest.mark.parametrize(
        "key", ["../../etc/passwd", "abc", "", KEY + "x", KEY.upper(), None, 7, f"{KEY}/.."]
    )
    def test_what_is_no_key(self, key):
        with pytest.raises(UnknownRunError, match=r"no key of a run.*list_runs"):
            ibm.resume(key)

    def test_a_key_of_no_run(self):
        with pytest.raises(UnknownRunError, match=rf"no stored run '{KEY}'.*list_runs\(\)"):
            ibm.resume(KEY)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"\xff\xfe",
            b'{"format": "another", "version": 1, "run": {}}',
            b'{"format": "qmlplay-ibm-run", "version": "1", "run": {}}',
            b'{"format": "qmlplay-ibm-run", "version": 1, "run": []}',
            b'{"format": "qmlplay-ibm-run", "version": 1, "run": {}}',
            b'{"format": "qmlplay-ibm-run", "version": 1, "run": {"jobs": [{"a": 1}]}}',
            b"[" * 100_000,
        ],
    )
    def test_a_damaged_record(self, run, content):
        file = store.path_of(run.key, "run.json")
        file.write_bytes(content)
        with pytest.raises(StoreError, match=r"damaged.*left as it is"):
            ibm.resume(run.key)
        assert file.read_bytes() == content
        assert ibm.list_runs().iloc[0]["state"] == "damaged, or from a newer version"

    def test_a_newer_version(self, run):
        file = store.path_of(run.key, "run.json")
        document = json.loads(file.read_text("utf-8"))
        text = json.dumps(document | {"version": 2, "qmlplay_version": "99.0"})
        file.write_text(text, "utf-8")
        with pytest.raises(StoreError, match=r"qmlplay 99\.0 in format 2.*pip install --upgrade"):
            ibm.resume(run.key)
        assert file.read_text("utf-8") == text

    @pytest.mark.parametrize("name", ["plan", "job0"])
    @pytest.mark.parametrize("change", [Path.unlink, lambda file: file.write_bytes(b"PK\3\4 no")])
    def test_damaged_arrays(self, run, name, change):
        change(store.path_of(run.key, f"{name}.npz"))
        with pytest.raises(StoreError, match=rf"damaged.*qmlplay-{run.key}-0"):
            ibm.resume(run.key).result(60)

    def test_arrays_that_hold_pickles(self, run):
        file = store.path_of(run.key, "plan.npz")
        np.savez(file, angles=np.array([{}], dtype=object))
        with pytest.raises(StoreError, match="damaged"):
            ibm.resume(run.key)

    @pytest.mark.parametrize(
        "change",
        [
            {"observables": ["ZZZZ"]},
            {"circuit": {"n_qubits": 1, "gates": []}},
            {"layout": 3},
            {"snapshot": {}},
            {"classes_dtype": "no type"},
        ],
    )
    def test_parts_that_do_not_fit(self, run, change):
        content = store.read_record(run.key)
        content["plan"] |= change
        store.write_record(run.key, content)
        with pytest.raises(StoreError, match="do not fit together"):
            ibm.resume(run.key)

    def test_one_damaged_run_hides_no_other(self, run, plan):
        other = ibm.submit(plan, max_qpu_seconds=10).wait(60)
        store.path_of(run.key, "run.json").write_text("broken")
        table = ibm.list_runs().set_index("key")
        assert table.loc[other.key, "state"] == "done"
        assert table.loc[run.key, "state"].startswith("damaged")
        assert ibm.resume(other.key).result().expectations.shape == (4, 2)


def test_an_empty_list():
    table = ibm.list_runs()
    assert len(table) == 0
    assert "key" in table
