"""The playground's page in the words of its user."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import to_string

#: Scrolls to the page's beginning; resolves when the bar has stayed where it is. A page that gets
#: shorter is laid out anew by JupyterLab, and a click would meet a bar that moves.
_BEGINNING = """
    page => new Promise((resolve) => {
        page.scrollIntoView();
        let [last, frames] = [null, 0];
        const look = () => {
            const { top } = page.querySelector(".qp-bar").getBoundingClientRect();
            [last, frames] = [top, top === last ? frames + 1 : 0];
            frames < 10 ? requestAnimationFrame(look) : resolve();
        };
        look();
    })
"""


class PlaygroundPage:
    """What a user does with the page, and reads off it."""

    def __init__(self, page, kind):
        self.page, self.kind = page, kind
        self.root = page.locator("section.qmlplay")

    def start_anew(self):
        """Go back to the first settings, whatever the test before has left."""
        self.open("Share this state")
        for seed in (1, 0):  # by way of another, which shows that the first has come
            text = to_string(Configuration(random_state=seed))
            self.root.get_by_label("A string that you were given").fill(text)
            self.press("Restore")
            expect(self.root.get_by_label("This state as a string")).to_have_value(text)
        self.choose("Speed", "10 steps/s")
        self.wait_for("Ready.")
        expect(self.root.locator("tr[data-model=model] td").first).not_to_have_text("–")

    def go_to_beginning(self):
        self.root.evaluate(_BEGINNING)

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, name):
        self.button(name).click()

    def choose(self, label, option):
        self.root.get_by_label(label, exact=True).select_option(label=option)

    def fill(self, label, value):
        field = self.root.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Tab")

    def state(self):
        return self.root.locator(".qp-status").inner_text()

    def wait_for(self, state):
        try:
            self.root.locator(".qp-status", has_text=re.compile(f"^{re.escape(state)}$")).wait_for()
        except PlaywrightTimeout:
            shown = f"{self.state()} step {self.steps()}, message: {self.message()!r}"
            raise AssertionError(f"waited for {state} but it is {shown}") from None

    def steps(self):
        return int(self.root.locator(".qp-count").inner_text().removeprefix("step "))

    def accuracies(self, model="model"):
        """Training and test accuracy as the table shows them, None where there is none."""
        cells = self.root.locator(f"tr[data-model={model}] td").all_inner_texts()[:2]
        return [None if cell == "–" else float(cell.removesuffix(" %")) for cell in cells]

    def message(self):
        shown = self.root.locator(".qp-message:not(.qp-connection) span")
        return shown.inner_text() if shown.is_visible() else ""

    def wait_for_message(self):
        self.root.locator(".qp-message:not(.qp-connection) span").wait_for()
        return self.message()

    def open(self, title):
        details = self.root.locator("details.qp-card", has_text=title)
        if details.get_attribute("open") is None:
            details.locator("> summary").click()
        return details

    def open_all(self):
        """Unfold everything that folds."""
        self.root.evaluate("node => node.querySelectorAll('details').forEach(d => (d.open = true))")

    def code(self, tab="This run in Python"):
        self.open("Show me the code")
        self.press(tab)
        code = self.root.locator(".qp-code code")
        deadline = time.monotonic() + 30
        while (text := code.inner_text()).startswith("# …") and time.monotonic() < deadline:
            time.sleep(0.05)
        return text

    def wait_for_code(self, text):
        """Wait until the code has a text: it follows a change of the settings in its own time."""
        deadline = time.monotonic() + 30
        while text not in self.code() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert text in self.code()

    def train(self, seconds=1.5):
        """Play for a while, then pause; return the steps made."""
        self.press("Play")
        time.sleep(seconds)
        self.press("Pause")
        self.root.locator(".qp-status", has_text=re.compile(r"^(Paused|Finished)\.$")).wait_for()
        return self.steps()

    def upload(self, path, content):
        Path(path).write_bytes(content)
        self.root.get_by_label("Your own table").set_input_files(path)

    def load(self, path, content):
        """Upload a table, and wait until it is what is shown."""
        self.upload(path, content)
        dataset = self.root.get_by_label("Dataset", exact=True)
        expect(dataset).to_have_value("own data")
        self.wait_for("Ready.")

    def picture(self, name="model"):
        """The pixels of a picture, as text."""
        return self.root.locator(f".qp-{name} canvas").evaluate("c => c.toDataURL()")
