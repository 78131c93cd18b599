"""Models for others: a folder with a model, its card and its evidence, and what skops trusts."""

from qmlplay.saving import trusted_types

__all__ = ["trusted_types"]
