"""Tests by backend: which ones are asked, and the marks by which the others are left out.

What is asked by default are the simulators that plain qmlplay installs. Those of an extra have
tests of their own in tests/layers, and can be named in ``--backends`` as well.
"""

from __future__ import annotations

import pytest

from qmlplay import list_backends
from qmlplay.backends import backend_info
from qmlplay.errors import unknown_name

#: The simulators that plain qmlplay installs.
CORE_BACKENDS = [name for name in list_backends() if backend_info(name).extra is None]


def each_backend(argument="name", *, names=None):
    """Run a test with every backend, or with some, in the argument of that name."""
    values = CORE_BACKENDS if names is None else names
    return pytest.mark.parametrize(
        argument, [pytest.param(name, marks=pytest.mark.backend(name)) for name in values]
    )


def chosen_backends(config):
    """Return the backends that were asked for; one that is not installed fails its tests."""
    text = config.getoption("--backends")
    if text is None:
        return CORE_BACKENDS
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in list_backends():
            raise pytest.UsageError(f"--backends: {unknown_name('backend', name, list_backends())}")
    return [name for name in list_backends() if name in names]
