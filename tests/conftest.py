"""What holds for all tests: which backends they ask, and that importing them trains nothing."""

from __future__ import annotations

from copy import deepcopy
from importlib.util import find_spec

import numpy as np
import pytest
from backend_helpers import CORE_BACKENDS, chosen_backends

from qmlplay import VariationalClassifier


def pytest_addoption(parser):
    parser.addoption(
        "--backends",
        metavar="NAMES",
        help="ask these backends alone, as in --backends=numpy,cirq [default: without extras]",
    )


def pytest_configure(config):
    chosen_backends(config)


def pytest_report_header(config):
    chosen = chosen_backends(config)
    left_out = [name for name in CORE_BACKENDS if name not in chosen]
    return f"backends: {', '.join(chosen)}" + (
        f" (not asked for: {', '.join(left_out)})" if left_out else ""
    )


def pytest_collection_modifyitems(config, items):
    """Deselect the tests of backends that were not asked for, and of packages not installed."""
    chosen = chosen_backends(config)
    left_out = [
        item
        for item in items
        if any(not set(mark.args) <= set(chosen) for mark in item.iter_markers("backend"))
        or not all(map(find_spec, needed_packages(item)))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def needed_packages(item):
    return [package for mark in item.iter_markers("needs") for package in mark.args]


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Let no module train while it is imported: fixtures do, for the tests that ask for them."""

    def refuse(*arguments, **settings):
        raise AssertionError("a test module trains when it is imported: make it a fixture")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VariationalClassifier, "fit", refuse)
        return (yield)


@pytest.fixture(scope="session")
def first_states():
    """The state of each module's random generators before the first test that could draw."""
    return {}


@pytest.fixture(autouse=True)
def _same_draws_in_any_order(request, first_states):
    """Set back the generators that tests of a module share: what a test draws is its own affair."""
    for name, value in vars(request.module).items():
        if isinstance(value, np.random.Generator):
            key = (request.module.__name__, name)
            state = first_states.setdefault(key, deepcopy(value.bit_generator.state))
            value.bit_generator.state = state


@pytest.fixture
def backend_names(request):
    """The names of the backends that were asked for: at least one."""
    return chosen_backends(request.config)
