"""What stands where: plane beside circuit, no empty column, a bar that stays in view."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

VIEWPORT = {"width": 1400, "height": 1000}
#: Where a part is, in pixels from the top left of the page.
BOX = """(root, selector) => {
    const box = [...root.querySelectorAll(selector)].find((node) => node.offsetWidth)
        .getBoundingClientRect();
    const page = root.getBoundingClientRect();
    return {left: box.left - page.left, top: box.top - page.top, right: box.right - page.left,
        bottom: box.bottom - page.top, width: box.width, height: box.height};
}"""
PLANE, CIRCUIT, SETTINGS = ".qp-model canvas", ".qp-circuit", ".qp-settings"


@pytest.fixture
def wide(playground):
    yield playground
    playground.page.set_viewport_size(VIEWPORT)


def resize(playground, width, height=1000):
    """Give the page a width of its own, whatever stands beside it."""
    bars = playground.page.viewport_size["width"] - playground.root.bounding_box()["width"]
    playground.page.set_viewport_size({"width": int(width + bars), "height": height})
    playground.page.wait_for_function(
        "([node, width]) => Math.abs(node.clientWidth - width) < 40",
        arg=[playground.root.element_handle(), width],
    )
    playground.page.wait_for_timeout(200)


def box(playground, selector):
    return playground.root.evaluate(BOX, selector)


@pytest.mark.parametrize("width", [1400, 1920, 2560])
def test_the_plane_is_square_beside_the_circuit_and_no_column_is_empty(wide, width):
    resize(wide, width)
    plane, circuit = box(wide, PLANE), box(wide, CIRCUIT)
    assert plane["width"] == pytest.approx(plane["height"], rel=0.02)
    assert circuit["right"] <= plane["left"]
    assert circuit["top"] < plane["bottom"]
    columns = wide.root.evaluate(
        "root => [...root.querySelectorAll('.qp-column')].map((column) => [column.offsetWidth,"
        " Math.max(...[...column.children].map((child) => child.offsetTop + child.offsetHeight))])"
    )
    assert len(columns) == (4 if width >= 2000 else 3)
    assert sum(part for part, _ in columns) > 0.95 * width
    heights = [height for _, height in columns]
    assert min(heights) > 0.5 * max(heights)


@pytest.mark.parametrize("width", [390, 640])
def test_pictures_come_first_on_small_screens_and_at_a_zoom_of_200_percent(wide, width):
    if wide.kind == "jupyterlab":
        pytest.skip("JupyterLab's own bars take a narrow window's width")
    resize(wide, width)
    plane, circuit, settings = (box(wide, part) for part in (PLANE, CIRCUIT, SETTINGS))
    assert plane["bottom"] < circuit["top"] < circuit["bottom"] < settings["top"]
    assert box(wide, ".qp-primary")["bottom"] < plane["top"] < 400
    expect(wide.root.get_by_label("Layers", exact=True)).to_be_hidden()
    wide.root.locator("summary", has_text="Circuit").first.click()
    expect(wide.root.get_by_label("Layers", exact=True)).to_be_visible()


def test_the_table_is_whole_at_360_pixels(wide):
    if wide.kind == "jupyterlab":
        pytest.skip("JupyterLab's own bars take a narrow window's width")
    resize(wide, 360)
    for cell in wide.root.locator(".qp-scores :is(th, td)").all():
        edges = cell.evaluate(
            "c => [c.getBoundingClientRect().right, c.scrollWidth - c.clientWidth]"
        )
        assert edges[0] <= 360
        assert edges[1] <= 0


def test_the_bar_and_its_message_stay_in_view(playground):
    playground.fill("Layers", "99")
    message = playground.root.locator(".qp-message", has_text="Layers 99")
    for part in (".qp-settings", ".qp-column:last-child > :last-child", ".qp-model canvas"):
        playground.root.locator(part).first.evaluate(
            "node => node.scrollIntoView({block: 'center'})"
        )
        expect(playground.button("Play")).to_be_in_viewport(ratio=1)
        expect(message).to_be_in_viewport(ratio=1)
        covering = "node => { const {x, y} = node.getBoundingClientRect();"
        covering += " return document.elementFromPoint(x + 5, y + 5) === node; }"
        assert playground.button("Play").evaluate(covering)


#: In every frame from now on: the heights of the page's parts, and where its bar stands.
WATCH = """root => {
    const [bar, columns] = [root.querySelector(".qp-toolbar"), root.querySelectorAll(".qp-column")];
    window.watched = [];
    const look = () => {
        const heights = [...columns].map((column) => column.offsetHeight);
        window.watched?.push([...heights, bar.getBoundingClientRect().top]);
        if (window.watched) requestAnimationFrame(look);
    };
    look();
}"""


def test_a_new_run_does_not_make_the_page_jump(playground):
    playground.root.locator("[data-gate='4']").click()
    expect(playground.root.locator(".qp-why")).to_be_visible()
    playground.root.locator(".qp-growth").evaluate("node => node.scrollIntoView()")
    playground.page.wait_for_timeout(500)  # the finer pictures have come
    playground.root.evaluate(WATCH)
    playground.press("Reset")
    playground.page.wait_for_timeout(1500)
    watched = playground.page.evaluate("[window.watched, window.watched = null][0]")
    assert len(watched) > 20
    for i, (*heights, top) in enumerate(watched):
        assert all(
            height == pytest.approx(first, abs=20)
            for height, first in zip(heights, watched[0], strict=False)
        ), (i, heights, watched[0])
        assert 0 <= top == pytest.approx(watched[0][-1], abs=2), i
    playground.press("Close")


def test_the_bar_comes_into_view_when_the_page_grows(playground):
    layout = playground.root.locator(".qp-layout")
    layout.evaluate("node => (node.style.display = 'none')")
    playground.root.locator(".qp-experiments").evaluate("node => node.scrollIntoView()")
    playground.page.wait_for_timeout(300)  # all has been heard of the scrolling
    layout.evaluate("node => (node.style.display = '')")
    expect(playground.button("Play")).to_be_in_viewport(ratio=1)


def test_a_message_stands_beside_its_field_in_the_words_of_the_page(playground):
    playground.fill("Layers", "99")
    row = playground.root.locator("[data-field=n_layers]")
    told = row.locator(".qp-wrong")
    expect(told).to_have_text("Layers 99: must be a whole number from 1 to 10")
    described = row.locator("input").get_attribute("aria-describedby").split()
    assert told.get_attribute("id") in described
    playground.press("Dismiss")
    expect(told).to_be_hidden()


def test_every_setting_is_explained(playground):
    for row in playground.root.locator(".qp-settings [data-field]:has(label)").all():
        if row.is_visible():
            control = row.locator("select, input").first
            helps = control.get_attribute("aria-describedby").split()
            assert playground.root.locator(f"#{helps[0]}").inner_text().endswith(".")


def test_dark_pictures_on_a_dark_page(playground):
    brightness = """root => {
        const canvas = [...root.querySelectorAll('.qp-loss')].find((c) => c.offsetWidth);
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const ink = []; for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] > 200) ink.push(data[i] + data[i + 1] + data[i + 2]);
        ink.sort((a, b) => a - b);
        return [getComputedStyle(root).backgroundColor, ink[0], ink[ink.length - 1]]; }"""
    playground.train(0.5)
    light = playground.root.evaluate(brightness)
    picture = playground.picture()
    playground.choose("Colours", "dark")
    expect(playground.root).to_have_attribute("data-scheme", "dark")
    playground.page.wait_for_timeout(300)
    dark = playground.root.evaluate(brightness)
    assert light[0] != dark[0]
    assert light[1] < 200  # dark ink on light
    assert dark[2] > 600  # light ink on dark
    assert playground.picture() != picture
    if playground.kind == "play":  # seen where the page is scrolled beyond its ends
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        assert playground.page.evaluate(ground) == dark[0]
    playground.choose("Colours", "automatic")
