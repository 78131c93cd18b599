"""The growing state and the inspected point in the page: its numbers are those of Python."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playground_page import PlaygroundPage
from playwright.sync_api import expect

from qmlplay import VariationalClassifier
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.playing.models import model_parameters
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.views.growth import growth_view
from qmlplay.widget.views.page_selection import PageSelection
from qmlplay.widget.views.point import point_view


@pytest.fixture(scope="module")
def opened_page(chromium, play_server):
    page = chromium.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: said.type == "error" and errors.append(said.text))
    page.goto(play_server[0])
    page.get_by_role("button", name="Play", exact=True).wait_for()
    yield PlaygroundPage(page, "play")
    page.close()
    assert errors == []


@pytest.fixture
def playground(opened_page):
    opened_page.start_anew()
    opened_page.root.locator(".qp-growth").wait_for()
    if opened_page.button("Clear").is_visible():
        opened_page.press("Clear")
    expect(where(opened_page)).to_contain_text("Every dot is a sample")
    if opened_page.button("⟨Z⟩").get_attribute("aria-pressed") == "false":
        opened_page.press("⟨Z⟩")
    yield opened_page
    opened_page.page.set_viewport_size({"width": 1400, "height": 1000})


@pytest.fixture(scope="module")
def after_two_steps():
    """The model and the plane that the page has then."""
    configuration = Configuration()
    plane = make_plane(configuration)
    model = VariationalClassifier(**model_parameters(configuration))
    model.set_params(callbacks=[lambda state: state.step == 2])
    return model.fit(plane.split.X_train, plane.split.y_train), plane


def make_steps(playground, n):
    for step in range(1, n + 1):
        playground.press("Step")
        expect(playground.root.locator(".qp-count")).to_contain_text(re.compile(rf"step {step}\b"))
    playground.wait_for("Paused.")


def numbers(table):
    """The numbers of a table, row by row."""
    rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    return np.array([[float(cell.replace("−", "-")) for cell in row] for row in rows])


def open_numbers(playground, part):
    details = playground.root.locator(f".qp-{part} details")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    details.locator("tbody tr").first.wait_for()  # it is filled when it is opened
    return details.locator("table")


def over_the_plane(playground, across, up):
    """A place of the page, by shares of the plane from its lower left corner."""
    canvas = playground.root.locator(".qp-model canvas")
    canvas.evaluate("canvas => canvas.scrollIntoView({block: 'center'})")
    inside = canvas.evaluate("canvas => canvas.inside")
    box = canvas.bounding_box()
    x = box["x"] + inside["left"] + across * inside["w"]
    return x, box["y"] + inside["top"] + (1 - up) * inside["h"]


def where(playground):
    return playground.root.locator(".qp-where")


def test_the_numbers_are_those_of_python(playground, after_two_steps):
    model, plane = after_two_steps
    first = numbers(open_numbers(playground, "growth"))
    np.testing.assert_array_equal(first[0, 2:4], 1)  # the encoding alone entangles nothing
    make_steps(playground, 2)
    view = growth_view(model, plane, PageSelection())
    expected = np.hstack([view["means"], view["lengths"], view["entanglement"]])
    np.testing.assert_allclose(
        numbers(open_numbers(playground, "growth")), expected, rtol=0, atol=6e-4
    )
    rows = playground.root.locator(".qp-growth tbody th").all_inner_texts()
    assert rows == [block["name"] for block in view["blocks"]]


def test_parameters_are_explained(playground):
    said = playground.root.locator(".qp-sum").inner_text()
    total, *parts = map(int, re.findall(r"\d+", said))
    assert sum(parts) == total
    cells = playground.root.locator("tr[data-model=model] td").all_inner_texts()
    assert str(total) in cells


def test_another_basis(playground, after_two_steps):
    model, plane = after_two_steps
    make_steps(playground, 2)
    picture = "canvas => canvas.toDataURL()"
    canvas = playground.root.locator(".qp-growth canvas")
    before = canvas.evaluate(picture)
    playground.press("⟨X⟩")
    expect(playground.button("⟨X⟩")).to_have_attribute("aria-pressed", "true")
    expect(playground.button("⟨Z⟩")).to_have_attribute("aria-pressed", "false")
    expect(canvas).to_have_attribute("aria-label", re.compile("Maps of ⟨X⟩"))
    assert canvas.evaluate(picture) != before
    view = growth_view(model, plane, PageSelection(basis="X"))
    found = numbers(open_numbers(playground, "growth"))[:, :2]
    np.testing.assert_allclose(found, view["means"], rtol=0, atol=6e-4)
    playground.press("⟨Z⟩")
    expect(playground.button("⟨Z⟩")).to_have_attribute("aria-pressed", "true")


def test_pointing_at_the_plane(playground):
    """The point follows the pointer; a click holds it, and another one lets it go."""
    mouse = playground.page.mouse
    mouse.move(*over_the_plane(playground, 0.5, 0.99))
    expect(where(playground)).to_contain_text("x0 =")
    assert "sample" not in where(playground).inner_text()
    mouse.click(*over_the_plane(playground, 0.02, 0.98))
    playground.page.wait_for_timeout(400)
    held = where(playground).inner_text()
    mouse.move(*over_the_plane(playground, 0.98, 0.02), steps=4)
    playground.page.wait_for_timeout(400)
    assert where(playground).inner_text() == held
    mouse.click(*over_the_plane(playground, 0.98, 0.02))
    mouse.move(*over_the_plane(playground, 0.97, 0.03))
    expect(where(playground)).not_to_have_text(held)
    assert playground.root.locator(".qp-ring").is_visible()
    playground.press("Clear")
    expect(where(playground)).to_contain_text("Every dot is a sample")
    assert not playground.root.locator(".qp-ring").is_visible()


def test_a_sample_by_the_keyboard(playground, after_two_steps):
    model, plane = after_two_steps
    make_steps(playground, 2)
    playground.button("Next sample").focus()
    playground.page.keyboard.press("Enter")
    expect(where(playground)).to_contain_text("training sample 0 of class")
    view = point_view(model, plane, PageSelection(sample=0))
    expected = [
        [*np.ravel(block["bloch"]), *block["lengths"], *(c for _, _, c in block["entanglement"])]
        for block in view["blocks"]
    ]
    found = numbers(open_numbers(playground, "inspector"))
    np.testing.assert_allclose(found, expected, rtol=0, atol=6e-4)
    verdict = playground.root.locator(".qp-verdict").inner_text()
    predicted = view["readout"]["predicted"]
    assert plane.class_names[predicted] in verdict
    assert f"{100 * view['readout']['probabilities'][predicted]:.1f} %" in verdict
    playground.press("Previous sample")
    expect(where(playground)).to_contain_text(f"test sample {len(plane.split.y_test) - 1} of")


def test_arrow_keys_move_the_point(playground):
    playground.press("Move with the arrow keys")
    expect(where(playground)).to_contain_text("x0 =")
    before = where(playground).inner_text()
    for _ in range(3):
        playground.page.keyboard.press("ArrowRight")
    expect(where(playground)).not_to_have_text(before)
    for _ in range(60):
        playground.page.keyboard.press("Shift+ArrowUp")
    _, _, _, top = make_plane(Configuration()).extent
    expect(where(playground)).to_contain_text(f"x1 = {top:.2f}", timeout=30_000)
    assert not playground.root.locator(".qp-message[data-kind=error]:visible").count()


def test_keys_count_that_come_before_the_answer(playground):
    playground.press("Move with the arrow keys")
    x_low, x_high, _, _ = make_plane(Configuration()).extent
    expect(where(playground)).to_contain_text(f"x0 = {(x_low + x_high) / 2:.2f}")
    playground.button("Move with the arrow keys").evaluate("""button => {
        for (let i = 0; i < 10; i++) {
            for (const kind of ["keydown", "keyup"]) {
                button.dispatchEvent(new KeyboardEvent(kind, { key: "ArrowRight", bubbles: true }));
            }
        }
    }""")
    wanted = (x_low + x_high) / 2 + 10 * 0.02 * (x_high - x_low)
    expect(where(playground)).to_contain_text(f"x0 = {wanted:.2f}")


def test_a_small_map_can_be_pointed_at(playground):
    canvas = playground.root.locator(".qp-growth canvas")
    canvas.evaluate("canvas => canvas.scrollIntoView({block: 'center'})")
    box = canvas.bounding_box()
    for x in range(30, int(box["width"]), 12):  # somewhere along the first wire there is a map
        playground.page.mouse.move(box["x"] + x, box["y"] + 50)
    expect(where(playground)).to_contain_text("x0 =")


def test_pictures_follow_training(playground):
    canvas = playground.root.locator(".qp-growth canvas")
    seen = set()
    playground.press("Play")
    for _ in range(6):
        playground.page.wait_for_timeout(300)
        seen.add(canvas.evaluate("canvas => canvas.toDataURL()"))
    playground.press("Pause")
    assert len(seen) > 2


@pytest.mark.parametrize("width", [360, 760, 1400])
def test_nothing_is_wider_than_the_page(playground, width):
    playground.page.set_viewport_size({"width": width, "height": 900})
    playground.fill("Qubits", "4") if width == 1400 else None
    playground.page.wait_for_timeout(500)
    playground.press("Next sample")
    expect(where(playground)).to_contain_text("sample 0")
    page = playground.page.evaluate("document.documentElement.scrollWidth")
    assert page <= width
    for part in ("growth", "inspector"):
        assert playground.root.locator(f".qp-{part}").bounding_box()["width"] <= width
