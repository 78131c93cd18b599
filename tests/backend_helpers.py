"""Tests by backend: which ones are asked, and the marks by which the others are left out."""

from __future__ import annotations

import pytest

from qmlplay import list_backends
from qmlplay.errors import unknown_name


def each_backend(argument="name", *, names=None):
    """Run a test with every backend, or with some, in the argument of that name."""
    values = list_backends() if names is None else names
    return pytest.mark.parametrize(
        argument, [pytest.param(name, marks=pytest.mark.backend(name)) for name in values]
    )


def chosen_backends(config):
    """Return the backends that were asked for; one that is not installed fails its tests."""
    text = config.getoption("--backends")
    if text is None:
        return list_backends()
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in list_backends():
            raise pytest.UsageError(f"--backends: {unknown_name('backend', name, list_backends())}")
    return [name for name in list_backends() if name in names]
