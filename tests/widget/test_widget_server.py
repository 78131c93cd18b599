"""`qmlplay play` before it serves: its notebook, its settings, and what it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from qmlplay import playground
from qmlplay.cli import main
from qmlplay.widget import server
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import to_string

sys.path.append(str(Path(__file__).parent.parent))
from cli_helpers import failure, write_trees


def test_the_notebook_opens_a_playground(tmp_path, monkeypatch):
    text = to_string(Configuration(n_layers=2))
    path = server.write_notebook(tmp_path, data="circles", target=None, configuration=text)
    (cell,) = json.loads(path.read_text("utf-8"))["cells"]
    found = {}
    monkeypatch.setattr("qmlplay.playground", lambda **arguments: found.update(arguments))
    exec(cell["source"], {})
    assert found == {"data": "circles", "configuration": text}


def test_arguments_are_text_in_the_notebook_never_code(tmp_path):
    path = server.write_notebook(tmp_path, data="') or print('hi", target="\n'''")
    source = json.loads(path.read_text("utf-8"))["cells"][0]["source"]
    assert source.endswith(r"""playground(data="') or print('hi", target="\n'''")""")
    compile(source, "cell", "exec")


def test_it_is_told_to_keep_to_this_computer(tmp_path):
    arguments = server.server_arguments(tmp_path, 9000, open_browser=False)
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert "--ServerApp.allow_remote_access=False" in arguments
    assert not [argument for argument in arguments if "token" in argument or "password" in argument]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["mons"], "did you mean 'moons'"),
        (["none.csv"], "no file 'none.csv'"),
        (["--configuration", "abc"], "not a configuration string"),
        (["--port", "80"], "1024<=x<=65535"),
        (["moons", "--target", "y"], "leave target out"),
        (["notes.md"], "unknown dataset or file 'notes.md'"),
    ],
)
def test_bad_arguments(capsys, arguments, reason):
    assert reason in failure(capsys, "play", *arguments)


def test_a_bad_file(capsys, tmp_path):
    trees = write_trees(tmp_path / "trees.csv", mass="heavy")
    assert "left out: 'mass' (the same in every row)" in failure(capsys, "play", trees)


def test_without_voila_it_says_what_to_type(capsys, monkeypatch):
    monkeypatch.setattr("qmlplay.widget.server.find_spec", lambda name: None)
    assert 'pip install "qmlplay[play]"' in failure(capsys, "play")


def test_it_serves_what_it_was_given(capsys, tmp_path, monkeypatch):
    trees = write_trees(tmp_path / "trees.csv")
    seen = {}

    class Recorder:
        url = "http://127.0.0.1:1/?token=t"

        def __init__(self, folder, port, *, open_browser):
            seen["source"] = json.loads((folder / server.PAGE).read_text())["cells"][0]["source"]
            seen["settings"] = (port, open_browser)

        def run(self):
            seen["ran"] = True

    monkeypatch.setattr(server, "Server", Recorder)
    monkeypatch.chdir(tmp_path)
    main(["play", "trees.csv", "--target", "kind", "--no-browser", "--port", "9001"])
    assert f"playground(data={str(trees)!r}, target='kind')" in seen["source"]
    assert seen["settings"] == (9001, False)
    assert seen["ran"]
    out = capsys.readouterr().out
    assert Recorder.url in out
    assert out.startswith("trees.csv: 24 rows × 3 columns, separator ','")
    widget = playground(str(trees), "kind")
    assert widget.data.X.shape == (24, 2)
    widget.close()
