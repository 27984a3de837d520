"""A certificate's identity as text for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from extauthz.cli.text import duration, instant
from extauthz.model.identity import CertIdentity, PublicKeyInfo

LABEL_WIDTH = 22


def identity_lines(identity: CertIdentity, now: datetime) -> Iterator[str]:
    """Yield one line a fact; facts that the certificate does not state are left out."""
    for label, values in _facts(identity, now):
        for index, value in enumerate(values):
            yield f"{'' if index else label:{LABEL_WIDTH}}{value}"


def _facts(identity: CertIdentity, now: datetime) -> Iterator[tuple[str, Sequence[str]]]:
    yield "subject", [identity.subject_dn or "(empty)"]
    yield "issuer", [identity.issuer_dn or "(empty)"]
    yield "serial number", [identity.serial_number]
    yield "valid", [f"{instant(identity.not_before)} to {instant(identity.not_after)} ({_validity(identity, now)})"]
    yield "names", [str(san) for san in identity.sans]
    yield "kind", [identity.kind.value]
    for label, value in (
        ("SPIFFE ID", identity.spiffe_id),
        ("EDIPI", identity.edipi),
        ("card UUID", identity.card_uuid),
        ("Microsoft SID", identity.ms_sid),
    ):
        yield label, [value] if value is not None else []
    if identity.fasc_n is not None:
        fasc_n = identity.fasc_n
        number = f"{fasc_n.agency_code}-{fasc_n.system_code}-{fasc_n.credential_number}"
        yield "FASC-N", [f"{number}, person {fasc_n.person_identifier}{'' if fasc_n.valid else ' (INVALID)'}"]
    yield "key", [_key(identity.key)]
    yield "key usage", [", ".join(identity.key_usage)] if identity.key_usage else []
    yield "extended key usage", [", ".join(identity.extended_key_usage)] if identity.extended_key_usage else []
    yield "policies", identity.policy_oids
    yield "CA", ["yes: this is an authority, not a client"] if identity.is_ca else []
    yield "SHA-256", [identity.sha256]
    yield "SPKI SHA-256", [identity.spki_sha256]
    yield "x5t#S256", [identity.thumbprint_s256]
    yield "subject key id", [identity.subject_key_id] if identity.subject_key_id else []
    yield "authority key id", [identity.authority_key_id] if identity.authority_key_id else []
    yield "WARNING", identity.warnings


def _validity(identity: CertIdentity, now: datetime) -> str:
    if now < identity.not_before:
        return f"NOT YET VALID, begins in {duration(identity.not_before - now)}"
    if now > identity.not_after:
        return f"EXPIRED {duration(now - identity.not_after)} ago"
    return f"{duration(identity.not_after - now)} left"


def _key(key: PublicKeyInfo) -> str:
    return " ".join([key.type, *([f"{key.bits} bits"] if key.bits else []), *([key.curve] if key.curve else [])])
