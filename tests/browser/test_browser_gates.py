"""A user takes hold of a gate, asks why it is turned as it is, and looks closer at the pictures."""

from __future__ import annotations

import time

import pytest
from playground_page import PlaygroundPage
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def shown(chromium, play_server):
    """The page of `qmlplay play`, with what went wrong in its console."""
    page = chromium.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.goto(play_server[0])
    playground = PlaygroundPage(page, "play")
    playground.button("Play").wait_for()
    yield playground
    page.close()
    assert wrong == []


@pytest.fixture
def playground(shown):
    shown.start_anew()
    shown.wait_for("Ready.")
    return shown


def gate(playground, place):
    return playground.root.locator(f"[data-gate='{place}']")


def until_picture_differs(playground, before, seconds=20):
    deadline = time.monotonic() + seconds
    while playground.picture() == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert playground.picture() != before, "the picture stays the same"


def test_keys_choose_a_gate_and_its_loss_is_drawn(playground):
    panel = playground.root.locator(".qp-gate-panel")
    gate(playground, 2).focus()
    playground.page.keyboard.press("Enter")
    expect(gate(playground, 2)).to_have_attribute("aria-pressed", "true")
    expect(panel.get_by_role("heading")).to_have_text("RY(w0·x0) on q0")
    sentence = playground.root.locator(".qp-why .qp-sentence")
    expect(sentence).to_contain_text("multiplies a feature")
    for _ in range(2):
        playground.page.keyboard.press("ArrowRight")
    playground.page.keyboard.press("Enter")
    expect(panel.get_by_role("heading")).to_have_text("RY(w2) on q0")
    expect(sentence).to_contain_text("is a sine of this angle")
    expect(playground.root.locator(".qp-why .qp-legend")).to_contain_text("parameter-shift points")
    assert playground.root.locator(".qp-gradient").count() > 10
    playground.choose("Dataset", "Circles")  # the same gates, other data
    playground.wait_for_code('load_dataset("circles"')
    expect(panel.get_by_role("heading")).to_have_text("RY(w2) on q0")
    expect(sentence).to_contain_text("is a sine of this angle")
    playground.page.reload()
    playground.button("Play").wait_for()
    expect(panel.get_by_role("heading")).to_have_text("RY(w2) on q0", timeout=20_000)
    playground.choose("Encoding", "dense")  # other gates
    expect(panel.get_by_role("heading")).to_be_hidden()
    gate(playground, 0).click()
    expect(panel.get_by_role("heading")).to_contain_text("RY(w0·x0)")
    playground.press("Close")
    expect(playground.root.locator(".qp-why")).to_be_hidden()


def test_a_slider_moves_the_boundary_and_a_frozen_weight_stays(playground):
    gate(playground, 4).click()
    slider = playground.root.get_by_label("Weight w2", exact=True)
    number = playground.root.get_by_label("Weight w2 in numbers", exact=True)
    before = playground.picture()
    slider.fill("1.5")
    until_picture_differs(playground, before)
    expect(number).to_have_value("1.500")
    expect(playground.root.locator(".qp-about-gate")).to_have_text("Angle: w2 = 1.500 rad.")
    playground.root.get_by_label("Freeze", exact=True).check()
    steps = playground.train(1.0)
    assert steps > 0
    expect(number).to_have_value("1.500")
    playground.root.get_by_label("Freeze", exact=True).uncheck()
    playground.train(1.0)
    expect(number).not_to_have_value("1.500")
    number.fill("-0.25")
    expect(playground.root.locator(".qp-about-gate")).to_have_text("Angle: w2 = −0.250 rad.")


def settled_picture(playground):
    """Return the picture that a fine one has replaced: it comes after the first."""
    picture, since = playground.picture(), time.monotonic()
    while time.monotonic() - since < 1.5:
        time.sleep(0.1)
        if (now := playground.picture()) != picture:
            picture, since = now, time.monotonic()
    return picture


def test_what_is_drawn_can_be_chosen_and_the_legend_says_so(playground):
    legend = playground.root.get_by_label("Legend of the pictures")
    expect(legend).to_contain_text("taken for another class")
    before = settled_picture(playground)
    for label, entry in (("Test data", "test sample"), ("Errors", "taken for another class")):
        playground.root.get_by_label(label, exact=True).uncheck()
        until_picture_differs(playground, before)
        expect(legend).not_to_contain_text(entry)
        playground.root.get_by_label(label, exact=True).check()
        assert playground.picture() == before
    playground.root.get_by_label("Whole classes", exact=True).check()
    until_picture_differs(playground, before)
    playground.root.get_by_label("Whole classes", exact=True).uncheck()


def test_shot_noise_flickers_unless_less_motion_is_asked_for(playground):
    legend = playground.root.get_by_label("Legend of the pictures")
    playground.choose("Shots", "100")
    expect(legend).to_contain_text("one draw of 100 shots at every point")
    until_picture_differs(playground, playground.picture(), 5)
    playground.page.emulate_media(reduced_motion="reduce")
    time.sleep(1)
    before = playground.picture()
    time.sleep(1.5)
    assert playground.picture() == before
    playground.page.emulate_media(reduced_motion="no-preference")
    playground.choose("Shots", "exact")
    expect(legend).not_to_contain_text("shots")


def test_an_entangler_is_taken_out_and_put_in_again(playground):
    gates = playground.root.locator("[data-gate]")
    playground.train(1.0)
    before, picture = gates.count(), playground.picture()
    links = playground.root.locator("[data-gate][aria-label^='RXX']")
    n_links = links.count()
    links.last.click()
    playground.press("Take it out")
    expect(links).to_have_count(n_links - 1)
    assert gates.count() == before - 1
    until_picture_differs(playground, picture)
    playground.root.get_by_role("button", name="Put in again: RXX").click()
    expect(links).to_have_count(n_links)
    expect(playground.root.locator(".qp-removed")).to_be_hidden()
    gate(playground, 2).click()
    expect(playground.button("Take it out")).to_be_hidden()
