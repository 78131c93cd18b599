"""Callbacks of `fit`: their base, for one's own."""

from qmlplay.training import Callback

__all__ = ["Callback"]
