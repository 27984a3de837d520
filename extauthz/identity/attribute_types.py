"""Names of DN attribute types: which to print (RFC 4514 §3) and which to understand."""

from typing import Final

COMMON_NAME: Final = "2.5.4.3"
COUNTRY: Final = "2.5.4.6"
ORGANIZATION: Final = "2.5.4.10"
ORGANIZATIONAL_UNIT: Final = "2.5.4.11"
JURISDICTION_COUNTRY: Final = "1.3.6.1.4.1.311.60.2.1.3"

PRINTED: Final[dict[str, str]] = {
    COMMON_NAME: "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    ORGANIZATION: "O",
    ORGANIZATIONAL_UNIT: "OU",
    COUNTRY: "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
"""The nine of RFC 4514 §3, which every reader of the format knows. Other types are printed as dotted OIDs."""

_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    COMMON_NAME: ("CN", "commonName"),
    "2.5.4.4": ("SN", "surname"),
    "2.5.4.5": ("serialNumber",),
    COUNTRY: ("C", "countryName"),
    "2.5.4.7": ("L", "localityName"),
    "2.5.4.8": ("ST", "S", "stateOrProvinceName"),
    "2.5.4.9": ("STREET", "streetAddress"),
    ORGANIZATION: ("O", "organizationName"),
    ORGANIZATIONAL_UNIT: ("OU", "organizationalUnitName"),
    "2.5.4.12": ("title", "T"),
    "2.5.4.13": ("description",),
    "2.5.4.15": ("businessCategory",),
    "2.5.4.16": ("postalAddress",),
    "2.5.4.17": ("postalCode",),
    "2.5.4.18": ("postOfficeBox",),
    "2.5.4.20": ("telephoneNumber",),
    "2.5.4.41": ("name",),
    "2.5.4.42": ("GN", "G", "givenName"),
    "2.5.4.43": ("initials",),
    "2.5.4.44": ("generationQualifier",),
    "2.5.4.45": ("x500UniqueIdentifier",),
    "2.5.4.46": ("dnQualifier",),
    "2.5.4.65": ("pseudonym",),
    "2.5.4.72": ("role",),
    "2.5.4.97": ("organizationIdentifier",),
    "0.9.2342.19200300.100.1.1": ("UID", "userId"),
    "0.9.2342.19200300.100.1.3": ("mail", "rfc822Mailbox"),
    "0.9.2342.19200300.100.1.25": ("DC", "domainComponent"),
    "1.2.840.113549.1.9.1": ("emailAddress", "E", "email"),
    "1.2.840.113549.1.9.2": ("unstructuredName",),
    "1.2.840.113549.1.9.8": ("unstructuredAddress",),
    "1.3.6.1.4.1.311.60.2.1.1": ("jurisdictionL", "jurisdictionLocalityName"),
    "1.3.6.1.4.1.311.60.2.1.2": ("jurisdictionST", "jurisdictionStateOrProvinceName"),
    JURISDICTION_COUNTRY: ("jurisdictionC", "jurisdictionCountryName"),
}

UNDERSTOOD: Final[dict[str, str]] = {alias.lower(): oid for oid, aliases in _ALIASES.items() for alias in aliases}
"""Lower-case short name -> dotted OID. Short names are not case-sensitive (RFC 4512 §1.4)."""
