"""The base of fitted estimators that can be exported."""

from __future__ import annotations

from qmlplay.model import TrainedCircuit

__all__ = ["ExportableModel"]


class ExportableModel:
    """The base of estimators whose fitted `model_` can be exported.

    Converters for other libraries are registered for its subclasses.
    """

    model_: TrainedCircuit
