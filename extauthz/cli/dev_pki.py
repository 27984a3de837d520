"""``extauthz dev-pki``: a throw-away PKI for development."""

from datetime import UTC, datetime
from pathlib import Path

import click

from extauthz.cli.errors import CommandError
from extauthz.demo.dev_pki import DirectoryNotEmptyError, make_dev_pki, write_dev_pki

MAX_DAYS = 825
"""Longer is not for throwing away; some TLS clients refuse longer server certificates too."""


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=30, show_default=True, help="How long it is good.")
@click.option("--force", is_flag=True, help="Write into a directory that is not empty, over files of the same name.")
def command(*, directory: Path, days: int, force: bool) -> None:
    """Write a throw-away PKI for development.

    CAs, a server certificate for localhost, CRLs, and clients that are named by what is particular about them: alice
    is good, expired has expired, rogue has an issuer that nobody trusts. Never use any of it in production: the CA
    keys lie beside the certificates, unencrypted.
    """
    try:
        written = write_dev_pki(make_dev_pki(datetime.now(UTC), days=days), directory, force=force)
    except DirectoryNotEmptyError as error:
        raise CommandError(f"{error}. Name another directory, or add --force to overwrite what is in it.") from error
    except OSError as error:
        raise CommandError(f"cannot write {error.filename or directory}: {error.strerror}") from error
    width = max(len(str(one.path)) for one in written)
    for one in written:
        click.echo(f"{one.path!s:{width}}  {one.note}")
    click.echo(f"{len(written)} files, good for {days} days. For development only.", err=True)
