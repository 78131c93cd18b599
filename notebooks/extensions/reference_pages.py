"""The reference: a page for every public name, written from the ``__all__`` of the packages.

A name that several packages offer has one page, under the first of them; the others link there.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, get_origin

from click import Command
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.ext.autodoc.mock import mock, undecorate
from sphinx.pycode import ModuleAnalyzer

__all__ = ["FOLDER", "GROUPS", "PublicName", "members", "public_names", "setup"]

FOLDER = "reference"
#: The packages whose ``__all__`` is public, in the order of the reference.
GROUPS = {
    "What most people need": ["qmlplay", "qmlplay.compare", "qmlplay.datasets", "qmlplay.plots"],
    "Circuits": [
        *("qmlplay.circuit", "qmlplay.encodings", "qmlplay.ansatze", "qmlplay.presets"),
        "qmlplay.interop",
    ],
    "Simulators and devices": [
        *("qmlplay.backends", "qmlplay.backends.noise", "qmlplay.backends.testing"),
        *("qmlplay.mitigation", "qmlplay.ibm", "qmlplay.ibm.errors", "qmlplay.ibm.store"),
    ],
    "Models and their training": [
        *("qmlplay.classifier", "qmlplay.kernels", "qmlplay.model", "qmlplay.training"),
        *("qmlplay.callbacks", "qmlplay.baselines", "qmlplay.tables", "qmlplay.diagnostics"),
        *("qmlplay.search", "qmlplay.errors"),
    ],
    "Other frameworks, files and pages": [
        *("qmlplay.torch", "qmlplay.jax", "qmlplay.keras", "qmlplay.mlflow", "qmlplay.sharing"),
        *("qmlplay.export", "qmlplay.html", "qmlplay.cli"),
    ],
}
#: Modules that do not say by ``__all__`` alone what of them is meant for people.
CHOSEN = {"qmlplay.ibm.errors": ["BudgetError"], "qmlplay.ibm.store": ["folder"]}


@dataclass(frozen=True)
class PublicName:
    """A name that people import.

    Parameters
    ----------
    module, name : str
        Where it is imported from, and how.
    value : object
        What it is.
    page : str
        Full name of the page that describes it: its own, or that of a package named earlier.
    """

    module: str
    name: str
    value: Any
    page: str

    @property
    def full(self) -> str:
        """The name with its module."""
        return f"{self.module}.{self.name}"

    @property
    def is_routine(self) -> bool:
        """Whether it is a function."""
        return inspect.isroutine(self.value)

    @property
    def has_page(self) -> bool:
        """Whether the page that describes it is its own."""
        return self.page == self.full


def public_names(mocked: list[str]) -> list[PublicName]:
    """Return every public name, those of extras with their frameworks replaced by mocks."""
    pages: dict[int, str] = {}
    names = []
    with mock(mocked):
        for module in (module for group in GROUPS.values() for module in group):
            package = import_module(module)
            for name in CHOSEN.get(module, package.__all__):
                value = undecorate(getattr(package, name))
                setattr(package, name, value)  # without the mock of a decorator, for autodoc
                if name.startswith("_") or inspect.ismodule(value):
                    continue
                page = pages.setdefault(id(value), f"{module}.{name}")
                names.append(PublicName(module, name, value, page))
    return names


def members(kind: type) -> list[str]:
    """Return the public methods and attributes of a class that qmlplay defines."""
    ours = [base for base in kind.__mro__ if base.__module__.split(".")[0] == "qmlplay"]
    names = {name for base in ours for name in vars(base) if not name.startswith("_")}
    return sorted(name for name in names if not is_request(name))


def is_request(name: str) -> bool:
    """Return whether a method is one of scikit-learn's requests of metadata."""
    return name.startswith("set_") and name.endswith("_request")


def is_class(value: Any) -> bool:
    """Return whether a value is a class, and not a type such as ``list[int]``."""
    return inspect.isclass(value) and get_origin(value) is None


def directive(item: PublicName) -> str:
    """Return the lines that describe a name."""
    if is_class(item.value):
        bases = {base for base in item.value.__mro__ if not base.__module__.startswith("qmlplay")}
        others = ", ".join(sorted(base.__name__ for base in bases))
        return (
            f".. autoclass:: {item.name}\n   :members:\n   :show-inheritance:\n"
            f"   :inherited-members: {others}\n"
        )
    if item.is_routine:
        return f".. autofunction:: {item.name}\n"
    text = "\n   ".join(data_comment(item))
    return f".. py:data:: {item.name}\n\n   {text}\n"


def data_comment(item: PublicName) -> list[str]:
    """Return the comment above a constant, wherever in its package it is made; a command's help.

    Raises
    ------
    ExtensionError
        If there is none.
    """
    package = import_module(item.module)
    stem = Path(str(package.__file__))
    files = stem.parent.rglob("*.py") if stem.stem == "__init__" else [stem]
    for file in sorted(files):
        parts = file.relative_to(stem.parent).with_suffix("").parts
        module = ".".join([item.module, *(p for p in parts if p not in ("__init__", stem.stem))])
        comment = ModuleAnalyzer.for_file(file, module).find_attr_docs().get(("", item.name))
        if comment:
            return comment
    if isinstance(item.value, Command):
        return (item.value.help or "").splitlines()
    raise ExtensionError(f"no comment (#:) above {item.full} says what it is")


def heading(text: str, line: str) -> str:
    """Return a title with the line below it."""
    return f"{text}\n{line * len(text)}\n\n"


def name_page(item: PublicName) -> str:
    """Return the page of a name."""
    return heading(item.name, "=") + f".. currentmodule:: {item.module}\n\n" + directive(item)


def module_page(module: str, items: list[PublicName]) -> str:
    """Return the page of a package: its docstring, and its names with their first sentences."""
    text = f"{heading(module, '=')}.. automodule:: {module}\n   :no-members:\n\n"
    if any(item.has_page for item in items):
        pages = "\n".join(f"   {item.full}" for item in items if item.has_page)
        text += f".. toctree::\n   :hidden:\n\n{pages}\n\n"
    constants = [item for item in items if not is_class(item.value) and not item.is_routine]
    others = [item for item in items if item not in constants]
    if others:
        rows = "\n".join(f"   {item.name if item.has_page else '~' + item.page}" for item in others)
        text += f".. autosummary::\n   :nosignatures:\n\n{rows}\n\n"
    return text + "\n".join(f"- :py:obj:`~{item.page}`" for item in constants) + "\n"


def index_page() -> str:
    """Return the first page of the reference."""
    text = heading("Reference", "=") + (
        "Every public name, from its docstring. Shapes, units and ranges are given there, and the\n"
        "examples are run by the tests. Names of extras, such as `qmlplay.torch`, need what\n"
        "``pip install`` brings with them.\n\n"
    )
    for title, modules in GROUPS.items():
        pages = "\n".join(f"   {module}" for module in modules)
        text += f"{heading(title, '-')}.. toctree::\n   :maxdepth: 1\n\n{pages}\n\n"
    return text


def write(app: Sphinx) -> None:
    """Write all pages of the reference, those that have changed."""
    names = public_names(app.config.autodoc_mock_imports)
    pages = {"index": index_page()}
    pages |= {item.full: name_page(item) for item in names if item.has_page}
    for module in (module for group in GROUPS.values() for module in group):
        pages[module] = module_page(module, [item for item in names if item.module == module])
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for page, text in pages.items():
        path = folder / f"{page}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("*.rst"):
        if path.stem not in pages:
            path.unlink()
    app.env.qmlplay_pages = {item.full: item.page for item in names}  # type: ignore[attr-defined]
    app.env.qmlplay_members = {  # type: ignore[attr-defined]
        item.full: members(item.value) for item in names if item.has_page and is_class(item.value)
    }


def other_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Node | None:
    """Return a link for a name that is described under another one, or without its package."""
    pages: dict[str, str] = env.qmlplay_pages  # type: ignore[attr-defined]
    target = node.get("reftarget", "")
    page = pages.get(target) or pages.get(f"qmlplay.{target}")
    if node.get("refdomain") != "py" or page is None:
        return None
    domain = env.domains["py"]
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", page, node, content)


def skipped(
    app: Sphinx, what: str, name: str, value: Any, is_skipped: bool, options: Any
) -> bool | None:
    """Leave scikit-learn's requests of metadata out, which it explains itself."""
    return True if is_request(name) else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before Sphinx looks for files."""
    app.connect("builder-inited", write, priority=100)
    app.connect("missing-reference", other_name)
    app.connect("autodoc-skip-member", skipped)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
