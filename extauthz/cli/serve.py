"""``extauthz serve``: run the service."""

import asyncio
import os
from pathlib import Path

import click


@click.command()
@click.option("--config", "config", type=click.Path(path_type=Path), required=True, help="The configuration file.")
def command(*, config: Path) -> None:
    """Run the service.

    It runs until SIGTERM or SIGINT. SIGHUP reads the configuration again, and so does a change of the files.

    Exits with 0 after a clean end, and with 2
    when the configuration cannot be used.
    """
    # gRPC's core writes lines of its own form to standard error, one for each failed handshake. It reads this when it
    # is imported.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from extauthz.service.app import serve  # noqa: PLC0415  (after the line above)

    click.get_current_context().exit(asyncio.run(serve(config)))
