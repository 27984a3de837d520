"""Headers are a call, or are refused with one answer."""

from math import inf

import pytest

from extauthz.transport.answers import Headers
from extauthz.transport.head import is_grpc, refusal, seconds, time_allowed

CALL = {b":method": b"POST", b":path": b"/s/m", b"content-type": b"application/grpc", b"te": b"trailers"}


def status(answer: Headers | None) -> tuple[bytes, bytes | None] | None:
    if answer is None:
        return None
    fields = dict(answer)
    return fields[b":status"], fields.get(b"grpc-status")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({b"te": b"gzip"}, None),
        ({b"grpc-encoding": b"identity"}, None),
        ({b"grpc-encoding": b"gzip"}, None),
        ({b"grpc-encoding": b"snappy"}, (b"200", b"12")),
        ({b"grpc-timeout": b"99999999H"}, None),
        ({b"grpc-timeout": b"1d"}, (b"200", b"13")),
        ({b":method": b"GET"}, (b"405", None)),
        ({b"content-type": b"text/plain"}, (b"415", None)),
    ],
)
def test_what_becomes_a_call(changes: dict[bytes, bytes], expected: tuple[bytes, bytes | None] | None) -> None:
    assert status(refusal({**CALL, **changes}, known=True)) == expected


def test_an_unknown_method_is_unimplemented_only_when_it_is_grpc() -> None:
    assert status(refusal(CALL, known=False)) == (b"200", b"12")
    assert status(refusal({**CALL, b"content-type": b"text/html"}, known=False)) == (b"415", None)


def test_headers_of_nothing_are_refused() -> None:
    assert status(refusal({}, known=False)) == (b"405", None)


@pytest.mark.parametrize(
    ("content_type", "answer"),
    [
        (b"application/grpc", True),
        (b"application/grpc+proto", True),
        (b"application/grpc;x", True),
        (b"application/grpcweb", False),
        (b"application/grp", False),
        (b"", False),
    ],
)
def test_content_types(content_type: bytes, answer: bool) -> None:
    assert is_grpc(content_type) is answer


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"1H", 3600.0),
        (b"2M", 120.0),
        (b"3S", 3.0),
        (b"250m", 0.25),
        (b"4u", 4e-6),
        (b"5n", 5e-9),
        (b"0S", 0.0),
        (b"00000001S", 1.0),
        (b"000000001S", None),
        (b"+1S", None),
        (b" 1S", None),
        (b"1s", None),
        (b"", None),
    ],
)
def test_timeouts(text: bytes, value: float | None) -> None:
    assert seconds(text) == value


def test_without_a_timeout_a_call_may_take_for_ever() -> None:
    assert time_allowed({}) == inf
    assert time_allowed({b"grpc-timeout": b"1S"}) == 1.0
