"""The guides: every Python block runs as it stands, in a fresh namespace and an empty folder.

A comment in HTML before a block says what is special about it::

    <!-- needs: shap, lime -->     packages of extras, besides those that the block imports
    <!-- script -->                run as a program of its own, as worker processes need it
    <!-- slow -->                  takes more than a few seconds
    <!-- not run: why -->          shown only, as for a machine with a GPU
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from extras import extras_of

FOLDER = Path(__file__).parents[2] / "notebooks" / "guides"
GUIDES = [path for path in sorted(FOLDER.glob("*.md")) if path.stem != "index"]
BLOCK = re.compile(
    r"((?:^[ ]*<!--[^>]*-->\n\s*)*)^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL
)
COMMENT = re.compile(r"<!--\s*(.*?)\s*-->")
#: Guides to other people's libraries, which tell each other what will change.
OF_OTHERS = {"cluster", "larger_circuits", "works_with"}
#: Packages under another name than the module that is imported.
MODULES = {"tensorflow-cpu": "tensorflow", "scikit-learn": "sklearn"}


@dataclass(frozen=True)
class GuideBlock:
    """One block of a guide, and what its comments say."""

    guide: str
    number: int
    code: str
    comments: tuple[str, ...] = ()

    @property
    def needs(self):
        """Modules that are no dependencies of the tests."""
        named = [c.removeprefix("needs:") for c in self.comments if c.startswith("needs:")]
        said = {name.strip() for text in named for name in text.split(",")}
        modules = {MODULES.get(name, name).replace("-", "_") for name in said}
        return sorted(modules | set(extras_of(self.code)))

    @property
    def is_run(self):
        return not any(comment.startswith("not run:") for comment in self.comments)

    def parameter(self):
        marks = [pytest.mark.needs(*self.needs)] if self.needs else []
        marks += [pytest.mark.slow] if "slow" in self.comments else []
        ignored = ["Deprecation", "PendingDeprecation", "Future"] if self.guide in OF_OTHERS else []
        marks += [pytest.mark.filterwarnings(f"ignore::{kind}Warning") for kind in ignored]
        return pytest.param(self, id=f"{self.guide}-{self.number}", marks=marks)


def blocks_of(path):
    """Return the blocks of a guide."""
    found = BLOCK.findall(path.read_text(encoding="utf-8"))
    return [
        GuideBlock(path.stem, number, code, tuple(COMMENT.findall(comments)))
        for number, (comments, code) in enumerate(found, start=1)
    ]


BLOCKS = [block for path in GUIDES for block in blocks_of(path)]


# Keras on TensorFlow makes arrays in a manner that NumPy gives up.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("block", [block.parameter() for block in BLOCKS if block.is_run])
def test_block_runs(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    if "script" not in block.comments:
        exec(compile(block.code, f"{block.guide}.md", "exec"), {"__name__": "__main__"})
        assert capsys.readouterr().out or "assert" in block.code
        return
    script = tmp_path / "block.py"
    script.write_text(block.code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_every_block_is_found(path):
    text = path.read_text(encoding="utf-8")
    assert len(blocks_of(path)) == text.count("```python") > 0
    assert text.count("```") % 2 == 0
    for block in blocks_of(path):
        compile(block.code, path.name, "exec")
        assert len(block.code.splitlines()) <= 40, block.code
        for comment in block.comments:
            assert re.match(r"needs: \w|script$|slow$|not run: \w", comment), comment


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    for link in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (FOLDER / link).exists(), link


def test_what_a_comment_says_is_understood(tmp_path):
    path = tmp_path / "guide.md"
    path.write_text(
        "# Title\n\n<!-- needs: shap, tensorflow-cpu -->\n<!-- slow -->\n```python\nimport lime\n"
        "import os\n```\n\n```python\nassert False\n```\n<!-- not run: a GPU -->\n\n"
        "```python\nimport cuda\n```\n```bash\npip install x\n```\n",
        encoding="utf-8",
    )
    first, second, third = blocks_of(path)
    assert first.needs == ["lime", "shap", "tensorflow"]
    assert "slow" in first.comments
    assert (second.needs, second.comments, second.is_run) == ([], (), True)
    assert not third.is_run
    with pytest.raises(AssertionError):
        exec(second.code, {})
