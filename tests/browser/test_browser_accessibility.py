"""Keys do what the mouse does, and axe-core finds nothing to complain about."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

VIEWPORT = {"width": 1400, "height": 1000}
#: Widths in CSS pixels; 640 is a window of 1280 at a zoom of 200 %.
WIDTHS = (1280, 760, 640, 390, 360)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(playground, width=1400):
    # axe-core judges the contrast of what is in view alone, and takes all of JupyterLab, whose
    # body has no height, for hidden.
    playground.page.set_viewport_size({"width": width, "height": 6000})
    playground.page.evaluate("document.body.style.height = '100vh'")
    playground.root.evaluate("node => node.scrollIntoView({block: 'start'})")
    expect(playground.button("Reset")).to_be_in_viewport()
    found = Axe().run(playground.page, context="section.qmlplay", options=RULES).response
    playground.page.set_viewport_size(VIEWPORT)
    judged = [
        node
        for rule in found["passes"] + found["violations"]
        if rule["id"] == "color-contrast"
        for node in rule["nodes"]
        if "hidden" not in node["any"][0]["message"]
    ]
    assert len(judged) > 50  # it did look
    return [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in found["violations"]]


def widths(playground):
    """JupyterLab's own bars take a narrow window's width."""
    return WIDTHS[:1] if playground.kind == "jupyterlab" else WIDTHS


@pytest.fixture(params=["light", "dark"])
def colored(request, playground):
    playground.choose("Colours", request.param)
    expect(playground.root).to_have_attribute("data-scheme", request.param)
    yield playground
    playground.choose("Colours", "automatic")


def test_axe_at_first(colored):
    assert violations(colored) == []


def test_axe_with_everything_open(colored):
    colored.choose("Guided experiment", "2 · A checkerboard with and without CX")
    colored.choose("Dataset", "Iris flowers")
    colored.choose("Shown and learned from", "two columns")
    colored.code("Cirq")
    colored.root.locator("[data-gate='3']").first.press("Enter")
    expect(colored.root.locator(".qp-gate-panel")).to_contain_text("Gradient")
    colored.press("Next sample")
    colored.press("Compare the simulators")
    colored.fill("Layers", "99")
    message = colored.root.locator(".qp-message:not(.qp-connection)")
    expect(message).to_contain_text("from 1 to 10", timeout=20_000)
    colored.choose("Speed", "2 steps/s")
    colored.press("Play")
    colored.wait_for("Training.")
    for width in widths(colored):
        colored.open_all()
        assert violations(colored, width) == [], width


def test_axe_sees_bad_contrast(playground):
    style = ".qp-field label { color: #aaaaaa !important; }"
    playground.page.evaluate(  # as a security policy allows it
        "text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);"
        " document.adoptedStyleSheets = [sheet]; }",
        style,
    )
    assert [rule for rule, _ in violations(playground)] == ["color-contrast"]
    playground.page.evaluate("document.adoptedStyleSheets = []")


def test_every_control_has_a_name_of_its_own(playground):
    names = [
        control.get_attribute("id")
        and playground.root.locator(f"label[for={control.get_attribute('id')}]").inner_text()
        for control in playground.root.locator("select:visible, input:visible").all()
    ]
    assert all(names)
    assert len(set(names)) == len(names)


def test_everything_by_keyboard(playground):
    keys = playground.page.keyboard
    playground.button("Play").focus()
    keys.press("Space")
    playground.wait_for("Training.")
    keys.press("Enter")
    playground.wait_for("Paused.")
    steps = playground.steps()
    keys.press("Tab")
    keys.press("Enter")  # Step
    expect(playground.root.locator(".qp-count")).to_have_text(f"step {steps + 1}")
    keys.press("Tab")
    keys.press("Space")  # Reset
    playground.wait_for("Ready.")


def test_arrow_keys_belong_to_the_control(playground):
    keys = playground.page.keyboard
    noise = playground.root.get_by_label("Noise in the data")
    noise.focus()
    for _ in range(3):
        keys.press("ArrowRight")
    expect(noise).to_have_value("0.18")
    playground.root.get_by_label("Dataset", exact=True).focus()
    keys.press("ArrowDown")
    expect(playground.root.get_by_label("Dataset", exact=True)).to_have_value("circles")
    # Letters that JupyterLab would take for its own commands: d d deletes a cell.
    keys.press("d")
    keys.press("d")
    expect(playground.root).to_be_visible()


@pytest.mark.parametrize("width", [360, 390, 640, 760, 1280, 1400, 1920, 2560])
def test_nothing_is_cut_off(playground, width):
    if playground.kind == "jupyterlab":
        pytest.skip("JupyterLab's own bars take a narrow window's width")
    playground.page.set_viewport_size({"width": width, "height": 900})
    fits = "([node, width]) => node.offsetWidth <= width && node.scrollWidth <= node.clientWidth"
    playground.page.wait_for_function(fits, arg=[playground.root.element_handle(), width])
    playground.page.set_viewport_size(VIEWPORT)
