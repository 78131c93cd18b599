"""The playground in the distribution's Firefox, driven by Mozilla's own client, Marionette."""

from __future__ import annotations

import shutil
import time
import warnings
from pathlib import Path

import axe_playwright_python
import pytest
from test_browser_accessibility import RULES, WIDTHS

from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import to_string

with warnings.catch_warnings():
    # Its parts ask the distribution's name in a way that is about to go.
    warnings.simplefilter("ignore", DeprecationWarning)
    from marionette_driver import By
    from marionette_driver.marionette import Marionette

# Waiting for Firefox, the client leaves a socket open with every try.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

_NAMES = ("firefox-esr", "firefox")
#: Colours that change gently have come to their end.
NOTHING_MOVES = """
    const page = document.querySelector('section.qmlplay');
    return page.getAnimations({subtree: true}).length === 0;
"""
_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    """A browser with an empty profile."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.fail("no Firefox found: install it, for instance with apt-get install firefox-esr")
    prefs = {
        "datareporting.policy.dataSubmissionEnabled": False,
        "dom.disable_open_during_load": False,
    }
    log = str(tmp_path_factory.mktemp("firefox") / "gecko.log")
    browser = Marionette(bin=path, headless=True, prefs=prefs, port=0, gecko_log=log)
    browser.start_session()
    browser.timeout.script = 120
    yield browser
    browser.quit()
    browser.cleanup()


class Page:
    """What a user does with the page in Firefox, and reads off it."""

    def __init__(self, browser):
        self.browser = browser

    def read(self, script, *arguments):
        return self.browser.execute_script(script, arguments, sandbox=None)

    def wait_until(self, script, *arguments, seconds=60):
        deadline = time.monotonic() + seconds
        while not (found := self.read(script, *arguments)):
            assert time.monotonic() < deadline, script
            time.sleep(0.05)
        return found

    def button(self, name):
        buttons = self.browser.find_elements(By.CSS_SELECTOR, "section.qmlplay button")
        return next(button for button in buttons if button.text == name)

    def press(self, name):
        self.button(name).click()

    def control(self, label):
        code = (
            "return [...document.querySelectorAll('section.qmlplay label')]"
            ".find((label) => label.firstChild.data?.trim() === arguments[0])?.control.id"
        )
        return self.browser.find_element(By.ID, self.wait_until(code, label))

    def change(self, label, value):
        code = (
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('change', {bubbles: true}))"
        )
        self.read(code, self.control(label), value)

    def wait_for(self, state):
        code = "return document.querySelector('.qp-status')?.textContent === arguments[0]"
        self.wait_until(code, state)

    def wait_for_step(self, step):
        code = "return document.querySelector('.qp-count')?.textContent === arguments[0]"
        self.wait_until(code, f"step {step}")

    @property
    def steps(self):
        return int(self.read("return document.querySelector('.qp-count').textContent").split()[1])

    def wait_for_message(self, text):
        code = (
            "return [...document.querySelectorAll('section.qmlplay [role=alert]')]"
            ".some((node) => node.checkVisibility() && node.innerText.includes(arguments[0]))"
        )
        self.wait_until(code, text)


@pytest.fixture
def page(firefox, play_server):
    firefox.navigate(play_server[0] + "#" + to_string(Configuration()))
    page = Page(firefox)
    page.wait_for("Ready.")
    yield page
    page.read("sessionStorage.clear()")  # the next page gets a run of its own
    firefox.navigate("about:blank")


def errors(browser):
    """Return what the console has against the page."""
    code = """return Services.console.getMessageArray().filter((message) =>
        message instanceof Ci.nsIScriptError && message.sourceName.startsWith("http://127.0.0.1"))
        .map((message) => message.errorMessage)"""
    with browser.using_context("chrome"):
        return browser.execute_script(code)


def test_play_step_and_reset(page):
    page.press("Step")
    page.wait_for_step(1)
    page.wait_for("Paused.")
    page.press("Play")
    page.wait_for("Training.")
    page.wait_until("return Number(document.querySelector('.qp-count').textContent.slice(5)) > 3")
    page.press("Pause")
    page.wait_for("Paused.")
    page.press("Reset")
    page.wait_for("Ready.")
    assert errors(page.browser) == []


def test_a_message_and_the_old_value(page):
    page.change("Layers", "99")
    page.wait_for_message("from 1 to 10")
    page.wait_until("return arguments[0].value === '4'", page.control("Layers"))


def test_a_reload_keeps_the_settings_and_the_training(page):
    page.change("Dataset", "circles")
    page.change("Iterations", "1000")
    page.press("Play")
    page.wait_for("Training.")
    before = page.steps
    page.browser.refresh()
    page.wait_for("Training.")
    assert before <= page.steps < before + 200
    assert page.control("Dataset").get_property("value") == "circles"


def test_the_address_follows_and_leads(page):
    page.wait_until("return location.hash.length > 100")
    first = page.read("return location.hash")
    page.change("Dataset", "xor")
    page.wait_until("return location.hash !== arguments[0]", first)
    page.browser.go_back()
    page.wait_until("return arguments[0].value === 'moons'", page.control("Dataset"))
    page.read("location.hash = 'qmlplay2.eyJhIjoxfQ.00000000'")
    page.wait_for_message("damaged")
    page.wait_until("return location.hash === arguments[0]", first)


def set_width(browser, width):
    """Show the page that many CSS pixels wide; a window has at least 500, so narrow ones zoom."""
    zoom = 1 if width >= 760 else 2
    with browser.using_context("chrome"):
        code = "gBrowser.selectedBrowser.browsingContext.fullZoom = arguments[0]"
        browser.execute_script(code, [zoom])
    browser.set_window_rect(width=width * zoom, height=2000)
    Page(browser).wait_until("return Math.abs(innerWidth - arguments[0]) < 20", width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_complaints(page, scheme):
    page.change("Colours", scheme)
    page.wait_until(
        "return document.querySelector('section.qmlplay').dataset.scheme === arguments[0]", scheme
    )
    page.press("Step")
    page.wait_for("Paused.")
    page.read(
        "document.querySelectorAll('section.qmlplay details').forEach((d) => { d.open = true; })"
    )
    code = _AXE + (
        ";axe.run('section.qmlplay', arguments[0]).then((found) => arguments[1](found.violations"
        ".map(({id, nodes}) => [id, nodes.map((node) => node.html.slice(0, 120))])))"
    )
    for width in WIDTHS:
        set_width(page.browser, width)
        page.wait_until(NOTHING_MOVES)
        found = page.browser.execute_async_script(code, [RULES], sandbox=None)
        assert found == [], width
    set_width(page.browser, 1280)
