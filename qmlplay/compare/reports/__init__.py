"""Reports of a comparison: tables, text, JSON, pictures, pages.

``result_tables`` and ``course`` say what came out and how it went; ``report`` and ``pages`` write
it for terminals and files, and for notebooks and browsers.
"""

from qmlplay.compare.reports.course import course_notes, forecast_table
from qmlplay.compare.reports.pages import table_html, to_html
from qmlplay.compare.reports.readable_table import readable
from qmlplay.compare.reports.report import parity_sentence, save_all, to_dict
from qmlplay.compare.reports.result_tables import METRICS, means_table, runs_table, statistics_table

__all__ = [
    "METRICS",
    "course_notes",
    "forecast_table",
    "means_table",
    "parity_sentence",
    "readable",
    "runs_table",
    "save_all",
    "statistics_table",
    "table_html",
    "to_dict",
    "to_html",
]
