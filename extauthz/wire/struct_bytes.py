"""``google.protobuf.Struct`` written straight from JSON values.

The library fills a message value by value, through Python, and then serialises it: for the identity of a certificate
that takes a tenth of a millisecond, which everybody pays who comes with a new one. The wire format of a Struct has six
kinds of value and one of length (protobuf, "Encoding"; ``google/protobuf/struct.proto``).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from struct import Struct as Layout
from typing import Final

_FIELD: Final = b"\x0a"
"""Field 1, length-delimited: an entry of Struct.fields, an item of ListValue.values, the key of an entry."""
_VALUE: Final = b"\x12"
"""Field 2 of an entry."""
_NUMBER: Final = b"\x11"
_STRING: Final = b"\x1a"
_FALSE, _TRUE = b"\x20\x00", b"\x20\x01"
_STRUCT: Final = b"\x2a"
_LIST: Final = b"\x32"
_ONE_OCTET: Final = 0x80
_LENGTHS: Final = [bytes((length,)) for length in range(_ONE_OCTET)]
_DOUBLE: Final = Layout("<d")
_KEYS: Final = 256
"""Encoded keys that are kept: those of the JSON form are some fifty."""


def struct_bytes(fields: Mapping[str, object]) -> bytes:
    """Return the serialised Struct of plain JSON values, its keys in order, without what is null or empty.

    A list without its null and empty items, and a mapping without such values, are empty themselves when nothing is
    left. ``TypeError`` for what JSON does not have.
    """
    entries = []
    for key in sorted(fields):
        field = fields[key]
        if isinstance(field, str) and (short := _short_text(_key(key), field.encode())) is not None:
            entries.append(short)
        elif (value := _value(field)) is not None:
            entries.append(_delimited(_FIELD, _key(key) + _delimited(_VALUE, value)))
    return b"".join(entries)


def _short_text(key: bytes, text: bytes) -> bytes | None:
    """Write a whole entry at once, as most are; None where a length takes more than one octet, and for no text."""
    size = len(text)
    if not size or len(key) + size + 4 >= _ONE_OCTET:
        return None
    lengths = _LENGTHS
    return b"".join(
        (_FIELD, lengths[len(key) + size + 4], key, _VALUE, lengths[size + 2], _STRING, lengths[size], text)
    )


@lru_cache(maxsize=_KEYS)
def _key(key: str) -> bytes:
    return _delimited(_FIELD, key.encode())


def _value(value: object) -> bytes | None:
    """Return a serialised Value; None for one that is null or empty."""
    if isinstance(value, str):
        return _delimited(_STRING, value.encode()) if value else None
    if value is None:
        return None
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, int | float):
        return _NUMBER + _DOUBLE.pack(value)
    if isinstance(value, dict):
        fields = struct_bytes(value)
        return _delimited(_STRUCT, fields) if fields else None
    if isinstance(value, list | tuple):
        items = _items(value)
        return _delimited(_LIST, items) if items else None
    message = f"{type(value).__name__} is nothing that JSON has"
    raise TypeError(message)


def _items(values: Sequence[object]) -> bytes:
    return b"".join([_delimited(_FIELD, item) for one in values if (item := _value(one)) is not None])


def _delimited(tag: bytes, content: bytes) -> bytes:
    length = len(content)
    if length < _ONE_OCTET:
        return tag + _LENGTHS[length] + content
    octets = bytearray()
    while length >= _ONE_OCTET:
        octets.append(length & 0x7F | 0x80)
        length >>= 7
    octets.append(length)
    return tag + octets + content
