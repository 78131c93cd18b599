"""Options that several commands of the command line share."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from qmlplay.ansatze import ANSATZE
from qmlplay.backends.noise import NOISE_PRESETS
from qmlplay.cli.set_option import parameters
from qmlplay.encodings import ENCODINGS
from qmlplay.presets import get_preset, list_presets
from qmlplay.training.gradients import GRADIENT_METHODS
from qmlplay.training.optimizers import OPTIMIZERS

__all__ = [
    "AS_JSON",
    "FILE",
    "NOISE",
    "PROGRESS",
    "SHOTS",
    "TARGET",
    "TASK",
    "TEST_SIZE",
    "TRACK",
    "CommandGroup",
    "examples",
    "quantum_options",
    "table_options",
]

FILE = click.Path(path_type=Path)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs to read.")
TARGET = click.option(
    "--target",
    help="Column to predict, for a file [default: one called target, class, label, … or the last].",
)
TASK = click.option(
    "--task",
    default="auto",
    show_default=True,
    help="classification or regression; auto: the dataset's own, or what the target looks like.",
)
#: Sets `verbose`, which is "auto" without the option.
PROGRESS = click.option(
    "--progress/--no-progress",
    "verbose",
    default=None,
    callback=lambda _, __, is_shown: "auto" if is_shown is None else int(is_shown),
    help="Show progress, or nothing [default: after two seconds, in a terminal].",
)
TEST_SIZE = click.option(
    "--test-size", type=float, default=0.3, show_default=True, help="Held-out share, in (0, 1)."
)
TRACK = click.option(
    "--track",
    is_flag=True,
    help="Log it to MLflow: MLFLOW_TRACKING_URI and MLFLOW_EXPERIMENT_NAME say where.",
)
SHOTS = click.option("--shots", type=int, help="Measurements per circuit [default: exact].")
NOISE = click.option(
    "--noise",
    help=f"Noise of the simulation: {', '.join(NOISE_PRESETS)}, or on qiskit a fake device such "
    f"as fake_manila [default: none].",
)


class CommandGroup(click.Group):
    """A group whose help has the whole first sentence of every command, on any terminal."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; sentences go on in a line below and are never cut."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [
            (name, command.get_short_help_str(limit=len(command.help or "") + 1))
            for name, command in commands.items()
            if command is not None and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def examples(*lines: str) -> str:
    """Return the end of a help text: commands to type."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def quantum_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that describe the quantum model; the command gets all as parameters."""
    command = _with_settings(command)
    number: Any = {"type": int, "show_default": True}
    for option in (
        click.option("--max-iter", default=100, help="Training iterations.", **number),
        click.option("--n-layers", default=4, help="Layers of encoding and ansatz.", **number),
        click.option(
            "--n-qubits",
            type=int,
            help="Qubits [default: one per feature, 2 to 8; as few as it takes for amplitude].",
        ),
        _choice("--ansatz", "hardware_efficient_rxx", "Trainable gates of a layer", ANSATZE),
        _choice(
            "--encoding", "angle_sum", "How data become gates, each used as published", ENCODINGS
        ),
        _choice("--gradient-method", "auto", "How to find gradients", GRADIENT_METHODS),
        _choice("--optimizer", "adam", "How to train", OPTIMIZERS),
        NOISE,
        SHOTS,
        click.option(
            "--preset",
            help=f"The model of a paper, which options of your own change: "
            f"{', '.join(list_presets())}.",
        ),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="Any parameter of VariationalClassifier (for a regression VariationalRegressor) "
            "such as learning_rate_init=0.05 or n_iter_no_change=none; may come several times.",
        ),
    ):
        command = option(command)
    return command


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command whose parameters come from ``--preset``, options of their own, ``--set``."""

    @wraps(command)
    def joined(preset: str | None, settings: tuple[str, ...], **options: Any) -> None:
        source = click.get_current_context().get_parameter_source
        typed = [name for name in options if source(name) is ParameterSource.COMMANDLINE]
        given = {} if preset is None else dict(get_preset(preset).parameters)
        given |= {name: value for name, value in options.items() if name not in given}
        given |= {name: options[name] for name in typed}
        command(**given | parameters(settings, options, typed))

    return joined


def table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how a file is read: target, separator, drop, features, keep."""
    for option in (
        _columns("--keep", "Columns to use though they count or name the rows"),
        _columns("--features", "The only columns to use"),
        _columns("--drop", "Columns to leave out"),
        click.option(
            "--sep",
            "separator",
            help="What divides the columns of a file: ';', tab, … [default: found out].",
        ),
        TARGET,
    ):
        command = option(command)
    return command


def _columns(name: str, description: str) -> Callable[..., Any]:
    text = f"{description}: a,b or 'a,\"b, in cm\"' [default: none]."
    if name == "--features":
        text = text.replace("none", "all")
    return click.option(name, callback=_column_names, help=text)


def _column_names(context: click.Context, option: click.Parameter, value: str | None) -> Any:
    """Return names separated by commas; those with commas stand in quotation marks."""
    if value is None:
        return None if option.name == "features" else ()
    (names,) = csv.reader([value], skipinitialspace=True)
    return tuple(name.strip() for name in names if name.strip())


def _choice(name: str, default: str, description: str, allowed: Any) -> Callable[..., Any]:
    # Not click.Choice: the classifier's own check suggests the nearest name.
    text = f"{description}: {', '.join(allowed)}."
    return click.option(name, default=default, show_default=True, help=text)
