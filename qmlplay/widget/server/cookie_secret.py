"""The key that signs cookies: one per user, so that a page goes on when its server is restarted."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from qmlplay.ibm.store import folder

__all__ = ["cookie_secret"]

_LENGTH = 32


def cookie_secret() -> bytes:
    """Return the user's key, from a file that nobody else may read; a new one where none is."""
    file = folder().parent / "play-secret"
    try:
        return _kept(file) or _made(file)
    except OSError:  # no such folder can be made: this server alone has the key
        return secrets.token_bytes(_LENGTH)


def _kept(file: Path) -> bytes | None:
    if not file.is_file():
        return None
    is_private = os.name == "nt" or file.stat().st_mode & 0o077 == 0
    content = file.read_bytes()
    if is_private and len(content) == _LENGTH:
        return content
    file.unlink()  # damaged, or others may have read it
    return None


def _made(file: Path) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True)
    content = secrets.token_bytes(_LENGTH)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    return content
