"""A page that has its name resolve to an address of the service is told nothing."""

import pytest

from extauthz.config.schema.listen import Admin, Status
from extauthz.service.status.own_name import is_network, is_own_name, names_of

NAMES = frozenset({"ops.example"})


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
    assert is_own_name(host, ())
    assert is_own_name(host, NAMES)


@pytest.mark.parametrize("host", [b"ops.example", b"OPS.example:9190", b"ops.example:80"])
def test_a_name_that_the_configuration_gives_is_its_own(host: bytes) -> None:
    assert is_own_name(host, NAMES)
    assert not is_own_name(host, ())


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
        b"x.ops.example",
        b"ops.example.evil.example",
        b"ops.example.",
        b"[ops.example]",
    ],
)
def test_every_other_name_may_be_a_strangers(host: bytes) -> None:
    assert not is_own_name(host, NAMES)


def test_a_network_is_told_by_the_port_that_was_connected_to() -> None:
    assert is_network(("127.0.0.1", 9190))
    assert is_network(("::1", 9190))
    assert is_network(("::ffff:10.0.0.1", 9190))
    assert is_network(("10.0.0.1", 9190))
    assert not is_network(("/run/admin.sock", None))
    assert not is_network(None)


def test_its_names_are_where_it_listens_since_the_start_and_what_is_configured_now() -> None:
    bound = Admin(address="Admin.Example:9190", status=Status(hosts=("old.example",)))
    wanted = Admin(address="elsewhere.example:1", status=Status(hosts=("new.example",)))
    assert names_of(bound, wanted) == {"admin.example", "new.example"}
    assert names_of(Admin(address="unix:/run/admin.sock"), wanted) == {"new.example"}
    assert names_of(Admin(address="[::]:9190"), Admin()) == {"::"}
