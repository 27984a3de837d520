"""``google.protobuf.Struct`` written straight from JSON values (``google/protobuf/struct.proto``).

A Struct is a map from names to values. A serialised map is its entries one after the other, and a value is of one of
six kinds. What stands before a text depends only on its length and on where it stands, so it is kept: most of what is
written are texts, and many of the same length.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from struct import Struct as Layout
from typing import Final

from google.protobuf.struct_pb2 import ListValue, Struct, Value

from extauthz.wire.wire_format import delimited, head, tag_of

_ENTRY: Final = tag_of(Struct.FIELDS_FIELD_NUMBER)
_ENTRY_KEY: Final = tag_of(1)
_ENTRY_VALUE: Final = tag_of(2)
"""Of a map's entry, whose key and value have no names (protobuf, "Maps")."""
_ITEM: Final = tag_of(ListValue.VALUES_FIELD_NUMBER)
_STRING: Final = tag_of(Value.STRING_VALUE_FIELD_NUMBER)
_STRUCT: Final = tag_of(Value.STRUCT_VALUE_FIELD_NUMBER)
_LIST: Final = tag_of(Value.LIST_VALUE_FIELD_NUMBER)
_FALSE: Final = Value(bool_value=False).SerializeToString()
_TRUE: Final = Value(bool_value=True).SerializeToString()
_NUMBER: Final = Value(number_value=0).SerializeToString()[:1]
_DOUBLE: Final = Layout("<d")
_KEPT_HEADS: Final = 4_096
"""What stands before texts and lists, those used last: of some forty keys, each with the lengths that are usual."""


def struct_bytes(fields: Mapping[str, object]) -> bytes:
    """Return the entries of a Struct of plain JSON values, its keys in order, without what is null or empty.

    That is the serialised Struct. A list without its null and empty items, and a mapping without such values, are empty
    themselves when nothing is left. ``TypeError`` for what JSON does not have.
    """
    return b"".join([entry(key, fields[key]) for key in sorted(fields)])


def entry(key: str, value: object) -> bytes:
    """Return the entry of any JSON value, and nothing for one that is null or empty."""
    serialised = _value(value)
    return b"" if serialised is None else _entry_head(key, len(serialised)) + serialised


def text_entry(key: str, text: str) -> bytes:
    """Return the entry of a text, which may be empty."""
    octets = text.encode()
    return _kind_head(key, _STRING, len(octets)) + octets


def text_entries(texts: Iterable[tuple[str, str | None]]) -> bytes:
    """Return the entries of many texts, given by key, without those that are null or empty."""
    return b"".join([_kind_head(key, _STRING, len(octets := text.encode())) + octets for key, text in texts if text])


def list_entry(key: str, items: bytes) -> bytes:
    """Return the entry of a list, given its items."""
    return _kind_head(key, _LIST, len(items)) + items


def struct_entry(key: str, entries: bytes) -> bytes:
    """Return the entry of a Struct, given its own entries."""
    return _kind_head(key, _STRUCT, len(entries)) + entries


def text_items(texts: Iterable[str]) -> bytes:
    """Return the items of a list of texts, without the empty ones."""
    return b"".join([_item_head(_STRING, len(octets)) + octets for text in texts if (octets := text.encode())])


def struct_item(entries: bytes) -> bytes:
    """Return one item of a list: a Struct, given its entries."""
    return _item_head(_STRUCT, len(entries)) + entries


@lru_cache(maxsize=_KEPT_HEADS)
def _kind_head(key: str, kind: bytes, octets: int) -> bytes:
    """Return what stands before the content of a text, list or Struct under a key."""
    value = head(kind, octets)
    return _entry_head(key, len(value) + octets) + value


@lru_cache(maxsize=_KEPT_HEADS)
def _item_head(kind: bytes, octets: int) -> bytes:
    """Return what stands before the content of a text or Struct in a list."""
    value = head(kind, octets)
    return head(_ITEM, len(value) + octets) + value


def _entry_head(key: str, octets: int) -> bytes:
    """Return what stands before the serialised Value of an entry."""
    before = delimited(_ENTRY_KEY, key.encode()) + head(_ENTRY_VALUE, octets)
    return head(_ENTRY, len(before) + octets) + before


def _value(value: object) -> bytes | None:
    """Return a serialised Value; None for one that is null or empty."""
    if isinstance(value, str):
        return delimited(_STRING, value.encode()) if value else None
    if value is None:
        return None
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, int | float):
        return _NUMBER + _DOUBLE.pack(value)
    if isinstance(value, dict):
        entries = struct_bytes(value)
        return delimited(_STRUCT, entries) if entries else None
    if isinstance(value, list | tuple):
        items = b"".join([delimited(_ITEM, item) for one in value if (item := _value(one)) is not None])
        return delimited(_LIST, items) if items else None
    message = f"{type(value).__name__} is nothing that JSON has"
    raise TypeError(message)
