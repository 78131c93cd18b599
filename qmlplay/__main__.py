"""The command `qmlplay`, also as `python -m qmlplay`: `qmlplay play` says its address at once."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, BooleanOptionalAction
from typing import NoReturn

from qmlplay.address import DEFAULT_PORT, Address, listen, missing

__all__ = ["main"]


class _Parser(ArgumentParser):
    """Raises ValueError for words that are left to the command line itself."""

    def error(self, message: str) -> NoReturn:
        """Refuse the words."""
        raise ValueError(message)


def _begun(words: list[str]) -> Address | None:
    """Return the address of a plain `qmlplay play`; None for all that has to be checked first."""
    if words[:1] != ["play"]:
        return None
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, choices=range(1024, 65_536))
    parser.add_argument("--browser", action=BooleanOptionalAction, default=True)
    try:
        asked = parser.parse_args(words[1:])
        if missing():
            return None
        address = listen(asked.port)
    except (ValueError, OSError):
        return None
    try:
        address.announce(open_browser=asked.browser)
    except OSError:  # no room, or nobody reads: the command line says so, in one line
        address.listening.close()
        return None
    return address


def main() -> None:
    """Run the command line with the words of the shell."""
    try:
        address = _begun(sys.argv[1:])
        from qmlplay.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run(address=address)


if __name__ == "__main__":
    main()
