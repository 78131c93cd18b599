"""The lock of a folder: one process at a time, and none that is gone."""

from __future__ import annotations

import errno
import os
import sys
import warnings
from pathlib import Path

__all__ = ["FolderLock"]

_BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class FolderLock:
    """Keeps other processes out, until it is released or this process ends, however it does.

    Parameters
    ----------
    file : Path
        A file in the folder.

    Raises
    ------
    ValueError
        If another process holds it.
    """

    def __init__(self, file: Path) -> None:
        self._handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(self._handle)
        except OSError as error:
            if error.errno in _BUSY:
                owner = os.read(self._handle, 100).decode(errors="replace").strip()
                os.close(self._handle)
                raise ValueError(
                    f"{file.parent} is in use by another comparison ({owner or 'unknown'}): wait "
                    f"for it, or give another folder"
                ) from error
            warnings.warn(
                f"{file.parent} cannot be locked ({error.strerror}): make sure that no other "
                f"process uses it",
                UserWarning,
                stacklevel=3,
            )
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"process {os.getpid()}".encode())

    def release(self) -> None:
        """Let others in."""
        os.close(self._handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        # A byte that nobody writes, so that the owner can be read.
        os.lseek(handle, 1000, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
