"""Callbacks of `fit`: their base, for one's own, and the checkpoint of a training."""

from qmlplay.classifier.checkpoint import Checkpoint
from qmlplay.training import Callback

__all__ = ["Callback", "Checkpoint"]
