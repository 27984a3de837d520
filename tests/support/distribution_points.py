"""What CRLs and certificates say of where a CRL is and what it covers (RFC 5280 §4.2.1.13, §5.2.5).

Written out in DER, so that a test can also write what the RFC forbids.
"""

from collections.abc import Iterable
from typing import Final

from cryptography import x509

from support import der, extensions

Place = str | x509.Name | bytes
"""A URI, a directory name, or a whole GeneralName in DER."""

_REASON_BITS: Final = (
    "unused",
    "keyCompromise",
    "cACompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "certificateHold",
    "privilegeWithdrawn",
    "aACompromise",
)


def issuing_distribution_point(
    *,
    full_names: Iterable[Place] | None = None,
    relative_name: x509.RelativeDistinguishedName | None = None,
    only_user_certs: bool = False,
    only_ca_certs: bool = False,
    only_attribute_certs: bool = False,
    reasons: Iterable[str] | None = None,
    indirect: bool = False,
    critical: bool = True,
) -> bytes:
    """Return the CRL extension issuingDistributionPoint; flags that are False are left out, as DER wants it.

    ``reasons``: RFC 5280 ReasonFlags names (``unused`` for bit 0). Full names as an empty list are written as such.
    """
    flags = ((1, only_user_certs), (2, only_ca_certs))
    later = ((4, indirect), (5, only_attribute_certs))
    value = der.sequence(
        _point_name(full_names, relative_name),
        *(der.context(number, b"\xff", constructed=False) for number, wanted in flags if wanted),
        b"" if reasons is None else der.context(3, _reason_flags(reasons), constructed=False),
        *(der.context(number, b"\xff", constructed=False) for number, wanted in later if wanted),
    )
    return der.extension("2.5.29.28", value, critical=critical)


def distribution_point(
    *full_names: Place,
    relative_name: x509.RelativeDistinguishedName | None = None,
    reasons: Iterable[str] | None = None,
    crl_issuer: x509.Name | Iterable[Place] | None = None,
) -> bytes:
    """Return one DistributionPoint. ``crl_issuer``: a DN, or any GeneralNames."""
    issuers = (crl_issuer,) if isinstance(crl_issuer, x509.Name) else crl_issuer
    return der.sequence(
        _point_name(full_names or None, relative_name),
        b"" if reasons is None else der.context(1, _reason_flags(reasons), constructed=False),
        b"" if issuers is None else der.context(2, b"".join(general_name(one) for one in issuers)),
    )


def crl_distribution_points(points: Iterable[bytes], *, critical: bool = False) -> bytes:
    """Return the certificate extension cRLDistributionPoints."""
    return der.extension("2.5.29.31", der.sequence(*points), critical=critical)


def freshest_crl(points: Iterable[bytes], *, critical: bool = False) -> bytes:
    """Return the extension freshestCRL, of a CRL or a certificate."""
    return der.extension("2.5.29.46", der.sequence(*points), critical=critical)


def general_name(place: Place) -> bytes:
    """Return one GeneralName."""
    if isinstance(place, bytes):
        return place
    if isinstance(place, x509.Name):
        return der.context(4, place.public_bytes())
    return extensions.general_names(uris=[place])[0]


def _point_name(full: Iterable[Place] | None, relative: x509.RelativeDistinguishedName | None) -> bytes:
    """Return DistributionPointName in its ``[0]``, or nothing."""
    if full is not None:
        return der.context(0, der.context(0, b"".join(general_name(one) for one in full)))
    if relative is not None:
        rdn = x509.Name([relative]).public_bytes()  # a SEQUENCE around the one SET
        return der.context(0, der.context(1, rdn[4:] if rdn[1] < 0x80 else rdn[6:]))
    return b""


def _reason_flags(names: Iterable[str]) -> bytes:
    """Return the content of a ReasonFlags BIT STRING, without trailing zero bits."""
    numbers = [_REASON_BITS.index(name) for name in names]
    if not numbers:
        return b"\0"
    word = sum(1 << (15 - number) for number in numbers).to_bytes(2, "big")
    return bytes((7 - max(numbers) % 8,)) + (word if max(numbers) > 7 else word[:1])
