"""The README's Python blocks run, and its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from extras import mark_of_extras

from qmlplay.cli import commands

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def case(number, block):
    """Return the block with a mark of the packages of extras that it imports."""
    return pytest.param(block, id=str(number), marks=mark_of_extras(block))


# Keras on TensorFlow makes arrays in a manner that NumPy gives up.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("block", [case(*pair) for pair in enumerate(BLOCKS)])
def test_python_block_runs(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path))
    exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_every_command_and_option_shown_exists():
    shown = re.findall(r"^qmlplay (\w+)(.*)$", README, flags=re.MULTILINE)
    assert {name for name, _ in shown} == set(commands.commands)
    for name, rest in shown:
        command = commands.commands[name]
        if isinstance(command, click.Group):
            command = command.commands[rest.split()[0]]
        options = {text for p in command.params for text in p.opts}
        assert set(re.findall(r"--[\w-]+", rest.split("#")[0])) <= options


def test_every_command_explains_itself():
    for command in commands.commands.values():
        assert isinstance(command, click.Command)
        assert command.help
