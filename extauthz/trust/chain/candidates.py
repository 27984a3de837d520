"""Which of the presented certificates may help to build a path.

Whoever presents certificates chooses how much work they make: with sixteen that sign one another, a path builder tries
every way through them, up to its limit of 128 signatures. So they are put in line first, without any cryptography:
from the leaf upwards, by name, one certificate for each name. What is left leads one way, and costs one signature a
step. Keys that make a signature expensive to verify are not used at all. Configured certificates are the operator's
choice and are all used.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from cryptography.hazmat.primitives.asymmetric import rsa

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.names import NameKey
from extauthz.model.errors import DecodeError

MAX_PRESENTED = 16
"""Certificates beside the leaf. Real chains have one to four; each more is work for whoever asks."""
MAX_PRESENTED_BYTES = 16 * 1024
"""For one of them. CA certificates have one to three kilobytes, and parsing costs grow with the size."""
MAX_IN_LINE = 8
"""Of the presented certificates, those that may be tried: as many as may stand in one path."""
MAX_RSA_BITS = 8192
"""Of a presented CA's key: twice the largest in use. Verifying takes time quadratic in it: 0.6 ms for this many."""
MAX_RSA_EXPONENT = 1 << 33
"""One more than the largest that is used. Nearly every key has 65537; verifying takes time linear in its bits, and one
as long as a modulus of 3072 bits takes 100 times as long (6 ms). 2**32 + 1 and all of 32 bits are accepted elsewhere
too, such as in Go."""

_ByName = Mapping[NameKey, Sequence[Certificate]]


def parse_presented(presented: Sequence[bytes]) -> tuple[list[Certificate], int]:
    """Parse what may help; also count what may not.

    That is what cannot be parsed, what is larger than a CA certificate has a reason to be, and a key that no CA has.
    """
    parsed = [one for der in presented if (one := _parse(der)) is not None]
    return parsed, len(presented) - len(parsed)


def _parse(der: bytes) -> Certificate | None:
    if len(der) > MAX_PRESENTED_BYTES:
        return None
    try:
        certificate = parse_certificate(der)
    except DecodeError:
        return None
    return certificate if _has_usual_key(certificate) else None


def _has_usual_key(certificate: Certificate) -> bool:
    """Say whether verifying with this key takes no longer than with those of real CAs; DSA is not verified at all."""
    kind = certificate.identity.key.type
    if kind != "rsa":
        return kind != "dsa"
    key = certificate.x509.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.key_size <= MAX_RSA_BITS and _is_usual(key.public_numbers().e)


def _is_usual(exponent: int) -> bool:
    return exponent < MAX_RSA_EXPONENT and exponent % 2 == 1


def by_subject(certificates: Iterable[Certificate]) -> dict[NameKey, list[Certificate]]:
    """Group certificates by the name that they are found under."""
    groups: dict[NameKey, list[Certificate]] = {}
    for one in certificates:
        groups.setdefault(one.subject_key, []).append(one)
    return groups


def in_line(
    leaf: Certificate, presented: Sequence[Certificate], configured: _ByName, now: datetime
) -> list[Certificate]:
    """Return the presented certificates that the leaf leads to, one for each name, up to one more than ``MAX_IN_LINE``.

    Of several with one name (a CA may have been renewed, re-keyed or cross-certified) the likeliest is taken: valid
    now, with the key that its child names, and with an issuer that is configured, or at least presented.
    """
    groups = by_subject(presented)
    names = set(groups)

    def unlikeliness(child: Certificate, one: Certificate) -> tuple[bool, bool, bool, bool]:
        return (
            not one.identity.not_before <= now <= one.identity.not_after,
            one.subject_key_id != child.authority_key_id,
            one.issuer_key not in configured,
            one.issuer_key not in names,
        )

    chosen: list[Certificate] = []
    children: list[Certificate] = [leaf]
    seen: set[NameKey] = set()
    for child in children:  # grows while it is walked; every name is visited once
        if child.issuer_key in seen:
            continue
        seen.add(child.issuer_key)
        if child.issuer_key in groups and len(chosen) <= MAX_IN_LINE:
            likeliest = min(groups[child.issuer_key], key=partial(unlikeliness, child))
            chosen.append(likeliest)
            children.append(likeliest)
        children += configured.get(child.issuer_key, ())
    return chosen
