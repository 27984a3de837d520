"""``extauthz import``: turn another product's ways to ask for client certificates into a configuration."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import click

from extauthz.cli.errors import CommandError
from extauthz.cli.text import visible
from extauthz.importing.envoy import import_envoy
from extauthz.importing.foreign import MAX_INPUT_BYTES, Node, UnreadableError, read_foreign
from extauthz.importing.ingress_nginx import import_ingress_nginx
from extauthz.importing.written import Import
from extauthz.importing.written_text import configuration_text

INCOMPLETE = 1
"""Exit status for a configuration that was written without something that the original has."""
_STDIN = "-"


class _Importer(Protocol):
    def __call__(self, documents: Sequence[Node], *, trust: str | None) -> Import: ...


_IMPORTERS: Mapping[str, _Importer] = {"ingress-nginx": import_ingress_nginx, "envoy": import_envoy}


@click.command()
@click.argument("product", metavar="PRODUCT", type=click.Choice(list(_IMPORTERS)))
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--trust", metavar="NAME", help="Write the policies of these CAs, where the input has several sets of them."
)
def command(*, product: str, files: tuple[str, ...], trust: str | None) -> None:
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
    try:
        documents = [document for name in files for document in read_foreign(_read(name), name)]
        result = _IMPORTERS[product](documents, trust=trust)
    except UnreadableError as error:
        raise CommandError(visible(str(error))) from error
    click.echo(configuration_text(result.config), nl=False)
    for remark in result.remarks:
        click.echo(visible(str(remark)), err=True)
    if not result.is_complete:
        click.get_current_context().exit(INCOMPLETE)


def _read(name: str) -> bytes:
    """Read a file, or standard input, and no more of it than is taken."""
    try:
        if name == _STDIN:
            return sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_INPUT_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{visible(name)} cannot be read: {error.strerror}") from error
