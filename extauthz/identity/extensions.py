"""The extensions that say something about identity, and the critical ones that nobody here processes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

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
SUBJECT_ALT_NAME: Final = "2.5.29.17"
SUBJECT_KEY_ID: Final = "2.5.29.14"
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
    values: tuple[x509.ExtensionType, ...] = ()
    """The extensions themselves, as the library shows them; the subject's names and key identifier may be left out."""
    warnings: list[str] = field(default_factory=list)


class ExtensionPart(NamedTuple):
    """What one extension says."""

    oid: str
    is_critical: bool
    fields: tuple[tuple[str, object], ...] = ()
    """Names of fields of ``ExtensionReading``, and what they are by this extension."""
    warnings: tuple[str, ...] = ()
    value: x509.ExtensionType | None = None


def read_extensions(extensions: Iterable["x509.Extension[x509.ExtensionType]"]) -> ExtensionReading:
    """Read the decoded extensions. Raises ``DecodeError`` for a subjectAltName that may not be used."""
    return combined([read_part(one) for one in extensions])


def read_part(extension: "x509.Extension[x509.ExtensionType]") -> ExtensionPart:
    """Read one extension. Raises ``DecodeError`` for a subjectAltName that may not be used."""
    oid, is_critical, value = extension.oid.dotted_string, extension.critical, extension.value
    # The others say nothing about identity; a critical one among them is noted by ``combined``.
    reader = _READERS.get(type(value))
    part = ExtensionPart(oid, is_critical, value=value)
    if reader is None:
        return part
    fields, warnings = reader(value)
    return part._replace(fields=tuple(fields.items()), warnings=warnings)


def combined(parts: Iterable[ExtensionPart]) -> ExtensionReading:
    """Put together what the extensions of one certificate say."""
    said: dict[str, Any] = {}
    critical, values = [], []
    noted: list[str] = []
    for oid, is_critical, fields, warnings, value in parts:
        if is_critical:
            critical.append(oid)
        said.update(fields)
        noted += warnings
        if value is not None:
            values.append(value)
    reading = ExtensionReading(**said, values=tuple(values), warnings=noted)
    if critical:
        reading.key_usage_critical = _KEY_USAGE in critical
        reading.purposes_critical = _EXTENDED_KEY_USAGE in critical
        processed = _PROCESSED_IN_CAS if reading.is_ca else PROCESSED
        reading.unknown_critical = tuple([oid for oid in critical if oid not in processed])
        reading.warnings += [f"unknown critical extension {oid}" for oid in reading.unknown_critical]
    return reading


def alternatives_part(*, is_critical: bool, sans: tuple[SubjectAltName, ...]) -> ExtensionPart:
    """Return what a subjectAltName of these names says."""
    fields, warnings = _said_by(sans)
    return ExtensionPart(SUBJECT_ALT_NAME, is_critical, tuple(fields.items()), warnings)


class _Said(NamedTuple):
    fields: Mapping[str, object]
    warnings: tuple[str, ...] = ()


def _said_by(sans: tuple[SubjectAltName, ...]) -> _Said:
    warnings = []
    if not sans:
        warnings.append("subjectAltName: holds no name")
    if len(sans) > 1 and [san.type for san in sans].count("upn") > 1:
        warnings.append("subjectAltName: more than one user principal name")
    return _Said({"sans": sans}, tuple(warnings))


def _subject_alt_name(value: x509.SubjectAlternativeName) -> _Said:
    return _said_by(read_general_names(value))


def _key_usage(value: x509.KeyUsage) -> _Said:
    names = key_usage_names(value)
    return _Said({"key_usage": names}, () if names else ("keyUsage: allows nothing",))


def _extended_key_usage(value: x509.ExtendedKeyUsage) -> _Said:
    return _Said({"extended_key_usage": extended_key_usage_names(value)})


def _basic_constraints(value: x509.BasicConstraints) -> _Said:
    return _Said({"is_ca": value.ca})


def _authority_key_id(value: x509.AuthorityKeyIdentifier) -> _Said:
    return _Said({"authority_key_id": value.key_identifier})


def _subject_key_id(value: x509.SubjectKeyIdentifier) -> _Said:
    return _Said({"subject_key_id": value.digest})


def _policies(value: x509.CertificatePolicies) -> _Said:
    oids = [policy.policy_identifier.dotted_string for policy in value]
    policies = tuple(dict.fromkeys(oids))
    twice = () if len(policies) == len(oids) else ("certificatePolicies: a policy is listed twice",)
    return _Said({"policy_oids": policies}, twice)


def _unrecognized(value: x509.UnrecognizedExtension) -> _Said:
    """Keep the bytes of what the library does not know and somebody here does."""
    oid = value.oid.dotted_string
    if oid == SID_EXTENSION:
        return _Said({"ms_sid": value.value})
    return _Said({"piv_interim": value.value} if oid == PIV_INTERIM_EXTENSION else {})


_READERS: Final[dict[type[x509.ExtensionType], Callable[[Any], _Said]]] = {
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
