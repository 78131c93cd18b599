"""Folders to share: what the card says, where it comes from, and what is refused."""

import builtins
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from cli_helpers import failure, run
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import (
    FeatureReduction,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    compare,
    get_backend,
    load_dataset,
    save_model,
)
from qmlplay.circuit import Feature, Operation
from qmlplay.datasets import as_dataset
from qmlplay.sharing import load_from_folder, save_to_folder
from qmlplay.sharing.markdown import escaped, fenced, table

IRIS = load_dataset("iris")
MOONS = load_dataset("moons", n_samples=60, random_state=0)
X, y = MOONS.X, MOONS.y
NUMBERS = X[:, 0] + 2 * X[:, 1]
FRAME = pd.DataFrame(
    {
        "age": [20.5, None, 40.0, 31.0] * 5,
        "color": ["red", "blue", "green", None] * 5,
        "on": pd.date_range("2024-02-28", periods=20, freq="31h"),
    }
)
FILES = {"README.md", "circuit.png", "config.json", "model.qmlplay"}


def quick(**parameters):
    return VariationalClassifier(**({"max_iter": 2, "n_layers": 1, "random_state": 0} | parameters))


@pytest.fixture(scope="module")
def model():
    return quick().fit(X[:40], y[:40])


@pytest.fixture(scope="module")
def comparison():
    return compare(
        "iris",
        models=["numpy", "logistic_regression", "dummy"],
        classifier=quick(),
        seeds=2,
        verbose=0,
    )


@pytest.fixture(scope="module")
def compared_card(comparison, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared") / "iris-model"
    save_to_folder(comparison.fitted["iris", "numpy"], folder, comparison=comparison)
    return (folder / "README.md").read_text(encoding="utf-8")


def card(folder):
    return (folder / "README.md").read_text(encoding="utf-8")


def section(text, title):
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows_of(text):
    """Return the cells of all tables in a text, without the marks of Markdown."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.replace("\\", "") for cell in line[2:-2].split(" | ")] for line in lines]


def test_the_folder_holds_what_it_says(model, tmp_path):
    folder = save_to_folder(model, tmp_path / "new" / "moons")
    assert {path.name for path in folder.iterdir()} == FILES
    config = json.loads((folder / "config.json").read_text())
    assert (config["library_name"], config["model_type"]) == ("qmlplay", "VariationalClassifier")
    assert set(config["files"]) == FILES - {"config.json"}
    assert list((tmp_path / "new").iterdir()) == [folder]  # nothing spare is left


@each_backend()
def test_every_simulator_predicts_as_before(model, tmp_path, name):
    shared = model.with_backend(name)
    again = load_from_folder(save_to_folder(shared, tmp_path / "model"))
    assert (again.predict_proba(X) == shared.predict_proba(X)).all()
    other = load_from_folder(tmp_path / "model", backend=get_backend("numpy"))
    assert np.abs(other.predict_proba(X) - shared.predict_proba(X)).max() < 1e-10


MODELS = {
    "classifier": (quick, X, y),
    "labels of text": (quick, X, np.array(["no", "yes"])[y]),
    "regressor": (lambda: VariationalRegressor(max_iter=2, random_state=0), X, NUMBERS),
    "two targets": (lambda: VariationalRegressor(max_iter=2), X, np.column_stack([NUMBERS, X])),
    "kernel": (QuantumKernelClassifier, X, y),
    "kernel regressor": (QuantumKernelRegressor, X, NUMBERS),
    "amplitudes": (lambda: quick(encoding="amplitude"), X, y),
    "columns with names": (quick, pd.DataFrame(X, columns=["a b", 'say "x"']), y),
    "reduced": (lambda: make_pipeline(FeatureReduction(2), quick()), IRIS.X, IRIS.y),
    "table": (
        lambda: make_pipeline(TablePreprocessor(), FeatureReduction(2), quick()),
        FRAME,
        np.array(["a", "b"] * 10),
    ),
}


@pytest.mark.parametrize(("make", "rows", "answers"), MODELS.values(), ids=MODELS)
def test_the_lines_of_the_card_run_and_predict(make, rows, answers, tmp_path, monkeypatch, capsys):
    fitted = make().fit(rows, answers)
    folder = save_to_folder(fitted, tmp_path / "the model")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)\n```", card(folder), flags=re.DOTALL)
    names = {}
    exec(code, names)
    assert capsys.readouterr().out.startswith("[")
    assert (names["model"].predict(rows) == fitted.predict(rows)).all()
    assert len(names["X"]) == 1


def test_what_was_not_given_is_not_made_up(model, tmp_path):
    text = card(save_to_folder(model, tmp_path / "moons"))
    for sentence in (
        "Description: not given",
        "License: not given",
        "Scores on rows that training did not see: not given",
        "A comparison with other models, classical ones among them: not given",
        "The data of its training: not given",
        "**Seconds:** not given",
    ):
        assert sentence in text
    assert "model-index" not in text
    assert "accuracy" not in text.partition("---\n\n")[2].lower()


def test_the_numbers_of_the_card_are_those_of_the_model(model, tmp_path):
    text = card(save_to_folder(model, tmp_path / "moons"))
    circuit, training = section(text, "Circuit"), section(text, "Training")
    gates = model.circuit_.circuit
    assert f"**Qubits:** {model.n_qubits_}\n" in circuit
    assert f"{gates.depth}, {len(gates.gates)}, {gates.n_two_qubit_gates}\n" in circuit
    assert f"**Trained numbers:** {model.n_parameters_}\n" in circuit
    assert model.draw() in circuit
    assert f"**Iterations:** {len(model.loss_curve_)} ({model.n_steps_} steps" in training
    assert f"in training:** {model.loss_curve_[-1]:.4g}" in training
    assert f"**Circuits run:** {model.n_circuit_evaluations_:,}" in training
    low, high = X[:40].min(axis=0), X[:40].max(axis=0)
    ranges = [row for row in rows_of(section(text, "Limits")) if row[0] in ("0", "1")]
    assert ranges == [[str(k), f"{low[k]:.4g} to {high[k]:.4g}", "–"] for k in range(2)]


def test_scores_of_rows_held_out(model, tmp_path):
    folder = save_to_folder(model, tmp_path / "m", data=MOONS, held_out=(X[40:], y[40:]))
    scores = rows_of(section(card(folder), "How good it is"))
    accuracy = float((model.predict(X[40:]) == y[40:]).mean())
    assert scores[1][:2] == ["accuracy", f"{accuracy:.4g}"]
    assert scores[1][3] == "20 rows that whoever shared the model says were held out"
    assert re.fullmatch(r"95 % interval of these rows 0\.\d{3} to [01]\.\d{3}", scores[1][2])


def test_scores_of_a_regression(tmp_path):
    model = VariationalRegressor(max_iter=5, random_state=0).fit(X[:40], NUMBERS[:40])
    folder = save_to_folder(model, tmp_path / "m", held_out=(X[40:], NUMBERS[40:]))
    scores = {row[0]: row[1] for row in rows_of(section(card(folder), "How good it is"))}
    rmse = float(np.sqrt(np.mean((model.predict(X[40:]) - NUMBERS[40:]) ** 2)))
    assert scores["RMSE"] == f"{rmse:.4g}"
    assert set(scores) == {"metric", "R²", "MAE", "RMSE"}


def test_scores_of_a_comparison_have_their_spread(comparison, compared_card):
    rows = rows_of(section(compared_card, "How good it is"))
    row = comparison.table.set_index("model").loc["numpy"]
    found = next(r for r in rows if r[0] == "accuracy")
    assert found[1] == f"{row['test_accuracy']:.4g}"
    assert found[2] == f"standard deviation over the splits {row['test_accuracy_std']:.2g}"
    assert found[3].startswith("mean over 2 splits")
    table_row = next(r for r in rows if r[0] == "logistic_regression")
    other = comparison.table.set_index("model").loc["logistic_regression"]
    mean, spread = other["test_accuracy"], other["test_accuracy_std"]
    assert table_row[2] == f"{mean:.3g} ± {spread:.2g}"


def test_the_verdict_is_told_whoever_wins(comparison, compared_card):
    text = compared_card.replace("\\", "")
    assert any("classical wins" in sentence for sentence in comparison.verdict)
    for sentence in comparison.verdict:
        assert f"- {sentence}" in text


@pytest.mark.slow
def test_the_model_itself_or_one_of_its_settings_is_found_in_a_comparison(comparison, tmp_path):
    itself = comparison.fitted["iris", "numpy"]
    anew = quick(random_state=9).fit(IRIS.X, IRIS.y)
    other = quick(n_layers=2).fit(IRIS.X, IRIS.y)
    found = {}
    for name, model in {"itself": itself, "anew": anew, "other": other}.items():
        folder = save_to_folder(model, tmp_path / name, comparison=comparison)
        found[name] = section(card(folder), "How good it is")
    assert "the shared one is that of the first split" in found["itself"]
    assert "the shared one is another one" in found["anew"]
    assert (
        "Which row of this comparison has the settings of this model: not given" in found["other"]
    )
    assert "Scores on rows that training did not see: not given" in found["other"]
    with pytest.raises(ValueError, match=r"'numpy' is a row of other models: they have n_param"):
        save_to_folder(other, tmp_path / "x", comparison=comparison, compared_as="numpy")
    with pytest.raises(ValueError, match=r"has no row of that name.*one of 'numpy'"):
        save_to_folder(anew, tmp_path / "x", comparison=comparison, compared_as="numpi")
    with pytest.raises(ValueError, match="give comparison="):
        save_to_folder(anew, tmp_path / "x", compared_as="numpy")


@pytest.mark.slow
def test_a_comparison_from_its_file_is_as_good(comparison, tmp_path):
    comparison.save(tmp_path / "results")
    content = json.loads((tmp_path / "results" / "comparison.json").read_text())
    model = comparison.fitted["iris", "numpy"]
    options = {"comparison": content, "compared_as": "numpy"}
    folder = save_to_folder(model, tmp_path / "iris", **options)
    text = section(card(folder), "How good it is")
    assert "whoever shared this one says have its settings" in text
    for sentence in content["verdict"]:
        assert sentence in text.replace("\\", "")
    assert json.loads((folder / "comparison.json").read_text()) == content
    for broken in ({}, {"table": []}, content | {"table": [{"a": 1}]}, content | {"data": {}}):
        with pytest.raises(ValueError, match=r"comparison must be what qmlplay\.compare returned"):
            save_to_folder(model, tmp_path / "y", comparison=broken)
    with pytest.raises(TypeError, match="got int"):
        save_to_folder(model, tmp_path / "y", comparison=3)


def test_data_that_were_not_those_of_the_training_are_refused(model, tmp_path):
    with pytest.raises(ValueError, match="have 4 columns of features, and the model 2"):
        save_to_folder(model, tmp_path / "m", data=IRIS)
    three = quick().fit(X[:30], np.arange(30) % 3)
    with pytest.raises(ValueError, match="have 2 classes, and the model 3"):
        save_to_folder(three, tmp_path / "m", data=MOONS)
    with pytest.raises(TypeError, match="data must be a name"):
        save_to_folder(model, tmp_path / "m", data=X)
    with pytest.raises(ValueError, match="a recognition of qmlplay"):
        save_to_folder(model, tmp_path / "m", data={"name": "x"})
    assert not (tmp_path / "m").exists()


def test_data_of_a_file_are_told_as_they_were_read(tmp_path):
    file = tmp_path / "flowers.csv"
    file.write_text(
        "size;kind\n" + "".join(f"{i},5;{'rose' if i % 2 else 'lily'}\n" for i in range(20))
    )
    data = as_dataset(file)
    model = quick().fit(data.X, data.y)
    text = section(card(save_to_folder(model, tmp_path / "m", data=data)), "Data")
    assert "**Rows:** 20" in text
    assert "separator ';'" in text
    assert "lily: 10, rose: 10" in text
    text = section(card(save_to_folder(model, tmp_path / "m", data="flowers *of* Kew")), "Data")
    assert r"**Name:** flowers \*of\* Kew" in text
    assert "**Rows:** not given" in text


def test_rows_of_the_training_cannot_be_held_out(model, tmp_path):
    with pytest.raises(ValueError, match="the very rows of data"):
        save_to_folder(model, tmp_path / "m", data=MOONS, held_out=(X, y))
    for held_out, kind in (((X, y[:3]), "60 rows and 3"), ((X[:0], y[:0]), "0 rows")):
        with pytest.raises(ValueError, match=kind):
            save_to_folder(model, tmp_path / "m", held_out=held_out)
    with pytest.raises(ValueError, match=r"labels \['7'\] that the model was not trained on"):
        save_to_folder(model, tmp_path / "m", held_out=(X[:2], [0, 7]))
    with pytest.raises(TypeError, match="must be a pair"):
        save_to_folder(model, tmp_path / "m", held_out=X)


def test_what_cannot_be_shared(tmp_path):
    with pytest.raises(NotFittedError):
        save_to_folder(quick(), tmp_path / "m")
    with pytest.raises(TypeError, match="got LogisticRegression"):
        save_to_folder(LogisticRegression().fit(X, y), tmp_path / "m")
    with pytest.raises(ValueError, match=r"license must be a name.*'apache-2\.0'"):
        save_to_folder(quick().fit(X, y), tmp_path / "m", license="Apache License\n2.0")
    assert not (tmp_path / "m").exists()


def test_files_of_others_are_left_alone(model, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.tex").write_text("ten years of work")
    with pytest.raises(FileExistsError, match=r"did not write, such as 'thesis\.tex'"):
        save_to_folder(model, folder)
    (folder / "README.md").write_text("mine")
    with pytest.raises(FileExistsError, match="did not write"):
        save_to_folder(model, folder)
    assert (folder / "README.md").read_text() == "mine"
    with pytest.raises(FileExistsError, match="is a file: give a folder"):
        save_to_folder(model, folder / "thesis.tex")


def test_a_clone_of_an_empty_repository_and_a_second_save(model, comparison, tmp_path):
    folder = tmp_path / "clone"
    (folder / ".git").mkdir(parents=True)
    (folder / ".gitattributes").write_text("*.png filter=lfs")
    iris = comparison.fitted["iris", "numpy"]
    save_to_folder(iris, folder, comparison=comparison)
    (folder / "notes.txt").write_text("mine")
    save_to_folder(model, folder)
    assert not (folder / "comparison.json").exists()  # it was about the other model
    assert (folder / "notes.txt").read_text() == "mine"
    assert load_from_folder(folder).model_ == model.model_


def test_a_failed_save_leaves_the_old_folder_whole(model, tmp_path, monkeypatch):
    folder = save_to_folder(model, tmp_path / "m")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr("qmlplay.sharing.folder.write_picture", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_to_folder(quick(n_layers=2).fit(X, y), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert list(tmp_path.iterdir()) == [folder]
    with pytest.raises(ZeroDivisionError):
        save_to_folder(model, tmp_path / "new")
    assert list(tmp_path.iterdir()) == [folder]


def test_what_a_snapshot_leaves_is_read(model, tmp_path):
    """`snapshot_download` leaves links into a folder of blobs, named by their checksums."""
    folder = save_to_folder(model, tmp_path / "m")
    blobs, snapshot = tmp_path / "cache" / "blobs", tmp_path / "cache" / "snapshots" / "abc"
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for number, path in enumerate(sorted(folder.iterdir())):
        shutil.copy(path, blobs / str(number))
        (snapshot / path.name).symlink_to(f"../../blobs/{number}")
    assert load_from_folder(snapshot).model_ == model.model_
    blob = (snapshot / "model.qmlplay").resolve()
    before = blob.read_bytes()
    save_to_folder(quick(n_layers=2).fit(X, y), snapshot)
    assert blob.read_bytes() == before  # the cache of others is left alone
    assert load_from_folder(snapshot).n_layers == 2


DAMAGE = {
    "no config": (lambda f: (f / "config.json").unlink(), r"there is no config\.json"),
    "no model": (lambda f: (f / "model.qmlplay").unlink(), r"there is no model\.qmlplay"),
    "half a model": (
        lambda f: (f / "model.qmlplay").write_bytes((f / "model.qmlplay").read_bytes()[:-9]),
        "is not the file that its config.json vouches for",
    ),
    "a pointer of git": (
        lambda f: (f / "model.qmlplay").write_text("version https://git-lfs.github.com/spec/v1\n"),
        "git lfs pull",
    ),
    "no JSON": (lambda f: (f / "config.json").write_text("{"), "cannot read"),
    "deep JSON": (lambda f: (f / "config.json").write_text("[" * 100_000), "cannot read"),
    "a list": (lambda f: (f / "config.json").write_text("[]"), "cannot read"),
    "no text": (lambda f: (f / "config.json").write_bytes(b"\xff\xfe\x00"), "cannot read"),
    "another library": (lambda f: rewrite(f, library_name="transformers"), "of library 'transf"),
    "another file": (lambda f: rewrite(f, model_file="../../etc/passwd"), "no file of qmlplay"),
    "no file": (lambda f: rewrite(f, model_file=None), "no file of qmlplay"),
    "a list of files": (lambda f: rewrite(f, files=[]), "no files"),
    "no checksums": (lambda f: rewrite(f, files={}), "vouches for"),
    "a newer version": (lambda f: rewrite(f, format_version=99), "a newer version: pip install"),
    "a folder as model": (
        lambda f: ((f / "model.qmlplay").unlink(), (f / "model.qmlplay").mkdir()),
        r"there is no model\.qmlplay",
    ),
}


def rewrite(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_folder_is_one_clear_error(model, tmp_path, damage, message):
    folder = save_to_folder(model, tmp_path / "m")
    damage(folder)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        load_from_folder(folder)


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        load_from_folder(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        load_from_folder(tmp_path / "file")


EVIL = [
    "<script>alert(1)</script>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "a\n# heading",
    "a\n---\nlicense: evil",
    "```\nimport os",
    "| cell | cell |",
    "**bold** _i_ `code` ~~x~~",
    "1. list",
    "- list",
    "&lt;b&gt;",
    "https://evil.example www.evil.example me@evil.example",
    "\u202etxt.exe",
    "\x00\x1b[31m",
    "'\"; {{ 1 }} ${x}",
    "line\u2028two",
    "😀",
    "a: b #c",
]


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_names_stay_text(evil, tmp_path, monkeypatch):
    labels = np.array([evil, "plain"], dtype=object)[y]
    frame = pd.DataFrame(X, columns=[evil, "b"])
    fitted = quick().fit(frame, labels)
    data = as_dataset(frame.assign(kind=labels), "kind", name=evil)
    folder = save_to_folder(
        fitted,
        tmp_path / "m",
        name=evil,
        description=evil,
        data=data,
        held_out=(frame[:9], labels[:9]),
    )
    text = card(folder)
    head, _, body = text.partition("---\n\n")
    assert head.count("\n---") == 0
    outside = re.sub(r"```.*?```", "", body.partition("## How to use it")[0], flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<script", body.replace(_code(body), ""))
    assert not re.search(r"(?<!\\)\]\(http", outside)
    headings = [line for line in body.replace(_code(body), "").splitlines() if line.startswith("#")]
    assert len(headings) == 10  # the title, and nine sections
    assert not set(text) & {"\u202e", "\x00", "\x1b", "\u2028"}
    monkeypatch.chdir(tmp_path)
    exec(_code(body).strip("`").removeprefix("python\n"), {})


def _code(body):
    return re.search(r"(`{3,})python\n.*?\n\1", body, flags=re.DOTALL)[0]


def test_half_a_character_is_shown_by_its_number(model, tmp_path):
    text = card(save_to_folder(model, tmp_path / "m", name="\ud83d", data="\ud83d"))
    assert "# \\\\ud83d\n" in text


def test_markdown_of_texts():
    assert escaped("x" * 600)[-1] == "…"
    assert table(["a"], [["|"]]).splitlines()[-1] == "| \\| |"
    assert fenced("````").startswith("`````text\n")
    assert escaped("2.5") == "2.5"
    assert escaped("2. x") == "2\\. x"


def test_private_rows_are_told(tmp_path):
    text = card(save_to_folder(QuantumKernelClassifier().fit(X, y), tmp_path / "m"))
    told = section(text, "What of the training data is in the files")
    n_rows = len(load_from_folder(tmp_path / "m").model_.rows)
    assert f"holds {n_rows} rows of the training data as they are" in told
    preprocessor = TablePreprocessor({"age": {"1,5": 1.5, "2": 2.0}})
    model = make_pipeline(preprocessor, quick()).fit(FRAME, np.array(["a", "b"] * 10))
    text = card(save_to_folder(model, tmp_path / "n"))
    assert "2 cells of its file" in section(text, "What of the training data is in the files")


def test_what_went_wrong_in_training_is_told(tmp_path):
    from dataclasses import replace

    model = quick().fit(X, y)
    worse = replace(model._history, interrupted=True, stop_reason="interrupted", left_range=True)
    worse = replace(worse, loss_curve=(0.9,), prior_loss=0.7)
    text = card(save_to_folder(model.with_model(model.model_, worse), tmp_path / "m"))
    assert "**interrupted by hand before its end**" in section(text, "Training")
    assert "did not become clearly better" in section(text, "Training")
    assert "lay far outside the range" in section(text, "Limits")
    text = card(save_to_folder(model.with_model(model.model_), tmp_path / "n"))
    assert "How it was trained: not given" in section(text, "Training")


@pytest.mark.slow
def test_a_large_circuit_is_not_drawn(tmp_path):
    rows = np.random.default_rng(0).normal(size=(12, 300))
    model = quick(encoding="amplitude", max_iter=1).fit(rows, np.arange(12) % 2)
    folder = save_to_folder(model, tmp_path / "m")
    assert not (folder / "circuit.png").exists()
    assert "are too many to be drawn" in card(folder)
    assert "circuit.png" not in card(folder)


def test_without_skops_it_is_said_what_to_type(model, tmp_path, monkeypatch):
    pipeline = make_pipeline(StandardScaler(), quick()).fit(X, y)
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name.partition(".")[0] in ("skops", "huggingface_hub"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r'StandardScaler needs skops: pip install "qmlplay\[sh'):
        save_to_folder(pipeline, tmp_path / "m")
    assert not (tmp_path / "m").exists()
    load_from_folder(save_to_folder(model, tmp_path / "m"))  # needs neither


@pytest.mark.slow
def test_nothing_is_imported_before_it_is_asked_for():
    code = (
        "import sys, qmlplay, qmlplay.sharing, qmlplay.cli\n"
        "assert not {'skops', 'huggingface_hub', 'yaml'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_command_line(tmp_path, capsys):
    path = tmp_path / "iris.qmlplay"
    command = ["train", "iris", "--max-iter", "2", "--n-layers", "1", "--out", str(path), "--json"]
    report = run(capsys, *command)
    (tmp_path / "iris.json").write_text(report)
    folder = tmp_path / "iris-model"
    share = ["share", str(path), str(folder), "--report", str(tmp_path / "iris.json")]
    out = run(capsys, *share, "--license", "mit", "--data", "iris")
    assert "Written to" in out
    text = card(folder)
    content = json.loads(report)
    scores = rows_of(section(text, "How good it is"))
    assert scores[1][:2] == ["accuracy", f"{content['test_accuracy']:.4g}"]
    assert scores[1][3] == "one split: 45 rows that the training did not see"
    assert "105 trained this model and 45 tested it" in text
    assert f"{content['train_accuracy']:.4g}" not in section(text, "How good it is")
    out = run(capsys, *share, "--json")
    assert json.loads(out)["files"] == sorted(FILES)


def test_a_report_of_another_model_is_refused(tmp_path, model):
    path = tmp_path / "m.qmlplay"
    save_model(model, path)
    report = {
        "dataset": "moons",
        "qubits": model.n_qubits_,
        "parameters": model.n_parameters_,
        "iterations": len(model.loss_curve_),
        "loss": model.loss_curve_[-1],
        "test_accuracy": 0.5,
    }
    folder = save_to_folder(model, tmp_path / "m", report=report)
    assert "one split: its rows that the training did not see" in card(folder)
    for name in ("qubits", "parameters", "iterations", "loss"):
        with pytest.raises(ValueError, match=f"training of another model: {name}"):
            save_to_folder(model, folder, report=report | {name: 7})
        with pytest.raises(ValueError, match=f"it has no .*{name}"):
            save_to_folder(model, folder, report={k: v for k, v in report.items() if k != name})
    with pytest.raises(TypeError, match="got list"):
        save_to_folder(model, folder, report=[1])


def test_bad_input_of_the_command_line(tmp_path, capsys, model):
    path = tmp_path / "m.qmlplay"
    save_model(model, path)
    file = tmp_path / "rows.csv"
    file.write_text("a,b,y\n" + "".join(f"{i},{i % 3},{i % 2}\n" for i in range(20)))
    (tmp_path / "x.json").write_text("[]")
    (tmp_path / "y.json").write_text("{")
    folder = str(tmp_path / "f")
    for arguments, message in (
        (["--compare"], "--compare needs --data"),
        (["--report", str(tmp_path / "x.json")], "is no report"),
        (["--report", str(tmp_path / "y.json")], "is no JSON"),
        (["--held-out", str(file), "--data", str(file)], "cannot be held out of it"),
        (["--data", "iris"], "have 4 columns of features, and the model 2"),
        (["--data", "moons", "--drop", "x"], "leave out the options for files"),
        (["--license", "My own"], "license must be a name"),
        (["--compared-as", "numpy"], "give comparison="),
    ):
        err = failure(capsys, "share", str(path), folder, *arguments)
        assert message in err
    err = failure(capsys, "share", str(tmp_path / "no"), folder)
    assert "there is no file" in err


@pytest.mark.slow
def test_the_command_line_compares_and_scores_what_is_held_out(tmp_path, capsys):
    lines = [f"{i % 10},{(7 * i) % 13},{'rose' if i % 10 < 5 else 'lily'}\n" for i in range(60)]
    for name, part in (("train", lines[:45]), ("new", lines[45:])):
        (tmp_path / f"{name}.csv").write_text("size,age,kind\n" + "".join(part))
    path = str(tmp_path / "m.qmlplay")
    data = str(tmp_path / "train.csv")
    run(capsys, "train", data, "--max-iter", "3", "--n-layers", "1", "--out", path)
    more = ["--compare", "--seeds", "1", "--held-out", str(tmp_path / "new.csv"), "--no-progress"]
    run(capsys, "share", path, str(tmp_path / "f"), "--data", data, *more)
    text = card(tmp_path / "f")
    scores = section(text, "How good it is")
    assert "15 rows that whoever shared the model says were held out" in scores
    assert "| logistic\\_regression | classical |" in scores
    assert "the row **numpy**" in scores
    assert "size,age,kind" not in text


def test_rows_that_miss_a_class_have_no_balanced_accuracy(model, tmp_path):
    for part, names in (
        (y == 1, {"metric", "accuracy"}),
        (y >= 0, {"metric", "accuracy", "balanced accuracy"}),
    ):
        folder = save_to_folder(model, tmp_path / "m", held_out=(X[part], y[part]))
        rows = rows_of(section(card(folder), "How good it is"))
        assert {row[0] for row in rows} == names


def own_encoding(n_qubits, n_features):
    return [Operation("rx", k % n_qubits, Feature(k)) for k in range(n_features)]


@pytest.mark.filterwarnings("ignore::qmlplay.errors.ModelFileWarning")
def test_functions_are_told_by_name(tmp_path):
    model = quick(encoding=own_encoding, learning_rate_init=lambda step: 0.1).fit(X, y)
    folder = save_to_folder(model, tmp_path / "m")
    assert "**encoding:** function own\\_encoding" in card(folder)
    assert "learning rate function \\<lambda\\>" in card(folder)
    assert " at 0x" not in card(folder)
    assert (load_from_folder(folder).predict(X) == model.predict(X)).all()
