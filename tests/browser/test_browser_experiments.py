"""Guided experiments, drawn data and the simulators, as a user works with them."""

from __future__ import annotations

import re

import pytest
from browser_servers import start_play
from playground_page import PlaygroundPage
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def at_experiment(chromium, tmp_path_factory):
    """The page of `qmlplay play --experiment entanglement`."""
    with start_play(tmp_path_factory.mktemp("play"), "--experiment", "entanglement") as (
        address,
        _,
    ):
        page = chromium.new_page()
        page.goto(address)
        page.get_by_role("button", name="Play", exact=True).wait_for()
        yield PlaygroundPage(page, "play")
        page.close()


def train_all(shown):
    shown.choose("Speed", "full speed")
    shown.press("Play")
    shown.wait_for("Finished.")


def test_an_experiment_is_opened_tried_and_answered(at_experiment):
    shown = at_experiment
    strip = shown.root.locator(".qp-experiments")
    expect(strip).to_contain_text("Can they divide a checkerboard if they never meet?")
    answer = strip.locator(".qp-answer")
    expect(answer).to_be_hidden()
    expect(shown.button("with CX")).to_have_attribute("aria-pressed", "true")
    train_all(shown)
    done = strip.locator("li[data-done]")
    expect(done).to_have_count(1)
    expect(answer).to_be_hidden()  # one of the two has to be tried yet
    shown.press("without CX")
    expect(shown.button("without CX")).to_have_attribute("aria-pressed", "true")
    train_all(shown)
    expect(done).to_have_count(2)
    expect(answer).to_be_visible()
    with_cx, without = (
        float(re.search(r"test (\d+\.\d) %", text)[1]) for text in done.all_inner_texts()
    )
    assert with_cx > 85
    assert without < 70
    expect(strip).to_contain_text("notebooks/02_two_qubits_and_entanglement.ipynb")


def test_a_changed_setting_is_no_result_of_the_experiment(at_experiment):
    shown = at_experiment
    shown.choose("Guided experiment", "6 · One layer against four")
    expect(shown.button("one layer")).to_have_attribute("aria-pressed", "true")
    shown.fill("Layers", "2")
    expect(shown.button("one layer")).to_have_attribute("aria-pressed", "false")
    train_all(shown)
    expect(shown.root.locator(".qp-experiments li[data-done]")).to_have_count(0)


def draw(shown, *places):
    """Click at places of the drawn plane, in its units."""
    canvas = shown.root.locator(".qp-model canvas")
    canvas.scroll_into_view_if_needed()
    inside = canvas.evaluate("canvas => canvas.inside")
    for x, y in places:
        position = {
            "x": inside["left"] + inside["w"] * (x + 1.08) / 2.16,
            "y": inside["top"] + inside["h"] * (1.08 - y) / 2.16,
        }
        canvas.click(position=position)


def test_data_are_drawn_by_clicking(at_experiment):
    shown = at_experiment
    shown.press("Draw your own data")
    shown.wait_for("Waiting for samples.")
    said = shown.root.locator(".qp-drawing [role=status]")
    expect(said).to_contain_text("so far none. Training waits.")
    draw(shown, (-0.5, 0.5), (-0.4, 0.3), (-0.6, 0.1))
    shown.press("B")
    draw(shown, (0.5, -0.5))
    expect(said).to_contain_text("so far A 3, B 1. Training waits.")
    shown.press("Play")
    expect(shown.root.get_by_role("alert")).to_contain_text("Training waits")
    draw(shown, (0.4, -0.3))
    shown.wait_for("Ready.")
    expect(said).to_contain_text("Drawn: A 3, B 2.")
    draw(shown, (-1.2, 0.5))
    expect(said).to_have_text("Outside the plane nothing is drawn.")
    shown.press("Step")
    shown.wait_for("Paused.")
    shown.press("Erase")
    draw(shown, (0.41, -0.31))
    shown.wait_for("Waiting for samples.")
    shown.press("Undo")
    shown.wait_for("Ready.")
    shown.wait_for_code("('B', 40, -30)")


def test_data_are_drawn_by_keyboard(at_experiment):
    shown = at_experiment
    shown.choose("Dataset", "Draw your own")
    shown.press("Clear")
    shown.press("C")
    keys = shown.button("Draw with the arrow keys")
    keys.focus()
    expect(shown.root.locator(".qp-cross")).to_be_visible()
    for key in ("ArrowRight", "Shift+ArrowUp", "Enter", "ArrowRight", "Enter", "Delete"):
        keys.press(key)
    expect(shown.root.locator(".qp-drawing [role=status]")).to_contain_text("so far C 1.")


def test_the_simulators_agree_side_by_side(at_experiment):
    shown = at_experiment
    shown.choose("Guided experiment", "4 · The same weights on every simulator")
    shown.press("Step")
    shown.wait_for("Paused.")
    shown.press("Compare the simulators")
    card = shown.root.locator(".qp-simulators")
    expect(card).to_contain_text("All have answered.", timeout=120_000)
    told = re.findall(r"largest Δp (\S+)", card.inner_text())
    assert len(told) >= 3
    assert max(map(float, told)) < 1e-6
    expect(shown.root.locator(".qp-answer")).to_be_visible()
