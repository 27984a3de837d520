"""The entry point: runs a command and turns whatever comes of it into an exit status."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from extauthz.cli.errors import CANNOT_RUN
from extauthz.cli.group import LazyGroup

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 + SIGINT."""
DEBUG_VARIABLE = "EXTAUTHZ_DEBUG"
"""Set to anything, it shows the stack of an internal error."""


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def root() -> None:
    """Who is this client certificate, and may it make this request?"""  # noqa: D400  (a question)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line (``sys.argv`` without ``arguments``) and exit. Never shows a stack by itself."""
    try:
        status = root.main(arguments, prog_name="extauthz", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("extauthz: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:
        # The outermost handler: a defect must not end with status 1, which is an answer of several commands.
        if os.environ.get(DEBUG_VARIABLE):
            raise
        click.echo(
            f"extauthz: internal error: {type(error).__name__}: {error}\n"
            f"This is a defect of extauthz. Run it again with {DEBUG_VARIABLE}=1 to see the stack, and report it.",
            err=True,
        )
        sys.exit(CANNOT_RUN)
    sys.exit(status)
