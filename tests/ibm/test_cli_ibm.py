"""`qmlplay ibm …`: the whole way in a shell, and one clear line for whatever is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("qiskit_ibm_runtime")

sys.path.insert(0, str(Path(__file__).parents[1]))

from cli_helpers import failure, run, write_trees

from qmlplay import VariationalClassifier, ibm, load_dataset
from qmlplay.cli import main

FAKE = ("--device", "fake_manila", "--shots", "50", "--samples", "6", "--seed", "1")
KEY = "20260131-120000-0a1b2c3d"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Return the file of a model of the moons."""
    data = load_dataset("moons", n_samples=40, random_state=0)
    path = tmp_path_factory.mktemp("models") / "moons.qmlplay"
    VariationalClassifier(n_layers=1, max_iter=3, random_state=0).fit(data.X, data.y).save(path)
    return path


@pytest.fixture
def key(capsys, file):
    """Return the key of a finished run."""
    text = run(capsys, "ibm", "submit", file, "moons", *FAKE, "--max-qpu-seconds", "10", "--json")
    return json.loads(text)["key"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class TestPlan:
    def test_shows_what_it_would_take(self, capsys, file):
        text = run(capsys, "ibm", "plan", file, "moons", *FAKE)
        for wanted in ("fake_manila", "300 in 1 job", "6 samples", "old snapshot"):
            assert wanted in text
        assert text.rstrip().endswith("qmlplay ibm submit ... --max-qpu-seconds 4")
        assert ibm.list_runs().empty

    def test_for_programs(self, capsys, file):
        record = json.loads(run(capsys, "ibm", "plan", file, "moons", *FAKE, "--json"))
        assert record["executions"] == 300
        assert record["samples"] == 6
        assert record["jobs"] == 1
        assert record["suggested_budget"] >= record["estimated_seconds"]

    def test_a_csv_file_without_labels(self, capsys, file, tmp_path):
        data = load_dataset("moons", n_samples=5, random_state=3)
        rows = ["u,v", *(f"{a},{b}" for a, b in data.X)]
        (tmp_path / "points.csv").write_text("\n".join(rows))
        text = run(capsys, "ibm", "plan", file, "points.csv", "--device", "fake_manila")
        assert "5 samples" in text

    def test_a_csv_file_with_labels(self, capsys, tmp_path):
        write_trees(tmp_path / "trees.csv")
        run(capsys, "train", "trees.csv", "--target", "kind", "--max-iter", "2", "--n-layers", "1")
        arguments = ("model.qmlplay", "trees.csv", "--target", "kind", *FAKE)
        found = run(capsys, "ibm", "submit", *arguments, "--max-qpu-seconds", "9", "--json")
        text = run(capsys, "ibm", "result", json.loads(found)["key"])
        assert "accuracy [95 %]" in text

    def test_names_of_labels_come_from_the_dataset(self, capsys, tmp_path):
        run(capsys, "train", "moons", "--max-iter", "2", "--n-layers", "1")
        found = run(
            capsys, "ibm", "submit", "model.qmlplay", "moons", *FAKE, "--max-qpu-seconds", "9"
        )
        (first, *_) = found.splitlines()
        text = run(capsys, "ibm", "result", first.removeprefix("key: "), "--predictions")
        assert text.splitlines()[0] == "prediction,p(lower moon),p(upper moon)"


class TestRun:
    def test_from_submission_to_result(self, capsys, file):
        text = run(capsys, "ibm", "submit", file, "moons", *FAKE, "--max-qpu-seconds", "10")
        key = text.splitlines()[0].removeprefix("key: ")
        assert f"qmlplay ibm result {key}" in text
        assert run(capsys, "ibm", "status", key) == "done\n"
        shown = run(capsys, "ibm", "result", key)
        assert shown == f"{ibm.resume(key).compare()}\n"
        assert key in run(capsys, "ibm", "list")
        assert run(capsys, "ibm", "cancel", key) == "done\n"  # what was measured stays

    def test_for_programs(self, capsys, key):
        assert json.loads(run(capsys, "ibm", "status", key, "--json"))["status"] == "done"
        (row,) = json.loads(run(capsys, "ibm", "list", "--json"))
        assert (row["key"], row["state"], row["samples"]) == (key, "done", 6)
        found = json.loads(run(capsys, "ibm", "result", key, "--json"))
        assert len(found["rows"]) == 4
        assert len(found["result"]["predictions"]) == 6
        rows = json.loads(run(capsys, "ibm", "result", key, "--predictions", "--json"))
        assert [row["prediction"] for row in rows] == found["result"]["predictions"]
        assert json.loads(run(capsys, "ibm", "cancel", key, "--json"))["status"] == "done"

    def test_a_run_that_is_not_finished_is_no_failure(self, capsys, key, monkeypatch):
        from qmlplay.ibm.errors import still_waiting
        from qmlplay.ibm.runs import Run

        def wait(found, timeout):
            raise still_waiting(found.key, found.job_ids, timeout, "")

        monkeypatch.setattr(Run, "wait", wait)
        with pytest.raises(SystemExit) as stopped:
            main(["ibm", "result", key, "--timeout", "1"])
        assert stopped.value.code == 3
        shown = capsys.readouterr()
        assert key in shown.err
        assert shown.out == ""

    def test_no_runs_yet(self, capsys):
        assert run(capsys, "ibm", "list").startswith("no runs yet: qmlplay ibm plan")
        assert json.loads(run(capsys, "ibm", "list", "--json")) == []

    def test_the_list_shows_damaged_runs_too(self, capsys, key):
        from qmlplay.ibm import store

        store.path_of(key, "run.json").write_text("{")
        (row,) = json.loads(run(capsys, "ibm", "list", "--json"))
        assert row["state"].startswith("damaged")
        assert "damaged" in run(capsys, "ibm", "list")


class TestOnTheService:
    @pytest.mark.slow
    def test_the_whole_way(self, capsys, emulator, file):
        arguments = (file, "moons", "--device", "ibmq_manila", "--shots", "50", "--samples", "4")
        run(capsys, "ibm", "plan", *arguments)
        assert emulator.service.jobs == {}
        text = run(capsys, "ibm", "submit", *arguments, "--max-qpu-seconds", "10", "--json")
        (job,) = emulator.service.jobs.values()
        found = json.loads(text)
        assert found["job_ids"] == [job.id]
        assert "ibmq_manila" in run(capsys, "ibm", "result", found["key"], "--timeout", "60")
        assert run(capsys, "ibm", "status", found["key"]) == "done\n"


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["plan", "{file}", "moons"], "there is no IBM Quantum account"),
            (["plan", "{file}", "mons", *FAKE], "no file 'mons'"),
            (["plan", "none.qmlplay", "moons", *FAKE], "there is no file 'none.qmlplay'"),
            (["plan", "{file}", "iris", *FAKE], "has 4 columns"),
            (["plan", "{file}", "moons", "--device", "fake_x"], "unknown fake device 'fake_x'"),
            (["plan", "{file}", "moons", *FAKE, "--shots", "0"], "shots must be an integer"),
            (["plan", "{file}", "moons", *FAKE, "--level", "3"], "resilience_level must be 0, 1"),
            (["plan", "{file}", "moons", *FAKE, "--seed", "-1"], "seed must be None or"),
            (["plan", "{file}", "moons", *FAKE, "--samples", "0"], "--samples must be at least 1"),
            (["submit", "{file}", "moons", *FAKE], "Missing option '--max-qpu-seconds'"),
            (
                ["submit", "{file}", "moons", *FAKE, "--max-qpu-seconds", "1"],
                "max_qpu_seconds=1 does not cover: raise it to 3",
            ),
            (
                ["submit", "{file}", "moons", *FAKE, "--max-qpu-seconds", "nan"],
                "max_qpu_seconds must be at least 1",
            ),
            (["status", KEY], f"no stored run '{KEY}'"),
            (["result", KEY], f"no stored run '{KEY}'"),
            (["cancel", "no key"], "'no key' is no key of a run"),
            (["wait", KEY], "No such command 'wait'"),
        ],
    )
    def test_one_line(self, capsys, file, arguments, words, network):
        typed = [argument.format(file=file) for argument in arguments]
        assert words in failure(capsys, "ibm", *typed)
        assert ibm.list_runs().empty
        assert network == []

    def test_a_damaged_run(self, capsys, key):
        from qmlplay.ibm import store

        store.path_of(key, "run.json").write_text("{")
        assert "damaged" in failure(capsys, "ibm", "status", key)


@pytest.mark.parametrize("command", ["plan", "submit", "status", "result", "cancel", "list"])
def test_help_has_an_example(capsys, command):
    text = run(capsys, "ibm", command, "--help")
    assert "Examples:" in text
    assert f"qmlplay ibm {command}" in text
