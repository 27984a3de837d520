"""Which of the presented certificates are looked at: what can be parsed, is not too large, and has a key as CAs have.

Whether any of them was signed by somebody trusted is for ``certified``.
"""

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric import rsa

from extauthz.identity import der
from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.counts import MAX_EXTENSIONS
from extauthz.identity.structure import read_structure
from extauthz.model.errors import DecodeError

MAX_PRESENTED = 16
"""Certificates beside the leaf. Real chains have one to four; each more is work for whoever asks."""
MAX_PRESENTED_BYTES = 16 * 1024
"""Of all of them together: eight of the largest usual ones. The time to parse grows with the size and what it is filled
with: 2 ms for sixteen of 1 KiB as CAs have them, 6 ms for the worst. The first ones count, as a chain begins with the
leaf's own issuer."""
MAX_NAME_BYTES = 512
"""Of a CA's subject or issuer in DER. Real ones have 50 to 250; those with many small attributes take longest."""
MAX_ALTERNATIVES_BYTES = 256
"""Of a CA's subjectAltName. Most have none, the others one name; the smallest names take 0.5 ms a KiB to parse."""
MAX_RSA_BITS = 8192
"""Of a presented CA's key: twice the largest in use. Verifying takes time quadratic in it: 0.6 ms for this many."""
MAX_RSA_EXPONENT = 1 << 33
"""One more than the largest that is used. Nearly every key has 65537; verifying takes time linear in its bits, and one
as long as a modulus of 3072 bits takes 100 times as long (6 ms). 2**32 + 1 and all of 32 bits are accepted elsewhere
too, such as in Go."""


_SUBJECT_ALT_NAME = der.encoded(der.OID, bytes.fromhex("551d11"))


def parse_presented(
    presented: Sequence[bytes], seen: Callable[[bytes], Certificate | None] = lambda _der: None
) -> tuple[list[Certificate], int]:
    """Parse what may help; also count what may not.

    That is what cannot be parsed, what is larger than a CA certificate has a reason to be, and a key that no CA has.
    ``seen`` returns a certificate that was parsed here before.
    """
    parsed: list[Certificate] = []
    left = MAX_PRESENTED_BYTES
    for certificate in presented:
        if len(certificate) > left:
            continue
        left -= len(certificate)
        if (one := seen(certificate) or _parse(certificate)) is not None:
            parsed.append(one)
    return parsed, len(presented) - len(parsed)


def _parse(certificate: bytes) -> Certificate | None:
    try:
        if not _has_usual_names(certificate):
            return None
        parsed = parse_certificate(certificate)
    except (ValueError, DecodeError):
        return None
    return parsed if _has_usual_key(parsed) else None


def _has_usual_names(certificate: bytes) -> bool:
    """Look at the size of the names before anything becomes an object. ValueError for what is no certificate."""
    structure = read_structure(certificate)
    if max(len(structure.subject), len(structure.issuer)) > MAX_NAME_BYTES:
        return False
    return _alternatives_bytes(structure.extensions) <= MAX_ALTERNATIVES_BYTES


def _alternatives_bytes(extensions: bytes) -> int:
    if not extensions:
        return 0
    _, start, stop = der.element(extensions, 0, len(extensions))
    found = der.children(extensions, start, stop, MAX_EXTENSIONS)
    return sum(end - at for _, at, end in found if extensions.startswith(_SUBJECT_ALT_NAME, at))


def _has_usual_key(certificate: Certificate) -> bool:
    """Say whether verifying with this key takes no longer than with those of real CAs; DSA is not verified at all."""
    kind = certificate.identity.key.type
    if kind != "rsa":
        return kind != "dsa"
    key = certificate.x509.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.key_size <= MAX_RSA_BITS and _is_usual(key.public_numbers().e)


def _is_usual(exponent: int) -> bool:
    return exponent < MAX_RSA_EXPONENT and exponent % 2 == 1
