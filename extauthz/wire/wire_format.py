"""The wire format of protobuf, as much of it as is written here by hand (protobuf, "Encoding").

The library makes an object of every message and every map entry before it serialises any. An answer for a certificate
that was not seen before has sixty of them, so that took a fifth of the whole check. A message is its fields one after
the other, and nearly every field of an answer is a tag, a length and that many octets.
"""

from typing import Final

_DELIMITED: Final = 2
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80
"""Of an octet of a varint: more of them follow."""


def tag_of(field_number: int) -> bytes:
    """Return the tag of a length-delimited field: text, bytes, or a message. For field numbers below 16."""
    return bytes((field_number << 3 | _DELIMITED,))


def head(tag: bytes, length: int) -> bytes:
    """Return what stands before the content of a field: its tag, and the content's length as a varint."""
    octets = bytearray(tag)
    while length > _SEVEN_BITS:
        octets.append(length & _SEVEN_BITS | _MORE)
        length >>= 7
    octets.append(length)
    return bytes(octets)


def delimited(tag: bytes, content: bytes) -> bytes:
    """Return one field."""
    return head(tag, len(content)) + content
