"""Real servers and a real browser: Chromium from the distribution, driven by Playwright."""

from __future__ import annotations

import shutil

import pytest
from browser_servers import start_play
from jupyterlab_notebooks import start_lab
from playground_page import PlaygroundPage
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
def lab(tmp_path_factory):
    """JupyterLab: opens playgrounds in notebooks."""
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module", params=["jupyterlab", "play"])
def opened(request, chromium):
    """The playground in JupyterLab, and in the page of `qmlplay play`."""
    page = chromium.new_page()
    elsewhere = []
    page.on("requestfinished", lambda sent: elsewhere.append(sent.url))
    shown = PlaygroundPage(page, request.param)
    shown.requests = elsewhere
    if request.param == "jupyterlab":
        lab = request.getfixturevalue("lab")
        notebook = lab.open(page)
        yield shown
        page.close()
        lab.end(notebook)
        return
    page.goto(request.getfixturevalue("play_server")[0])
    shown.button("Play").wait_for()
    yield shown
    page.close()


@pytest.fixture
def playground(opened):
    """The playground as it is at first."""
    opened.start_anew()
    return opened
