"""The book: its structure, its checks of the built site, and what its extras and URLs say.

The build itself is a step of .ci/run, where it ends with ``site_checks``. Tests that ask for Sphinx
run there, and wherever ``pip install ".[docs]"`` has been done.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from test_public_names import MODULES, OTHERS

import qmlplay
from qmlplay import plots
from qmlplay.plots.display import Display

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "notebooks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", flags=re.DOTALL)


@pytest.fixture
def extensions(monkeypatch):
    """Return the modules of notebooks/extensions by name."""
    monkeypatch.syspath_prepend(str(BOOK / "extensions"))

    def load(name):
        monkeypatch.delitem(sys.modules, name, raising=False)
        return __import__(name)

    return load


def entries(page):
    """Return the pages that the tables of contents of a page name, globs resolved."""
    text = page.read_text(encoding="utf-8")
    lines = [line.strip() for block in TOCTREE.findall(text) for line in block.splitlines()]
    names = [line for line in lines if line and not line.startswith(":")]
    for name in names:
        if "*" in name:
            yield from sorted(page.parent.glob(f"{name}.ipynb"))
            continue
        files = [page.parent / f"{name}{ending}" for ending in (".md", ".ipynb")]
        yield from (path.resolve() for path in files if path.is_file())


def reached(page, seen):
    """Return all pages that can be reached from one."""
    if page not in seen:
        seen.add(page)
        for other in entries(page) if page.suffix == ".md" else ():
            reached(other, seen)
    return seen


def test_every_page_is_in_the_contents():
    pages = {*BOOK.glob("*.md"), *BOOK.glob("*.ipynb"), *BOOK.glob("guides/*.md")}
    assert pages - reached(BOOK / "index.md", set()) == set()


def test_every_notebook_is_said_what_it_teaches():
    text = (BOOK / "tutorials.md").read_text(encoding="utf-8")
    links = re.findall(r"^\| \[(\d\d) .+?\]\((\d\d)_(.+?)\) \| .+ \|$", text, flags=re.MULTILINE)
    assert [f"{number}_{name}" for _, number, name in links] == sorted(
        path.name for path in BOOK.glob("*.ipynb")
    )
    assert all(label == number for label, number, _ in links)


def test_every_display_has_a_page_with_its_code():
    scripts = "\n".join(path.read_text("utf-8") for path in BOOK.glob("displays/*/plot_*.py"))
    values = {name: getattr(plots, name) for name in plots.__all__}
    displays = {name for name, kind in values.items() if issubclass(kind, Display)}
    assert {name for name in displays if f"{name}." not in scripts} == set()


@pytest.mark.needs("sphinx")
def test_every_experiment_has_a_page_with_the_playgrounds_script(extensions, tmp_path):
    from qmlplay.widget.experiments import EXPERIMENTS

    (tmp_path / "plot_gone.py").write_text("", encoding="utf-8")
    extensions("experiment_pages").write_experiments(tmp_path)
    scripts = {path.stem.removeprefix("plot_"): path for path in tmp_path.glob("plot_*.py")}
    assert scripts.keys() == EXPERIMENTS.keys()
    for name, path in scripts.items():
        text = path.read_text(encoding="utf-8")
        compile(text, path.name, "exec")
        assert text.count("model.fit(") == len(EXPERIMENTS[name].variants)
        assert EXPERIMENTS[name].title in text
        assert f":doc:`/{EXPERIMENTS[name].chapter}`" in " ".join(text.split("# ")).replace(
            "\n", ""
        )


def test_links_between_pages_lead_somewhere():
    outside = (ROOT / name for name in ("SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"))
    for page in [*BOOK.glob("*.md"), *BOOK.glob("guides/*.md"), *outside]:
        for link in re.findall(r"\]\(([^)#\s]+)[)#]", page.read_text(encoding="utf-8")):
            is_generated = link.startswith(("gallery/", "reference/"))
            assert link.startswith("https://") or is_generated or (page.parent / link).exists()


def test_every_picture_is_shown_somewhere():
    pages = [*BOOK.glob("*.md"), *BOOK.glob("*.ipynb"), ROOT / "README.md", BOOK / "conf.py"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    names = {path.name for path in (BOOK / "images").iterdir()}
    assert {name for name in names if name not in text} == set()


def test_moving_picture_is_small_and_described():
    text = (BOOK / "index.md").read_text(encoding="utf-8")
    pictures = re.findall(r'<img [^>]*src="_static/([^"]+)"[^>]*alt="([^"]+)"', text)
    assert [name for name, _ in pictures] == ["learning.webp", "learning_dark.webp"]
    assert all(len(words) > 100 for _, words in pictures)
    assert text.count("(prefers-reduced-motion: reduce)") == len(pictures)
    for name, _ in pictures:
        assert (BOOK / "images" / name).stat().st_size <= 1_000_000
        assert (BOOK / "images" / name).with_suffix(".png").is_file()


def test_every_notebook_opens_in_colab_and_installs_from_the_repository(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    from colab_badges import REPOSITORY, with_badge

    for path in BOOK.glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        (shown,) = [cell for cell in notebook["cells"] if cell["id"] == f"{path.name[:2]}-colab"]
        assert f"{path.name})" in "".join(shown["source"])
        code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        assert f' @ git+{REPOSITORY}"' in code["source"][0]
        assert with_badge(notebook, path.name) == notebook


def test_what_is_said_twice_agrees():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    facts = dict(re.findall(r'^([\w-]+): "?([^"\n]+)"?$', text, flags=re.MULTILINE))
    assert facts["version"] == qmlplay.__version__
    assert facts["license"] == PROJECT["license"]
    repository = PROJECT["urls"]["Repository"]
    assert facts["repository-code"] == repository
    assert all(url.startswith(repository) for url in PROJECT["urls"].values())
    assert f"version = {{{qmlplay.__version__}}}" in (BOOK / "how_it_works.md").read_text("utf-8")


def test_gate_builds_the_book_with_warnings_as_errors():
    commands = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^sphinx-build -W .*notebooks site$", commands, flags=re.MULTILINE)
    assert any(name.startswith("sphinx>=") for name in PROJECT["optional-dependencies"]["docs"])


@pytest.mark.needs("sphinx", "myst_nb", "sphinx_gallery")
class TestReference:
    """The pages of names, and the checks of a built site."""

    def test_every_public_module_is_there(self, extensions):
        groups = extensions("reference_pages").GROUPS
        modules = {module for group in groups.values() for module in group}
        assert set(MODULES) - modules == set()

    def test_every_public_name_is_on_a_page(self, extensions):
        pages = extensions("reference_pages")
        mocked = re.findall(r'"(\w+)"', conf_list("autodoc_mock_imports"))
        names = {item.full: item for item in pages.public_names(mocked)}
        snapshot = json.loads((ROOT / "tests" / "public_names.json").read_text(encoding="utf-8"))
        public = {*snapshot, *OTHERS} - {"qmlplay.ibm", "qmlplay.__version__"}
        commands = {name for name in public if name.startswith("$ ")}
        kinds = {name: item.value for name, item in names.items()}
        for name, kind in kinds.items():
            if pages.is_class(kind):
                public -= {f"{name}.{member}" for member in pages.members(kind)}
        public = {name for name in public if not pages.is_request(name.rpartition(".")[2])}
        assert public - commands - kinds.keys() == set()

    def test_names_are_described_where_their_frameworks_are_mocks(self, extensions):
        pages, corrections = extensions("reference_pages"), extensions("autodoc_corrections")
        mocked = re.findall(r'"(\w+)"', conf_list("autodoc_mock_imports"))
        names = {item.full: item for item in pages.public_names(mocked)}
        for layer, first in (("keras", "(*, encoding="), ("torch", "(n_features, *, encoding=")):
            item = names[f"qmlplay.{layer}.QuantumLayer"]
            assert "autoclass" in pages.directive(item)
            found = (None, "class", item.full, item.value, None, "(*args, **kwargs)", "")
            assert corrections.own_signature(*found)[0].startswith(first)
        for item in names.values():
            assert not item.has_page or pages.directive(item)  # a constant without comment raises
        unsaid = pages.PublicName("qmlplay.circuit", "UNSAID", {}, "qmlplay.circuit.UNSAID")
        with pytest.raises(Exception, match="no comment"):
            pages.directive(unsaid)

    def test_formulas_become_mathml(self, extensions):
        mathml = extensions("mathml").mathml
        assert "<mi>cos</mi>" in mathml(r"\cos\theta")
        assert "<mn>1</mn>\n    <mn>2</mn>" in mathml(r"\tfrac12")
        assert "…" in mathml(r"0, \dots, n")
        with pytest.raises(Exception, match="no MathML"):
            mathml(r"\unknowncommand{x}")

    def test_what_a_page_loads_is_seen(self, extensions, tmp_path):
        checks = extensions("site_checks")
        pages = {}
        for name, text in {
            "a.html": '<script src="https://cdn.example/x.js"></script><a href="b.html#there">b</a>'
            '<link rel="stylesheet" href="//fonts.example/f.css"><a href="https://a.example">a</a>',
            "b.html": '<p id="here"><img src="data:image/png;base64,"><a href="c.html">c</a>'
            "<style>i { background: url(data:image/svg+xml,//) }</style>url(//text.example)",
            "d.html": '<img srcset="a.png 1x, https://a.example/a.png 2x">'
            '<style>@import "//b.example/b.css"; i { background: url(i.png) }</style>'
            "<i style=\"background: url( 'https://c.example/c.png')\">",
        }.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
            pages[tmp_path / name] = checks.read_page(tmp_path / name)
        first, second, third = pages.values()
        loaded = ["https://cdn.example/x.js", "//fonts.example/f.css"]
        assert checks.external_resources(first) == loaded
        assert checks.external_resources(second) == []
        assert checks.external_resources(third) == [
            "https://a.example/a.png 2x",
            "//b.example/b.css",
            "https://c.example/c.png",
        ]
        lost = ["a.html: b.html#there", "b.html: c.html"]
        assert sorted(checks.lost_links(pages, tmp_path)) == lost


def conf_list(name):
    """Return the text of a list in conf.py."""
    text = (BOOK / "conf.py").read_text(encoding="utf-8")
    return text.split(f"{name} = [")[1].split("\n]")[0]
