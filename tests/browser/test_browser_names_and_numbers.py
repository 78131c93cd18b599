"""A user's own names and numbers, however odd, are shown as they are, and nothing is cut off."""

from __future__ import annotations

import re
import time
from collections import defaultdict

import numpy as np
import pytest
from playground_page import PlaygroundPage
from playwright.sync_api import expect

VIEWPORT = {"width": 1400, "height": 1000}
#: Keeps what was last written on every canvas, with its place.
RECORD = """
const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
Object.assign(CanvasRenderingContext2D.prototype, {
    clearRect(...box) { this.canvas.texts = []; return clearRect.apply(this, box); },
    fillText(text, ...at) {
        (this.canvas.texts ??= []).push([text, ...at]); return fillText.call(this, text, ...at); },
});
"""
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 2
CLASSES = [LONG, "שלום עולם", "<b>bold</b> & more", "ok"]
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def opened_page(chromium, play_server):
    page, wrong = chromium.new_page(), []
    page.add_init_script(RECORD)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.goto(play_server[0])
    page.get_by_role("button", name="Play", exact=True).wait_for()
    yield PlaygroundPage(page, "play")
    page.close()
    assert wrong == []


@pytest.fixture
def playground(opened_page):
    opened_page.start_anew()
    if opened_page.button("Close").is_visible():
        opened_page.press("Close")
    yield opened_page
    opened_page.page.set_viewport_size(VIEWPORT)


def table(names, classes, scales, offsets):
    """Rows of two features and a class, a cloud around a place of its own for each class."""
    random = np.random.default_rng(0)
    rows = [",".join([*names, "kind"])]
    for k in np.arange(30 * len(classes)) % len(classes):
        place = np.array([k % 2, k // 2]) + random.normal(0, 0.1, 2)
        rows.append(",".join([*(f"{v:.9g}" for v in place * scales + offsets), classes[k]]))
    return "\n".join(rows).encode()


def texts(playground, part):
    canvas = playground.root.locator(f".qp-{part} canvas").first
    return canvas.evaluate("canvas => canvas.texts")


def is_number(text):
    return re.fullmatch(r"−?\d+(\.\d+)?(e−?\d+)?", text) is not None


def marks(playground):
    """The numbers along both axes of the large picture, in the order of the screen."""
    along, up = defaultdict(list), defaultdict(list)
    for text, x, y, *_ in texts(playground, "model"):
        if is_number(text):
            value = float(text.replace("−", "-"))
            along[y].append((x, value))
            up[x].append((-y, value))
    return [[value for _, value in sorted(max(axis.values(), key=len))] for axis in (along, up)]


@pytest.mark.parametrize("scale", [1e-6, 0.01, 1, 1e5, 1e9])
def test_the_numbers_along_the_axes_are_those_of_the_data(playground, scale, tmp_path):
    content = table("ab", "xy", [scale, scale], [scale, -scale])
    playground.load(tmp_path / "scaled.csv", content)
    expect(playground.root.get_by_label("Legend of the pictures")).to_contain_text("x")
    playground.press("Step")
    playground.wait_for("Paused.")
    for values, low in zip(marks(playground), (1, -1.5), strict=True):
        assert len(values) >= 3
        steps = np.diff(values) / scale
        np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
        assert steps[0] > 0
        assert low - 0.6 < values[0] / scale < values[-1] / scale < low + 2


def test_a_point_is_told_in_the_digits_of_its_features(playground, tmp_path):
    playground.load(tmp_path / "small.csv", table("ab", "xy", [1e-6, 1e5], [1e-6, 1e5]))
    playground.press("Next sample")
    where = playground.root.locator(".qp-where")
    expect(where).to_contain_text("sample 0 of class")
    a, b = re.match(r"a = ([\d.−]+), b = ([\d.−]+)", where.inner_text()).groups()
    assert 5e-7 < float(a) < 3e-6
    assert re.fullmatch(r"\d{5,6}", b)


def test_hostile_long_and_right_to_left_names(playground, tmp_path):
    names = [HOSTILE, "הכנסה"]
    playground.load(tmp_path / f"{HOSTILE[:20]}.csv", table(names, CLASSES, [1, 1], [0, 0]))
    legend = playground.root.get_by_label("Legend of the pictures")
    for name in CLASSES:
        expect(legend).to_contain_text(name)
    playground.train(2.0)
    playground.press("Next sample")
    expect(playground.root.locator(".qp-where")).to_contain_text(f"{HOSTILE} = ")
    assert playground.root.locator("img, b:not(.qp-results b)").count() == 0
    where, verdict = (playground.root.locator(part) for part in (".qp-where", ".qp-verdict"))
    while CLASSES[1] not in verdict.inner_text():
        before = where.inner_text()
        playground.press("Next sample")
        expect(where).not_to_have_text(before)
    is_after = """node => { const range = document.createRange();
        range.selectNodeContents(node.lastChild);
        return range.getBoundingClientRect().left
            >= node.querySelector("bdi").getBoundingClientRect().right - 1; }"""
    assert verdict.evaluate(is_after)
    for width in (1400, 760, 360):
        playground.page.set_viewport_size({"width": width, "height": 900})
        playground.open_all()
        playground.page.wait_for_timeout(400)
        assert playground.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("qubits", "n_classes"), [("1", 2), ("2", 8)])
def test_the_readout_has_room_for_all_classes(playground, qubits, n_classes, tmp_path):
    classes = [f"class {k}" for k in range(n_classes)]
    playground.load(tmp_path / "classes.csv", table("ab", classes, [1, 1], [0, 0]))
    playground.fill("Qubits", qubits)
    playground.wait_for("Ready.")
    canvas = playground.root.locator(".qp-growth canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile(f"for {qubits} qubits? after"))
    deadline = time.monotonic() + 20
    while classes[-1] not in (last := {text: y for text, _, y, *_ in texts(playground, "growth")}):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    height = canvas.evaluate("canvas => canvas.clientHeight")
    assert all(last[name] + 3 < height for name in classes)


def test_tabs_of_weights_keep_the_focus_while_it_trains(playground):
    playground.choose("Encoding", "reuploading")
    gate = playground.root.locator("[data-gate='2']")
    expect(gate).to_have_attribute("aria-label", re.compile(r"^RY\(w6·x0\+w2\)"))
    gate.click()
    tab = playground.root.locator(".qp-why .qp-tabs button").last
    tab.focus()
    playground.page.keyboard.press("Enter")
    expect(tab).to_have_attribute("aria-pressed", "true")
    expect(tab).to_be_focused()
    playground.root.get_by_role("button", name="Play", exact=True).evaluate("b => b.click()")
    expect(playground.root.locator(".qp-count")).to_have_text(re.compile("step [3-9]"))
    expect(tab).to_be_focused()
    playground.press("Pause")
    playground.wait_for("Paused.")


def test_an_arrow_key_that_is_held_moves_a_weight_each_time(playground):
    playground.root.locator("[data-gate='4']").click()
    slider = playground.root.get_by_label("Weight w2", exact=True)
    expect(slider).to_have_attribute("min", re.compile("."))
    slider.fill("0.5")
    expect(playground.root.locator(".qp-about-gate")).to_have_text("Angle: w2 = 0.500 rad.")
    slider.focus()
    for _ in range(40):
        playground.page.keyboard.press("ArrowRight")
        playground.page.wait_for_timeout(30)
    expect(playground.root.locator(".qp-about-gate")).to_have_text("Angle: w2 = 0.900 rad.")


def test_a_weight_that_was_emptied_or_refused_is_shown_again(playground):
    playground.root.locator("[data-gate='4']").click()
    number = playground.root.get_by_label("Weight w2 in numbers", exact=True)
    expect(number).not_to_have_value("")
    before = number.input_value()
    for text in ("", "1e300"):
        number.fill(text)
        number.press("Tab")
        expect(number).to_have_value(before)
    told = playground.root.locator(".qp-weight .qp-wrong")
    expect(told).to_contain_text("must be a number from -1000 to 1000")
    number.fill("0.5")
    expect(playground.root.locator(".qp-about-gate")).to_have_text("Angle: w2 = 0.500 rad.")
    expect(told).to_be_hidden()
    assert not playground.message()


def test_test_samples_that_are_hidden_are_not_pointed_at(playground):
    canvas, where = (playground.root.locator(part) for part in (".qp-model canvas", ".qp-where"))
    playground.press("Previous sample")
    expect(where).to_contain_text("test sample")
    ring, box = playground.root.locator(".qp-ring").bounding_box(), canvas.bounding_box()
    x, y = (ring[side] + ring["width"] / 2 - box[side] for side in "xy")
    playground.press("Clear")
    expect(where).to_contain_text("Every dot is a sample")
    canvas.hover(position={"x": x, "y": y})
    expect(where).to_contain_text("test sample")
    playground.root.get_by_label("Test data", exact=True).uncheck()
    canvas.hover(position={"x": x + 1, "y": y})
    expect(where).not_to_contain_text("test sample")
    playground.root.get_by_label("Test data", exact=True).check()
