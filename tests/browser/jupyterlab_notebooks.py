"""JupyterLab with the playground in a notebook of its own for every page."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress

from browser_servers import server_process
from playwright.sync_api import expect

_CODE = "import qmlplay\n\nwidget = qmlplay.playground()\nwidget"
#: Nothing asks in the corner of the window, above what a test clicks.
_QUIET = {"fetchNews": "false", "checkForUpdates": False}


class Lab:
    """A running JupyterLab: opens notebooks, and ends their kernels."""

    def __init__(self, address, token, folder):
        self.address, self._token, self._folder = address, token, folder
        self._n_opened = 0

    def address_of(self, name):
        """Return where a notebook is opened, in a workspace that nobody has used before."""
        workspace = f"{name}-{secrets.token_hex(4)}"
        return f"{self.address}/lab/workspaces/{workspace}/tree/{name}.ipynb?token={self._token}"

    def open(self, page):
        """Show a playground in a new notebook; return the notebook's name."""
        self._n_opened += 1
        name = f"play{self._n_opened}"
        (self._folder / f"{name}.ipynb").write_text(json.dumps(_notebook()))
        answers = []  # what a kernel is asked before it is connected may be lost
        page.on("websocket", lambda socket: _note_answers(socket, answers))
        page.goto(self.address_of(name))
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()
        deadline = time.monotonic() + 120
        while not answers:
            assert time.monotonic() < deadline, "the kernel does not answer"
            page.wait_for_timeout(50)
        _run_first_cell(page)
        page.get_by_role("button", name="Play", exact=True).wait_for(timeout=120_000)
        return name

    def end(self, name):
        """End the kernel of a notebook."""
        for session in json.loads(self._ask("GET", "sessions")):
            if session["path"] == f"{name}.ipynb":
                self._ask("DELETE", f"sessions/{session['id']}")

    def _ask(self, method, path):
        headers = {"Authorization": f"token {self._token}"}
        asked = urllib.request.Request(f"{self.address}/api/{path}", method=method, headers=headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.read()


def _note_answers(socket, answers):
    def note(frame):
        answers.append(frame)

    if "/channels" in socket.url:
        socket.once("framereceived", note)


@contextmanager
def start_lab(folder):
    """Run JupyterLab in a folder."""
    token, worker = secrets.token_hex(16), os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    # As for the other server: a port that is free at first may be taken when it is needed.
    port = 9200 + 50 * int(worker.removeprefix("gw"))
    settings = folder / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(_QUIET))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.allow_root=True", "--LabApp.news_url="]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with server_process(command, folder, r"http://127\.0\.0\.1:\d+(?=/lab)") as (address, _):
        yield Lab(address, token, folder)


def _notebook():
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": []}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [cell | {"source": _CODE}], "metadata": {"kernelspec": kernel}}
    return notebook | {"nbformat": 4, "nbformat_minor": 5}


def _run_first_cell(page):
    """Run the cell, once more where JupyterLab did not listen to the keys yet."""
    prompt = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first
    for _ in range(5):
        page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-editor").first.click()
        page.keyboard.press("Shift+Enter")
        with suppress(AssertionError):
            expect(prompt).not_to_have_text("[ ]:", timeout=10_000)
            return
