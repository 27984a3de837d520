"""``extauthz crl``: what a certificate revocation list holds."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from extauthz.cli.crl_entries import Entry, entry_json, entry_line, list_entries
from extauthz.cli.crl_facts import CrlFacts, read_crl_facts
from extauthz.cli.crl_use import Use, find_use, is_stale
from extauthz.cli.errors import CommandError
from extauthz.cli.identity_text import LABEL_WIDTH
from extauthz.cli.material import STDIN, read_input, recognise
from extauthz.cli.text import duration, instant
from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.visible import visible
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.files import MAX_PEM_BYTES, crls_from_bytes


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--issuer",
    "issuers",
    metavar="CERT",
    multiple=True,
    help="Verify the signature with these certificates (PEM bundle or DER). Repeatable.",
)
@click.option("--entries", is_flag=True, help="List the entries too; with --json one object a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a CRL.")
def command(*, files: Sequence[str], issuers: Sequence[str], entries: bool, as_json: bool) -> None:
    """Show what a certificate revocation list holds.

    FILE, or - for stdin, is DER or PEM, with one CRL or several. With --issuer it also says whether the service would
    use the CRL, and exits with 1 when it would not: it is stale, for example, or its signature does not verify. Exits
    with 2 when any FILE cannot be read.
    """
    trusted = [certificate for name in issuers for certificate in _issuers(name)] if issuers else None
    now = datetime.now(UTC)
    status = 0
    for name in files:
        if len(files) > 1 and not as_json:
            click.echo(f"{name}:", err=True)
        try:
            content = _read(name)
        except OSError as error:
            status = 2
            _fail(name, f"cannot be read: {error.strerror}", as_json=as_json)
            continue
        try:
            for der in crls_from_bytes(content):
                facts = read_crl_facts(der)
                use = None if trusted is None else find_use(der, facts, trusted, now)
                if use is not None and use.problem is not None:
                    status = max(status, 1)
                _show(name, facts, now, use, list_entries(der) if entries else (), as_json=as_json)
        except CrlError as error:
            status = 2
            _fail(name, str(error), as_json=as_json)
    click.get_current_context().exit(status)


def _read(name: str) -> bytes:
    """Return the content; of one that is too long for a CRL one byte too many, so that it is refused."""
    if name == STDIN:
        return sys.stdin.buffer.read(MAX_PEM_BYTES + 1)
    with Path(name).open("rb") as stream:
        return stream.read(MAX_PEM_BYTES + 1)


def _show(
    name: str, facts: CrlFacts, now: datetime, use: Use | None, entries: Iterable[Entry], *, as_json: bool
) -> None:
    if as_json:
        click.echo(json.dumps(_json_form(name, facts, now, use)))
    else:
        for line in _lines(facts, now, use):
            click.echo(line)
    for entry in entries:
        click.echo(json.dumps(entry_json(entry)) if as_json else entry_line(entry))
    if not as_json:
        click.echo()


def _fail(name: str, message: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"file": name, "error": message}))
    else:
        click.echo(f"{name}: {visible(message)}", err=True)


def _issuers(name: str) -> Sequence[Certificate]:
    try:
        return [parse_certificate(der) for der in recognise(read_input(name)).certificates]
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error
    except DecodeError as error:
        raise CommandError(f"{name}: {visible(error.detail)}") from error


def _json_form(name: str, facts: CrlFacts, now: datetime, use: Use | None) -> dict[str, object]:
    return {
        "file": name,
        "issuer": facts.issuer,
        "number": facts.number,
        "this_update": instant(facts.this_update),
        "next_update": None if facts.next_update is None else instant(facts.next_update),
        "stale": is_stale(facts, now),
        "entries": facts.entries,
        "signature_algorithm": facts.signature_algorithm,
        "authority_key_id": facts.authority_key_id,
        "base_number": facts.base_number,
        "covers": _covers(facts),
        "issuing_distribution_point": None
        if facts.scope is None
        else {
            "names": facts.scope.names,
            "only": facts.scope.only,
            "reasons": facts.scope.reasons,
            "indirect": facts.scope.indirect,
        },
        "freshest_crl": facts.freshest,
        "unknown_critical": facts.unknown_critical,
        "sha256": facts.sha256,
        "verified": None if use is None else use.verified,
        "problem": None if use is None else use.problem,
    }


def _lines(facts: CrlFacts, now: datetime, use: Use | None) -> Iterator[str]:
    for label, value in (
        ("issuer", visible(facts.issuer)),
        ("number", "none" if facts.number is None else str(facts.number)),
        ("this update", f"{instant(facts.this_update)} ({duration(now - facts.this_update)} ago)"),
        ("next update", _next_update(facts, now)),
        ("entries", str(facts.entries)),
        ("covers", visible(_covers(facts))),
        ("signature algorithm", facts.signature_algorithm),
        ("authority key id", facts.authority_key_id or "none"),
        ("SHA-256", facts.sha256),
        ("signature", _signature(use)),
    ):
        yield f"{label:{LABEL_WIDTH}}{value}"
    if use is not None and use.verified and use.problem is not None:
        yield f"{'NOT USABLE':{LABEL_WIDTH}}{use.problem}"
    for uri in facts.freshest:
        yield f"{'delta CRLs at':{LABEL_WIDTH}}{visible(uri)}"
    for oid in facts.unknown_critical:
        yield f"{'WARNING':{LABEL_WIDTH}}the critical extension {oid} is not supported, so the CRL must not be used"


def _signature(use: Use | None) -> str:
    if use is None:
        return "not checked (--issuer)"
    return "verified" if use.verified else f"NOT USABLE: {visible(str(use.problem))}"


def _covers(facts: CrlFacts) -> str:
    """Say of which certificates it speaks."""
    scope = "all certificates of its issuer" if facts.scope is None else str(facts.scope)
    return scope if facts.base_number is None else f"changes since CRL number {facts.base_number}: {scope}"


def _next_update(facts: CrlFacts, now: datetime) -> str:
    if facts.next_update is None:
        return "none announced"
    if is_stale(facts, now):
        return f"{instant(facts.next_update)} (STALE for {duration(now - facts.next_update)})"
    return f"{instant(facts.next_update)} (in {duration(facts.next_update - now)})"
