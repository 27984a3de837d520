"""The extensions that say something about identity, and the critical ones that nobody here processes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography import x509

from extauthz.identity.general_names import read_general_names
from extauthz.identity.key_purposes import extended_key_usage_names, key_usage_names
from extauthz.model.identity import SubjectAltName

PROCESSED: Final = frozenset(
    {
        "2.5.29.14",  # subjectKeyIdentifier: read here
        "2.5.29.15",  # keyUsage: the path verifier for CAs; `kind` for leaves
        "2.5.29.17",  # subjectAltName: the rules of a policy
        "2.5.29.19",  # basicConstraints: the path verifier; `is_ca`
        "2.5.29.32",  # certificatePolicies: the rules of a policy
        "2.5.29.35",  # authorityKeyIdentifier: finding issuers and CRLs
        "2.5.29.37",  # extKeyUsage: the path verifier and the rules of a policy
    }
)
"""Extensions whose meaning extauthz honours (RFC 5280 §4.2: "MUST reject the certificate if it encounters a critical
extension it does not recognize or a critical extension that contains information that it cannot process").

nameConstraints count too, but only in a CA certificate, where the path verifier applies them. Left out on purpose:
policyConstraints, policyMappings and inhibitAnyPolicy (no policy tree is built), cRLDistributionPoints and freshestCRL
(CRLs are the operator's choice, not the certificate's), issuerAltName.
"""

_NAME_CONSTRAINTS: Final = "2.5.29.30"


@dataclass(slots=True)
class ExtensionReading:
    """What the extensions say; absent ones leave their default."""

    sans: tuple[SubjectAltName, ...] = ()
    key_usage: tuple[str, ...] = ()
    extended_key_usage: tuple[str, ...] = ()
    policy_oids: tuple[str, ...] = ()
    is_ca: bool = False
    authority_key_id: bytes | None = None
    subject_key_id: bytes | None = None
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
    processed = PROCESSED | {_NAME_CONSTRAINTS} if reading.is_ca else PROCESSED
    reading.unknown_critical = tuple([oid for oid in critical if oid not in processed])
    reading.warnings += [f"unknown critical extension {oid}" for oid in reading.unknown_critical]
    return reading


def _subject_alt_name(value: x509.SubjectAlternativeName, reading: ExtensionReading) -> None:
    reading.sans = read_general_names(value)
    if not reading.sans:
        reading.warnings.append("subjectAltName: holds no name")
    if sum(san.type == "upn" for san in reading.sans) > 1:
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


_READERS: Final[dict[type[x509.ExtensionType], Callable[[Any, ExtensionReading], None]]] = {
    x509.SubjectAlternativeName: _subject_alt_name,
    x509.KeyUsage: _key_usage,
    x509.ExtendedKeyUsage: _extended_key_usage,
    x509.CertificatePolicies: _policies,
    x509.BasicConstraints: _basic_constraints,
    x509.AuthorityKeyIdentifier: _authority_key_id,
    x509.SubjectKeyIdentifier: _subject_key_id,
}
"""By exact type: these are abstract base classes, and ``isinstance`` down a list of them costs more than decoding."""
