"""``extauthz serve``: run the service."""

import asyncio
from pathlib import Path

import click

from extauthz.service.app import serve


@click.command()
@click.option("--config", "config", type=click.Path(path_type=Path), required=True, help="The configuration file.")
def command(*, config: Path) -> None:
    """Run the service.

    It runs until SIGTERM or SIGINT. SIGHUP reads the configuration again, and so does a change of the files.

    Exits with 0 after a clean end, and with 2
    when the configuration cannot be used.
    """
    click.get_current_context().exit(asyncio.run(serve(config)))
