"""``extauthz inspect``: who a certificate says its holder is."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import click

from extauthz.cli.identity_text import identity_lines
from extauthz.cli.material import Material, read_input, recognise
from extauthz.identity.certificate import parse_certificate
from extauthz.identity.issuer_pattern import issuer_pattern
from extauthz.identity.json_form import to_json
from extauthz.identity.profile import NAMED_PROFILES, profile
from extauthz.model.errors import DecodeError
from extauthz.model.identity import CertIdentity
from extauthz.model.visible import visible

_NOT_CONFIGURED: Final = "issuer is not configured as the DoD's"
"""So end the warnings that `--dod-issuer` can do something about."""


def _check_issuers(context: click.Context, parameter: click.Parameter, issuers: Sequence[str]) -> Sequence[str]:
    for text in issuers:
        try:
            issuer_pattern(text)
        except ValueError as error:
            raise click.BadParameter(f"{text!r} names no issuer: {error}", context, parameter) from None
    return issuers


@click.command()
@click.argument("certificates", metavar="CERT...", nargs=-1, required=True)
@click.option(
    "--profile",
    "profiles",
    type=click.Choice(list(NAMED_PROFILES)),
    multiple=True,
    default=["fpki"],
    show_default=True,
    help="Which policies say which kind of smart card; several may be given.",
)
@click.option(
    "--dod-issuer",
    "dod_issuers",
    metavar="DN",
    multiple=True,
    callback=_check_issuers,
    help="An issuer of the US DoD (RFC 4514, or re: and an expression): only there is an EDIPI one.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a file.")
def command(*, certificates: Sequence[str], profiles: Sequence[str], dod_issuers: Sequence[str], as_json: bool) -> None:
    """Show who a certificate says its holder is.

    CERT is a file, or - for stdin: PEM, DER, URL-encoded PEM, or the text of an XFCC header. Nothing is verified: this
    shows what the certificate claims. Exits with 1 when any of them cannot be read.
    """
    show = _show_json if as_json else _show_text
    read_with = profile(profiles, dod_issuers=dod_issuers)
    all_read = True
    for name in certificates:
        try:
            material = recognise(read_input(name))
            identity = parse_certificate(material.certificates[0], read_with).identity
        except OSError as error:
            all_read = False
            _fail(name, f"cannot be read: {error.strerror}", None, as_json=as_json)
        except DecodeError as error:
            all_read = False
            _fail(name, error.detail, error.reason, as_json=as_json)
        else:
            show(name, material, identity)
    click.get_current_context().exit(0 if all_read else 1)


def _show_json(name: str, material: Material, identity: CertIdentity) -> None:
    where = {"file": name, "format": material.form, "certificates": len(material.certificates)}
    click.echo(json.dumps({**where, **to_json(identity)}))


def _show_text(name: str, material: Material, identity: CertIdentity) -> None:
    taken_for = material.form.value
    if material.note:
        taken_for += f", {material.note}"
    if len(material.certificates) > 1:
        taken_for += f", {len(material.certificates)} certificates, the first of which is shown"
    click.echo(f"{name}: {taken_for}", err=True)
    for line in identity_lines(identity, datetime.now(UTC)):
        click.echo(f"{line} (here, by --dod-issuer)" if line.endswith(_NOT_CONFIGURED) else line)
    click.echo()


def _fail(name: str, message: str, reason: str | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"file": name, "error": message, "reason": reason}))
    else:
        click.echo(f"{name}: {visible(message)}", err=True)
