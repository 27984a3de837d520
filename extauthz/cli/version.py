"""``extauthz version``."""

import click

from extauthz import __version__


@click.command()
def command() -> None:
    """Print the version."""
    click.echo(f"extauthz {__version__}")
