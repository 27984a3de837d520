"""``extauthz validate``: check a configuration file before it is used."""

from datetime import UTC, datetime
from pathlib import Path

import click

from extauthz.cli.errors import CANNOT_RUN
from extauthz.cli.text import visible
from extauthz.config.build import load_engine
from extauthz.config.dated_warnings import dated_warnings
from extauthz.model.errors import ConfigError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def command(*, file: Path) -> None:
    """Check a configuration file.

    Every file that it names is checked too.

    Prints one line a problem, as file:line:column: setting: what is wrong. Lines with "warning:" name choices that are
    allowed and weaken the service, and CAs and CRLs that are out of date. Exits with 0 when the file can be used,
    warnings or not, and with 2 when it cannot.
    """
    try:
        built = load_engine(file)
    except ConfigError as error:
        for problem in error.problems:
            click.echo(visible(str(problem)))
        click.echo(f"{file} cannot be used: {_count(len(error.problems), 'problem')}", err=True)
        click.get_current_context().exit(CANNOT_RUN)
    warnings = (*built.warnings, *dated_warnings(built, datetime.now(UTC)))
    for warning in warnings:
        click.echo(f"warning: {visible(str(warning))}")
    policies = _count(len(built.engine.policy_names), "policy", "policies")
    trust = f"{_count(len(built.anchors), 'anchor')}, {_count(len(built.crls), 'CRL')}"
    click.echo(f"{file} can be used: {policies}, {trust}, {_count(len(warnings), 'warning')}", err=True)


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
