"""Where a connection comes from: whoever has one address of a network of its own has all of them."""

import socket

import pytest

from extauthz.transport.origin import origin, peer_name


@pytest.mark.parametrize(
    ("family", "one", "other", "same"),
    [
        (socket.AF_INET, ("192.0.2.1", 1), ("192.0.2.1", 2), True),
        (socket.AF_INET, ("192.0.2.1", 1), ("192.0.2.2", 1), False),
        (socket.AF_INET6, ("2001:db8::1", 1, 0, 0), ("2001:db8::ffff:1", 2, 0, 0), True),
        (socket.AF_INET6, ("2001:db8::1", 1, 0, 0), ("2001:db8:0:1::1", 1, 0, 0), False),
        (socket.AF_INET6, ("::ffff:192.0.2.1", 1, 0, 0), ("::ffff:192.0.2.2", 1, 0, 0), False),
        (socket.AF_INET6, ("::ffff:192.0.2.1", 1, 0, 0), ("::ffff:192.0.2.1", 2, 0, 0), True),
        (socket.AF_INET6, ("fe80::1%eth0", 1, 0, 2), ("fe80::2%eth0", 1, 0, 2), True),
        (socket.AF_UNIX, "", b"\0abstract", True),
    ],
)
def test_what_counts_as_one_place(family: int, one: object, other: object, same: bool) -> None:
    assert (origin(family, one) == origin(family, other)) is same


def test_one_that_is_gone_has_no_name() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_name(ours) == "unix"
    assert peer_name(ours) == "unknown"
