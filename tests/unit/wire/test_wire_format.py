"""Fields are written as the library writes them."""

import pytest

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import DeniedHttpResponse
from extauthz.wire.wire_format import delimited, head, tag_of

LENGTHS = (1, 127, 128, 16_383, 16_384, 2**21 - 1, 2**21)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_field_is_what_the_library_writes(length: int) -> None:
    text = "a" * length
    tag = tag_of(DeniedHttpResponse.BODY_FIELD_NUMBER)
    assert delimited(tag, text.encode()) == DeniedHttpResponse(body=text).SerializeToString()


@pytest.mark.parametrize("length", LENGTHS)
def test_a_head_is_what_stands_before_the_content(length: int) -> None:
    assert head(b"\x0a", length) + bytes(length) == delimited(b"\x0a", bytes(length))


def test_an_empty_field_has_a_length_too() -> None:
    assert delimited(b"\x12", b"") == b"\x12\x00"
