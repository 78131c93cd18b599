"""Comparisons that go on: the hook that gets every finished task, and what a folder keeps."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression

from qmlplay import (
    QuantumKernelClassifier,
    VariationalClassifier,
    VariationalRegressor,
    compare,
    load_model,
)
from qmlplay.callbacks import Checkpoint
from qmlplay.cli import main
from qmlplay.compare.kept_runs import FOLDER_NAME, RunFolder
from qmlplay.compare.kept_runs.plan_file import read_plan
from qmlplay.compare.running import make_forecast, run_all
from qmlplay.compare.setup import Candidate, make_splits


def lineups(n_splits=2):
    models = {
        "line": LogisticRegression(),
        "quantum": VariationalClassifier(n_layers=1, max_iter=2, random_state=0),
    }
    candidates = [Candidate(name, "classical", model) for name, model in models.items()]
    return [(split, candidates) for split in make_splits("moons", None, range(n_splits), 0.3)]


def run(on_done, n_jobs=1):
    work = lineups()
    forecast = make_forecast(work, n_jobs=effective_n_jobs(n_jobs))
    return run_all(work, forecast, n_jobs=n_jobs, verbose=0, on_done=on_done)


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_task_is_handed_over_as_it_is_done(n_jobs):
    seen = []
    runs = run(lambda done: seen.append((os.getpid(), *done)), n_jobs)
    assert [process for process, _ in seen] == [os.getpid()] * 4
    assert sorted(one.key for _, one in seen) == sorted(one.key for one in runs)
    if n_jobs == 1:  # several processes hand over what is done first
        assert [one.key for _, one in seen] == [one.key for one in runs]
    assert [one.key for one in runs] == [
        (split.dataset, candidate.name, split.seed)
        for split, candidates in lineups()
        for candidate in candidates
    ]
    assert all(one.estimator is not None for _, one in seen)  # of all splits
    assert [one.estimator is not None for one in runs] == [True, True, False, False]


def test_a_task_is_handed_over_before_the_next_one_begins():
    """An error of the hook ends all, and nothing more is done."""
    seen = []

    def fail(done):
        seen.extend(done)
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        run(fail)
    assert [one.row["model"] for one in seen] == ["line"]


def test_ctrl_c_in_the_hook_keeps_the_run():
    def press(done):
        raise KeyboardInterrupt

    assert [one.row["model"] for one in run(press)] == ["line"]


# Two simulators of which one is always the faster, on a busy machine, too.
MODELS = ["numpy", "pennylane", "no_entanglement", "kernel", "dummy", "svc_rbf"]
QUICK = VariationalClassifier(n_layers=1, max_iter=3)
SECONDS = ["fit_seconds", "predict_seconds"]


class Killed(BaseException):
    """What ends a comparison as SIGKILL does: nobody is asked."""


class Fuse(ClassifierMixin, BaseEstimator):
    """A model that notes every fit in a file, and ends all at a certain one."""

    def __init__(self, file=None, last=None, random_state=None, share=0.5):
        self.file, self.last, self.random_state, self.share = file, last, random_state, share

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        with open(self.file, "a") as file:
            file.write(f"{self.random_state}\n")
        if self.n_fits == self.last:
            raise Killed
        return self

    @property
    def n_fits(self):
        return len(Path(self.file).read_text().split())

    def predict(self, X):
        random = np.random.default_rng(self.random_state)
        return self.classes_[(random.random(len(X)) > self.share).astype(int)]


def quick(folder=None, **changes):
    settings = {"models": MODELS, "classifier": QUICK, "seeds": 2, "train_everywhere": False}
    return compare("moons", resume=folder, verbose=0, **(settings | changes))


def assert_same(result, expected):
    """Compare all but seconds."""
    pd.testing.assert_frame_equal(
        result.runs.drop(columns=SECONDS), expected.runs.drop(columns=SECONDS)
    )
    pd.testing.assert_frame_equal(result.parity_table, expected.parity_table)
    pd.testing.assert_frame_equal(result.statistics, expected.statistics)
    assert list(result.predictions) == list(expected.predictions)
    for key, run in expected.predictions.items():
        other = result.predictions[key]
        assert type(other) is type(run)
        assert other.predicted.dtype == run.predicted.dtype
        for name, value in vars(run).items():
            np.testing.assert_array_equal(getattr(other, name), value)
    assert result.copies == expected.copies
    assert list(result.fitted) == list(expected.fitted)
    # The verdict says how many times faster a model trained.
    timed = replace(result, runs=result.runs.assign(**expected.runs[SECONDS]))
    assert timed.verdict == expected.verdict


def assert_same_models(result, expected):
    for key, model in expected.fitted.items():
        split = expected.splits[key[0]]
        other = result.fitted[key]
        np.testing.assert_array_equal(other.predict(split.X_test), model.predict(split.X_test))
        assert repr(other.get_params()) == repr(model.get_params())


@pytest.mark.slow
def test_a_killed_comparison_goes_on(tmp_path):
    """Killed after every single task; nothing is done twice, and the result is the same."""
    whole = quick()
    fuse = {"number": 0}

    def kill_after(number):
        def write(self, run, write=RunFolder._write):
            write(self, run)
            fuse["number"] += 1
            if fuse["number"] == number:
                raise Killed

        return write

    for _ in range(3):  # each time one more task
        fuse["number"] = 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(RunFolder, "_write", kill_after(2))
            with pytest.raises(Killed):
                quick(tmp_path)
    assert len(list((tmp_path / FOLDER_NAME).glob("*.run"))) == 6
    again = quick(tmp_path)
    assert len(list((tmp_path / FOLDER_NAME).glob("*.run"))) == 12
    assert_same(again, whole)
    assert_same_models(again, whole)
    third = quick(tmp_path)
    assert_same(third, whole)
    pd.testing.assert_frame_equal(third.runs, again.runs)  # seconds as they were measured
    assert_same_models(third, whole)
    assert {path.name for path in third.save(tmp_path / "a")} == {
        path.name for path in whole.save(tmp_path / "b")
    }


def test_nothing_finished_is_done_twice(tmp_path):
    def run(last, folder=tmp_path / "kept"):
        models = {"own": Fuse(str(tmp_path / "fits"), last), "line": LogisticRegression()}
        return compare("moons", models=models, seeds=4, resume=folder, verbose=0)

    with pytest.raises(Killed):
        run(3)
    with pytest.raises(ValueError, match="own on moons with seed 0, last was 3 and is 9"):
        run(9)
    fits = tmp_path / "fits"
    fits.write_text("0\n1\n")  # two are finished, the third one is not
    # The same settings, as the process has it that starts anew.
    fits.write_text("0\n1\n" + "x\n")
    result = run(3)
    assert fits.read_text().split() == ["0", "1", "x", "2", "3"]
    assert list(result.runs["status"]) == ["ok"] * 8
    run(3)
    assert len(fits.read_text().split()) == 5


@pytest.mark.slow
def test_more_seeds_models_and_datasets_may_come(tmp_path):
    few = compare("moons", models=["dummy"], seeds=1, resume=tmp_path, verbose=0)
    data = ["moons", "circles"]
    more = compare(data, models=["svc_rbf", "dummy"], seeds=3, resume=tmp_path, verbose=0)
    whole = compare(data, models=["svc_rbf", "dummy"], seeds=3, verbose=0)
    assert_same(more, whole)
    first = more.runs.query("dataset == 'moons' and model == 'dummy' and seed == 0")
    assert first[SECONDS].to_numpy().tolist() == few.runs[SECONDS].to_numpy().tolist()
    other = compare("moons", models=["dummy"], seeds=[2, 0], resume=tmp_path, verbose=0)
    assert_same(other, compare("moons", models=["dummy"], seeds=[2, 0], verbose=0))


@pytest.mark.slow
def test_a_simulator_that_comes_later_takes_the_weights(tmp_path):
    """Who trains is decided once, whatever the times say later."""
    quick(tmp_path, models=["cirq", "qiskit"])
    source = read_plan(tmp_path / FOLDER_NAME / "plan.json", False).trained_on
    assert len(source) == 1
    result = quick(tmp_path, models=["numpy", "cirq", "qiskit"])
    (trained,) = source.values()
    assert set(result.copies.values()) == {trained}
    assert ("moons", "numpy") in result.copies
    rows = result.runs[result.runs["model"] == "numpy"]
    assert list(rows["trained_on"]) == [trained] * 2
    assert rows["fit_seconds"].isna().all()


def test_the_plan_stays(tmp_path, monkeypatch):
    """Another time of a step does not change who trains."""
    settings = {"models": ["numpy", "cirq"], "seeds": 1}
    whole = quick(tmp_path, **settings)
    module = sys.modules["qmlplay.compare.run"]
    monkeypatch.setattr(module, "make_forecast", lambda *_, **__: pytest.fail("timed again"))
    assert_same(quick(tmp_path, **settings), whole)


REGRESSION = {"models": ["ridge", "dummy", "numpy"], "seeds": 2}


@pytest.mark.slow
def test_a_regression_goes_on(tmp_path):
    settings = REGRESSION | {"regressor": VariationalRegressor(n_layers=1, max_iter=2)}
    whole = compare("diabetes", verbose=0, **settings)
    compare("diabetes", verbose=0, resume=tmp_path, **(settings | {"models": ["numpy"]}))
    again = compare("diabetes", verbose=0, resume=tmp_path, **settings)
    assert_same(again, whole)
    assert_same_models(again, whole)


def table(n_rows=60):
    random = np.random.default_rng(0)
    age, color = random.normal(40, 9, n_rows), random.choice(["red", "blue", None], n_rows)
    label = np.where(age + random.normal(0, 3, n_rows) > 40, "old", "young")
    return pd.DataFrame({"age": age, "color": color, "label": label})


@pytest.mark.slow
def test_a_table_with_text_and_gaps_goes_on(tmp_path):
    settings = {"models": ["numpy", "svc_rbf"], "classifier": QUICK, "cv": 3, "verbose": 0}
    whole = compare(table(), "label", **settings)
    compare(table(), "label", resume=tmp_path, **(settings | {"models": ["svc_rbf"]}))
    again = compare(table(), "label", resume=tmp_path, **settings)
    assert_same(again, whole)
    third = compare(table(), "label", resume=tmp_path, **settings)
    assert_same(third, whole)
    assert_same_models(third, whole)


def picture(result, kind):
    file = BytesIO()
    result.plot(kind=kind).savefig(file, metadata={"Software": None})
    return file.getvalue()


@pytest.mark.slow
def test_pictures_of_what_went_on(tmp_path):
    settings = {"models": ["numpy", "cirq", "svc_rbf"], "seeds": 1}
    whole, again = quick(tmp_path, **settings), quick(tmp_path, **settings)
    for kind in ("boundaries", "scores", "parity", "cost"):
        first, second = (picture(result, kind) for result in (whole, again))
        assert first == second


CHANGES = {
    "seeds of others": ({"test_size": 0.4}, "rows are divided in another way"),
    "cv": ({"cv": 3}, "rows are divided in another way|the data are others"),
    "max_iter": (
        {"classifier": VariationalClassifier(n_layers=1, max_iter=4)},
        "max_iter was 3 and is 4",
    ),
    "train everywhere": ({"train_everywhere": True}, "trained on was .* and is itself"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_the_folder_of_another_comparison_is_left_alone(change, words, tmp_path):
    settings = {"models": ["numpy", "cirq"], "seeds": 1}
    quick(tmp_path, **settings)
    before = contents(tmp_path)
    with pytest.raises(ValueError, match=words) as caught:
        quick(tmp_path, **(settings | change))
    assert "another comparison" in str(caught.value)
    after = contents(tmp_path)
    assert {k: v for k, v in after.items() if k != "plan.json"} == {
        k: v for k, v in before.items() if k != "plan.json"
    }


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / FOLDER_NAME).iterdir()}


@pytest.mark.parametrize("change", ["cell", "row", "label", "name", "order"])
def test_another_table_is_refused(change, tmp_path):
    data = table()
    run = partial(compare, target="label", models=["dummy"], seeds=1, resume=tmp_path, verbose=0)
    run(data)
    other = data.copy()
    if change == "cell":
        other.loc[3, "age"] += 1e-9
    elif change == "row":
        other = other.iloc[:-1]
    elif change == "label":
        other.loc[3, "label"] = {"old": "young", "young": "old"}[other.loc[3, "label"]]
    elif change == "name":
        other = other.rename(columns={"age": "years"})
    else:
        other = other.iloc[::-1]
    words = "divided in another way" if change == "order" else "the data are others"
    with pytest.raises(ValueError, match=words):
        run(other)


DAMAGES = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "text": lambda data: b"my diary",
    "one bit": lambda data: bytes([*data[:80], data[80] ^ 1, *data[81:]]),
    "a pickle": lambda data: pickle.dumps({"row": {}}),
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("ending", [".run", ".qmlplay"])
def test_a_damaged_record_is_done_again(damage, ending, tmp_path):
    whole = quick(tmp_path, models=["numpy", "dummy"], seeds=2)
    file = min((tmp_path / FOLDER_NAME).glob(f"*numpy*{ending}"))
    file.write_bytes(damage(file.read_bytes()))
    with pytest.warns(UserWarning, match="1 files .*done again") as caught:
        again = quick(tmp_path, models=["numpy", "dummy"], seeds=2)
    assert len(caught) == 1
    assert_same(again, whole)
    assert_same_models(again, whole)
    quick(tmp_path, models=["numpy", "dummy"], seeds=2)  # whole again, no warning


def test_a_model_file_that_is_gone_or_of_another_kind(tmp_path):
    whole = quick(tmp_path, models=["numpy"], seeds=2)
    first, second = sorted((tmp_path / FOLDER_NAME).glob("*.qmlplay"))
    first.unlink()
    kernel = QuantumKernelClassifier().fit([[0.0, 0], [1, 1]], [0, 1])
    kernel.save(second)
    with pytest.warns(UserWarning, match="2 files|1 files"):
        assert_same(quick(tmp_path, models=["numpy"], seeds=2), whole)


def test_foreign_files_are_left_alone(tmp_path):
    folder = tmp_path / FOLDER_NAME
    folder.mkdir()
    (folder / "diary.txt").write_text("dear diary")
    (folder / "other.run").write_bytes(b"?")
    (folder / "plan.json").write_text("{")
    quick(tmp_path, models=["dummy"])
    assert (folder / "diary.txt").read_text() == "dear diary"


def test_failures_are_tried_again(tmp_path):
    class Fails(Fuse):
        def fit(self, X, y):
            super().fit(X, y)
            if not (tmp_path / "repaired").exists():
                raise RuntimeError("the server is down")
            return self

    models = {"fails": Fails(str(tmp_path / "fits"))}
    run = partial(compare, "moons", models=models, seeds=1, resume=tmp_path / "kept", verbose=0)
    assert "server is down" in run().runs["status"].iloc[0]
    (tmp_path / "repaired").touch()
    assert run().runs["status"].iloc[0] == "ok"


def test_a_model_without_a_seed_that_is_not_the_same_again(tmp_path):
    class Random(Fuse):
        def predict(self, X):
            return self.classes_[np.random.default_rng().integers(0, 2, len(X))]

    run = partial(compare, "moons", seeds=1, resume=tmp_path / "kept", verbose=0)
    models = {"random": Random(str(tmp_path / "fits"))}
    run(models=models)
    again = run(models=models)
    with pytest.warns(UserWarning, match="predicts otherwise than in the table"):
        assert again.fitted["moons", "random"].n_fits == 2
    assert again.fitted["moons", "random"].n_fits == 2  # once


def test_a_disk_that_gets_full_does_not_cost_the_comparison(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qmlplay.model.archive.os.fsync", fail)
    with pytest.warns(UserWarning, match="not kept, and the comparison goes on") as caught:
        result = quick(tmp_path, models=["numpy", "dummy"])
    assert len(caught) == 1
    assert len(result.runs) == 4


def test_strange_names(tmp_path):
    models = {"a/b": LogisticRegression(), "": LogisticRegression(C=2), "é" * 200: Fuse("?")}
    models = {name: LogisticRegression() for name in (*models, "..", "a b", "a-b", "A b")}
    settings = {"models": models, "seeds": 1, "verbose": 0}
    whole = compare("moons", resume=tmp_path, **settings)
    assert_same(compare("moons", resume=tmp_path, **settings), whole)
    assert len(list((tmp_path / FOLDER_NAME).glob("*.run"))) == len(models)


@pytest.mark.parametrize("resume", [True, 3, ["folder"]])
def test_what_is_no_folder(resume):
    with pytest.raises(TypeError, match="resume must be a folder"):
        quick(resume)


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="give another one"):
        quick(tmp_path / "file")


@pytest.mark.slow
def test_n_jobs(tmp_path):
    settings = {"models": ["numpy", "dummy"], "n_jobs": 2}
    quick(tmp_path, seeds=1, **settings)
    assert_same(quick(tmp_path, **settings), quick(models=["numpy", "dummy"]))


def test_callbacks_and_verbose_may_change(tmp_path):
    quick(tmp_path, models=["numpy"], seeds=1)
    seen = []
    classifier = clone(QUICK).set_params(callbacks=[seen.append], verbose=0)
    result = quick(tmp_path, models=["numpy"], seeds=2, classifier=classifier)
    assert {state.estimator.random_state for state in seen} == {1}
    assert result.fitted["moons", "numpy"].callbacks == classifier.callbacks


@pytest.mark.slow
def test_two_processes_do_not_share_a_folder(tmp_path):
    code = (
        "import sys, time\n"
        "from qmlplay.compare.kept_runs import RunFolder\n"
        "with RunFolder(sys.argv[1]): print('locked', flush=True); time.sleep(60)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(ValueError, match=f"in use by another comparison .process {other.pid}"):
            quick(tmp_path, models=["dummy"])
    finally:
        other.kill()
        other.communicate()
    quick(tmp_path, models=["dummy"])  # a process that was killed holds nothing


SLOW_MODEL = """
import os, sys, time
from pathlib import Path
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

class Slow(ClassifierMixin, BaseEstimator):
    def __init__(self, file="", random_state=None):
        self.file, self.random_state = file, random_state
    def fit(self, X, y):
        with open(self.file, "a") as file:
            file.write(f"begin {self.random_state}\\n")
        time.sleep(0.3)
        with open(self.file, "a") as file:
            file.write(f"end {self.random_state}\\n")
        self.classes_ = np.unique(y)
        return self
    def predict(self, X):
        random = np.random.default_rng(self.random_state)
        return self.classes_[random.integers(0, 2, len(X))]

if __name__ == "__main__":
    from slow import Slow
    from qmlplay import compare
    folder, n_jobs = Path(sys.argv[1]), int(sys.argv[2])
    models = {"slow": Slow(str(folder / "fits")), "other": Slow(str(folder / "others"))}
    result = compare("moons", models=models, seeds=3, n_jobs=n_jobs, verbose=0,
                     resume=folder / "kept")
    print(result.runs.drop(columns=["fit_seconds", "predict_seconds"]).to_csv())
    print(result.n_missing)
"""


def wait_for(condition, process):
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("signals", "n_jobs"), [(["SIGKILL", "SIGTERM"], 2), (["SIGINT", "SIGKILL"], 1)]
)
def test_a_process_that_is_killed(tmp_path, signals, n_jobs):
    """Whenever it is: what was written is not done again, and the result is the same."""
    (tmp_path / "slow.py").write_text(SLOW_MODEL)
    command = [sys.executable, "slow.py"]
    for number, name in enumerate(signals):
        process = subprocess.Popen(
            [*command, str(tmp_path), str(n_jobs)],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        records = tmp_path / "kept" / FOLDER_NAME
        wait_for(lambda n=number, r=records: len(list(r.glob("*.run"))) >= 2 * n + 1, process)
        process.send_signal(getattr(signal, name))
        process.wait()
        with suppress(ProcessLookupError):  # what joblib leaves behind of a killed process
            os.killpg(process.pid, signal.SIGKILL)
    written = len(list(records.glob("*.run")))
    fits = [tmp_path / "fits", tmp_path / "others"]
    before = sum(file.read_text().count("begin") for file in fits if file.exists())
    again = subprocess.run(
        [*command, str(tmp_path), str(n_jobs)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    after = sum(file.read_text().count("begin") for file in fits)
    assert after - before == 6 - written
    (tmp_path / "new").mkdir()
    whole = subprocess.run(
        [*command, str(tmp_path / "new"), "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert again == whole


COMMAND = [
    "compare", "moons", "--models=numpy,dummy", "--seeds=8", "--max-iter=20",
    "--out=results", "--no-progress",
]  # fmt: skip


def start(folder, *options):
    return subprocess.Popen(
        [sys.executable, "-m", "qmlplay", *COMMAND, *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_the_command_line_goes_on(name, tmp_path):
    process = start(tmp_path)
    records = tmp_path / "results" / FOLDER_NAME
    wait_for(lambda: len(list(records.glob("*.run"))) >= 2, process)
    process.send_signal(getattr(signal, name))
    shown, errors = process.communicate()
    if name == "SIGKILL":
        assert process.returncode == -signal.SIGKILL
        assert not (tmp_path / "results" / "table.csv").exists()
    else:
        assert process.returncode == 130
        assert "stopped early" in shown
        assert "the same with --resume goes on" in errors
        assert len(pd.read_csv(tmp_path / "results" / "runs.csv")) < 16
    stamps = {path.name: path.stat().st_mtime_ns for path in records.glob("*.run")}
    assert 2 <= len(stamps) < 16
    again = start(tmp_path, "--resume")
    shown, errors = again.communicate()
    assert again.returncode == 0, errors
    runs = pd.read_csv(tmp_path / "results" / "runs.csv")
    assert len(runs) == 16
    after = {path.name: path.stat().st_mtime_ns for path in records.glob("*.run")}
    assert {name: after[name] for name in stamps} == stamps
    assert len(after) == 16


@pytest.mark.slow
def test_the_command_line_without_resume(tmp_path, monkeypatch, capsys):
    """Runs are kept while it runs; another one begins anew, and nothing is lost."""
    monkeypatch.chdir(tmp_path)
    command = ["compare", "moons", "--models=dummy", "--seeds=2", "--out=results", "--no-progress"]
    main([*command, "--resume"])
    kept = tmp_path / "results" / FOLDER_NAME
    assert len(list(kept.glob("*.run"))) == 2
    capsys.readouterr()
    main(command)
    assert "put aside in results/finished_runs-before/: --resume would" in capsys.readouterr().err
    assert not kept.exists()
    assert len(list((tmp_path / "results" / "finished_runs-before").glob("*.run"))) == 2
    main(command)
    assert "put aside" not in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main([*command[:2], "--models=nothing", "--out=other"])
    assert not (tmp_path / "other").exists()


@pytest.mark.slow
def test_the_command_line_names_what_differs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command = ["compare", "moons", "--models=dummy", "--seeds=1", "--resume", "--no-progress"]
    main(command)
    with pytest.raises(SystemExit, match="2"):
        main([*command, "--test-size=0.4"])
    assert "runs of another comparison: for dummy on moons with seed 0, the rows are divided" in (
        " ".join(capsys.readouterr().err.split())
    )


def test_the_command_line_trains_with_a_checkpoint(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command = ["train", "moons", "--max-iter=8", "--json", "--no-progress"]
    main([*command, "--out=whole.qmlplay"])
    whole = json.loads(capsys.readouterr().out)
    ends = iter([None, None, None, 4])

    def press(self, state, call=Checkpoint.__call__):
        call(self, state)
        if state.iteration == next(ends, None):
            raise KeyboardInterrupt

    command += ["--checkpoint=c.qmlplay"]
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "__call__", press)
        with pytest.raises(SystemExit, match="130"):
            main([*command, "--out=again.qmlplay"])
    capsys.readouterr()
    main([*command, "--out=again.qmlplay"])
    again = json.loads(capsys.readouterr().out)
    assert {**again, "file": ""} == {**whole, "file": ""}
    first, second = (load_model(f"{name}.qmlplay") for name in ("whole", "again"))
    np.testing.assert_array_equal(first.model_.numbers, second.model_.numbers)
    with pytest.raises(SystemExit, match="2"):
        main([*command, "--seed=1"])
    assert "c.qmlplay is the checkpoint of another training" in capsys.readouterr().err
