"""The command line: ``app`` parses, ``tasks`` does the work, ``terminal`` shows the result."""

from qmlplay.cli.app import commands, main

__all__ = ["commands", "main"]
