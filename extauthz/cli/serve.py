"""``extauthz serve``: run the service."""

import os
import sys
from pathlib import Path

import click
import uvloop


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

    async def serve_and_end() -> int:
        status = await serve(config)
        end_process(status)
        return status

    click.get_current_context().exit(uvloop.run(serve_and_end()))


def end_process(status: int) -> None:
    """End here and now. The logs are written, and the interpreter's own way out passes gRPC's native threads.

    When a second signal cuts the end short, these may still run while Python takes itself apart, and the process was
    seen to crash there (SIGSEGV) instead of giving its status.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
