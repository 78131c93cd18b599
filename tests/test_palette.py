"""The palette: letters can be read, and no colour is written down a second time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import qmlplay
from qmlplay import palette
from qmlplay.circuit.picture import KINDS
from qmlplay.palette import (
    ACCENT,
    CLASS_COLORS,
    DARK_PAGE_COLORS,
    GATE_COLORS,
    LINK_ANYWHERE,
    PAGE_COLORS,
)

PACKAGE = Path(qmlplay.__file__).parent


def luminance(color):
    """Relative luminance of WCAG 2.2."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_right():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=1e-3)


def test_every_kind_of_gate_has_colours_and_letters_that_can_be_read():
    assert GATE_COLORS.keys() == KINDS.keys()
    for kind, color in GATE_COLORS.items():
        if kind != "link":
            assert contrast(color.ink, color.fill) >= 7
            assert contrast(color.edge, "#FFFFFF") >= 3


def test_colours_of_both_light_and_dark_pages():
    assert min(contrast(LINK_ANYWHERE, page) for page in ("#FFFFFF", "#000000")) >= 4.5
    assert min(contrast(ACCENT, page) for page in ("#FFFFFF", "#000000")) >= 3


@pytest.mark.parametrize("page", [PAGE_COLORS, DARK_PAGE_COLORS])
def test_the_page_can_be_read_in_light_and_in_dark(page):
    grounds = [page[name] for name in ("ground", "surface", "raised", "chosen", "notice_ground")]
    for ground in grounds:
        assert contrast(page["ink"], ground) >= 7
        assert contrast(page["accent"], ground) >= 4.5
    for text in ("quiet", "error"):
        assert contrast(page[text], page["ground"]) >= 4.5
        assert contrast(page[text], page["surface"]) >= 4.5
    assert contrast(page["error"], page["error_ground"]) >= 4.5
    assert contrast(page["on_accent"], page["accent"]) >= 4.5
    for shape in ("edge", "link", "focus"):
        assert contrast(page[shape], page["surface"]) >= 3
        assert contrast(page[shape], page["ground"]) >= 3


def test_both_pages_have_the_same_colours():
    assert PAGE_COLORS.keys() == DARK_PAGE_COLORS.keys()


def test_no_colour_of_the_palette_is_written_elsewhere():
    ours = {*CLASS_COLORS, ACCENT, LINK_ANYWHERE, *PAGE_COLORS.values()}
    ours |= {*DARK_PAGE_COLORS.values()}
    ours |= {c for color in GATE_COLORS.values() for c in (color.fill, color.edge)}
    ours -= {"#FFFFFF", "#333333", "#666666"}  # white and greys have no home
    for path in PACKAGE.rglob("*"):
        if path.suffix in (".py", ".css", ".js", ".html") and path != Path(palette.__file__):
            found = {color.upper() for color in re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text())}
            assert not found & {color.upper() for color in ours}, path
