"""The playground in a browser: Jupyter Server with Voilà, on this computer alone.

Jupyter Server asks for its token and refuses requests that name another host; Voilà shows the
page, and shuts its kernel down when the page is closed.
"""

from __future__ import annotations

import json
import logging
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["PAGE", "Server", "check_installed", "server_arguments", "write_notebook"]

PAGE = "playground.ipynb"

#: Nothing is loaded from elsewhere, whatever a template asks for.
_ONLY_FROM_HERE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws://127.0.0.1:* ws://localhost:* data: blob:; frame-ancestors 'none'"
)

#: What the page needs, whatever other extensions of JupyterLab are installed.
_FRONT_END = (
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
)


def check_installed() -> None:
    """Raise ImportError, with the command to type, where the server is not installed."""
    absent = [name for name in ("anywidget", "voila", "ipykernel") if find_spec(name) is None]
    if absent:
        raise ImportError(f'play needs {", ".join(absent)}: pip install "qmlplay[play]"')


def write_notebook(folder: Path, **arguments: Any) -> Path:
    """Write the notebook of one cell that opens the playground.

    Parameters
    ----------
    folder : Path
    **arguments
        Of `qmlplay.playground`: text, tuples of text, or None.

    Returns
    -------
    Path
    """
    given = ", ".join(f"{name}={value!r}" for name, value in arguments.items() if value)
    source = f"import qmlplay\n\nqmlplay.playground({given})"
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "playground",
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": [cell],
        "metadata": {"kernelspec": kernel, "title": "qmlplay playground"},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / PAGE
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def server_arguments(folder: Path, port: int, *, open_browser: bool) -> list[str]:
    """Return the settings of Jupyter Server, which override any configuration of the user's."""
    tornado = {"headers": {"Content-Security-Policy": _ONLY_FROM_HERE}, "mathjax_url": ""}
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 50,
        "ServerApp.root_dir": str(folder),
        "ServerApp.default_url": f"/voila/render/{PAGE}",
        "ServerApp.open_browser": open_browser,
        "ServerApp.jpserver_extensions": {"voila.server_extension": True},
        "ServerApp.allow_remote_access": False,
        "ServerApp.allow_root": True,  # in containers; no more than Python itself may do
        "ServerApp.answer_yes": True,  # Ctrl-C ends it, without a question
        "ServerApp.terminals_enabled": False,
        "ServerApp.tornado_settings": tornado,
        "ServerApp.log_level": "CRITICAL",
        "VoilaConfiguration.extension_allowlist": list(_FRONT_END),
        # A kernel that no page is connected to any more goes after a minute or two.
        "MappingKernelManager.cull_idle_timeout": 60,
        "MappingKernelManager.cull_interval": 30,
    }
    return [f"--{name}={value}" for name, value in settings.items()]


class Server:
    """Jupyter Server in this process, with the playground as its page.

    Parameters
    ----------
    folder : Path
        Where the notebook is.
    port : int
        The first port to try.
    open_browser : bool
        Whether to open the page in the user's browser.
    """

    def __init__(self, folder: Path, port: int, *, open_browser: bool) -> None:
        # A user's own configuration, and extensions such as JupyterLab, are for other servers.
        os.environ["JUPYTER_NO_CONFIG"] = "1"
        from jupyter_server.serverapp import ServerApp

        self._app = ServerApp.instance()
        self._app.initialize(server_arguments(folder, port, open_browser=open_browser))

    @property
    def url(self) -> str:
        """Where the page is, token included."""
        app = self._app
        token = app.identity_provider.token
        return f"http://127.0.0.1:{app.port}/voila/render/{PAGE}?token={token}"

    def run(self) -> None:
        """Serve until Ctrl-C."""
        self._app.log.setLevel(logging.CRITICAL + 1)  # its banner would say the address again
        self._app.start()
