"""The README's Python blocks run, and so do those of the book's first page; commands exist.

The guides' blocks are run by tests/team/test_guides.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from extras import mark_of_extras

from qmlplay.cli import commands

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
GUIDES = sorted((ROOT / "notebooks" / "guides").glob("*.md"))
#: Pages of the book beside the guides, and the README.
PAGES = [README, *sorted((ROOT / "notebooks").glob("*.md"))]
BLOCKS = {
    f"{page.stem}-{number}": block
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    )
}
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in [*PAGES, *GUIDES])


def case(name, block):
    """Return the block with a mark of the packages of extras that it imports."""
    return pytest.param(block, id=name, marks=mark_of_extras(block))


# Keras on TensorFlow makes arrays in a manner that NumPy gives up.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("block", [case(*pair) for pair in BLOCKS.items()])
def test_python_block_runs(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path))
    exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_every_command_and_option_shown_exists():
    shown = re.findall(r"^qmlplay (\w+)(.*)$", TEXT, flags=re.MULTILINE)
    assert {name for name, _ in shown} == set(commands.commands)
    for name, rest in shown:
        command = commands.commands[name]
        if isinstance(command, click.Group):
            command = command.commands[rest.split()[0]]
        options = {text for p in command.params for text in p.opts}
        assert set(re.findall(r"--[\w-]+", rest.split("#")[0])) <= options


def test_readme_is_a_page_of_why_and_how():
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    commands_shown = text.split("```bash\n")[1].split("```")[0].splitlines()
    assert len(commands_shown) == 3
    assert commands_shown[-1].split("#")[0].rstrip().endswith("pytest")
    links = re.findall(r"\]\(([^)#]+)[)#]", text)
    assert "notebooks/benchmarks.md" in links
    assert all((ROOT / link).is_file() for link in links if not link.startswith("https://"))
    pictures = re.findall(r'(?:src|srcset)="([^"]+)"', text)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_every_command_explains_itself():
    for command in commands.commands.values():
        assert isinstance(command, click.Command)
        assert command.help
