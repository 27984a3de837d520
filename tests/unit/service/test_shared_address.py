"""An address is kept for several processes, and from everybody else."""

import os
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from extauthz.service.listen_address import ListenError, listening_socket
from extauthz.service.shared_address import KeptAddress, SharedAddress

ANY_PORT = "127.0.0.1:0"


@contextmanager
def kept(address: str) -> Iterator[KeptAddress]:
    one = KeptAddress(address)
    try:
        yield one
    finally:
        one.close()


def joined(one: KeptAddress) -> socket.socket:
    """Return the socket of a worker at an address that is one alone."""
    (listening,) = SharedAddress().listening_sockets(one.address)
    return listening


def place(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def test_port_0_becomes_one_port_for_all() -> None:
    with kept(ANY_PORT) as one:
        assert place(one.address)[1] > 0
        with (
            closing(joined(one)) as first,
            closing(joined(one)) as second,
        ):
            assert first.getsockname() == second.getsockname() == place(one.address)


def test_connections_spread_and_none_goes_to_who_keeps_it() -> None:
    with kept(ANY_PORT) as one:
        sockets = [joined(one) for _ in range(2)]
        for listening in sockets:
            listening.settimeout(0.01)
        accepted = [0, 0]
        for _ in range(60):
            with socket.create_connection(place(one.address), 20):
                found = [number for number, listening in enumerate(sockets) if _accepts(listening)]
                assert len(found) == 1
                accepted[found[0]] += 1
        for listening in sockets:
            listening.close()
    assert min(accepted) > 0


def test_when_one_is_gone_the_other_has_everything() -> None:
    with kept(ANY_PORT) as one, closing(joined(one)) as left:
        joined(one).close()
        left.settimeout(20)
        for _ in range(10):
            with socket.create_connection(place(one.address), 20):
                left.accept()[0].close()


def test_nobody_listens_until_a_worker_does() -> None:
    with kept(ANY_PORT) as one, pytest.raises(ConnectionRefusedError):
        socket.create_connection(place(one.address), 20)


def test_a_port_in_use_is_refused() -> None:
    with closing(listening_socket(ANY_PORT)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ListenError, match=f"cannot listen on {address}: address already in use"):
            KeptAddress(address)


def test_it_is_kept_from_another_one_like_it() -> None:
    with kept(ANY_PORT) as one:
        with pytest.raises(ListenError, match="address already in use"):
            KeptAddress(one.address)
        with closing(joined(one)), pytest.raises(ListenError):
            KeptAddress(one.address)


def test_it_is_kept_from_a_listener_of_its_own() -> None:
    with kept(ANY_PORT) as one, pytest.raises(ListenError, match="address already in use"):
        listening_socket(one.address)


def test_what_was_left_in_time_wait_is_no_obstacle() -> None:
    with kept(ANY_PORT) as one:
        with (
            closing(joined(one)) as listening,
            socket.create_connection(place(one.address), 20) as client,
        ):
            listening.accept()[0].close()  # who closes first waits
            assert client.recv(1) == b""
        address = one.address
    with kept(address) as again:
        assert again.address == address


def test_a_name_is_kept_with_all_its_addresses() -> None:
    with kept("localhost:0") as one:
        port = place(one.address)[1]
        found = dict.fromkeys(socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM))
        for family, _, _, _, where in found:
            with socket.socket(family) as other, pytest.raises(OSError, match="in use"):
                other.bind(where)
        listening = SharedAddress().listening_sockets(one.address)
        assert [each.getsockname() for each in listening] == [where for *_, where in found]
        for each in listening:
            each.close()


def test_a_name_that_nobody_has_is_refused() -> None:
    with pytest.raises(ListenError, match=r"cannot listen on no-such-host\.invalid:1: "):
        KeptAddress("no-such-host.invalid:1")


def test_a_unix_socket_is_listened_on_once_for_all(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with kept(f"unix:{path}") as one:
        assert one.address == f"unix:{path}"
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert one.listening is not None
        with socket.socket(fileno=os.dup(one.listening.fileno())) as shared:
            assert SharedAddress(shared).listening_sockets(one.address) == [shared]
        with pytest.raises(ListenError, match="another process listens"):
            KeptAddress(one.address)
    assert not path.exists()


def test_elsewhere_than_on_linux_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(ListenError, match="on Linux alone; take `workers: 1`"):
        KeptAddress(ANY_PORT)


def _accepts(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except TimeoutError:
        return False
    return True
