"""``CertIdentity``: everything that one certificate says about its holder, read once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What sort of credential a certificate is."""

    SOFTWARE = "software"
    PIV_AUTH = "piv-auth"
    PIV_CARD_AUTH = "piv-card-auth"
    DERIVED_PIV = "derived-piv"
    PIV_I_AUTH = "piv-i-auth"
    PIV_I_CARD_AUTH = "piv-i-card-auth"
    CAC = "cac"
    SPIFFE = "spiffe"


@dataclass(frozen=True, slots=True)
class SubjectAltName:
    """One subjectAltName entry. ``str()`` is its typed form, such as ``dns:a.example`` or ``upn:alice@example``."""

    type: str
    """``dns``, ``email``, ``ip``, ``uri``, ``upn``, ``dirname``, ``rid``, or ``othername:<OID>``."""
    value: str

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


@dataclass(frozen=True, slots=True)
class PublicKeyInfo:
    """The key of a certificate: RSA and DSA have ``bits``, elliptic curves a ``curve`` (Ed25519 has neither)."""

    type: str
    """``rsa``, ``ec``, ``ed25519``, ``ed448``, ``dsa``, or ``unknown:<OID>``."""
    bits: int | None = None
    curve: str | None = None
    """OpenSSL's short name, such as ``secp256r1``."""


NON_FEDERAL_AGENCY = "9999"
"""The agency code of every card that no federal agency issued (TIG SCEPACS §3.1.1): it tells none from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FascN:
    """A Federal Agency Smart Credential Number, field by field (FIPS 201-3; TIG SCEPACS §6). Fields are digits."""

    agency_code: str
    system_code: str
    credential_number: str
    credential_series: str
    individual_credential_issue: str
    person_identifier: str
    organizational_category: str
    organizational_identifier: str
    person_association: str
    valid: bool
    """Every character, separator and check was as the standard says."""

    @property
    def unique_number(self) -> str:
        """Agency, system and credential number: the 14 digits that are unique among federal credentials."""
        return self.agency_code + self.system_code + self.credential_number

    @property
    def is_identifier(self) -> bool:
        """Say whether it may stand for a credential: not when malformed, nor with the agency code of nobody."""
        return self.valid and self.agency_code != NON_FEDERAL_AGENCY


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True)
class CertIdentity:
    """The identity read from one certificate.

    It says what the certificate *claims*. Whether the claim may be believed (validity, chain, revocation, policy) is
    for ``ClientCertAuthMethod`` to verify: a ``CertIdentity`` alone proves nothing.
    """

    subject_dn: str
    """RFC 4514."""
    issuer_dn: str
    """RFC 4514."""
    common_name: str | None
    """The subject's CN; None when it has none **or more than one** (then ``warnings`` says so)."""
    common_names: tuple[str, ...]
    """Every CN of the subject, in the certificate's order."""
    organizations: tuple[str, ...]
    organizational_units: tuple[str, ...]
    serial_number: str
    """Lower-case hex without leading zeros; ``-`` before a negative one."""
    not_before: datetime
    not_after: datetime
    """The last instant at which the certificate is valid (RFC 5280 §4.1.2.5: inclusive). Aware, UTC."""
    sans: tuple[SubjectAltName, ...]
    """In the certificate's order."""
    sha256: str
    """Lower-case hex SHA-256 of the DER."""
    thumbprint_s256: str
    """RFC 8705 ``x5t#S256``."""
    spki_sha256: str
    """Standard base64 SHA-256 of the DER SubjectPublicKeyInfo (RFC 7469 §2.4)."""
    key: PublicKeyInfo
    key_usage: tuple[str, ...]
    """RFC 5280 names in bit order: ``digitalSignature``, …; empty without the extension."""
    extended_key_usage: tuple[str, ...]
    """Names where known (``clientAuth``), else dotted OIDs, in the certificate's order."""
    policy_oids: tuple[str, ...]
    is_ca: bool
    authority_key_id: str | None
    """Lower-case hex."""
    subject_key_id: str | None
    """Lower-case hex."""
    kind: Kind = Kind.SOFTWARE
    authenticates_card: bool = False
    """Whether anything in it is a mark of Card Authentication, whatever its kind: it is used without a PIN, so whoever
    presents it has proved to hold a card and not to be its holder. True for both card kinds, and also where a
    certificate with such a mark contradicts itself and is of neither."""
    fasc_n: FascN | None = None
    """None without one, with several, and when it cannot be decoded (``warnings`` tells)."""
    piv_interim: bool | None = None
    """The PIV interim (NACI) indicator: True while the holder's investigation was not finished. None without one."""
    card_uuid: str | None = None
    """36 characters in lower case; None without one, with several, and when it cannot be read."""
    edipi: str | None = None
    """Ten digits; only under issuers configured as the DoD's, and only if nothing in the certificate contradicts."""
    spiffe_id: str | None = None
    ms_sid: str | None = None
    """Microsoft security identifier (``S-1-…``), from the extension or the URI form."""
    warnings: tuple[str, ...] = ()
    """What is odd about the certificate and was not a reason to refuse it."""

    def san_values(self, san_type: str) -> tuple[str, ...]:
        """Return the values of every subjectAltName entry of one type."""
        return tuple([san.value for san in self.sans if san.type == san_type])

    @property
    def dns_names(self) -> tuple[str, ...]:
        """The dNSName entries."""
        return self.san_values("dns")

    @property
    def emails(self) -> tuple[str, ...]:
        """The rfc822Name entries."""
        return self.san_values("email")

    @property
    def uris(self) -> tuple[str, ...]:
        """The uniformResourceIdentifier entries."""
        return self.san_values("uri")

    @property
    def ip_addresses(self) -> tuple[str, ...]:
        """The iPAddress entries, in their canonical text form."""
        return self.san_values("ip")

    @property
    def upns(self) -> tuple[str, ...]:
        """The Microsoft user principal names."""
        return self.san_values("upn")
