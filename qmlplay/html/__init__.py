"""HTML for notebooks and browsers: fragments and pages, rendered from templates.

Everything that came from a user (names of classes, features, datasets, models, reasons of failures)
is escaped by the templates; nothing refers to another file or address, and no script is in it.
jinja2 is imported when something is shown.
"""

from qmlplay.html.charts import SHAPES, LineChart, ScatterChart, line_chart, scatter_chart
from qmlplay.html.circuit_svg import CircuitSvg, circuit_svg
from qmlplay.html.classifier_page import classifier_html
from qmlplay.html.dataset_page import dataset_html
from qmlplay.html.rendering import render

__all__ = [
    "SHAPES",
    "CircuitSvg",
    "LineChart",
    "ScatterChart",
    "circuit_svg",
    "classifier_html",
    "dataset_html",
    "line_chart",
    "render",
    "scatter_chart",
]
