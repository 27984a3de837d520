"""What a command raises when it cannot do what it was asked to do."""

from typing import IO, Any

import click

CANNOT_RUN = 2
"""Exit status for "could not be run". Apart from 1, which is an answer: ``explain`` exits with 1 for a deny."""


class CommandError(click.ClickException):
    """A clear sentence for stderr, and exit status 2."""

    exit_code = CANNOT_RUN

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence."""
        click.echo(f"extauthz: {self.format_message()}", file=file, err=True)
