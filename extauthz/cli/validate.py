"""``extauthz validate``: check a configuration file before it is used."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from extauthz.cli.errors import CANNOT_RUN
from extauthz.config.build import BuiltEngine, load_engine
from extauthz.config.dated_warnings import dated_warnings
from extauthz.model.errors import ConfigError
from extauthz.model.visible import visible
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.plan import Plan
from extauthz.refresh.planned import planned_crls, unasked_urls, unusable_issuers
from extauthz.refresh.settings import crl_settings
from extauthz.refresh.state_directory import StateError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def command(*, file: Path) -> None:
    """Check a configuration file.

    Every file that it names is checked too, CRLs included. URLs are not asked; what the state directory has of them
    counts.

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
    plan = _load_crls(built, now)
    crls = planned_crls(plan)
    unusable = [feed for feed in plan.files if feed.problem is not None]
    for feed in unusable:
        click.echo(f"{visible(feed.label)}: {visible(str(feed.problem))}")
    if unusable:
        click.echo(f"{file} can be used, but {_count(len(unusable), 'CRL file')} cannot", err=True)
        click.get_current_context().exit(CANNOT_RUN)
    unasked = _unasked(built, plan)
    dated = dated_warnings(built, crls, now, unusable=unusable_issuers(plan), asked_all=not unasked)
    warnings = (*built.warnings, *dated)
    for warning in warnings:
        click.echo(f"warning: {visible(str(warning))}")
    policies = _count(len(built.engine.policy_names), "policy", "policies")
    trust = f"{_count(len(built.anchors), 'anchor')}, {_count(len(crls), 'CRL')}"
    if plan.urls:
        trust = f"{trust}, {_count(len(plan.urls), 'CRL URL')}"
    if unasked:
        click.echo(
            f"not asked: {' and '.join(unasked)}; whether each CA has a CRL shows when the service runs", err=True
        )
    click.echo(f"{file} can be used: {policies}, {trust}, {_count(len(warnings), 'warning')}", err=True)


def _load_crls(built: BuiltEngine, now: datetime) -> Plan:
    """Load the CRL files, and what the state directory has of URLs. They are not asked, and nothing is written."""
    keeper = CrlKeeper(InProcessIndexer())
    settings = crl_settings(built)
    try:
        return keeper.prepare(settings, now, fetch=False, read_only=True)
    except StateError:  # it is another user's, perhaps the service's: a warning says so
        return keeper.prepare(replace(settings, state_directory=None), now, fetch=False)
    finally:
        keeper.close()


def _unasked(built: BuiltEngine, plan: Plan) -> list[str]:
    """Name what the service will ask and nothing is known of here."""
    urls, revocation = unasked_urls(plan), built.config.revocation
    found = [_count(len(urls), "CRL URL")] if urls else []
    if revocation is not None and revocation.distribution_points is not None:
        found.append("the distribution points of certificates")
    return found


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
