"""A page that has its name resolve to 127.0.0.1 is told nothing."""

import pytest

from extauthz.service.status.own_name import is_loopback, is_own_name


@pytest.mark.parametrize(
    "host",
    [
        b"localhost",
        b"LOCALHOST:9190",
        b"127.0.0.1:9190",
        b"127.0.0.1",
        b"[::1]:9190",
        b"[::1]",
        b"10.1.2.3:80",
    ],
)
def test_addresses_and_localhost_are_nobody_elses(host: bytes) -> None:
    assert is_own_name(host)


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"evil.example",
        b"evil.example:9190",
        b"localhost.evil.example:9190",
        b"127.0.0.1.evil.example",
        b"127.0.0.1:9190:evil.example",
        b"[evil.example]:9190",
        b"[::1].evil.example",
        b"localhost@evil.example",
        b"\xff",
    ],
)
def test_every_other_name_may_be_a_strangers(host: bytes) -> None:
    assert not is_own_name(host)


def test_loopback_is_told_by_the_address_that_was_connected_to() -> None:
    assert is_loopback(("127.0.0.1", 9190))
    assert is_loopback(("127.8.9.10", 1))
    assert is_loopback(("::1", 9190))
    assert is_loopback(("::ffff:127.0.0.1", 9190))
    assert not is_loopback(("::ffff:10.0.0.1", 9190))
    assert not is_loopback(("10.0.0.1", 9190))
    assert not is_loopback(("/run/admin.sock", None))
    assert not is_loopback(None)
