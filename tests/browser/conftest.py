"""Real servers and a real browser: Chromium from the distribution, driven by Playwright."""

from __future__ import annotations

import json
import secrets
import shutil
import sys

import pytest
from browser_servers import server_process, start_play
from playground_page import PlaygroundPage, run_first_cell
from playwright.sync_api import sync_playwright

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """A browser with an empty profile."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.fail("no Chromium found: install it, for instance with apt-get install chromium")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=path,
            args=_FLAGS,
            viewport={"width": 1400, "height": 1000},
        )
        context.set_default_timeout(60_000)
        yield context
        context.close()


@pytest.fixture(scope="session")
def play_server(tmp_path_factory):
    """`qmlplay play`: the address with its token, and the process."""
    with start_play(tmp_path_factory.mktemp("play")) as server:
        yield server


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory):
    """JupyterLab with a notebook of one cell: its address with its token, and the process."""
    folder = tmp_path_factory.mktemp("lab")
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": []}
    cell["source"] = "import qmlplay\n\nwidget = qmlplay.playground()\nwidget"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4}
    (folder / "play.ipynb").write_text(json.dumps(notebook | {"nbformat_minor": 5}))
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.port=8950", "--ServerApp.allow_root=True", "--LabApp.news_url="]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with server_process(command, folder, r"http://127\.0\.0\.1:\d+(?=/lab)") as (address, process):
        yield f"{address}/lab/tree/play.ipynb?reset&token={token}", process


@pytest.fixture(scope="module", params=["jupyterlab", "play"])
def opened(request, chromium):
    """The playground in JupyterLab, and in the page of `qmlplay play`."""
    server = "lab_server" if request.param == "jupyterlab" else "play_server"
    address, _ = request.getfixturevalue(server)
    page = chromium.new_page()
    elsewhere = []
    page.on("requestfinished", lambda sent: elsewhere.append(sent.url))
    page.goto(address)
    if request.param == "jupyterlab":
        run_first_cell(page)
    shown = PlaygroundPage(page, request.param)
    shown.page.get_by_role("button", name="Play", exact=True).wait_for()
    shown.requests = elsewhere
    yield shown
    page.close()


@pytest.fixture
def playground(opened):
    """The playground as it is at first."""
    opened.start_anew()
    return opened
