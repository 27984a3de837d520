"""Statuses and messages go out as gRPC writes them."""

import pytest

from extauthz.transport.answers import LARGEST_STATUS_MESSAGE, http_error, percent_encoded, trailers, trailers_only
from extauthz.transport.status import CallError, Status


@pytest.mark.parametrize(
    ("message", "encoded"),
    [
        ("", b""),
        ("plain words, (with) signs!~", b"plain words, (with) signs!~"),
        ("100 %", b"100 %25"),
        ("line\r\nbreak", b"line%0D%0Abreak"),
        ("\x7f\x00", b"%7F%00"),
        ("\u00e4\u20ac", b"%C3%A4%E2%82%AC"),
        ("\udc80", b"?"),
    ],
)
def test_messages_are_percent_encoded(message: str, encoded: bytes) -> None:
    assert percent_encoded(message) == encoded


def test_messages_are_bounded() -> None:
    assert percent_encoded("x" * 100_000) == b"x" * LARGEST_STATUS_MESSAGE


def test_trailers_only_is_one_block() -> None:
    assert trailers_only(CallError(Status.NOT_FOUND, "gone")) == (
        (b":status", b"200"),
        (b"content-type", b"application/grpc"),
        (b"grpc-status", b"5"),
        (b"grpc-message", b"gone"),
    )


def test_trailers_after_headers_repeat_nothing() -> None:
    assert trailers(CallError(Status.INTERNAL, "x")) == ((b"grpc-status", b"13"), (b"grpc-message", b"x"))


def test_http_errors_have_no_body() -> None:
    assert http_error(405, (b"allow", b"POST")) == (
        (b":status", b"405"),
        (b"content-length", b"0"),
        (b"allow", b"POST"),
    )
