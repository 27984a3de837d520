"""``extauthz demo``."""

import os
import sys

import click

from extauthz.cli.errors import CommandError
from extauthz.demo.errors import DemoError
from extauthz.demo.main import run_demo

MAX_PORT = 65535


class _Terminal:
    """The outcome goes to stdout, in colour on a terminal; progress goes to stderr."""

    def __init__(self) -> None:
        self._coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def progress(self, line: str) -> None:
        click.echo(line, err=True)

    def result(self, line: str) -> None:
        click.echo(line)

    def verdict(self, line: str, *, good: bool) -> None:
        if self._coloured:
            line = click.style(line, fg="green" if good else "red")
        click.echo(line)


@click.command()
@click.option("--port", type=click.IntRange(0, MAX_PORT), default=0, help="Port for HTTPS. Default: a free one.")
@click.option("--keep", is_flag=True, help="Leave everything running, and print what to try.")
def command(*, port: int, keep: bool) -> None:
    """Run extauthz behind a real Envoy and show what it decides.

    Starts both with a throw-away PKI on loopback, sends real HTTPS requests of good, bad and dishonest clients, and
    compares each answer with what it must be. Exits with 0 when all are as expected, with 1 when one is not, and with
    2 when the demo cannot run. Everything that it started and wrote is gone afterwards.
    """
    try:
        good = run_demo(_Terminal(), port=port, keep=keep)
    except DemoError as error:
        raise CommandError(str(error)) from error
    click.get_current_context().exit(0 if good else 1)
