"""Settings of the book: ``pip install ".[docs]" && sphinx-build -W notebooks site``.

Nothing of it is fetched from elsewhere, neither while it is built nor while it is read, so that
``site/index.html`` opens from a folder without a server and without a network.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qmlplay import __version__

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

import displays  # noqa: E402 - found by the line above

project = "qmlplay"
author = "The qmlplay developers"
copyright = f"2026, {author}"  # noqa: A001 - Sphinx's name
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "mathml",
    "autodoc_corrections",
    "experiment_pages",
    "reference_pages",
    "site_checks",
]
exclude_patterns = ["displays", "**/.ipynb_checkpoints", "gallery/**/*.ipynb"]
nitpicky = False
default_role = "py:obj"  # names in backticks link where there is something to link to
suppress_warnings = ["config.cache"]  # the gallery's settings hold functions

# Notebooks as they are committed.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_code_prompt_show = "Show the solution"  # nothing else is folded
nb_code_prompt_hide = "Fold the solution"
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "dollarmath", "html_image"]
myst_heading_anchors = 3

# Names and their docstrings.
autosummary_generate = False  # `reference_pages` writes them
autodoc_typehints = "none"  # numpydoc's sections say them in words
autodoc_member_order = "groupwise"
autodoc_mock_imports = [
    *("jax", "keras", "mlflow", "onnx", "onnxruntime", "optuna", "skl2onnx", "skops", "torch"),
    *("ai_edge_litert", "tensorflow"),
]
numpydoc_show_class_members = False  # autodoc lists them
add_module_names = False
toc_object_entries_show_parents = "hide"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"

sphinx_gallery_conf = displays.SETTINGS

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "qmlplay"
html_static_path = [
    "static",
    *(f"images/learning{page}.{kind}" for page in ("", "_dark") for kind in ("png", "webp")),
]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_show_sourcelink = False
html_show_search_summary = False  # it would be fetched, which a page from a folder may not do
html_copy_source = False
html_sidebars = {"index": [], "start": []}
html_theme_options = {
    "logo": {"text": "qmlplay"},
    "navbar_persistent": ["search-button"],
    "navbar_end": ["theme-switcher", "navbar-icon-links"],
    "header_links_before_dropdown": 7,
    "navigation_depth": 2,
    "show_toc_level": 2,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

os.environ.setdefault("QMLPLAY_HOME", str(HERE.parent / "build" / "qmlplay-home"))
