"""``extauthz validate``: check a configuration file before it is used."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from extauthz.cli.errors import CANNOT_RUN
from extauthz.cli.text import visible
from extauthz.config.build import BuiltEngine, load_engine
from extauthz.config.dated_warnings import NamedCrl, dated_warnings
from extauthz.model.errors import ConfigError
from extauthz.refresh.file_feed import FileFeed
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper, planned_crls
from extauthz.refresh.settings import crl_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def command(*, file: Path) -> None:
    """Check a configuration file.

    Every file that it names is checked too, CRLs included. URLs are not asked.

    Prints one line a problem, as file:line:column: setting: what is wrong. Lines with "warning:" name choices that are
    allowed and weaken the service, and CAs and CRLs that are out of date. Exits with 0 when the file can be used,
    warnings or not, and with 2 when it, or one of its CRL files, cannot.
    """
    try:
        built = load_engine(file)
    except ConfigError as error:
        for problem in error.problems:
            click.echo(visible(str(problem)))
        click.echo(f"{file} cannot be used: {_count(len(error.problems), 'problem')}", err=True)
        click.get_current_context().exit(CANNOT_RUN)
    now = datetime.now(UTC)
    feeds, crls = _load_crls(built, now)
    unusable = [feed for feed in feeds if feed.problem is not None]
    for feed in unusable:
        click.echo(f"{visible(str(feed.path))}: {visible(str(feed.problem))}")
    if unusable:
        click.echo(f"{file} can be used, but {_count(len(unusable), 'CRL file')} cannot", err=True)
        click.get_current_context().exit(CANNOT_RUN)
    warnings = (*built.warnings, *dated_warnings(built, crls, now))
    for warning in warnings:
        click.echo(f"warning: {visible(str(warning))}")
    policies = _count(len(built.engine.policy_names), "policy", "policies")
    trust = f"{_count(len(built.anchors), 'anchor')}, {_count(len(crls), 'CRL')}"
    click.echo(f"{file} can be used: {policies}, {trust}, {_count(len(warnings), 'warning')}", err=True)


def _load_crls(built: BuiltEngine, now: datetime) -> tuple[Sequence[FileFeed], Sequence[NamedCrl]]:
    """Load the CRL files. URLs are not asked, and what the service remembers is of no interest here."""
    keeper = CrlKeeper(InProcessIndexer())
    plan = keeper.prepare(replace(crl_settings(built), urls=(), state_directory=None), now, fetch=False)
    keeper.close()
    return plan.files, planned_crls(plan)


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
