"""Our backends: those that plain qmlplay installs, and all that can run here."""

from __future__ import annotations

from qmlplay import list_backends
from qmlplay.backends import backend_info

CORE = [name for name in list_backends() if backend_info(name).extra is None]
INSTALLED = [name for name in list_backends() if backend_info(name).is_installed]
