"""The names and words of the package: one meaning per name, and files that open with a noun."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import qmlplay

PACKAGE = Path(qmlplay.__file__).parent
#: Path inside the package → text, of every file.
TEXTS = {
    path.relative_to(PACKAGE): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
}
QUESTION = re.compile(r"\W*(What|How|Who|Where|Which|Whether|When|Why)\b")
#: Stems that several packages share, or a package and a file, as they mean the same there.
SAME_MEANING = {
    "__init__",
    "__main__",
    "search",  # the package, and its command
    "backend",  # the simulator of one framework
    "circuit",  # the package, and the class
    "densities",  # a simulator's density matrices
    "export",  # the package, and its command
    "errors",  # in general, and on the way to IBM Quantum
    "gradient_variance",  # computed, and drawn
    "ibm",  # the package, and its commands
    "own_data",  # in general, and in the playground
    "parity",  # computed, and drawn
    "quantum_layer",  # of PyTorch, and of Keras
    "training",  # in general, and on a device
}
#: Classes of one name that are the same thing in several frameworks.
OF_FRAMEWORKS = {"QuantumLayer"}
SHARED_TYPES = {"Real", "Complex", "Integers", "Booleans"}


def repeated(pairs):
    """Return name → places for every name that has several."""
    places = defaultdict(list)
    for name, place in pairs:
        places[name].append(str(place))
    return {name: all_places for name, all_places in places.items() if len(all_places) > 1}


def class_names(text):
    return [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]


def opens_badly(text):
    """Return whether a module's docstring is missing, or opens with a question word."""
    return QUESTION.match(ast.get_docstring(ast.parse(text)) or "What?") is not None


def defined_types(text):
    """Return the shared types of arrays that a file defines."""
    targets = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign):
            targets.append(node.target)
    return SHARED_TYPES & {target.id for target in targets if isinstance(target, ast.Name)}


def test_no_class_name_occurs_twice():
    pairs = [(name, path) for path, text in TEXTS.items() for name in class_names(text)]
    assert len(pairs) > 100
    assert repeated(pair for pair in pairs if pair[0] not in OF_FRAMEWORKS) == {}


def test_no_file_name_has_two_meanings():
    stems = [(path.stem, path) for path in TEXTS]
    packages = [(path.parent.name, path.parent) for path in TEXTS if path.stem == "__init__"]
    pairs = [pair for pair in stems + packages if pair[0] not in SAME_MEANING]
    assert repeated(pairs) == {}


def test_modules_open_with_a_noun():
    assert {str(path): text[:60] for path, text in TEXTS.items() if opens_badly(text)} == {}


def test_types_of_arrays_are_defined_once():
    files = [str(path) for path, text in TEXTS.items() if defined_types(text)]
    assert files == ["typing.py"]


def test_these_checks_can_fail():
    pairs = [("Model", "a.py"), ("Run", "a.py"), ("Model", "b.py")]
    assert repeated(pairs) == {"Model": ["a.py", "b.py"]}
    assert class_names("def f():\n    class Model: ...") == ["Model"]
    assert opens_badly('"""How it works."""')
    assert opens_badly('"""``Which`` one."""')
    assert opens_badly("x = 1")
    assert not opens_badly('"""Whichever: a noun phrase."""')
    assert defined_types("Real = NDArray[np.float64]\nInteger = int") == {"Real"}
    assert defined_types("Complex: Any = NDArray") == {"Complex"}
