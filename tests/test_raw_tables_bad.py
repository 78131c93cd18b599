"""Files that cannot be used: one line, exit code 2, soon, and earlier results stay as they were."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from cli_helpers import failure, write_trees

from qmlplay import VariationalClassifier
from qmlplay.cli import main

RANDOM = np.random.default_rng(0)
ROWS = [f"{a:.2f},{b:.2f},{'xy'[i % 2]}" for i, (a, b) in enumerate(RANDOM.normal(size=(60, 2)))]


def table(*columns, header="a,b,label"):
    return "\n".join([header, *map(",".join, zip(*columns, strict=True))]) + "\n"


NUMBERS = [f"{number:.3f}" for number in RANDOM.normal(size=60)]
OTHERS = [f"{number:.3f}" for number in RANDOM.normal(size=60)]
BAD = {
    "a web page": ("<!DOCTYPE html>\n<html><body><p>Sign in, please</p></body></html>", "web page"),
    "an error of a server": ('{"error": "not found", "code": 404}', "JSON"),
    "nothing": ("", "is empty"),
    "blank lines": ("\n \n\n", "is empty"),
    "a header alone": ("a,b,label\n", "at least one row"),
    "one column": ("a\n1\n2\n", "has one column"),
    "binary": (RANDOM.bytes(5000), "binary"),
    "a damaged archive": (gzip.compress("\n".join(ROWS).encode())[:90], "damaged"),
    "a hundred thousand columns": (
        ",".join(f"c{i}" for i in range(100_000)) + "\n" + ",".join(["1"] * 100_000) + "\n",
        "100,000 columns",
    ),
    "one class": (table(NUMBERS, OTHERS, ["x"] * 60), "single class"),
    "all different": (table(NUMBERS, OTHERS, [f"k{i}" for i in range(60)]), "different in every"),
    "one number": (table(NUMBERS, OTHERS, ["2.5"] * 60, header="a,b,c"), "2.5"),
    "a class of one row": (table(NUMBERS, OTHERS, ["x"] * 30 + ["y"] * 29 + ["z"]), "one sample"),
    "no labels": (table(NUMBERS, OTHERS, [""] * 60), "label"),
    "a wrong number": (
        table([*NUMBERS[:-1], "1.2.3"], OTHERS, ["x", "y"] * 30), "'1.2.3' in line 61",
    ),
    "infinite": (table([*NUMBERS[:-1], "inf"], OTHERS, ["x", "y"] * 30), "infinite values"),
    "longer rows": ("a,b,label\n" + "\n".join(f"{row},7,8" for row in ROWS), "cells"),
    "an open quotation": ('a,b,label\n"1,2,x\n' + "\n".join(ROWS), "quotation"),
    "a counter alone": (
        table([*map(str, range(60))], ["x", "y"] * 30, header="Id,label"), "--keep",
    ),
}  # fmt: skip


@pytest.fixture
def earlier(tmp_path, monkeypatch):
    """Results of an earlier run in the current folder: file → content."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "qmlplay-results").mkdir()
    for name in ("model.qmlplay", "page.html", "table.csv", "qmlplay-results/table.csv"):
        (tmp_path / name).write_text(f"earlier {name}")
    return contents(tmp_path)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("something was trained before bad input was found")

    monkeypatch.setattr(VariationalClassifier, "fit", refuse)


@pytest.mark.parametrize("what", BAD)
def test_one_line_and_nothing_overwritten(what, earlier, no_training, tmp_path, capsys):
    content, reason = BAD[what]
    (tmp_path / "bad.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    before = contents(tmp_path)
    for arguments in (
        ["compare", "bad.csv", "--csv", "table.csv", "--html", "page.html"],
        ["train", "bad.csv"],
        ["play", "bad.csv"],
    ):
        line = failure(capsys, *arguments)
        assert reason in line
        assert len(line) <= 1000 + len("qmlplay: ")
    assert contents(tmp_path) == before


def test_one_bad_file_among_good_ones(earlier, no_training, tmp_path, capsys):
    write_trees(tmp_path / "trees.csv")
    (tmp_path / "bad.csv").write_text(BAD["one class"][0])
    before = contents(tmp_path)
    assert "bad.csv" in failure(capsys, "compare", "moons", "trees.csv", "bad.csv")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("what", ["a web page", "nothing", "a damaged archive", "binary"])
def test_predict(what, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_trees(tmp_path / "trees.csv")
    main(["train", "trees.csv", "--max-iter", "1", "--no-progress"])
    capsys.readouterr()
    content, reason = BAD[what]
    (tmp_path / "bad.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    before = contents(tmp_path)
    assert reason in failure(capsys, "predict", "model.qmlplay", "bad.csv")
    assert contents(tmp_path) == before


def test_a_training_that_fails_leaves_the_earlier_model(earlier, tmp_path, monkeypatch, capsys):
    write_trees(tmp_path / "trees.csv")
    before = contents(tmp_path)

    def fail(*arguments, **options):
        raise ArithmeticError("the loss is no number")

    monkeypatch.setattr(VariationalClassifier, "fit", fail)
    with pytest.raises(SystemExit):
        main(["train", "trees.csv"])
    assert "the loss is no number" in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_many_problems_are_one_short_message(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    columns = {f"column number {i} " + "x" * 80: RANDOM.normal(size=80).round(2) for i in range(60)}
    frame = pd.DataFrame(columns).astype(object)
    frame.iloc[3] = "a text that is too long for a message " * 20
    frame.assign(kind=["x", "y"] * 40).to_csv("bad.csv", index=False)
    line = failure(capsys, "compare", "bad.csv")
    assert len(line) <= 1000 + len("qmlplay: ")
    assert re.search(r"and \d\d more", line)
    assert "--drop" in line


@pytest.mark.slow
def test_no_framework_is_loaded_to_say_no(tmp_path):
    (tmp_path / "page.csv").write_text(BAD["a web page"][0])
    code = (
        "import sys; from qmlplay.cli import main\n"
        "try: main(['compare', 'page.csv'])\n"
        "except SystemExit as stopped: code = stopped.code\n"
        "not_needed = {'qiskit', 'cirq', 'pennylane', 'matplotlib', 'anywidget'}\n"
        "print(code, sorted(not_needed & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.strip() == "2 []"
