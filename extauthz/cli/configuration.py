"""Loading a configuration for a command, and saying what is wrong with it."""

from pathlib import Path

import click

from extauthz.cli.errors import CANNOT_RUN
from extauthz.config.build import BuiltEngine, build
from extauthz.config.load import LoadedConfig, load
from extauthz.model.errors import ConfigError
from extauthz.model.visible import visible


def load_or_exit(path: Path) -> BuiltEngine:
    """Build the engine of a configuration file. Mistakes go to stderr, one a line, and the program exits with 2."""
    return build(loaded_or_exit(path))


def loaded_or_exit(path: Path) -> LoadedConfig:
    """Load a configuration file. Mistakes go to stderr, one a line, and the program exits with 2."""
    try:
        return load(path)
    except ConfigError as error:
        for problem in error.problems:
            click.echo(visible(str(problem)), err=True)
        count = len(error.problems)
        click.echo(f"extauthz: {path} cannot be used: {count} problem{'s' if count != 1 else ''}", err=True)
        click.get_current_context().exit(CANNOT_RUN)
