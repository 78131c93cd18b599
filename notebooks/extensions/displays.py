"""The gallery: pictures made while the book is built, each on a page with its code."""

from __future__ import annotations

from sphinx_gallery.sorting import FileNameSortKey

__all__ = ["SETTINGS"]

#: Settings of Sphinx-Gallery.
SETTINGS = {
    "examples_dirs": ["displays"],
    "gallery_dirs": ["gallery"],
    "within_subsection_order": FileNameSortKey,
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
    "show_signature": False,
    "min_reported_time": 1000,
    "remove_config_comments": True,
}
