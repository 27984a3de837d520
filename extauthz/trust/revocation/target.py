"""The certificate that is asked about, as far as CRLs have to do with it."""

from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

from cryptography import x509

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey, name_key
from extauthz.identity.quiet import extensions_of, quietly
from extauthz.trust.crl.general_name import general_name_key, point_keys
from extauthz.trust.x509_extension import extension_value

MAX_POINTS = 64
"""Distribution points that are read. Real certificates have one to four; each is work for every CRL of the issuer. What
a certificate says beyond them is not heard, so it cannot make anything good."""

_issuer = attrgetter("issuer")


@dataclass(frozen=True, slots=True)
class Point:
    """One distribution point of a certificate (RFC 5280 §4.2.1.13), its names in their comparison form."""

    names: frozenset[str] | None
    """Keys of ``general_name_key``; None without the field distributionPoint."""
    reasons: frozenset[str] | None = None
    """None: all."""
    crl_issuers: frozenset[NameKey] | None = None
    """The directory names in cRLIssuer; None without that field: then the certificate's issuer issues the CRL."""
    crl_issuer_names: frozenset[str] = frozenset()
    """Every name in cRLIssuer, as keys of ``general_name_key``."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked for in CRLs, and where."""

    issuer: NameKey
    serial: int
    is_ca: bool | None
    """cA in basicConstraints. None: not known, so a CRL for CAs or users alone does not cover it."""
    authority_key_id: bytes | None
    points: tuple[Point, ...]
    assumed: Point
    """Stands at the end of §6.3.3: the issuer's own name, and those in issuerAltName."""

    @property
    def crl_issuers(self) -> frozenset[NameKey]:
        """Everybody who may issue CRLs about it: the issuer, and whom a distribution point names as cRLIssuer."""
        return frozenset({self.issuer}).union(*(one.crl_issuers or () for one in self.points))


def target_of(certificate: Certificate) -> Target:
    """Read a certificate. Everything in it has been decoded once when it was parsed, so nothing fails here."""
    extensions = extensions_of(certificate.x509)
    points = extension_value(extensions, x509.CRLDistributionPoints)
    alternatives = extension_value(extensions, x509.IssuerAlternativeName)
    issuer = quietly(_issuer, certificate.x509)
    names = map(general_name_key, (x509.DirectoryName(issuer), *(alternatives or ())))
    return Target(
        issuer=certificate.issuer_key,
        serial=certificate.serial,
        is_ca=certificate.identity.is_ca,
        authority_key_id=certificate.authority_key_id,
        points=tuple([_point(one, issuer) for one in islice(points or (), MAX_POINTS)]),
        assumed=Point(frozenset(names)),
    )


def target_named(issuer: NameKey, serial: int) -> Target:
    """Make do with the issuer's name and the serial number: a CRL for one distribution point does not cover it."""
    return Target(issuer, serial, None, None, (), Point(frozenset()))


def _point(point: x509.DistributionPoint, issuer: x509.Name) -> Point:
    """Read one distribution point; a relative name is relative to the CRL issuer's."""
    reasons = None if point.reasons is None else frozenset(str(one.value) for one in point.reasons)
    if point.crl_issuer is None:
        return Point(point_keys(point.full_name, point.relative_name, issuer), reasons)
    directories = [one.value for one in point.crl_issuer if isinstance(one, x509.DirectoryName)]
    return Point(
        # §4.2.1.13: a relative name MUST NOT be used when cRLIssuer holds more than one directory name.
        point_keys(point.full_name, point.relative_name, directories[0] if len(directories) == 1 else issuer),
        reasons,
        frozenset(map(name_key, directories)),
        frozenset(map(general_name_key, point.crl_issuer)),
    )
