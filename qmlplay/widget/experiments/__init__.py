"""Guided experiments: settings, a question to try on them, and the sentences that answer it.

Every answer is a claim about runs of these settings, over several seeds;
``tests/widget/test_widget_experiments.py`` makes the runs and checks each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from qmlplay.checks import is_integer
from qmlplay.errors import unknown_name
from qmlplay.widget.experiments.experiment import Experiment, Variant
from qmlplay.widget.experiments.model_experiments import MODEL_EXPERIMENTS
from qmlplay.widget.experiments.training_experiments import TRAINING_EXPERIMENTS
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import to_string

__all__ = [
    "EXPERIMENTS",
    "Experiment",
    "Variant",
    "get_experiment",
    "matching",
    "settings_of",
    "start_of",
]

#: Name → experiment, in the order of the chapters.
EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {**MODEL_EXPERIMENTS, **TRAINING_EXPERIMENTS}
)


def get_experiment(name: str) -> Experiment:
    """Return an experiment by its name.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> get_experiment("entanglement").title
    'A checkerboard with and without CX'
    """
    if name not in EXPERIMENTS:
        raise unknown_name("experiment", name, EXPERIMENTS)
    return EXPERIMENTS[name]


def matching(configuration: Configuration) -> list[list[Any]]:
    """Return [name, number of the variant] of the experiments with this configuration.

    The seed does not count: an answer holds for any.

    Examples
    --------
    >>> matching(get_experiment("layers").variants[1].configuration)
    [['layers', 1]]
    """
    return [
        [name, number]
        for name, experiment in EXPERIMENTS.items()
        for number, variant in enumerate(experiment.variants)
        if replace(variant.configuration, random_state=configuration.random_state) == configuration
    ]


def settings_of(name: str, number: int, before: Configuration) -> Configuration:
    """Return the settings of a variant, with the seed so far where another variant was shown.

    Raises
    ------
    ValueError
        If there is no such experiment, or no such variant of it.
    """
    variants = get_experiment(name).variants
    if not is_integer(number, 0, len(variants) - 1):
        raise ValueError(f"variant={number!r}: {name!r} has the variants 0 to {len(variants) - 1}")
    configuration = variants[number].configuration
    if name in dict(matching(before)):
        configuration = replace(configuration, random_state=before.random_state)
    return configuration


def start_of(name: str, *, data: Any = None, configuration: str | None = None) -> str:
    """Return the string of an experiment's first settings; nothing else may be asked for.

    Raises
    ------
    ValueError
        If there is no such experiment, or data or a configuration came as well.
    """
    if data is not None or configuration is not None:
        raise ValueError(
            f"experiment={name!r} brings its own data and settings: leave out the data and the "
            "configuration, or the experiment"
        )
    return to_string(get_experiment(name).variants[0].configuration)
