"""The former address of `embed`, which backends of other people import from here."""

from qmlplay.circuit.matrices import embed

__all__ = ["embed"]
