"""Limits on the user's own data, for who needs them before anything heavy is loaded."""

from __future__ import annotations

__all__ = ["MAX_BYTES"]

#: Bytes of a file that a page may send.
MAX_BYTES = 5_000_000
