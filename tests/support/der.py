"""A DER writer of a few lines, so that tests can write what a correct library refuses to write (X.690 §10)."""

from collections.abc import Iterable
from datetime import datetime

SEQUENCE, SET = 0x30, 0x31
BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, ENUMERATED = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A
UTF8, NUMERIC, PRINTABLE, T61, IA5, UTC_TIME, GENERALIZED_TIME, UNIVERSAL, BMP = 12, 18, 19, 20, 22, 23, 24, 28, 30


def tlv(tag: int, content: bytes) -> bytes:
    """One element: tag, minimal length, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def sequence(*items: bytes) -> bytes:
    return tlv(SEQUENCE, b"".join(items))


def set_of(items: Iterable[bytes]) -> bytes:
    """Return a SET OF in DER order."""
    return tlv(SET, b"".join(sorted(items)))


def integer(value: int) -> bytes:
    """Return an INTEGER of any size and sign, in as few octets as two's complement allows."""
    length = (value.bit_length() if value >= 0 else (-value - 1).bit_length()) // 8 + 1
    return tlv(INTEGER, value.to_bytes(length, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | (arc & 0x7F))
        content += bytes(reversed(groups))
    return tlv(OID, bytes(content))


def octets(content: bytes) -> bytes:
    return tlv(OCTET_STRING, content)


def bits(content: bytes) -> bytes:
    """Return a BIT STRING of whole octets."""
    return tlv(BIT_STRING, b"\0" + content)


def boolean(value: bool) -> bytes:
    return tlv(BOOLEAN, b"\xff" if value else b"\0")


def utf8(text: str) -> bytes:
    return tlv(UTF8, text.encode())


def context(number: int, content: bytes, *, constructed: bool = True) -> bytes:
    """Wrap in a context-specific tag, such as ``[0]``."""
    return tlv(0x80 | (0x20 if constructed else 0) | number, content)


def time(at: datetime) -> bytes:
    """UTCTime up to 2049, GeneralizedTime after that (RFC 5280 §4.1.2.5)."""
    if at.year < 2050:
        return tlv(UTC_TIME, at.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(GENERALIZED_TIME, at.strftime("%Y%m%d%H%M%SZ").encode())


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    """One ``Extension`` of RFC 5280 §4.1, whatever its value."""
    return sequence(oid(dotted), boolean(True) if critical else b"", octets(value))


def name(*rdns: bytes) -> bytes:
    """Return a ``Name`` of whole RDNs, in encoded order."""
    return sequence(*rdns)


def rdn(*attributes: tuple[str, bytes]) -> bytes:
    """One RDN of (dotted OID, whole DER value) pairs, in DER order."""
    return set_of(sequence(oid(dotted), value) for dotted, value in attributes)
