"""Loading the CRLs of a configuration for a command: once, in this process, and without remembering anything."""

from datetime import datetime

import click

from extauthz.cli.errors import CommandError
from extauthz.config.build import BuiltEngine
from extauthz.model.visible import visible
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.plan import Plan
from extauthz.refresh.settings import crl_settings
from extauthz.refresh.state_directory import StateError


def load_crls(built: BuiltEngine, at: datetime, *, fetch: bool) -> Plan:
    """Fill the store of an engine, and return what there was. ``fetch``: ask every URL; else take what is on disk.

    The state directory is only read. What cannot be had or used is said on stderr.
    """
    keeper = CrlKeeper(InProcessIndexer())
    try:
        plan = keeper.prepare(crl_settings(built), at, fetch=False, read_only=True)
        if fetch:
            keeper.fetch(plan)
        snapshot = keeper.adopt(plan, at)
    except StateError as error:
        raise CommandError(f"revocation.state_directory: {visible(str(error))}") from error
    finally:
        keeper.close()
    if built.store is not None:
        built.store.replace(snapshot.crls, snapshot.rejected)
    for feed in snapshot.feeds:
        if feed.problem is not None:
            instead = "; the last good one counts" if feed.fetched and feed.crls else ""
            click.echo(f"{visible(feed.label)}: {visible(feed.problem)}{instead}", err=True)
        elif feed.last_attempt is None:
            click.echo(f"{visible(feed.label)}: not fetched, as --fetch was not given", err=True)
    return plan
