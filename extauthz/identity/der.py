"""A strict DER reader for the few places that the library leaves as raw bytes (X.690 §8, §10).

Single-octet tags, definite and minimal lengths; anything else is ``ValueError``.
"""

from typing import Final

BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OID: Final = 0x06
UTF8_STRING: Final = 0x0C
SEQUENCE: Final = 0x30

_HIGH_TAG: Final = 0x1F
_LONG_FORM: Final = 0x80
_MOST_LENGTH_OCTETS: Final = 4
"""Four octets count to 4 GiB; nothing read here comes near."""


def element(data: bytes | memoryview, at: int, end: int) -> tuple[int, int, int]:
    """Read the header at ``at``: (tag, where the content starts, where it stops). The content lies within ``end``."""
    if end - at < 2:  # noqa: PLR2004  (a tag and a length octet)
        raise ValueError("an element is cut off")
    tag, length = data[at], data[at + 1]
    start = at + 2
    if tag & _HIGH_TAG == _HIGH_TAG:
        raise ValueError("a tag number above 30")
    if length >= _LONG_FORM:
        octets = length - _LONG_FORM
        if not 1 <= octets <= _MOST_LENGTH_OCTETS or end - start < octets:
            raise ValueError("an indefinite or impossible length")
        length = int.from_bytes(data[start : start + octets], "big")
        if length < _LONG_FORM or data[start] == 0:
            raise ValueError("a length in more octets than it needs")
        start += octets
    stop = start + length
    if stop > end:
        raise ValueError("an element is cut off")
    return tag, start, stop


def sole_element(data: bytes, tag: int) -> bytes:
    """Return the content of ``data``, which must be one element of this tag and nothing after it."""
    length = len(data) - 2
    if 0 <= length < _LONG_FORM and data[0] == tag and data[1] == length:  # short, as most are
        return data[2:]
    found, start, stop = element(data, 0, len(data))
    if found != tag:
        raise ValueError(f"tag 0x{found:02x} where 0x{tag:02x} belongs")
    if stop != len(data):
        raise ValueError("bytes after the element")
    return data[start:stop]


def children(data: bytes, start: int, stop: int, most: int) -> list[tuple[int, int, int]]:
    """Read the headers of up to ``most`` elements that lie one after another between ``start`` and ``stop``."""
    found: list[tuple[int, int, int]] = []
    at = start
    while at < stop and len(found) < most:
        # Most elements are short, and every certificate is walked like this: those are read without a call.
        content = at + 2
        if content <= stop and (length := data[at + 1]) < _LONG_FORM and content + length <= stop:
            header = (data[at], content, content + length)
            if header[0] & _HIGH_TAG == _HIGH_TAG:
                raise ValueError("a tag number above 30")
        else:
            header = element(data, at, stop)
        found.append(header)
        at = header[2]
    return found


def encoded(tag: int, content: bytes) -> bytes:
    """Write one element with a minimal length."""
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(octets))) + octets + content
