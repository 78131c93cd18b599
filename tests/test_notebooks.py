"""The notebooks as files: structure, committed outputs, nothing of a machine. CI executes them."""

from __future__ import annotations

import ast
import copy
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qmlplay import list_datasets
from qmlplay.widget.experiments import EXPERIMENTS, get_experiment
from qmlplay.widget.settings.configuration_strings import from_string

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
#: What notebooks may import: they show the package, and what it works together with.
ALLOWED = {
    *("IPython", "cirq", "lime", "matplotlib", "numpy", "pandas", "pennylane", "qiskit"),
    *("qiskit_aer", "qiskit_ibm_runtime", "qmlplay", "shap", "sklearn", "skorch", "torch"),
    *("jax", "keras", "optax", "tensorflow", "dask", "joblib", "mlflow", "skops"),
    *("ai_edge_litert", "html", "onnxruntime", "optuna"),
    *("__future__", "collections", "contextlib", "functools", "io", "itertools", "json", "math"),
    *("os", "pathlib", "subprocess", "sys", "tempfile", "textwrap", "time", "warnings", "zipfile"),
}
#: Signs of an algorithm that belongs into the package, but for what a cell tagged ``by-hand`` shows
#: beside it: that one has to hold the package against itself.
BY_HAND = ("np.kron",)
FORBIDDEN = ("np.linalg.eig", "np.linalg.svd", "np.fft", "minimize(", "expm(")
#: Absolute paths, addresses in memory and progress bars differ from machine to machine.
MACHINE = re.compile(r"(?<![\w:/.<])/(?:[\w.-]+/)+|[A-Z]:\\\\| at 0x[0-9a-f]+|\b\d+%\|")

#: What folds a solution with its outputs: in JupyterLab, in Colab and on the site.
FOLDED = {
    "cellView": "form",
    "collapsed": True,
    "jupyter": {"outputs_hidden": True, "source_hidden": True},
}
METADATA = {"tags", "mystnb", *FOLDED}
PICTURE = re.compile(r'<img src="([^"]+)" width="(\d+)" alt="([^"]+)">|!\[([^\]]*)\]\(([^)]+)\)')
#: A link to a chapter by its number: ``[3 · Title](03_…)``, ``[notebook 5](05_…)``.
NUMBERED = re.compile(r"\[(?:[Nn]otebook |chapter )?(\d+)(?: · [^\]]+)?\]\((\d+)_")

Notebook = dict[str, Any]


def load(path: Path) -> Notebook:
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def cells(notebook: Notebook, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def outputs(notebook: Notebook) -> Iterator[dict[str, Any]]:
    for cell in cells(notebook, "code"):
        yield from cell["outputs"]


def tags(cell: dict[str, Any]) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def is_solution(cell: dict[str, Any]) -> bool:
    return "solution" in tags(cell)


def pictures(cell: dict[str, Any]) -> list[dict[str, Any]]:
    return [o for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]


def only(notebook: Notebook, tag: str) -> dict[str, Any]:
    """Return the cell with this tag, of which there has to be one."""
    tagged = [cell for cell in cells(notebook, "code") if tag in tags(cell)]
    assert len(tagged) == 1, f"{len(tagged)} cells are tagged {tag}"
    return tagged[0]


def size(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, from its header."""
    assert picture[12:16] == b"IHDR"
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])


def opens_anywhere(notebook: Notebook) -> None:
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"]["name"] == "python"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= METADATA, cell["id"]
    assert text(cells(notebook, "code")[0]).startswith("# %pip install"), "the first code cell"


def begins_with_what_you_will_learn(notebook: Notebook) -> None:
    first = notebook["cells"][0]
    assert first["cell_type"] == "markdown"
    title, rest = text(first).split("\n", 1)
    assert title.startswith("# ")
    assert "## What you will learn" in rest
    assert rest.count("\n- ") >= 3


def opens_with_a_picture_and_a_question(notebook: Notebook) -> None:
    head = text(notebook["cells"][0]).split("\n## What you will learn")[0]
    _, question, picture, caption = head.strip().split("\n\n")
    assert re.fullmatch(r"\*\*[^*]+\?\*\*", question), question
    match = PICTURE.fullmatch(picture)
    assert match is not None, picture
    source, width, alt = match.group(1, 2, 3)
    cell = only(notebook, "opening")
    (shown,) = pictures(cell)
    file = (FOLDER / source).read_bytes()
    assert file == b64decode(shown["data"]["image/png"]), "the picture is one of the chapter's own"
    assert int(width) <= 900
    assert alt == cell["metadata"]["mystnb"]["image"]["alt"]
    assert caption.endswith(".")


def holds_one_playground(notebook: Notebook) -> None:
    cell = only(notebook, "playground")
    source = text(cell)
    assert source.startswith("from qmlplay import playground\n\nplayground("), source
    assert sum("playground(" in text(cell) for cell in cells(notebook, "code")) == 1
    before = notebook["cells"][notebook["cells"].index(cell) - 1]
    assert text(before).startswith("## In the playground\n")
    match = PICTURE.search(text(before))
    assert match is not None, "what does it look like, where nothing runs?"
    assert (FOLDER / match[1]).is_file()
    (output,) = cell["outputs"]
    assert set(output["data"]) == {"text/plain"}, "a widget shows nothing without a kernel"
    assert sum("run this cell" in str(output) for output in outputs(notebook)) == 1
    assert "widget" in text(cells(notebook, "code")[0]).splitlines()[0], "what it needs"


def every_picture_is_described(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if shown := pictures(cell):
            alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(shown) == 1, "a description is that of one picture"
            assert shown[0]["metadata"]["image/png"].get("alt") == alt
            assert len(alt) > 30, f"{cell['id']}: say what is seen"
        if cell["cell_type"] == "markdown":
            for match in PICTURE.finditer(text(cell)):
                assert match[3] or match[4], match[0]
            assert text(cell).count("<img") == text(cell).count('<img src="'), text(cell)


def pictures_are_sharp(notebook: Notebook) -> None:
    """Two dots per pixel, for screens that have them."""
    for cell in cells(notebook, "code"):
        for output in pictures(cell):
            shown = output["metadata"]["image/png"]["width"]
            assert size(b64decode(output["data"]["image/png"]))[0] >= 1.99 * shown, cell["id"]


def ends_with_checked_exercises(notebook: Notebook) -> None:
    prose = "\n".join(text(cell) for cell in cells(notebook, "markdown"))
    assert re.findall(r"^## (.+)$", prose, flags=re.M)[-1] == "Exercises"
    numbers = [int(n) for n in re.findall(r"\*\*Exercise (\d+)\.\*\*", prose)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert 2 <= len(numbers) <= 4
    solutions = [cell for cell in cells(notebook, "code") if is_solution(cell)]
    assert len(solutions) == len(numbers)
    assert is_solution(notebook["cells"][-1])
    for number, cell in zip(numbers, solutions, strict=True):
        assert {"solution", "hide-cell"} <= tags(cell), "folded on the site"
        assert FOLDED.items() <= cell["metadata"].items(), "folded in Jupyter"
        assert text(cell).startswith(f"# @title Solution {number}\n")
        assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(text(cell))))


def outputs_are_committed(notebook: Notebook) -> None:
    counts = [cell["execution_count"] for cell in cells(notebook, "code")]
    assert counts == list(range(1, len(counts) + 1)), "run all cells in a fresh kernel"
    assert sum(len(pictures(cell)) for cell in cells(notebook, "code")) >= 2


def outputs_are_clean(notebook: Notebook) -> None:
    for output in outputs(notebook):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr", output["text"]
        shown = {k: v for k, v in output.get("data", {}).items() if not k.startswith("image/")}
        assert not any("widget" in kind for kind in shown), "a progress bar, or a playground"
        plain = "\n".join("".join(v) for v in [output.get("text", ""), *shown.values()] if v)
        assert not MACHINE.search(plain), plain
        assert "Warning" not in plain, plain
    for cell in notebook["cells"]:
        assert not MACHINE.search(text(cell)), text(cell)


def formulas_are_closed(notebook: Notebook) -> None:
    for cell in cells(notebook, "markdown"):
        assert text(cell).replace(r"\$", "").count("$") % 2 == 0, text(cell)


def links_lead_somewhere(notebook: Notebook) -> None:
    for cell in cells(notebook, "markdown"):
        for link in re.findall(r"\]\(([^)#]+)\)", text(cell)):
            assert link.startswith("https://") or (FOLDER / link).is_file(), link
        for number, name in NUMBERED.findall(text(cell)):
            assert int(number) == int(name), f"chapter {name} is called {number}"


def defines_no_algorithm(notebook: Notebook) -> None:
    for cell in cells(notebook, "code"):
        source = "\n".join(
            "" if line.startswith(("%", "!")) else line for line in text(cell).splitlines()
        )
        by_hand = "by-hand" in tags(cell)
        assert not any(sign in source for sign in FORBIDDEN), source
        assert by_hand == any(sign in source for sign in BY_HAND), source
        assert "assert np.allclose(" in source or not by_hand, "what is it held against?"
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= ALLOWED, source
            if isinstance(node, ast.ImportFrom):
                assert str(node.module).split(".")[0] in ALLOWED, source
            assert not isinstance(node, ast.ClassDef | ast.While), source
            if isinstance(node, ast.FunctionDef):
                assert len(node.body) <= 8, f"{node.name} belongs into the package"
                assert not any(isinstance(part, ast.For) for part in ast.walk(node)), source


CHECKS = [
    opens_anywhere,
    begins_with_what_you_will_learn,
    opens_with_a_picture_and_a_question,
    holds_one_playground,
    every_picture_is_described,
    pictures_are_sharp,
    ends_with_checked_exercises,
    outputs_are_committed,
    outputs_are_clean,
    formulas_are_closed,
    links_lead_somewhere,
    defines_no_algorithm,
]


def test_notebooks_are_numbered_from_one():
    numbers = [int(path.name[:2]) for path in NOTEBOOKS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 6
    for number, path in zip(numbers, NOTEBOOKS, strict=True):
        assert text(load(path)["cells"][0]).startswith(f"# {number} · ")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path: Path, check: Callable[[Notebook], None]):
    check(load(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_small(path: Path):
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_playground_opens_where_the_chapter_is(path: Path):
    statement = ast.parse(text(only(load(path), "playground"))).body[-1]
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    call = statement.value
    options = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    if "experiment" in options:
        chapters = {experiment.chapter for experiment in EXPERIMENTS.values()}
        assert get_experiment(options["experiment"]).chapter == path.stem or (
            path.stem not in chapters
        )
    elif "configuration" in options:
        from_string(options["configuration"])
    else:
        (argument,) = call.args
        assert ast.literal_eval(argument) in list_datasets()


def test_every_experiment_has_its_chapter():
    for experiment in EXPERIMENTS.values():
        assert (FOLDER / f"{experiment.chapter}.ipynb").is_file()


def _code(source: str) -> Callable[[Notebook], None]:
    def spoil(notebook: Notebook) -> None:
        cells(notebook, "code")[0]["source"] = source

    return spoil


def _prose(source: str) -> Callable[[Notebook], None]:
    def spoil(notebook: Notebook) -> None:
        cells(notebook, "markdown")[0]["source"] = source

    return spoil


def _output(output: dict[str, Any]) -> Callable[[Notebook], None]:
    def spoil(notebook: Notebook) -> None:
        cells(notebook, "code")[0]["outputs"] = [output]

    return spoil


def _no_assert(notebook: Notebook) -> None:
    notebook["cells"][-1]["source"] = "# @title Solution 4\nprint('trust me')"


def _never_run(notebook: Notebook) -> None:
    cells(notebook, "code")[2].update(execution_count=None, outputs=[])


def _metadata(key: str, value: Any, tag: str) -> Callable[[Notebook], None]:
    def spoil(notebook: Notebook) -> None:
        cell = next(cell for cell in cells(notebook, "code") if tag in tags(cell))
        cell["metadata"][key] = value

    return spoil


def _opening(spoil: Callable[[dict[str, Any]], Any]) -> Callable[[Notebook], None]:
    """Spoil the output with the chapter's first picture."""
    return lambda n: spoil(
        next(pictures(cell)[0] for cell in cells(n, "code") if "opening" in tags(cell))
    )


def _replaced(old: str, new: str) -> Callable[[Notebook], None]:
    return lambda n: n["cells"][0].update(source=text(n["cells"][0]).replace(old, new))


SPOILED = [
    (opens_with_a_picture_and_a_question, _replaced("?**", ".**")),
    (opens_with_a_picture_and_a_question, _replaced('alt="', 'title="')),
    (opens_with_a_picture_and_a_question, _opening(lambda o: o["data"].update({"image/png": ""}))),
    (holds_one_playground, _code('# %pip install "qmlplay[widget]"\nplayground()')),
    (holds_one_playground, _metadata("tags", [], "playground")),
    (every_picture_is_described, _metadata("mystnb", {}, "opening")),
    (every_picture_is_described, _opening(lambda o: o["metadata"]["image/png"].pop("alt"))),
    (every_picture_is_described, _replaced("<img src=", "<img alt='' src=")),
    (pictures_are_sharp, _opening(lambda o: o["metadata"]["image/png"].update(width=900))),
    (ends_with_checked_exercises, _metadata("jupyter", {"source_hidden": True}, "solution")),
    (ends_with_checked_exercises, _metadata("tags", ["solution"], "solution")),
    (links_lead_somewhere, _prose("[3 · Two qubits](02_two_qubits_and_entanglement.ipynb)")),
    (opens_anywhere, lambda n: n["metadata"]["kernelspec"].update(name="my-env")),
    (opens_anywhere, lambda n: n["cells"][0].update(id=n["cells"][1]["id"])),
    (begins_with_what_you_will_learn, _prose("# Title\n\nText")),
    (ends_with_checked_exercises, lambda n: n["cells"].pop()),
    (ends_with_checked_exercises, _no_assert),
    (outputs_are_committed, _never_run),
    (outputs_are_clean, _output({"output_type": "stream", "name": "stderr", "text": "x"})),
    (outputs_are_clean, _output({"output_type": "error"})),
    (outputs_are_clean, _output({"output_type": "stream", "text": ["saved to /home/me/x"]})),
    (outputs_are_clean, _output({"output_type": "stream", "text": "compare: 10%|#  | 1/10"})),
    (outputs_are_clean, _output({"output_type": "display_data", "data": {"widget-view+json": ""}})),
    (formulas_are_closed, _prose("one $x and no more")),
    (links_lead_somewhere, _prose("see [this](00_nothing.ipynb)")),
    (defines_no_algorithm, _code("import scipy.optimize")),
    (defines_no_algorithm, _code("class MyOptimizer: pass")),
    (defines_no_algorithm, _code("def adam(w):\n    for _ in range(9):\n        w -= 1")),
    (defines_no_algorithm, _code("unitary = np.kron(a, b)")),
]


def test_what_is_done_by_hand_is_held_against_the_package():
    notebook = load(FOLDER / "02_two_qubits_and_entanglement.ipynb")
    cell = next(cell for cell in cells(notebook, "code") if "by-hand" in tags(cell))
    assert "np.kron" in text(cell)
    cell["source"] = text(cell).replace("assert np.allclose(", "print(")
    with pytest.raises(AssertionError, match="held against"):
        defines_no_algorithm(notebook)


@pytest.mark.parametrize(("check", "spoil"), SPOILED)
def test_a_spoiled_notebook_is_noticed(
    check: Callable[[Notebook], None], spoil: Callable[[Notebook], Any]
):
    notebook = copy.deepcopy(load(NOTEBOOKS[0]))
    check(notebook)
    spoil(notebook)
    with pytest.raises(AssertionError):
        check(notebook)
