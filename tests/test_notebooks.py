"""The notebooks as files: structure, committed outputs, nothing of a machine. CI executes them."""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

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
#: Signs of an algorithm that belongs into the package.
FORBIDDEN = ("np.kron", "np.linalg.eig", "np.linalg.svd", "np.fft", "minimize(", "expm(")
#: Absolute paths, addresses in memory and progress bars differ from machine to machine.
MACHINE = re.compile(r"(?<![\w:/.<])/(?:[\w.-]+/)+|[A-Z]:\\\\| at 0x[0-9a-f]+|\b\d+%\|")

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


def is_solution(cell: dict[str, Any]) -> bool:
    return "solution" in cell["metadata"].get("tags", [])


def opens_anywhere(notebook: Notebook) -> None:
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"]["name"] == "python"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags", "jupyter", "cellView"}, cell["id"]
    assert text(cells(notebook, "code")[0]).startswith("# %pip install"), "the first code cell"


def begins_with_what_you_will_learn(notebook: Notebook) -> None:
    first = notebook["cells"][0]
    assert first["cell_type"] == "markdown"
    title, rest = text(first).split("\n", 1)
    assert title.startswith("# ")
    assert "## What you will learn" in rest
    assert rest.count("\n- ") >= 3


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
        assert text(cell).startswith(f"# @title Solution {number}\n")
        assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(text(cell))))


def outputs_are_committed(notebook: Notebook) -> None:
    counts = [cell["execution_count"] for cell in cells(notebook, "code")]
    assert counts == list(range(1, len(counts) + 1)), "run all cells in a fresh kernel"
    pictures = [o for o in outputs(notebook) if "image/png" in o.get("data", {})]
    assert len(pictures) >= 2


def outputs_are_clean(notebook: Notebook) -> None:
    for output in outputs(notebook):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr", output["text"]
        shown = {k: v for k, v in output.get("data", {}).items() if not k.startswith("image/")}
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


def defines_no_algorithm(notebook: Notebook) -> None:
    for cell in cells(notebook, "code"):
        source = "\n".join(
            "" if line.startswith(("%", "!")) else line for line in text(cell).splitlines()
        )
        assert not any(sign in source for sign in FORBIDDEN), source
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


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path: Path, check: Callable[[Notebook], None]):
    check(load(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_small(path: Path):
    assert path.stat().st_size < 1_000_000


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


SPOILED = [
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
    (formulas_are_closed, _prose("one $x and no more")),
    (links_lead_somewhere, _prose("see [this](00_nothing.ipynb)")),
    (defines_no_algorithm, _code("import scipy.optimize")),
    (defines_no_algorithm, _code("class MyOptimizer: pass")),
    (defines_no_algorithm, _code("def adam(w):\n    for _ in range(9):\n        w -= 1")),
    (defines_no_algorithm, _code("unitary = np.kron(a, b)")),
]


@pytest.mark.parametrize(("check", "spoil"), SPOILED)
def test_a_spoiled_notebook_is_noticed(
    check: Callable[[Notebook], None], spoil: Callable[[Notebook], Any]
):
    notebook = copy.deepcopy(load(NOTEBOOKS[0]))
    check(notebook)
    spoil(notebook)
    with pytest.raises(AssertionError):
        check(notebook)
