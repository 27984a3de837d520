"""A Struct is written as the library writes it."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from extauthz.wire.struct_bytes import struct_bytes

TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(("x" * 127, "x" * 128, "ä" * 9_000)))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), TEXTS, st.integers(-(2**40), 2**40), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


def kept(value: Any) -> Any:  # noqa: ANN401  (what JSON has)
    """Return a value without its null and empty parts; None when nothing is left."""
    if isinstance(value, dict):
        return {key: part for key, item in value.items() if (part := kept(item)) is not None} or None
    if isinstance(value, list):
        return [part for item in value if (part := kept(item)) is not None] or None
    return None if value == "" else value


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_it_is_what_the_library_writes(fields: dict[str, object]) -> None:
    by_the_library = Struct()
    by_the_library.update({key: part for key, value in fields.items() if (part := kept(value)) is not None})
    written = struct_bytes(fields)
    assert Struct.FromString(written) == by_the_library
    assert len(written) == by_the_library.ByteSize()


def test_the_keys_are_in_order() -> None:
    assert struct_bytes({"b": True, "a": True}) == struct_bytes({"a": True}) + struct_bytes({"b": True})


def test_tuples_are_lists() -> None:
    assert struct_bytes({"a": ("b", "")}) == struct_bytes({"a": ["b"]})


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes is nothing that JSON has"):
        struct_bytes({"a": b"b"})
