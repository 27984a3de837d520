"""Reading the extensions of a certificate one by one, each that was seen before from what it said then.

Nearly all extensions of a certificate are those of every other one that its CA has issued, byte for byte, and what the
library makes of an extension depends on its bytes alone. So it is asked once, with a certificate made around that one
extension, and the answer is kept. Only the subject's key identifier and its further names differ from client to client;
they are simple enough to be read here. Whenever anything is unusual there is no answer, and the library reads the whole
certificate.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from cryptography import x509

from extauthz.identity import der
from extauthz.identity.extensions import (
    SUBJECT_KEY_ID,
    ExtensionPart,
    ExtensionReading,
    alternatives_part,
    combined,
    read_part,
)
from extauthz.identity.quiet import extensions_of, quietly
from extauthz.identity.usual_alternatives import read_usual_alternatives

MAX_KEPT_BYTES: Final = 512
"""Of one extension; one that is longer is not read here. Hostile ones become objects of fifty times their size."""
MAX_KEPT: Final = 1_024
"""Extensions, those seen last. A CA writes some six that are the same for every client."""

MAX_PARTS: Final = 16
"""Extensions of one certificate that are read here; real ones have about ten. One that was not seen before costs twice
what the library takes for it in its place, so whoever brings many is left to the library."""

_ALGORITHM: Final = bytes.fromhex("300506032b6570")  # Ed25519; any that the library knows would do
_KEY: Final = der.encoded(der.SEQUENCE, _ALGORITHM + der.encoded(der.BIT_STRING, bytes(33)))
_VALIDITY: Final = der.encoded(der.SEQUENCE, 2 * b"\x17\x0d200101000000Z")
_NAME: Final = der.encoded(der.SEQUENCE, b"")
_BEFORE: Final = bytes.fromhex("a003020102020101") + _ALGORITHM + _NAME + _VALIDITY + _NAME + _KEY
_AFTER: Final = _ALGORITHM + der.encoded(der.BIT_STRING, bytes(65))
_EXTENSIONS_TAG: Final = 0xA3

_SUBJECT_KEY_ID: Final = bytes.fromhex("0603551d0e")
_OWN: Final = (_SUBJECT_KEY_ID, bytes.fromhex("0603551d11"))
"""The other one is subjectAltName's, of the same length."""
_REVOCATION: Final = (bytes.fromhex("0603551d1f"), bytes.fromhex("0603551d12"))
"""cRLDistributionPoints, issuerAltName."""
_CRITICAL: Final = bytes.fromhex("0101ff")


class Element(NamedTuple):
    """One extension as it is in the certificate's DER."""

    encoded: bytes
    start: int
    """Where its content starts, which begins with the OID."""


def elements(sequence: bytes, headers: Iterable[tuple[int, int, int]]) -> list[Element]:
    """Slice a SEQUENCE OF Extension at its headers (``counts.extension_headers``)."""
    found = []
    at = -1
    for _, start, stop in headers:
        if at < 0:
            _, at, _ = der.element(sequence, 0, len(sequence))
        found.append(Element(sequence[at:stop], start - at))
        at = stop
    return found


def revocation_extensions(found: Iterable[Element]) -> bytes:
    """Return those that say who tells of the certificate's revocation and where, one after the other."""
    return b"".join([encoded for encoded, start in found if encoded.startswith(_REVOCATION, start)])


def read_known_parts(found: Iterable[Element]) -> ExtensionReading | None:
    """Read extensions that are all usual; None where the library has to read the whole certificate.

    Raises nothing: what is wrong with one of them is for the library to say.
    """
    usual = list(islice(found, MAX_PARTS + 1))
    if len(usual) > MAX_PARTS:
        return None
    try:
        parts = [_part(*one) for one in usual]
    except Exception:  # noqa: BLE001  (the library raises many types, and will raise the same again)
        return None
    return combined(parts) if len({part.oid for part in parts}) == len(parts) else None


def _part(encoded: bytes, start: int) -> ExtensionPart:
    """Read one extension. ValueError, or whatever the library raises, for one that is not read here."""
    if len(encoded) > MAX_KEPT_BYTES:
        raise ValueError("longer than what is kept")
    if encoded.startswith(_OWN, start):
        return _own_part(encoded, start)
    return _known_part(encoded)


def _own_part(encoded: bytes, start: int) -> ExtensionPart:
    """Read one of the two that differ from client to client."""
    at = start + len(_SUBJECT_KEY_ID)
    if is_critical := encoded.startswith(_CRITICAL, at):
        at += len(_CRITICAL)
    value = der.sole_element(encoded[at:], der.OCTET_STRING)
    if encoded.startswith(_SUBJECT_KEY_ID, start):
        fields = (("subject_key_id", der.sole_element(value, der.OCTET_STRING)),)
        return ExtensionPart(SUBJECT_KEY_ID, is_critical, fields)
    return alternatives_part(is_critical=is_critical, sans=read_usual_alternatives(value))


@lru_cache(maxsize=MAX_KEPT)
def _known_part(encoded: bytes) -> ExtensionPart:
    """Ask the library for one extension, as the only one of a certificate made around it."""
    extensions = der.encoded(_EXTENSIONS_TAG, der.encoded(der.SEQUENCE, encoded))
    signed = der.encoded(der.SEQUENCE, _BEFORE + extensions)
    certificate = quietly(x509.load_der_x509_certificate, der.encoded(der.SEQUENCE, signed + _AFTER))
    decoded: x509.Extensions = extensions_of(certificate)
    return read_part(next(iter(decoded)))
