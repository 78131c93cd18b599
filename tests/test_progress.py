"""Progress bars: where a person waits, nowhere else, and never half of one left behind."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
from time import sleep

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from qmlplay import VariationalClassifier, compare, load_dataset, load_model, progress
from qmlplay.baselines.svc import KernelSVC
from qmlplay.cli import main
from qmlplay.compare.reports import report
from qmlplay.mitigation import mitigation_table
from qmlplay.progress import Progress, progress_bar

MOONS = load_dataset("moons", n_samples=30, random_state=0)


class Terminal:
    """What was written, and how a terminal shows it."""

    def __init__(self, read):
        self._read, self._text = read, ""

    def getvalue(self):
        self._text += self._read()
        return self._text

    @property
    def lines(self):
        """What is on the screen in the end: a carriage return goes back, and text overwrites."""
        screen = []
        for written in self.getvalue().split("\n"):
            line = ""
            for text in written.split("\r"):
                line = text + line[len(text) :]
            screen.append(line.rstrip())
        return screen


@pytest.fixture
def terminal(monkeypatch, capsys):
    """Somebody looks at standard error."""
    # The class: pytest makes a new object when the test itself begins.
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True)
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal(lambda: capsys.readouterr().err)


@pytest.fixture
def impatient(monkeypatch):
    """Work takes long after a twentieth of a second."""
    monkeypatch.setattr(progress, "DELAY", 0.05)


def pause(state):
    sleep(0.03)


def interrupt(state):
    if state.iteration == 5:
        raise KeyboardInterrupt


def classifier(**options):
    settings = {"max_iter": 8, "n_layers": 1, "callbacks": [pause], "n_iter_no_change": None}
    return VariationalClassifier(**(settings | options))


def fit(**options):
    return classifier(**options).fit(MOONS.X, MOONS.y)


# Where


def test_a_bar_after_a_while_and_no_trace_of_it(terminal, impatient):
    model = fit()
    shown = terminal.getvalue()
    assert re.search(r"fit \(numpy\): +\d+%.*\| \d/8 \[00:00<00:0\d, .*, loss=\d\.\d{4}\]", shown)
    told = re.findall(r"(\d)/8 \[.*?loss=(\d\.\d{4})", shown)  # how many depends on the machine
    assert told
    assert all(loss == f"{model.loss_curve_[int(n) - 1]:.4f}" for n, loss in told)
    assert terminal.lines == [""]


def test_two_seconds_pass_before_it(terminal):
    assert progress.DELAY == 2
    fit()
    assert terminal.getvalue() == ""


def test_pipes_stay_empty(capsys, impatient):
    fit()
    compare("moons", models={"slow": classifier()}, seeds=1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_lines_in_a_pipe_where_work_takes_long(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY", 0.02)
    written = []

    def until_told(state):
        while not written:
            written.extend(capsys.readouterr().err.splitlines())
            sleep(0.01)

    models = {"line": LogisticRegression(), "slow": classifier(callbacks=[until_told])}
    compare("moons", models=models, seeds=1)
    assert re.match(r"compare: [01] of 2, moons: (line|slow), (\d/8, .*)?1 s", written[0])
    capsys.readouterr()
    written.clear()
    fit(callbacks=[until_told])
    assert re.match(r"fit \(numpy\): \d of 8, (loss=\d\.\d{4}, )?1 s", written[0])
    assert capsys.readouterr().out == ""
    before = threading.active_count()
    fit()
    assert threading.active_count() == before


@pytest.mark.slow
def test_silence_in_a_pipe_on_request(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY", 0.01)
    fit(verbose=0)
    compare("moons", models={"slow": classifier()}, seeds=1, verbose=0)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    fit()
    assert capsys.readouterr() == ("", "")


def test_what_a_line_says():
    work = Progress(33, has_lines=True)
    work.advance(7)
    work.tell("pima: svc_rbf")
    assert work.line("compare", 40) == (
        "compare: 7 of 33, pima: svc_rbf, 40 s, about 2 min left"  # 40 · 26/7 = 149 s
    )
    work.tell_detail("50/100, loss=0.3", 0.5)
    assert work.line("compare", 40) == (
        "compare: 7 of 33, pima: svc_rbf, 50/100, loss=0.3, 40 s, about 2 min left"
    )
    assert work.fraction == pytest.approx(7.5 / 33)
    work.advance(26)
    assert work.line("compare", 5000) == "compare: 33 of 33, pima: svc_rbf, 83 min"
    work.tell("a\nb")
    assert "a?b" in work.line("compare", 1)
    assert Progress(None, has_lines=True).line("x", 3) == "x: 0, 3 s"


def test_the_time_left_knows_what_takes_long():
    work = Progress(3, has_lines=True, shares=[1.0, 8.0, 1.0])
    work.advance()
    assert work.fraction == pytest.approx(0.1)
    assert work.line("x", 6) == "x: 1 of 3, 6 s, about 54 s left"
    work.tell_detail("half", 0.5)
    assert work.line("x", 30) == "x: 1 of 3, half, 30 s, about 30 s left"
    work.advance()
    assert work.fraction == pytest.approx(0.9)
    assert "left" not in Progress(3, has_lines=True).line("x", 6)  # nothing to go by


def test_a_part_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY", 100.0)
    with progress_bar(4, "outer") as outer, progress_bar(10, "inner") as inner:
        inner.advance(5, note="y")
        assert outer.fraction == pytest.approx(0.125)
        assert outer.line("outer", 1).startswith("outer: 0 of 4, 5/10, y, 1 s")


def test_no_standard_error_at_all(monkeypatch, impatient):
    monkeypatch.setattr(sys, "stderr", None)  # as under pythonw
    assert fit().n_iter_ == 8


def test_0_is_silent_and_1_is_not(terminal, impatient):
    fit(verbose=0)
    assert terminal.getvalue() == ""
    fit(verbose=1, callbacks=None)
    cost, bar, *rest = terminal.lines
    assert cost.startswith("adam by adjoint")
    assert bar.startswith("fit (numpy): 100%|")
    assert "8/8" in bar
    assert rest == [""]


@pytest.mark.slow
def test_the_environment_switches_all_off(impatient):
    code = "import sys; from qmlplay import progress as p; t = p.progress_bar(3, 'x', verbose=1)\n"
    code += "with t as bar: bar.advance(); bar.advance(note='y')"
    for value, is_shown in (("1", False), ("", True)):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"TQDM_DISABLE": value},
            capture_output=True,
            text=True,
            check=True,
        )
        assert bool(done.stderr) == is_shown


@pytest.mark.parametrize("verbose", [-1, 0.5, "much", None])
def test_verbose_is_checked(verbose):
    with pytest.raises(ValueError, match=r"verbose must be 'auto', 0 or a positive integer"):
        compare("moons", models=["dummy"], verbose=verbose)
    with pytest.raises(ValueError, match=r"verbose must be 'auto', 0 or a positive integer"):
        fit(verbose=verbose)
    with pytest.raises(ValueError, match=r"verbose must be 'auto', 0 or a positive integer"):
        KernelSVC(verbose=verbose).fit(MOONS.X, MOONS.y)


def test_threads_of_servers_and_widgets_are_silent(terminal, impatient):
    thread = threading.Thread(target=fit)
    thread.start()
    thread.join()
    assert terminal.getvalue() == ""


def _fit_loudly():
    return fit(verbose=1, callbacks=None).n_iter_


@pytest.mark.slow
def test_worker_processes_print_nothing(capfd):
    assert _fit_loudly() == 8
    assert "8/8" in capfd.readouterr().err
    code = (
        "import test_progress as t; from joblib import Parallel, delayed; "
        "print(Parallel(n_jobs=2)(delayed(t._fit_loudly)() for _ in range(2)))"
    )
    path = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[8, 8]\n", "")


# What


@pytest.mark.slow
def test_a_bar_of_a_comparison_tells_of_the_fit_inside(terminal, impatient):
    models = {"line": LogisticRegression(), "slow": classifier()}
    compare("moons", models=models, seeds=2)
    shown = terminal.getvalue()
    assert re.search(r"compare: +\d+%\|.*\| 1/4 \[.*, moons: slow, \d/8, loss=\d\.\d{4}\]", shown)
    assert "fit (" not in shown
    assert terminal.lines == [""]


def test_silence_outside_is_silence_inside(terminal, impatient):
    compare("moons", models={"slow": classifier()}, seeds=1, verbose=0)
    assert terminal.getvalue() == ""


def test_a_long_step_shows_once_it_tells_something(terminal, impatient):
    with progress_bar(2, "work") as bar:
        sleep(0.3)
        assert terminal.getvalue() == ""
        bar.tell("the first step")
        assert re.search(r"work: +0%\|.*\| 0/2 .*the first step", terminal.getvalue())
    assert terminal.lines == [""]


def test_a_bar_that_was_asked_for_stays_and_is_full(terminal):
    with progress_bar(10, "work", verbose=1) as bar:
        bar.advance(4, note="last")
    assert terminal.lines[0].startswith("work: 100%|")
    assert "| 4/4 [" in terminal.lines[0]
    with progress_bar(None, "unknown", verbose=1) as bar:
        bar.advance(3)
    assert "3/3" in terminal.lines[1]


def test_the_time_left_is_told_from_the_time_taken(terminal, impatient):
    with progress_bar(100, "work") as bar:
        for _ in range(10):
            sleep(0.03)
            bar.advance()
    rate = re.findall(r"(\d+\.\d+)it/s", terminal.getvalue())[-1]
    assert 10 < float(rate) < 34  # 33.3 a second at most, the time before the bar counted


def test_tables_and_kernels_have_bars(terminal, impatient):
    model = fit(verbose=0)
    table = mitigation_table(model, MOONS.X, noise="low", verbose=1)
    assert len(table) == 7
    assert "mitigation: 100%" in terminal.lines[0]
    assert "noise×5" in terminal.lines[0]
    KernelSVC(verbose=1).fit(MOONS.X, MOONS.y)
    assert "fit (SVC): 100%" in terminal.lines[1]
    assert "2/2" in terminal.lines[1]


@pytest.mark.slow
def test_commands_have_bars_on_request(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "figures", lambda comparison: {})
    quick = ["--max-iter", "2", "--n-layers", "1"]
    train, test = ["train", "moons", *quick], ["compare", "moons", "--models", "dummy"]
    frame = pd.DataFrame(load_dataset("moons", n_samples=1200).X, columns=["x0", "x1"])
    frame.to_csv("new.csv", index=False)
    ask = ["predict", "model.qmlplay", "new.csv", "--probabilities"]
    for command, text in ((train, "2/2"), (test, "3/3"), (ask, "1200/1200")):
        main([*command, "--progress"])
        shown = capsys.readouterr()
        assert text in shown.err
        for option in ([], ["--no-progress"]):
            main([*command, *option])
            assert capsys.readouterr().err == ""
    model = load_model("model.qmlplay")  # 500 rows at a time, and none lost
    table = pd.read_csv(io.StringIO(shown.out))
    expected = model.predict_proba(pd.read_csv("new.csv"))
    np.testing.assert_allclose(table.iloc[:, 1:], expected, atol=1e-12)
    assert table["prediction"].tolist() == model.predict(pd.read_csv("new.csv")).tolist()


def test_names_cannot_command_the_terminal(terminal):
    with progress_bar(1, "work", verbose=1) as bar:
        bar.advance(note="\x1b[2J\x07\nname")
    assert "?[2J??name" in terminal.lines[0]
    assert terminal.lines[1:] == [""]


# The end


def test_an_error_takes_the_bar_away(terminal, impatient):
    def fail(state):
        pause(state)
        if state.iteration == 6:
            raise RuntimeError("no")

    for verbose in ("auto", 1):
        with pytest.raises(RuntimeError, match="no"):
            fit(callbacks=[fail], verbose=verbose)
    assert "loss=" in terminal.getvalue()
    assert [line for line in terminal.lines if "fit (" in line] == []


def test_ctrl_c_takes_the_bar_away(terminal, impatient):
    model = fit(callbacks=[pause, interrupt])
    assert model.interrupted_
    assert "loss=" in terminal.getvalue()
    assert terminal.lines == [""]
    with pytest.raises(KeyboardInterrupt):
        compare("moons", models={"own": classifier(callbacks=[pause, interrupt])}, seeds=1)
    assert "compare" in terminal.getvalue()
    assert terminal.lines == [""]


def test_no_thread_is_left(terminal, impatient):
    with progress_bar(1, "work", verbose=1):  # the first one starts tqdm's own, one for all
        pass
    before = threading.active_count()
    for _ in range(20):
        with progress_bar(1, "work", verbose=1):
            pass
    fit()
    assert threading.active_count() == before


def test_a_bar_outside_is_open_again_after_one_inside(terminal):
    with progress_bar(2, "outer", verbose=1) as outer:
        with progress_bar(3, "inner", verbose=1) as inner:
            inner.advance(note="x")
        outer.advance(2, note="done")
    with progress_bar(1, "next", verbose=1) as following:
        following.advance()
    assert [line.split(":")[0] for line in terminal.lines] == ["outer", "next", ""]


# Real places


def _in_terminal(code):
    """Run Python code in a terminal of 100 columns and return all that it wrote."""
    import pty
    import struct
    from fcntl import ioctl
    from termios import TIOCSWINSZ

    process, channel = pty.fork()
    if process == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    ioctl(channel, TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    written = b""
    while True:
        try:
            written += os.read(channel, 65536)
        except OSError:  # the terminal closes with its last program
            break
    os.waitpid(process, 0)
    os.close(channel)
    return written.decode()


@pytest.mark.slow
def test_in_a_real_terminal():
    code = (
        "from time import sleep; from qmlplay import *; data = load_dataset('moons'); "
        "model = VariationalClassifier(max_iter=30, n_iter_no_change=None, "
        "callbacks=[lambda state: sleep(0.1)]).fit(data.X, data.y); print(model.n_iter_)"
    )
    written = _in_terminal(code)
    counts = [int(n) for n in re.findall(r"(\d+)/30 \[", written)]
    assert counts[0] >= 15  # two seconds in
    assert counts[-1] >= 28
    assert Terminal(lambda: written).lines == ["30", ""]


@pytest.mark.slow
def test_in_a_notebook():
    pytest.importorskip("ipykernel")
    pytest.importorskip("ipywidgets")
    nbformat, nbclient = (pytest.importorskip(name) for name in ("nbformat", "nbclient"))
    lines = (
        "from time import sleep\nfrom qmlplay.progress import Progress, progress_bar\n"
        "with progress_bar(4, 'work', verbose={}) as bar:\n"
        "    for k in range({}):\n        sleep({})\n        bar.advance(note=f'loss={{k}}')"
    )
    quick, slow, early = (
        lines.format("'auto'", 4, 0),
        lines.format("'auto'", 4, 0.8),
        lines.format(1, 2, 0),
    )
    cells = [nbformat.v4.new_code_cell(code) for code in (quick, slow, early)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=120).execute()
    outputs = [[output["output_type"] for output in cell["outputs"]] for cell in notebook.cells]
    assert outputs == [[], ["display_data"], ["display_data"]]
    view = "application/vnd.jupyter.widget-view+json"
    widgets = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    shown = [cell["outputs"][0]["data"][view]["model_id"] for cell in notebook.cells[1:]]
    layout = widgets[shown[0]]["state"]["layout"].removeprefix("IPY_MODEL_")
    assert widgets[layout]["state"]["visibility"] == "hidden"
    parts = [widgets[child.removeprefix("IPY_MODEL_")]["state"]
             for child in widgets[shown[1]]["state"]["children"]]  # fmt: skip
    assert (parts[1]["value"], parts[1]["max"], parts[1]["bar_style"]) == (2, 2, "success")
    assert "loss=1" in parts[2]["value"]
