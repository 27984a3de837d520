"""``extauthz import``: turn another product's ways to ask for client certificates into a configuration."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from extauthz.cli.errors import CommandError
from extauthz.importing.envoy import import_envoy
from extauthz.importing.foreign import MAX_INPUT_BYTES, Node, UnreadableError, read_foreign
from extauthz.importing.ingress_nginx import import_ingress_nginx
from extauthz.importing.written import Front, Import
from extauthz.importing.written_text import configuration_text
from extauthz.model.visible import visible

INCOMPLETE = 1
"""Exit status for a configuration that was written without something that the original has."""
_STDIN = "-"


_INGRESS_NGINX, _ENVOY = "ingress-nginx", "envoy"


@click.command()
@click.argument("product", metavar="PRODUCT", type=click.Choice([_INGRESS_NGINX, _ENVOY]))
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--trust", metavar="NAME", help="Write the policies of these CAs, where the input has several sets of them."
)
@click.option(
    "--behind",
    type=click.Choice([front.value for front in Front]),
    default=Front.ENVOY.value,
    show_default=True,
    help="The proxy that will ask: with ingress-nginx as PRODUCT it may stay.",
)
def command(*, product: str, files: tuple[str, ...], trust: str | None, behind: str) -> None:
    """Turn another product's certificate rules into a configuration.

    PRODUCT is ingress-nginx (Ingress manifests with auth-tls-* annotations; give the Secrets that they name, too) or
    envoy (a bootstrap, the answer of /config_dump, or files of listeners and secrets). Each FILE is YAML with any
    number of documents, or JSON; - is standard input.

    The configuration goes to stdout, with comments where something is left to do. It lets in nobody whom the original
    kept out, unless a line says so. Standard error has one line for each thing that is not the same, with its place:
    what was left out, which policies deny every request until somebody decides, and notes. Check the result with
    `extauthz validate`.

    Exits with 0 when everything was carried over, with 1 when the configuration was written and something was left
    out or denied, and with 2 when nothing was written: the input cannot be read, or asks for no certificates.
    """
    if product == _ENVOY and behind != Front.ENVOY:
        raise CommandError("--behind ingress-nginx: what Envoy asks by server name, ingress-nginx cannot tell")
    try:
        documents = [document for name in files for document in read_foreign(_read(name), name)]
        result = _import(documents, product=product, trust=trust, front=Front(behind))
    except UnreadableError as error:
        raise CommandError(visible(str(error))) from error
    click.echo(configuration_text(result.config), nl=False)
    for remark in result.remarks:
        click.echo(visible(str(remark)), err=True)
    if not result.is_complete:
        click.get_current_context().exit(INCOMPLETE)


def _import(documents: Sequence[Node], *, product: str, trust: str | None, front: Front) -> Import:
    if product == _ENVOY:
        return import_envoy(documents, trust=trust)
    return import_ingress_nginx(documents, trust=trust, front=front)


def _read(name: str) -> bytes:
    """Read a file, or standard input, and no more of it than is taken."""
    try:
        if name == _STDIN:
            return sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_INPUT_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{visible(name)} cannot be read: {error.strerror}") from error
