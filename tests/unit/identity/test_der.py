"""The strict DER reader."""

import pytest

from extauthz.identity import der


@pytest.mark.parametrize(
    ("data", "tag", "content"),
    [
        (b"\x04\x00", der.OCTET_STRING, b""),
        (b"\x0c\x01a", der.UTF8_STRING, b"a"),
        (b"\x30\x7f" + b"a" * 127, der.SEQUENCE, b"a" * 127),
        (b"\x30\x81\x80" + b"a" * 128, der.SEQUENCE, b"a" * 128),
        (b"\x30\x82\x01\x00" + b"a" * 256, der.SEQUENCE, b"a" * 256),
        (b"\x30\x83\x01\x00\x00" + b"a" * 65536, der.SEQUENCE, b"a" * 65536),
    ],
)
def test_elements_of_every_length(data: bytes, tag: int, content: bytes) -> None:
    assert der.sole_element(data, tag) == content
    assert der.encoded(tag, content) == data


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "cut off"),
        (b"\x04", "cut off"),
        (b"\x04\x01", "cut off"),
        (b"\x04\x05abcd", "cut off"),
        (b"\x1f\x01a", "a tag number above 30"),
        (b"\x04\x80a\0\0", "indefinite or impossible"),
        (b"\x04\x81", "indefinite or impossible"),
        (b"\x04\x82\x01", "indefinite or impossible"),
        (b"\x04\x85\x01\0\0\0\0", "indefinite or impossible"),
        (b"\x04\xff" + b"a" * 200, "indefinite or impossible"),
        (b"\x04\x81\x7f" + b"a" * 127, "more octets than it needs"),
        (b"\x04\x82\x00\x80" + b"a" * 128, "more octets than it needs"),
        (b"\x04\x84\xff\xff\xff\xff", "cut off"),
        (b"\x04\x01ab", "bytes after the element"),
        (b"\x0c\x01a", "tag 0x0c where 0x04 belongs"),
    ],
)
def test_anything_else_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        der.sole_element(data, der.OCTET_STRING)


def test_children_one_after_another_and_no_more_than_asked_for() -> None:
    data = b"\x04\x01a\x0c\x00\x30\x01b"
    assert der.children(data, 0, 8, 9) == [(4, 2, 3), (12, 5, 5), (48, 7, 8)]
    assert der.children(data, 0, 8, 2) == [(4, 2, 3), (12, 5, 5)]
    assert der.children(data, 3, 5, 9) == [(12, 5, 5)]
    assert der.children(b"", 0, 0, 9) == []
    with pytest.raises(ValueError, match="cut off"):
        der.children(data, 0, 7, 9)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256])
@pytest.mark.parametrize("first", [b"", b"\x04\x01a"])
def test_children_are_read_as_single_elements_are(first: bytes, length: int) -> None:
    data = first + der.encoded(der.SEQUENCE, b"a" * length) + b"\x0c\x00"
    assert der.children(data, len(first), len(data), 1) == [der.element(data, len(first), len(data))]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x04", "cut off"),
        (b"\x04\x01", "cut off"),
        (b"\x1f\x01a", "a tag number above 30"),
        (b"\x3f\x81\x80" + bytes(128), "a tag number above 30"),
        (b"\x04\x80a\0\0", "indefinite or impossible"),
        (b"\x04\x81\x7f" + b"a" * 127, "more octets than it needs"),
    ],
)
def test_children_are_refused_as_single_elements_are(data: bytes, says: str) -> None:
    for read in (lambda: der.children(data, 0, len(data), 9), lambda: der.element(data, 0, len(data))):
        with pytest.raises(ValueError, match=says):
            read()
