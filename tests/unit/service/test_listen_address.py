"""Addresses are taken apart, bound, and when they cannot be had, the sentence says why."""

import socket
from pathlib import Path

import pytest

from extauthz.service.listen_address import (
    ListenError,
    listening_socket,
    split_host_port,
    unix_path,
    why_not_bindable,
    with_port,
)
from extauthz.service.unix_socket import SocketPathTakenError, binding, remove_own


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


def test_a_unix_socket_is_for_owner_and_group(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listening_socket(f"unix:{path}"):
        assert path.stat().st_mode & 0o777 == 0o660


def test_the_umask_is_as_before(tmp_path: Path) -> None:
    with listening_socket(f"unix:{tmp_path / 's'}"):
        (tmp_path / "file").touch(0o666)
        (tmp_path / "other").touch(0o666)
    assert (tmp_path / "file").stat().st_mode & 0o777 not in (0o660, 0)


def test_a_stale_socket_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listening_socket(f"unix:{path}"):
        pass
    assert path.is_socket()
    with listening_socket(f"unix:{path}"), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_socket_that_somebody_listens_on_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listening_socket(f"unix:{path}"):
        with pytest.raises(ListenError, match=f"another process listens on {path}"):
            listening_socket(f"unix:{path}")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def test_a_socket_whose_owner_is_too_busy_to_answer_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_busy(_socket: socket.socket, _address: str) -> None:
        raise TimeoutError

    path = tmp_path / "s"
    with listening_socket(f"unix:{path}"):
        monkeypatch.setattr(socket.socket, "connect", too_busy)
        with pytest.raises(SocketPathTakenError, match="another process"), binding(path):
            pytest.fail("bound")


def test_a_file_that_is_no_socket_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("precious")
    with pytest.raises(ListenError, match=f"{path} exists and is not a socket"):
        listening_socket(f"unix:{path}")
    assert path.read_text() == "precious"


def test_a_folder_that_does_not_exist_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ListenError, match="no such file or directory"):
        listening_socket(f"unix:{tmp_path}/no/s")


def test_only_the_own_socket_is_removed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listening_socket(f"unix:{path}"):
        inode = path.stat().st_ino
        remove_own(path, inode + 1)
        assert path.exists()
        remove_own(path, inode)
        assert not path.exists()
        remove_own(path, inode)
