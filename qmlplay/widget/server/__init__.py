"""The playground in a browser: a small server on Tornado, for this computer alone.

It shows the same widget as a notebook does. Nothing heavy is imported here: the address is there
at once, and what a model needs is loaded while the browser opens.
"""

from __future__ import annotations

from importlib.util import find_spec

from qmlplay.widget.server.running import Server

__all__ = ["Server", "check_installed"]


def check_installed() -> None:
    """Raise ImportError, with the command to type, where the server is not installed."""
    absent = [name for name in ("anywidget", "tornado") if find_spec(name) is None]
    if absent:
        raise ImportError(f'play needs {", ".join(absent)}: pip install "qmlplay[play]"')
