"""One certificate, parsed once: the only place where certificate bytes from outside are read.

The plan, in this order; the word in front is the stage that a refusal names:

1. input       not empty, not too large
2. structure   it is the DER of one certificate; both signature algorithms agree; no list in it is longer than real ones
3. validity    both times exist and are in order
4. subject     every attribute can be read and is clean
5. issuer      the same
6. extensions  version 3 where there are any; all of them can be decoded; subjectAltName is clean
7. public key  it can be read, or is of a type that nobody here knows
8. the identity is put together, smart cards and accounts with it; two that exclude each other are refused; what is odd
   and no reason to refuse becomes a warning
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509 import ExtensionType

from extauthz.identity.attribute_types import COMMON_NAME, ORGANIZATION, ORGANIZATIONAL_UNIT
from extauthz.identity.card import read_card
from extauthz.identity.decode import Decoded, decode
from extauthz.identity.names import NameKey, NameReading
from extauthz.identity.profile import DEFAULT_PROFILE, IdentityProfile
from extauthz.identity.refusal import malformed, too_large
from extauthz.identity.spiffe import svid_deviations, svid_id
from extauthz.model.identity import CertIdentity

MAX_CERTIFICATE_BYTES: Final = 64 * 1024
"""The largest certificate that is read. Smart cards hold 2 KiB; the cost of parsing grows with the size."""

_LONGEST_SERIAL_BITS: Final = 20 * 8 - 1
"""RFC 5280 §4.1.2.2: at most 20 octets, of which one bit is the sign."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Certificate:
    """One certificate, parsed once; nothing lazy is left to fail later. Nothing about it is verified."""

    der: bytes
    x509: x509.Certificate
    """For signatures and the path verifier only: reading a name or number from it again may warn."""
    identity: CertIdentity
    serial: int
    issuer_key: NameKey
    subject_key: NameKey
    spki_sha256: bytes
    sha256: bytes
    authority_key_id: bytes | None
    subject_key_id: bytes | None
    unknown_critical: tuple[str, ...]
    """OIDs of critical extensions that nobody here processes."""
    extensions: tuple[ExtensionType, ...]
    """In order; the subject's names and key identifier may be left out."""
    revocation_extensions: bytes
    """The DER of cRLDistributionPoints and issuerAltName, one after the other; certificates with the same bytes here
    (and one issuer) have their revocation told in the same places."""


def parse_certificate(der: bytes, profile: IdentityProfile = DEFAULT_PROFILE) -> Certificate:
    """Parse one DER certificate of any origin. ``profile`` says what smart cards are recognized by.

    Raises ``DecodeError`` and nothing else: ``certificate_too_large``, ``certificate_malformed`` or
    ``identity_conflict``, with the stage at the start of ``detail``.
    """
    # 1. input.
    if not der:
        raise malformed("input", "the certificate is empty")
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise too_large("input", f"{len(der)} bytes; at most {MAX_CERTIFICATE_BYTES} are read")
    decoded = decode(der)  # 2. to 7.
    # 8. the identity.
    extensions = decoded.extensions
    sha256 = hashlib.sha256(der).digest()
    spki_sha256 = hashlib.sha256(decoded.structure.spki).digest()
    return Certificate(
        der=der,
        x509=decoded.certificate,
        identity=_identity(decoded, sha256, spki_sha256, profile),
        serial=decoded.structure.serial,
        issuer_key=decoded.issuer.key,
        subject_key=decoded.subject.key,
        spki_sha256=spki_sha256,
        sha256=sha256,
        authority_key_id=extensions.authority_key_id,
        subject_key_id=extensions.subject_key_id,
        unknown_critical=extensions.unknown_critical,
        extensions=extensions.values,
        revocation_extensions=decoded.revocation_extensions,
    )


def _identity(decoded: Decoded, sha256: bytes, spki_sha256: bytes, profile: IdentityProfile) -> CertIdentity:
    extensions = decoded.extensions
    serial = decoded.structure.serial
    common_names = _values(decoded.subject, COMMON_NAME)
    uris = [san.value for san in extensions.sans if san.type == "uri"]
    spiffe_id, why_no_svid = svid_id(uris, extensions.key_usage, is_ca=extensions.is_ca)
    warnings = [*_serial_warnings(serial), *decoded.warnings, *extensions.warnings]
    if len(common_names) > 1:
        warnings.append(f"subject: {len(common_names)} common names, so none is used")
    if why_no_svid is not None:
        warnings.append(why_no_svid)
    if spiffe_id is not None:
        usage, purposes = extensions.key_usage, extensions.extended_key_usage
        warnings += svid_deviations(usage, purposes, key_usage_critical=extensions.key_usage_critical)
    # Several are ambiguous, and an empty one names nobody: neither is an identity.
    common_name = common_names[0] if len(common_names) == 1 and common_names[0] else None
    units = _values(decoded.subject, ORGANIZATIONAL_UNIT)
    card = read_card(decoded, units, common_name, spiffe_id, profile)
    warnings += card.warnings
    return CertIdentity(
        subject_dn=decoded.subject.dn,
        issuer_dn=decoded.issuer.dn,
        common_name=common_name,
        common_names=common_names,
        organizations=_values(decoded.subject, ORGANIZATION),
        organizational_units=units,
        serial_number=format(serial, "x"),
        not_before=decoded.not_before,
        not_after=decoded.not_after,
        sans=extensions.sans,
        sha256=sha256.hex(),
        thumbprint_s256=base64.urlsafe_b64encode(sha256).rstrip(b"=").decode(),
        spki_sha256=base64.b64encode(spki_sha256).decode(),
        key=decoded.key,
        key_usage=extensions.key_usage,
        extended_key_usage=extensions.extended_key_usage,
        policy_oids=extensions.policy_oids,
        is_ca=extensions.is_ca,
        authority_key_id=_hex(extensions.authority_key_id),
        subject_key_id=_hex(extensions.subject_key_id),
        kind=card.kind,
        authenticates_card=card.authenticates_card,
        fasc_n=card.fasc_n,
        piv_interim=card.piv_interim,
        card_uuid=card.card_uuid,
        edipi=card.edipi,
        spiffe_id=spiffe_id,
        ms_sid=card.ms_sid,
        warnings=tuple(warnings),
    )


def _serial_warnings(serial: int) -> list[str]:
    """RFC 5280 §4.1.2.2: "Note: Non-conforming CAs may issue certificates with serial numbers that are negative"."""
    warnings = []
    if serial <= 0:
        warnings.append("serial: not a positive number")
    if serial.bit_length() > _LONGEST_SERIAL_BITS:
        warnings.append("serial: longer than 20 octets")
    return warnings


def _values(name: NameReading, wanted: str) -> tuple[str, ...]:
    """Return the values of one attribute type in encoded order."""
    return tuple([value for oid, value in name.attributes if oid == wanted and isinstance(value, str)])


def _hex(octets: bytes | None) -> str | None:
    return octets.hex() if octets is not None else None
