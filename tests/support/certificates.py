"""Composing one certificate: every keyword of the test authority, and how it becomes DER (RFC 5280 §4.1)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, TypedDict

from cryptography import x509
from cryptography.x509.oid import NameOID

from support import der, distribution_points, extensions, keys
from support.extensions import CLIENT_AUTH, ExtensionSpec

NOW: Final = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
DEFAULT_SAN: Final = "client.example"
_serials: Final = count(0x1000)


class Options(TypedDict, total=False):
    """What ``Authority.issue`` and ``make_ca`` take beside the common name."""

    organization: str | None
    organizational_unit: str | None
    subject: x509.Name
    """The whole subject, instead of organization, unit and common name."""
    dns: Iterable[str]
    uris: Iterable[str]
    emails: Iterable[str]
    ips: Iterable[str]
    upns: Iterable[str]
    directory: Iterable[x509.Name]
    other_sans: Iterable[bytes]
    """GeneralNames in DER, after the others."""
    no_san: bool
    san_critical: bool
    not_before: datetime
    """30 days before NOW unless given (a CA: 2020)."""
    not_after: datetime
    """335 days after NOW unless given (a CA: 2045)."""
    serial: int
    """Any size and sign; a fresh one unless given."""
    key: str | keys.PrivateKey
    """A kind of ``keys.make_key`` (default ``ec``) or a ready key."""
    key_usage: bool | Sequence[str]
    """True: digitalSignature (a CA: keyCertSign, cRLSign); False: no extension; or RFC 5280 names."""
    key_usage_critical: bool
    eku: Iterable[str]
    """Dotted OIDs, clientAuth unless given (a CA: none); empty leaves the extension out."""
    eku_critical: bool
    policies: Iterable[str]
    ca: bool
    path_length: int | None
    basic_constraints: bool
    distribution_points: Iterable[bytes]
    """cRLDistributionPoints: what ``pki.distribution_point`` returns, one or more."""
    distribution_points_critical: bool
    freshest: Iterable[str]
    """URIs of delta CRLs (freshestCRL)."""
    key_ids: bool
    """Whether there are subject and authority key identifiers."""
    extra_extensions: Iterable[ExtensionSpec]
    no_extensions: bool

    # Defects.
    version: int
    """3 unless given; other versions keep their extensions."""
    raw_serial: bytes
    raw_subject: bytes
    raw_issuer: bytes
    raw_validity: bytes
    raw_spki: bytes
    raw_san: bytes
    """The DER inside the subjectAltName extension."""
    issuer_name: x509.Name
    signing_key: keys.PrivateKey
    inner_algorithm: bytes
    outer_algorithm: bytes
    spoilt_signature: bool


def name(common_name: str | None = None, *, organization: str | None = "Example", unit: str | None = None) -> x509.Name:
    """Return a DN in the usual order: O, OU, CN. Values are not checked."""
    pairs = (
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(oid, value, _validate=False) for oid, value in pairs if value is not None])


def key_id(key: keys.PrivateKey) -> bytes:
    """Return the SHA-1 key identifier of RFC 5280 §4.2.1.2 (1)."""
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest


def authority_key_id(digest: bytes) -> bytes:
    """Return the extension that names the issuer's key."""
    return der.extension("2.5.29.35", der.sequence(der.context(0, digest, constructed=False)))


def compose(
    common_name: str | None, issuer: bytes | None, issuer_key: keys.PrivateKey | None, options: Options
) -> tuple[bytes, keys.PrivateKey, int]:
    """Compose and sign; no issuer means self-signed. Returns DER, private key and serial number."""
    unit, organization = options.get("organizational_unit"), options.get("organization", "Example")
    full_name = options.get("subject", name(common_name, organization=organization, unit=unit))
    subject = options.get("raw_subject", full_name.public_bytes())
    asked = options.get("key", "ec")
    key = keys.make_key(asked, f"{issuer!r}{subject!r}") if isinstance(asked, str) else asked
    signer = options.get("signing_key", issuer_key or key)
    serial = options.get("serial", next(_serials))
    issuer_der = options["issuer_name"].public_bytes() if "issuer_name" in options else issuer or subject
    encoded = [] if options.get("no_extensions") else _extensions(key, issuer_key or key, options)
    tbs = der.sequence(
        der.context(0, der.integer(options.get("version", 3) - 1)) if options.get("version") != 1 else b"",
        options.get("raw_serial", der.integer(serial)),
        options.get("inner_algorithm", keys.algorithm(signer)),
        options.get("raw_issuer", issuer_der),
        options.get("raw_validity", _validity(options)),
        subject,
        options.get("raw_spki", keys.spki(key)),
        der.context(3, der.sequence(*encoded)) if encoded else b"",
    )
    outer = options.get("outer_algorithm")
    return keys.signed(signer, tbs, outer_algorithm=outer, spoilt=options.get("spoilt_signature", False)), key, serial


def _validity(options: Options) -> bytes:
    ca = options.get("ca", False)
    start = options.get("not_before", datetime(2020, 1, 1, tzinfo=UTC) if ca else NOW - timedelta(days=30))
    end = options.get("not_after", datetime(2045, 1, 1, tzinfo=UTC) if ca else NOW + timedelta(days=335))
    return der.sequence(der.time(start), der.time(end))


def _extensions(key: keys.PrivateKey, issuer_key: keys.PrivateKey, options: Options) -> list[bytes]:
    ca = options.get("ca", False)
    out = []
    if options.get("basic_constraints", True):
        out.append(extensions.basic_constraints(ca=ca, path_length=options.get("path_length")))
    usage = options.get("key_usage", True)
    if usage is True:
        usage = ("keyCertSign", "cRLSign") if ca else ("digitalSignature",)
    if usage is not False:
        out.append(extensions.key_usage(usage, critical=options.get("key_usage_critical", True)))
    if eku := tuple(options.get("eku", () if ca else (CLIENT_AUTH,))):
        out.append(extensions.extended_key_usage(eku, critical=options.get("eku_critical", False)))
    if policies := tuple(options.get("policies", ())):
        out.append(extensions.certificate_policies(policies))
    if options.get("key_ids", True):
        out.append(der.extension("2.5.29.14", der.octets(key_id(key))))
        out.append(authority_key_id(key_id(issuer_key)))
    if points := tuple(options.get("distribution_points", ())):
        critical = options.get("distribution_points_critical", False)
        out.append(distribution_points.crl_distribution_points(points, critical=critical))
    if deltas := tuple(options.get("freshest", ())):
        out.append(distribution_points.freshest_crl([distribution_points.distribution_point(uri) for uri in deltas]))
    out += _subject_alt_name(options)
    out += [extensions.encode(one) for one in options.get("extra_extensions", ())]
    return out


def _subject_alt_name(options: Options) -> list[bytes]:
    critical = options.get("san_critical", False)
    if "raw_san" in options:
        return [der.extension("2.5.29.17", options["raw_san"], critical=critical)]
    names = extensions.general_names(
        dns=options.get("dns", ()),
        uris=options.get("uris", ()),
        emails=options.get("emails", ()),
        ips=options.get("ips", ()),
        upns=options.get("upns", ()),
        directory=options.get("directory", ()),
    )
    names += options.get("other_sans", ())
    if options.get("no_san") or (not names and options.get("ca")):
        return []
    return [extensions.subject_alt_name(names or extensions.general_names(dns=(DEFAULT_SAN,)), critical=critical)]
