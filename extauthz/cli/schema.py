"""``extauthz schema``."""

import json

import click

from extauthz.config.json_schema import config_schema


@click.command()
def command() -> None:
    """Print the JSON Schema of the configuration file.

    Editors can check and complete the file with it.
    """
    click.echo(json.dumps(config_schema(), indent=2))
