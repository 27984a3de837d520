"""A certificate's identity as text for people."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from extauthz.cli.text import duration, instant
from extauthz.model.identity import CertIdentity, FascN, Kind, PublicKeyInfo

LABEL_WIDTH = 22

_KIND_WORDS: Mapping[Kind, str] = {
    Kind.PIV_AUTH: "a PIV card and its PIN",
    Kind.PIV_CARD_AUTH: "a PIV card alone, without a PIN; not its holder",
    Kind.DERIVED_PIV: "a credential derived from a PIV card",
    Kind.PIV_I_AUTH: "a PIV-I card and its PIN",
    Kind.PIV_I_CARD_AUTH: "a PIV-I card alone, without a PIN; not its holder",
    Kind.CAC: "a Common Access Card of the US DoD and its PIN",
    Kind.SPIFFE: "an X509-SVID",
}
_CATEGORIES: Mapping[str, str] = {
    "1": "federal government agency",
    "2": "state government agency",
    "3": "commercial enterprise",
    "4": "foreign government",
}
"""TIG SCEPACS §6.2, organizational category."""
_ASSOCIATIONS: Mapping[str, str] = {
    "1": "employee",
    "2": "civil",
    "3": "executive staff",
    "4": "uniformed service",
    "5": "contractor",
    "6": "organizational affiliate",
    "7": "organizational beneficiary",
}
"""TIG SCEPACS §6.2, person/organization association."""


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
    yield "kind", [_kind(identity.kind)]
    for label, value in (
        ("SPIFFE ID", identity.spiffe_id),
        ("EDIPI", identity.edipi),
        ("card UUID", identity.card_uuid),
        ("Microsoft SID", identity.ms_sid),
    ):
        yield label, [value] if value is not None else []
    if identity.fasc_n is not None:
        yield "FASC-N", list(_fasc_n(identity.fasc_n))
    if identity.piv_interim is not None:
        finished = "the holder's investigation was not finished" if identity.piv_interim else "no"
        yield "PIV interim", [finished]
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


def _kind(kind: Kind) -> str:
    words = _KIND_WORDS.get(kind)
    return kind.value if words is None else f"{kind.value}: {words}"


def _fasc_n(number: FascN) -> Iterator[str]:
    parts = f"agency {number.agency_code}, system {number.system_code}, credential {number.credential_number}"
    yield f"{number.unique_number} ({parts})"
    yield f"series {number.credential_series}, issue {number.individual_credential_issue}"
    category = _with_words(number.organizational_category, _CATEGORIES)
    association = _with_words(number.person_association, _ASSOCIATIONS)
    yield f"person {number.person_identifier}, {association}"
    yield f"organization {number.organizational_identifier}, {category}"
    if not number.valid:
        yield "INVALID, so it identifies nobody"
    elif not number.is_identifier:
        yield "of no federal agency, so it identifies nobody"


def _with_words(digit: str, words: Mapping[str, str]) -> str:
    return f"{words[digit]} ({digit})" if digit in words else f"code {digit}"


def _validity(identity: CertIdentity, now: datetime) -> str:
    if now < identity.not_before:
        return f"NOT YET VALID, begins in {duration(identity.not_before - now)}"
    if now > identity.not_after:
        return f"EXPIRED {duration(now - identity.not_after)} ago"
    return f"{duration(identity.not_after - now)} left"


def _key(key: PublicKeyInfo) -> str:
    return " ".join([key.type, *([f"{key.bits} bits"] if key.bits else []), *([key.curve] if key.curve else [])])
