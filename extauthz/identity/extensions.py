"""The extensions that say something about identity, and the critical ones that nobody here processes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography import x509

from extauthz.identity.general_names import read_general_names
from extauthz.identity.key_purposes import extended_key_usage_names, key_usage_names
from extauthz.identity.ms_sid import SID_EXTENSION
from extauthz.identity.piv_interim import PIV_INTERIM_EXTENSION
from extauthz.model.identity import SubjectAltName

PROCESSED: Final = frozenset(
    {
        "2.5.29.14",  # subjectKeyIdentifier: read here
        "2.5.29.15",  # keyUsage: the path verifier for CAs; `kind` for leaves
        "2.5.29.17",  # subjectAltName: the rules of a policy
        "2.5.29.19",  # basicConstraints: the path verifier; `is_ca`
        "2.5.29.32",  # certificatePolicies: the path verifier and the rules of a policy
        "2.5.29.35",  # authorityKeyIdentifier: finding issuers and CRLs
        "2.5.29.36",  # policyConstraints: the path verifier
        "2.5.29.37",  # extKeyUsage: the path verifier and the rules of a policy
    }
)
"""Extensions whose meaning extauthz honours (RFC 5280 §4.2: "MUST reject the certificate if it encounters a critical
extension it does not recognize or a critical extension that contains information that it cannot process").

Left out on purpose: cRLDistributionPoints and freshestCRL (a critical one asks for a CRL from that very place before
the certificate is used, and here the operator chooses the CRLs), issuerAltName.
"""

_PROCESSED_IN_CAS: Final = PROCESSED | {
    "2.5.29.30",  # nameConstraints
    "2.5.29.33",  # policyMappings
    "2.5.29.54",  # inhibitAnyPolicy
}
"""These limit what a CA may certify, and the path verifier holds everything below it to them. RFC 5280 knows no
meaning for them in other certificates."""
_KEY_USAGE: Final = "2.5.29.15"
_EXTENDED_KEY_USAGE: Final = "2.5.29.37"


@dataclass(slots=True)
class ExtensionReading:
    """What the extensions say; absent ones leave their default."""

    sans: tuple[SubjectAltName, ...] = ()
    key_usage: tuple[str, ...] = ()
    key_usage_critical: bool = False
    extended_key_usage: tuple[str, ...] = ()
    purposes_critical: bool = False
    """Whether the extended key usage is."""
    policy_oids: tuple[str, ...] = ()
    is_ca: bool = False
    authority_key_id: bytes | None = None
    subject_key_id: bytes | None = None
    ms_sid: bytes | None = None
    """The value of Microsoft's extension, as it is."""
    piv_interim: bytes | None = None
    """The value of the PIV interim indicator, as it is."""
    unknown_critical: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)


def read_extensions(extensions: x509.Extensions) -> ExtensionReading:
    """Read the decoded extensions. Raises ``DecodeError`` for a subjectAltName that may not be used."""
    reading = ExtensionReading()
    critical = []
    for extension in extensions:
        if extension.critical:
            critical.append(extension.oid.dotted_string)
        # The others say nothing about identity; a critical one among them is noted below.
        if (reader := _READERS.get(type(extension.value))) is not None:
            reader(extension.value, reading)
    reading.key_usage_critical = _KEY_USAGE in critical
    reading.purposes_critical = _EXTENDED_KEY_USAGE in critical
    processed = _PROCESSED_IN_CAS if reading.is_ca else PROCESSED
    reading.unknown_critical = tuple([oid for oid in critical if oid not in processed])
    reading.warnings += [f"unknown critical extension {oid}" for oid in reading.unknown_critical]
    return reading


def _subject_alt_name(value: x509.SubjectAlternativeName, reading: ExtensionReading) -> None:
    reading.sans = read_general_names(value)
    if not reading.sans:
        reading.warnings.append("subjectAltName: holds no name")
    if [san.type for san in reading.sans].count("upn") > 1:
        reading.warnings.append("subjectAltName: more than one user principal name")


def _key_usage(value: x509.KeyUsage, reading: ExtensionReading) -> None:
    reading.key_usage = key_usage_names(value)
    if not reading.key_usage:
        reading.warnings.append("keyUsage: allows nothing")


def _extended_key_usage(value: x509.ExtendedKeyUsage, reading: ExtensionReading) -> None:
    reading.extended_key_usage = extended_key_usage_names(value)


def _basic_constraints(value: x509.BasicConstraints, reading: ExtensionReading) -> None:
    reading.is_ca = value.ca


def _authority_key_id(value: x509.AuthorityKeyIdentifier, reading: ExtensionReading) -> None:
    reading.authority_key_id = value.key_identifier


def _subject_key_id(value: x509.SubjectKeyIdentifier, reading: ExtensionReading) -> None:
    reading.subject_key_id = value.digest


def _policies(value: x509.CertificatePolicies, reading: ExtensionReading) -> None:
    oids = [policy.policy_identifier.dotted_string for policy in value]
    reading.policy_oids = tuple(dict.fromkeys(oids))
    if len(reading.policy_oids) != len(oids):
        reading.warnings.append("certificatePolicies: a policy is listed twice")


def _unrecognized(value: x509.UnrecognizedExtension, reading: ExtensionReading) -> None:
    """Keep the bytes of what the library does not know and somebody here does."""
    oid = value.oid.dotted_string
    if oid == SID_EXTENSION:
        reading.ms_sid = value.value
    elif oid == PIV_INTERIM_EXTENSION:
        reading.piv_interim = value.value


_READERS: Final[dict[type[x509.ExtensionType], Callable[[Any, ExtensionReading], None]]] = {
    x509.SubjectAlternativeName: _subject_alt_name,
    x509.KeyUsage: _key_usage,
    x509.ExtendedKeyUsage: _extended_key_usage,
    x509.CertificatePolicies: _policies,
    x509.BasicConstraints: _basic_constraints,
    x509.AuthorityKeyIdentifier: _authority_key_id,
    x509.SubjectKeyIdentifier: _subject_key_id,
    x509.UnrecognizedExtension: _unrecognized,
}
"""By exact type: these are abstract base classes, and ``isinstance`` down a list of them costs more than decoding."""
