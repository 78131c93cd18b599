"""Whatever is typed wrongly: exit code 2, one line that helps, and nothing lost."""

from __future__ import annotations

import json
import sys
import zipfile

import numpy as np
import pytest
from cli_helpers import QUICK, failure, run, write_trees

from qmlplay import VariationalClassifier
from qmlplay.cli import main, tasks

COMPARE = ("compare", "moons", *QUICK)
TRAIN = ("train", "moons", "--max-iter", "1")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("something was trained before bad input was found")

    monkeypatch.setattr(VariationalClassifier, "fit", refuse)
    monkeypatch.setattr("qmlplay.datasets.registry._describe", refuse)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "mons"], "unknown dataset 'mons': did you mean 'moons'?"),
        (["train", "mons"], "unknown dataset 'mons': did you mean 'moons'?"),
        (["datasets", "irs"], "unknown dataset 'irs': did you mean 'iris'?"),
        (["datasets", "irs", "--json"], "did you mean 'iris'?"),
        ([*COMPARE, "--models", "numpi"], "unknown model 'numpi': did you mean 'numpy'?"),
        ([*COMPARE, "--models", ""], "unknown model ''"),
        ([*COMPARE, "--models", "dummy,dummy"], "model 'dummy' came 2 times"),
        ([*COMPARE, "--metric", "logloss"], "unknown metric 'logloss': did you mean 'log_loss'?"),
        ([*TRAIN, "--backend", "cirk"], "unknown backend 'cirk': did you mean 'cirq'?"),
        ([*COMPARE, "--encoding", "angel"], "unknown encoding 'angel': did you mean 'angle'?"),
        ([*TRAIN, "--encoding", "angel"], "did you mean 'angle'?"),
        ([*COMPARE, "--ansatz", "hardware"], "did you mean 'hardware_efficient'?"),
        ([*COMPARE, "--optimizer", "adm"], "unknown optimizer 'adm': did you mean 'adam'?"),
        ([*COMPARE, "--noise", "mediun"], "unknown noise 'mediun': did you mean 'medium'?"),
        ([*TRAIN, "--noise", "mediun"], "unknown noise 'mediun': did you mean 'medium'?"),
        ([*COMPARE, "--shots", "0"], "shots must be an integer of at least 1"),
        ([*TRAIN, "--shots", "0"], "shots must be an integer of at least 1"),
        ([*TRAIN, "--shots", "many"], "'many' is not a valid integer"),
        ([*TRAIN, "--gradient-method", "spas"], "did you mean 'spsa'?"),
        ([*COMPARE, "--n-layers", "0"], "n_layers must be an integer of at least 1, got 0"),
        ([*COMPARE, "--n-qubits", "0"], "n_qubits must be an integer of at least 1"),
        ([*COMPARE, "--n-qubits", "-2"], "got -2"),
        ([*COMPARE, "--max-iter", "0"], "max_iter must be an integer of at least 1"),
        ([*TRAIN, "--n-layers", "0"], "n_layers must be an integer of at least 1, got 0"),
        ([*TRAIN, "--n-qubits", "0"], "n_qubits must be an integer of at least 1"),
        (["train", "moons", "--max-iter", "0"], "max_iter must be an integer of at least 1"),
        ([*COMPARE, "--seeds", "0"], "seeds must be at least 1"),
        ([*TRAIN, "--seed", "-1"], "a seed must be an integer in [0, 4294967295], got -1"),
        ([*COMPARE, "--test-size", "1.5"], "test_size must be a number in (0, 1), got 1.5"),
        ([*TRAIN, "--test-size", "nan"], "test_size must be a number in (0, 1), got nan"),
        ([*COMPARE, "--n-qubits", "40"], "bytes"),
        ([*TRAIN, "--n-qubits", "40"], "bytes"),
        ([*TRAIN, "--n-qubits", "100000"], "bytes"),
        ([*COMPARE, "--target", "kind"], "'moons' has its own target"),
        ([*TRAIN, "--target", "kind"], "target='kind': only a file"),
        (["compare", "nowhere.csv"], "no file 'nowhere.csv'"),
        (["train", "nowhere.csv"], "no file 'nowhere.csv'"),
        (["predict", "nowhere.qmlplay", "nowhere.csv"], "there is no file 'nowhere.qmlplay'"),
        (["compare"], "Missing argument 'DATA...'. Try: qmlplay compare --help"),
        (["predict", "model"], "Missing argument 'FILE'. Try: qmlplay predict --help"),
        (["compare", "moons", "--sed", "3"], "No such option"),
        (["compare", "moons", "--seeds", "three"], "'three' is not a valid integer"),
        (["compare", "moons", "--seeds"], "--seeds"),
        (["comapre", "moons"], "No such command 'comapre'"),
        (["backends", "numpy"], "unexpected extra argument"),
    ],
)
def test_bad_words_and_numbers(capsys, tmp_path, arguments, words):
    assert words in failure(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []  # no empty folder stays behind


@pytest.mark.parametrize("command", ["compare", "train"])
@pytest.mark.parametrize(
    ("changes", "target", "words"),
    [
        ({}, "knd", "unknown target column 'knd': did you mean 'kind'?"),
        ({"mass": np.inf}, "kind", "infinite values in 'mass': 24 of 24 cells, such as 'inf'"),
        ({"mass": ["oops", *range(23)]}, "kind", "no number in 'mass': 1 of 24 cells, such as"),
        ({"mass": ["oops", *range(23)]}, "kind", "--drop mass (in Python drop=['mass'])"),
        ({"kind": "oak"}, "kind", "the target column 'kind' has a single class, ['oak']"),
        ({"kind": "oak"}, None, "the target column 'kind' has a single class, ['oak']"),
        ({"kind": ["ash"] + ["oak"] * 23}, "kind", "the classes ['ash'] have one sample each"),
        ({"kind": [f"k{k}" for k in range(24)]}, None, "different in every row: 24 labels"),
    ],
)
def test_bad_tables(capsys, tmp_path, command, changes, target, words):
    path = write_trees(tmp_path / "trees.csv", **changes)
    options = [] if target is None else ["--target", target]
    assert words in failure(capsys, command, path, *options)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("command", ["compare", "train"])
@pytest.mark.parametrize(
    ("changes", "task", "target", "words"),
    [
        ({}, "classification", "mass", "looks continuous (24 different numbers"),
        ({"kind": np.linspace(0, 1, 24)}, "classification", "kind", "looks continuous"),
        ({}, "regression", "kind", "such as 'fir': a regression needs numbers"),
        ({"mass": 2.5}, "regression", "mass", "has the same number in every row, 2.5"),
        ({"mass": ["oops", *range(23)]}, "regression", "mass", "has no number in 1 of 24 cells"),
        ({}, "regresion", "mass", "unknown task 'regresion': did you mean 'regression'?"),
    ],
)
def test_targets_of_another_task(capsys, tmp_path, command, changes, task, target, words):
    path = write_trees(tmp_path / "trees.csv", **changes)
    assert words in failure(capsys, command, path, "--target", target, "--task", task)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("command", ["compare", "train"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--drop", "size,mas"], "drop: no columns 'mas' (did you mean 'mass'?)"),
        (["--keep", "id"], "keep: no columns 'id'"),
        (["--features", "size,kind", "--target", "kind"], "it would tell the answer"),
        (["--sep", "x"], "one of comma, semicolon, tab, pipe, spaces"),
        (["--sep", ";"], "one column between ';'"),
        (["--drop", "size,mass"], "it needs at least one feature"),
    ],
)
def test_bad_names_of_columns(capsys, tmp_path, command, options, words):
    path = write_trees(tmp_path / "trees.csv")
    assert words in failure(capsys, command, path, *options)
    line = failure(capsys, command, "moons", *options)
    assert "only a file or a DataFrame has" in line or "moons" in line or "separator" in line


def test_files_of_other_kinds(capsys, tmp_path):
    for name, content, words in (
        ("page.csv", b"<!DOCTYPE html><html>", "is a web page (HTML)"),
        ("wide.csv", b",".join([b"1"] * 100_000) + b"\n" + b"2\n", "100,000 columns"),
        ("bad.csv.gz", b"\x1f\x8b\x08 damaged", "damaged compressed file"),
        ("trees.parquet", b"PAR1 damaged", "parquet"),
        ("noise.data", bytes(range(256)) * 9, "holds binary data"),
    ):
        (tmp_path / name).write_bytes(content)
        for command in ("compare", "train"):
            assert words in failure(capsys, command, name)
        assert (tmp_path / name).read_bytes() == content
    assert "pass pd.read_csv('https://a.org/b.csv')" in failure(
        capsys, "compare", "https://a.org/b.csv"
    )
    assert "is a folder" in failure(capsys, "compare", tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n", b"a,b\n1,2,3\n4,5\n6,7,8,9\n", b"\xff\xfe\x00\x00", b"a;b\n1;2\n"]
)
def test_files_that_are_no_tables(capsys, tmp_path, content):
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    for command in ("compare", "train"):
        failure(capsys, command, path)


@pytest.fixture
def model(capsys, tmp_path):
    run(capsys, "train", write_trees(tmp_path / "trees.csv"), "--max-iter", "1")
    return tmp_path / "model.qmlplay"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("size,kind\n1,oak\n", "lacks the columns 'mass', which the model was trained on; it"),
        ("size,mass\n1,heavy\n", "features that are not numeric: ['mass']"),
        ("size,mass\n1,\n2,3\n", "missing values per feature: 'mass': 1"),
        ("size,mass\n", "at least one row"),
        ("", "'new.csv' is empty"),
        ("size,mass\n1,2\n3,4,5,6\n", "line 3 (4 cells)"),
    ],
)
def test_predict_on_bad_tables(capsys, model, tmp_path, content, words):
    (tmp_path / "new.csv").write_text(content)
    assert words in failure(capsys, "predict", model, "new.csv")


def test_predict_with_bad_files(capsys, model, tmp_path):
    assert "no file 'absent.csv'" in failure(capsys, "predict", model, "absent.csv")
    line = failure(capsys, "predict", model, "trees.csv", "--backend", "pennylain")
    assert "did you mean 'pennylane'" in line
    assert "absent.csv" in failure(capsys, "predict", model, tmp_path / "absent.csv")
    assert "no file" in failure(capsys, "predict", tmp_path, "trees.csv")
    plain = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], [0, 1])
    plain.save("plain.qmlplay")
    line = failure(capsys, "predict", "plain.qmlplay", "trees.csv")
    assert "has 3 columns, but the model was trained on 1 without names" in line


def test_damaged_models(capsys, model):
    data = model.read_bytes()
    for damaged in (b"", b"no model", data[: len(data) // 2], data.replace(b"PK", b"PX")):
        model.write_bytes(damaged)
        assert "cannot read" in failure(capsys, "predict", model, "trees.csv")
    with zipfile.ZipFile(model, "w") as archive:
        archive.writestr("model.json", json.dumps({"format": "another"}))
        archive.writestr("arrays.npz", b"")
    failure(capsys, "predict", model, "trees.csv")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*COMPARE, "--out", "file"], "--out: cannot write into 'file'"),
        ([*COMPARE, "--out", "file/deeper/still"], "'file' is a file and not a folder"),
        ([*COMPARE, "--csv", "file/t.csv"], "--csv: cannot write into 'file'"),
        ([*COMPARE, "--html", "file/p.html"], "--html: cannot write into 'file'"),
        ([*COMPARE, "--csv", "folder"], "--csv: 'folder' is a folder"),
        ([*COMPARE, "--html", "folder"], "--html: 'folder' is a folder"),
        ([*TRAIN, "--out", "folder"], "--out: 'folder' is a folder"),
        ([*TRAIN, "--out", "file/m.qmlplay"], "--out: cannot write into 'file'"),
    ],
)
def test_places_that_cannot_be_written_are_found_before_training(
    capsys, tmp_path, no_training, arguments, words
):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "folder").mkdir()
    assert words in failure(capsys, *arguments)
    assert (tmp_path / "file").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_folders_without_permission(capsys, monkeypatch, no_training):
    def refuse(**options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tasks.tempfile, "TemporaryFile", refuse)
    line = failure(capsys, *COMPARE, "--out", "new")
    assert "cannot write into 'new' (Permission denied): choose another place with --out" in line


def test_a_full_disk_does_not_cost_the_result(capsys, monkeypatch):
    def full(comparison, folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys.modules["qmlplay.compare.comparison"], "save_all", full)
    with pytest.raises(SystemExit) as stopped:
        main(list(COMPARE))
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert "0.500" in shown.out
    assert "No space left" in shown.err
    assert len(shown.err.splitlines()) == 1


def test_every_model_failing_is_a_failure_with_a_table(capsys, monkeypatch):
    def refuse(*arguments):
        raise RuntimeError("no luck\ntoday")

    monkeypatch.setattr(VariationalClassifier, "fit", refuse)
    with pytest.raises(SystemExit) as stopped:
        main(["compare", "moons", "--models", "numpy", "--seeds", "1"])
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert "quantum (NumPy) failed: RuntimeError: no luck today" in shown.out
    assert shown.err == "qmlplay: every model failed; the first one: RuntimeError: no luck today\n"


def test_numbers_that_explode_are_one_line_too(capsys, monkeypatch):
    def explode(*arguments):
        raise FloatingPointError("the loss became nan")

    monkeypatch.setattr(VariationalClassifier, "fit", explode)
    assert "the loss became nan" in failure(capsys, *TRAIN)
    monkeypatch.setattr(VariationalClassifier, "fit", lambda *_: (_ for _ in ()).throw(MemoryError))
    assert "MemoryError" in failure(capsys, *TRAIN)
