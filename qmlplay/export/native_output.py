"""Messages of native libraries, which know nothing of Python's logging, kept off the screen."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet_native_output"]

_STANDARD_ERROR = 2


@contextmanager
def quiet_native_output() -> Iterator[None]:
    """Drop what is written to the standard error of the process; an exception shows it after all.

    Examples
    --------
    >>> with quiet_native_output():
    ...     _ = os.write(2, b"a library says hello")
    """
    try:
        kept = os.dup(_STANDARD_ERROR)
    except OSError:  # there is none
        yield
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), _STANDARD_ERROR)
        try:
            yield
        except BaseException:
            os.dup2(kept, _STANDARD_ERROR)
            written.seek(0)
            os.write(_STANDARD_ERROR, written.read())
            raise
        finally:
            os.dup2(kept, _STANDARD_ERROR)
            os.close(kept)
