"""``extauthz crl``: what a certificate revocation list holds."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from extauthz.cli.crl_entries import entry_json, entry_line, list_entries
from extauthz.cli.crl_facts import CrlFacts, read_crl_facts
from extauthz.cli.errors import CommandError
from extauthz.cli.identity_text import LABEL_WIDTH
from extauthz.cli.material import read_input, recognise
from extauthz.cli.text import duration, instant, visible
from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.files import MAX_PEM_BYTES, crls_from_bytes
from extauthz.trust.crl.load import load_crl


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--issuer",
    "issuers",
    metavar="CERT",
    multiple=True,
    help="Verify the signature with these certificates (PEM bundle or DER). Repeatable.",
)
@click.option("--entries", is_flag=True, help="List the entries too; with --json one object a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a CRL.")
def command(*, file: Path, issuers: Sequence[str], entries: bool, as_json: bool) -> None:
    """Show what a certificate revocation list holds.

    FILE is DER or PEM, with one CRL or several. With --issuer it also says whether the service would use the CRL, and
    exits with 1 when it would not.
    """
    trusted = [certificate for name in issuers for certificate in _issuers(name)] if issuers else None
    now = datetime.now(UTC)
    usable = True
    try:
        for der in crls_from_bytes(_read(file)):
            facts = read_crl_facts(der)
            problem = None if trusted is None else _problem(der, trusted)
            usable = usable and problem is None
            verified = None if trusted is None else problem is None
            if as_json:
                click.echo(json.dumps(_json_form(file, facts, now, verified=verified, problem=problem)))
            else:
                for line in _lines(facts, now, verified=verified, problem=problem):
                    click.echo(line)
            for entry in list_entries(der) if entries else ():
                click.echo(json.dumps(entry_json(entry)) if as_json else entry_line(entry))
            if not as_json:
                click.echo()
    except CrlError as error:
        raise CommandError(f"{file}: {visible(str(error))}") from error
    click.get_current_context().exit(0 if usable else 1)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_PEM_BYTES + 1)  # one more than is accepted, so that a longer one is refused
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error


def _issuers(name: str) -> Sequence[Certificate]:
    try:
        return [parse_certificate(der) for der in recognise(read_input(name)).certificates]
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error
    except DecodeError as error:
        raise CommandError(f"{name}: {visible(error.detail)}") from error


def _problem(der: bytes, issuers: Sequence[Certificate]) -> str | None:
    """Return why the service would not use the CRL, None when it would."""
    try:
        load_crl(der, issuers)
    except CrlError as error:
        return str(error)
    return None


def _json_form(
    file: Path, facts: CrlFacts, now: datetime, *, verified: bool | None, problem: str | None
) -> dict[str, object]:
    return {
        "file": str(file),
        "issuer": facts.issuer,
        "number": facts.number,
        "this_update": instant(facts.this_update),
        "next_update": None if facts.next_update is None else instant(facts.next_update),
        "stale": _is_stale(facts, now),
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
        "verified": verified,
        "problem": problem,
    }


def _lines(facts: CrlFacts, now: datetime, *, verified: bool | None, problem: str | None) -> Iterator[str]:
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
        (
            "signature",
            "NOT USABLE: " + visible(problem) if problem else "verified" if verified else "not checked (--issuer)",
        ),
    ):
        yield f"{label:{LABEL_WIDTH}}{value}"
    for uri in facts.freshest:
        yield f"{'delta CRLs at':{LABEL_WIDTH}}{visible(uri)}"
    for oid in facts.unknown_critical:
        yield f"{'WARNING':{LABEL_WIDTH}}the critical extension {oid} is not supported, so the CRL must not be used"


def _covers(facts: CrlFacts) -> str:
    """Say of which certificates it speaks."""
    scope = "all certificates of its issuer" if facts.scope is None else str(facts.scope)
    return scope if facts.base_number is None else f"changes since CRL number {facts.base_number}: {scope}"


def _next_update(facts: CrlFacts, now: datetime) -> str:
    if facts.next_update is None:
        return "none announced"
    if _is_stale(facts, now):
        return f"{instant(facts.next_update)} (STALE for {duration(now - facts.next_update)})"
    return f"{instant(facts.next_update)} (in {duration(facts.next_update - now)})"


def _is_stale(facts: CrlFacts, now: datetime) -> bool:
    return facts.next_update is not None and now > facts.next_update
