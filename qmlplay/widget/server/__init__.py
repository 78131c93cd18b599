"""The playground in a browser: a small server on Tornado, for this computer alone.

It shows the same widget as a notebook does.
"""

from __future__ import annotations

from qmlplay.address import missing
from qmlplay.widget.server.serving import run

__all__ = ["check_installed", "run"]


def check_installed() -> None:
    """Raise ImportError, with the command to type, where the server is not installed."""
    if absent := missing():
        raise ImportError(f'play needs {", ".join(absent)}: pip install "qmlplay[play]"')
