"""The SQLite study of a search: gone on with after a kill, shared by processes, guarded."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from qmlplay import VariationalClassifier, load_dataset

pytestmark = pytest.mark.needs("optuna")

SIDES = ("quantum", "classical")
BASELINES = ["dummy", "logistic_regression", "svc_rbf", "k_nearest_neighbours"]
SETTINGS = {"budget": 600, "baselines": BASELINES, "verbose": 0}
SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells let jobs ignore it
from qmlplay import VariationalClassifier, load_dataset
from qmlplay.search import search
data = load_dataset("moons", n_samples=60, random_state=0)
search(data, study=sys.argv[1], n_trials=int(sys.argv[2]), budget=600, verbose=0,
       classifier=VariationalClassifier(max_iter=int(sys.argv[3]), n_iter_no_change=None),
       baselines=["dummy", "logistic_regression", "svc_rbf", "k_nearest_neighbours"])
"""


@pytest.fixture(scope="module")
def moons():
    return load_dataset("moons", n_samples=60, random_state=0)


def model(max_iter=3):
    return VariationalClassifier(max_iter=max_iter, n_iter_no_change=None)


def searched(data, path, **settings):
    from qmlplay.search import search

    usual = {"study": path, "classifier": model(), "n_trials": 2}
    return search(data, **SETTINGS | usual | settings)


def trials(path, side="quantum"):
    """Return the trials of a file that have begun, as another program sees them."""
    import optuna

    name = f"qmlplay search: split 0, {side}"
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    try:
        found = optuna.load_study(study_name=name, storage=storage).get_trials()
        return [trial for trial in found if trial.state.name != "WAITING"]
    except KeyError:
        return []
    finally:
        storage.remove_session()
        storage.engine.dispose()


def processes_of(path):
    """Return whose trials there are; which side one takes is left to the time that each had."""
    return {t.user_attrs["process"] for side in SIDES for t in trials(path, side)}


def begin(path, n_trials, max_iter):
    arguments = [sys.executable, "-c", SCRIPT, str(path), str(n_trials), str(max_iter)]
    return subprocess.Popen(arguments, env=os.environ | {"OMP_NUM_THREADS": "1"})


def is_running_after(path, n_finished):
    """Tell whether a quantum trial is under way, and so many have been finished."""
    if not path.exists():
        return False
    try:
        found = trials(path)
    except Exception:  # the other process is making the file
        return False
    finished = [t for t in found if t.state.is_finished()]
    running = [t for t in found if t.state.name == "RUNNING" and "limit" in t.user_attrs]
    return len(finished) >= n_finished and bool(running)


def test_goes_on_after_a_kill(moons, tmp_path):
    """A process is killed in the middle of a trial; what it had finished is not done again."""
    path = tmp_path / "study.db"
    process = begin(path, 50, 200)
    try:
        end = time.time() + 180
        while not is_running_after(path, 3) and time.time() < end and process.poll() is None:
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = trials(path) + trials(path, "classical")
    running = [t for t in before if t.state.name == "RUNNING" and "process" in t.user_attrs]
    assert running
    done = {(t._trial_id, t.value, t.datetime_complete) for t in before if t.state.is_finished()}
    n_quantum = len(trials(path))
    searched(moons, path, classifier=model(200), n_trials=n_quantum + 1)
    after = trials(path) + trials(path, "classical")
    assert done <= {(t._trial_id, t.value, t.datetime_complete) for t in after}
    states = {t._trial_id: t for t in after}
    for trial in running:
        assert states[trial._trial_id].state.name == "FAIL"
        assert states[trial._trial_id].user_attrs["abandoned"]
    assert len(trials(path)) > n_quantum
    computed = [str(t.params) for t in after if t.state.name == "COMPLETE"]
    assert len(computed) == len(set(computed))


def test_first_settings_are_tried_again_where_they_were_killed(moons, tmp_path):
    import optuna

    from qmlplay.search.study_file import enqueue

    study = optuna.create_study()
    study.enqueue_trial({"x": 1})
    trial = study.ask()
    trial.suggest_int("x", 0, 9)
    enqueue(study, [{"x": 1}])
    assert len(study.trials) == 1  # it is under way
    study._storage.set_trial_user_attr(trial._trial_id, "abandoned", True)
    study.tell(trial, state=optuna.trial.TrialState.FAIL)
    enqueue(study, [{"x": 1}])
    enqueue(study, [{"x": 1}])
    assert [t.state.name for t in study.trials] == ["FAIL", "WAITING"]


def test_the_same_call_again_trains_no_trial_twice(moons, tmp_path):
    path = tmp_path / "study.db"
    first = searched(moons, path)
    before = trials(path)
    again = searched(moons, path)
    assert [(t.number, t.datetime_complete) for t in trials(path)] == [
        (t.number, t.datetime_complete) for t in before
    ]
    scores = ["model", "inner_score", "test_score", "n_trials"]
    pd.testing.assert_frame_equal(first.leaderboard_[scores], again.leaderboard_[scores])
    assert "in earlier runs" in again.verdict_[-1]
    more = searched(moons, path, n_trials=3)
    assert len(more.study_.trials) == 3


def test_used_time_counts(moons, tmp_path):
    path = tmp_path / "study.db"
    searched(moons, path)
    before = len(trials(path))
    result = searched(moons, path, n_trials=None, budget=0.01)
    assert len(trials(path)) == before
    assert "more than the budget of 0.01 s" in result.verdict_[-1]


@pytest.mark.slow
def test_two_commands_share_a_study(moons, tmp_path):
    path = tmp_path / "study.db"
    processes = [begin(path, 12, 100) for _ in range(2)]
    assert [process.wait(timeout=300) for process in processes] == [0, 0]
    assert len(processes_of(path)) == 2
    for side in SIDES:
        done = [t for t in trials(path, side) if t.state.name == "COMPLETE"]
        assert len({str(t.params) for t in done}) == len(done)
        assert not [t for t in trials(path, side) if t.state.name == "RUNNING"]
    first = [t.params["model"] for t in trials(path, "classical")[:8]]
    assert set(first) == set(BASELINES)


@pytest.mark.slow
def test_two_processes_of_one_call(moons, tmp_path):
    path = tmp_path / "study.db"
    result = searched(moons, path, n_jobs=2, n_trials=20, classifier=model(300))
    done = [t for t in trials(path) if t.state.name == "COMPLETE"]
    assert len({str(t.params) for t in done}) == len(done)
    assert len(processes_of(path)) == 2
    assert {"quantum", *BASELINES} <= set(result.leaderboard_["model"])


@pytest.mark.slow
@pytest.mark.needs("distributed")
@pytest.mark.filterwarnings("ignore")  # of Dask's own processes, when they end
def test_workers_of_a_dask_cluster(moons, tmp_path):
    from distributed import Client, LocalCluster
    from joblib import parallel_config

    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    )
    with cluster, Client(cluster) as client, parallel_config(backend="dask"):
        client.run(import_module, "qmlplay.search")  # or all is done before it is loaded
        for n_trials in (20, 60, 180):  # on a busy machine one does all before the other begins
            path = tmp_path / f"study{n_trials}.db"
            result = searched(moons, path, n_jobs=2, n_trials=n_trials, classifier=model(200))
            assert len(result.study_.trials) >= n_trials
            if len(processes_of(path)) == 2:
                break
    assert len(processes_of(path)) == 2


# JAX, where another test has loaded it, warns of every fork.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored.*_at_fork:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("backend", ["threading", "multiprocessing"])
def test_other_backends_of_joblib(moons, tmp_path, backend):
    """The second one gives its answers all at once."""
    from joblib import parallel_config

    path = tmp_path / "study.db"
    with parallel_config(backend=backend):
        result = searched(moons, path, n_jobs=2)
    assert {"quantum", *BASELINES} <= set(result.leaderboard_["model"])
    assert len(trials(path)) >= 2


def test_interrupted_process_shows_what_it_has(tmp_path):
    path = tmp_path / "study.db"
    code = SCRIPT.replace("search(data", "result = search(data") + (
        "print(result.interrupted_, len(result.leaderboard_), result.best_params_['model'])"
    )
    arguments = [sys.executable, "-c", code, str(path), "500", "200"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        end = time.time() + 180
        while not is_running_after(path, 3) and time.time() < end and process.poll() is None:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        try:
            text = process.communicate(timeout=120)[0]
        finally:
            process.kill()
    assert process.returncode == 0
    assert text.split()[0] == "True"
    assert int(text.split()[1]) >= 2
    states = [trial.state.name for trial in trials(path)]
    assert "RUNNING" not in states


def test_trial_of_a_dead_process_is_given_up_at_once():
    import optuna

    from qmlplay.search.abandoned_trials import fail_abandoned, process_name

    study = optuna.create_study()
    alive, dead, recycled, elsewhere, overdue = (study.ask() for _ in range(5))
    host, pid, created = process_name().split("/")
    alive.set_user_attr("process", process_name())
    dead.set_user_attr("process", f"{host}/999999999/1.0")
    recycled.set_user_attr("process", f"{host}/{pid}/{float(created) - 99}")
    elsewhere.set_user_attr("process", "another-machine/1/1.0")
    elsewhere.set_user_attr("limit", 1000.0)
    assert fail_abandoned(study) == [dead.number, recycled.number]
    assert [t.state.name for t in study.trials].count("RUNNING") == 3
    assert overdue.number == 4  # without a name yet: it has just begun


def test_another_table_or_other_settings_are_refused(moons, tmp_path):
    path = tmp_path / "study.db"
    searched(moons, path)
    size = path.stat().st_size
    others = load_dataset("moons", n_samples=60, random_state=1)
    with pytest.raises(ValueError, match=r"belongs to a search with another table"):
        searched(others, path)
    with pytest.raises(ValueError, match=r"other settings \(folds\)"):
        searched(moons, path, inner_folds=4)
    with pytest.raises(ValueError, match=r"other settings \(model\)"):
        searched(moons, path, classifier=model(4))
    with pytest.raises(ValueError, match=r"other settings \(outer splits\)"):
        searched(moons, path, test_size=0.2)
    with pytest.raises(ValueError, match=r"other settings \(baselines\)"):
        searched(moons, path, baselines=["dummy"])
    assert path.stat().st_size == size


def write_text(path):
    path.write_text("a,b\n1,2\n")


def write_other_database(path):
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE birds (name TEXT)")
        base.commit()


def write_other_study(path):
    import optuna

    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    optuna.create_study(storage=storage, study_name="somebody's")
    storage.remove_session()
    storage.engine.dispose()


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (write_text, "is damaged or no study .file is not a database."),
        (write_other_database, r"is a database of something else \(tables birds\)"),
        (write_other_study, 'holds the study "somebody\'s" of something else'),
        (lambda path: path.mkdir(), "is a folder: give a file, such as"),
    ],
)
def test_other_files_are_refused_and_stay(moons, tmp_path, write, text):
    path = tmp_path / "study.db"
    write(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ValueError, match=text):
        searched(moons, path)
    assert before is None or path.read_bytes()[100:] == before[100:]


@pytest.mark.parametrize("where", ["start", "middle", "end"])
def test_damaged_study_is_refused_and_stays(moons, tmp_path, where):
    path = tmp_path / "study.db"
    searched(moons, path)
    content = bytearray(path.read_bytes())
    if where == "end":
        content = content[: len(content) // 2]
    else:
        start = 0 if where == "start" else len(content) // 3
        content[start : start + 5000] = np.random.default_rng(0).bytes(5000)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is damaged or no study") as caught:
        searched(moons, path)
    assert "move it away to begin anew" in str(caught.value)
    assert path.read_bytes() == bytes(content)


def test_places_that_are_not_there(moons, tmp_path):
    with pytest.raises(ValueError, match="there is no folder"):
        searched(moons, tmp_path / "nowhere" / "study.db")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_places_that_cannot_be_written(moons, tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ValueError, match="cannot be written"):
            searched(moons, tmp_path / "study.db")
    finally:
        tmp_path.chmod(0o700)


def test_empty_file_is_a_new_study(moons, tmp_path):
    path = tmp_path / "study.db"
    path.touch()
    searched(moons, path)
    assert len(trials(path)) == 2


@pytest.mark.parametrize("name", ["a b.db", "q?x#{y}%20.db", "ü"])
def test_any_name_of_a_file(moons, tmp_path, name):
    path = tmp_path / name
    searched(moons, path, baselines=["dummy"], n_trials=1)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert "in earlier runs" in searched(moons, path, baselines=["dummy"], n_trials=1).verdict_[-1]


def test_waits_while_another_process_writes(moons, tmp_path):
    path = tmp_path / "study.db"
    searched(moons, path)
    code = (
        "import sqlite3, sys, time\n"
        "base = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "base.execute('BEGIN IMMEDIATE')\n"
        "print('locked', flush=True)\n"
        "time.sleep(3)\n"
        "base.execute('COMMIT')\n"
    )
    arguments = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        start = time.time()
        result = searched(moons, path, n_trials=3)
        assert time.time() - start > 1
    assert len(result.study_.trials) == 3
