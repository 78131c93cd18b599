"""`qmlplay play`: the interactive playground in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from qmlplay.address import DEFAULT_PORT, Address, listen
from qmlplay.cli.options import examples, table_options
from qmlplay.datasets import list_datasets
from qmlplay.errors import unknown_name
from qmlplay.tables.sources import is_table_file

__all__ = ["play"]


@click.command(
    epilog=examples(
        "qmlplay play",
        "qmlplay play circles",
        "qmlplay play --experiment entanglement",
        "qmlplay play flowers.csv --target species --drop id",
        "qmlplay play --configuration qmlplay2.eyJhbnNhdHoi….0de615ec",
    )
)
@click.argument("data", required=False)
@table_options
@click.option("--configuration", help="A string from “Share this state”, to start from.")
@click.option("--experiment", metavar="NAME", help="A guided experiment, such as entanglement.")
@click.option(
    "--port",
    type=click.IntRange(1024, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port; the next free one if it is taken.",
)
@click.option("--browser/--no-browser", default=True, help="Whether to open the page.")
@click.pass_obj
def play(
    address: Address | None,
    /,
    data: str | None,
    configuration: str | None,
    experiment: str | None,
    port: int,
    browser: bool,
    **options: Any,
) -> None:
    """Play with a model in the browser: choose data, circuit and optimiser, and watch it learn.

    DATA is a name of `qmlplay datasets`, or a file with a table; one can be chosen in the page,
    too.
    The page is served on this computer alone, 127.0.0.1, behind a token, and needs no internet.
    Ctrl-C ends it.
    """
    from qmlplay.widget import server

    server.check_installed()
    if experiment is not None:
        from qmlplay.widget.experiments import start_of

        configuration = start_of(experiment, data=data, configuration=configuration)
    if data is not None or configuration is not None or any(options.values()):
        data = _checked(data, configuration, options)

    def make(comm: Any, given: str | None) -> Any:
        from qmlplay.widget.playground_widget import Playground

        target, shown = options["target"], given or configuration
        others = {name: value for name, value in options.items() if name != "target"}
        return Playground.opened(data, target, configuration=shown, comm=comm, **others)

    if address is None:
        address = listen(port)
        address.announce(open_browser=browser)
    server.run(address, make)


def _checked(data: str | None, configuration: str | None, options: dict[str, Any]) -> str | None:
    """Return the data as they are opened, or raise what is wrong with them or with the string."""
    from qmlplay.widget.data.own_data import OwnData
    from qmlplay.widget.settings.configuration_strings import from_string

    if configuration is not None:
        from_string(configuration)
    if data is None and any(options.values()):
        raise ValueError(
            "--target, --sep, --drop, --features and --keep say how a file is read: name it, too"
        )
    if data is None or (not any(options.values()) and data in list_datasets("classification")):
        return data
    if data not in list_datasets() and not is_table_file(data) and not Path(data).is_file():
        raise unknown_name("dataset or file", data, list_datasets())
    own_data = OwnData.from_object(data, **options)
    click.echo(own_data.recognized)
    return str(Path(data).resolve())
