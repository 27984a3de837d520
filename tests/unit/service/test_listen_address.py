"""Addresses are taken apart, bound, and when they cannot be had, the sentence says why."""

import socket
from pathlib import Path

import pytest

from extauthz.service.listen_address import (
    ListenError,
    listening_socket,
    listening_sockets,
    split_host_port,
    unix_path,
    why_not_bindable,
    with_port,
)


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:9191", ("127.0.0.1", 9191)), ("[::1]:0", ("::1", 0)), ("localhost:80", ("localhost", 80))],
)
def test_an_address_has_a_host_and_a_port(address: str, parts: tuple[str, int]) -> None:
    assert split_host_port(address) == parts


@pytest.mark.parametrize(("address", "bound"), [("127.0.0.1:0", "127.0.0.1:8080"), ("[::1]:0", "[::1]:8080")])
def test_the_port_that_was_bound_stands_in_for_the_one_asked_for(address: str, bound: str) -> None:
    assert with_port(address, 8080) == bound


def test_a_unix_address_has_a_path_and_others_do_not() -> None:
    assert unix_path("unix:/run/x.sock") == Path("/run/x.sock")
    assert unix_path("127.0.0.1:80") is None


def test_a_taken_port_is_named_with_the_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ListenError, match=f"^cannot listen on {address}: address already in use$"):
            listening_socket(address)
        assert why_not_bindable(address) == "address already in use"


def test_an_address_of_another_machine_is_named_with_the_reason() -> None:
    with pytest.raises(ListenError, match=r"^cannot listen on 192\.0\.2\.1:80: cannot assign requested address$"):
        listening_socket("192.0.2.1:80")


def test_a_port_that_is_free_after_all_is_no_riddle() -> None:
    assert why_not_bindable("127.0.0.1:0") == "gRPC could not bind it"


def test_a_tcp_socket_accepts() -> None:
    with (
        listening_socket("127.0.0.1:0") as listener,
        socket.create_connection(listener.getsockname()) as client,
        listener.accept()[0] as accepted,
    ):
        client.sendall(b"x")
        assert accepted.recv(1) == b"x"


def test_a_folder_that_does_not_exist_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ListenError, match="no such file or directory"):
        listening_socket(f"unix:{tmp_path}/no/s")


def addresses(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Let the name ``two.example`` stand for these addresses."""
    really = socket.getaddrinfo

    def look_up(host: str, port: int, type: int) -> list[object]:  # noqa: A002  (the name in the library)
        return [one for each in hosts for one in really(each, port, type=type)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_every_address_of_a_name_listens_on_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses(monkeypatch, "127.0.0.1", "127.0.0.2", "127.0.0.1")
    bound = listening_sockets("two.example:0", 5)
    hosts, ports = zip(*(one.getsockname() for one in bound), strict=True)
    assert hosts == ("127.0.0.1", "127.0.0.2")
    assert len(set(ports)) == 1
    for one in bound:
        one.close()


@pytest.mark.parametrize("found", [("127.0.0.1", "192.0.2.1"), ("192.0.2.1", "127.0.0.1")], ids=["last", "first"])
def test_an_address_that_the_machine_does_not_have_is_passed_over_where_another_is(
    found: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses(monkeypatch, *found)
    (only,) = listening_sockets("two.example:0", 5)
    assert only.getsockname()[0] == "127.0.0.1"
    only.close()


def test_a_port_that_is_taken_on_one_address_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses(monkeypatch, "127.0.0.1", "127.0.0.2")
    with socket.create_server(("127.0.0.2", 0)) as taken:
        address = f"two.example:{taken.getsockname()[1]}"
        with pytest.raises(ListenError, match=r"address already in use$"):
            listening_sockets(address, 5)


def test_a_unix_socket_is_one(tmp_path: Path) -> None:
    (only,) = listening_sockets(f"unix:{tmp_path / 's'}", 5)
    assert only.family is socket.AF_UNIX
    only.close()
