"""``extauthz pin``: the pins of a certificate, ready to paste into a configuration."""

import click

from extauthz.cli.errors import CommandError
from extauthz.cli.material import read_input, recognise
from extauthz.identity.certificate import parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.visible import visible


@click.command()
@click.argument("certificate", metavar="CERT")
def command(*, certificate: str) -> None:
    """Print the pins of a certificate.

    The lines are ready to paste below `pins:`.

    cert_sha256 pins this one certificate; spki_sha256 pins its key, and so also the certificates that renew it with
    the same key. A pin is needed beside a valid chain, never instead of it.
    """
    try:
        material = recognise(read_input(certificate))
        identity = parse_certificate(material.certificates[0]).identity
    except OSError as error:
        raise CommandError(f"{certificate} cannot be read: {error.strerror}") from error
    except DecodeError as error:
        raise CommandError(f"{certificate}: {visible(error.detail)}") from error
    click.echo(f"{certificate}: {material.form}, {identity.subject_dn or 'an empty subject'}", err=True)
    if identity.is_ca:
        click.echo("This is the certificate of a CA. Pins are compared with the client's own certificate.", err=True)
    click.echo(f'cert_sha256: ["{identity.sha256}"]')
    click.echo(f'spki_sha256: ["{identity.spki_sha256}"]')
