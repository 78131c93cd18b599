"""The gallery: pictures made while the book is built, each on a page with its code."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from sphinx_gallery.scrapers import figure_rst
from sphinx_gallery.sorting import ExplicitOrder, FileNameSortKey

from qmlplay.plots.display import Display

__all__ = ["SECTIONS", "SETTINGS", "save_displays"]

FOLDER = Path(__file__).parents[1] / "displays"
SECTIONS = ["models", "states", "training", "comparisons", "experiments"]


def title_of(script: Path) -> str:
    """Return the first line of a script's docstring."""
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or script.stem
    return text.splitlines()[0]


def save_displays(block: Any, variables: dict[str, Any], settings: dict[str, Any]) -> str:
    """Save the display that a block of a script has made, and return the lines that show it.

    A script calls it ``display``, as it would be shown at the end of a cell.
    """
    values = variables["example_globals"]
    display = values.get("display")
    if not isinstance(display, Display) or values.get("_shown") is display:
        return ""
    values["_shown"] = display
    path = next(variables["image_path_iterator"])
    if "figure_" not in vars(display):
        display.plot()
    display.figure_.savefig(path, dpi=160, facecolor="white")
    title = title_of(Path(variables["src_file"]))
    return str(figure_rst([path], settings["src_dir"], fig_titles=title))


#: Settings of Sphinx-Gallery.
SETTINGS = {
    "examples_dirs": ["displays"],
    "gallery_dirs": ["gallery"],
    "subsection_order": ExplicitOrder([f"displays/{section}" for section in SECTIONS]),
    "within_subsection_order": FileNameSortKey,
    "image_scrapers": (save_displays,),
    "capture_repr": (),
    "reset_modules": (),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 1000,
    "remove_config_comments": True,
}
