"""A Unix socket is closed to strangers, taken over when stale, and never taken away from somebody."""

import socket
from pathlib import Path

import pytest

from extauthz.service.listen_address import ListenError, listening_socket
from extauthz.service.unix_socket import OwnSocketFile, SocketPathTakenError, binding


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


def test_only_the_own_socket_is_removed_at_the_end(tmp_path: Path) -> None:
    path, moved = tmp_path / "s", tmp_path / "moved"
    with listening_socket(f"unix:{path}"):
        own = OwnSocketFile(path)
        path.rename(moved)
        with listening_socket(f"unix:{path}"):
            own.remove()
            assert path.exists()
        moved.rename(path)
        own.remove()
        assert not path.exists()
        own.remove()


def test_where_there_is_no_file_there_is_none_to_remove() -> None:
    OwnSocketFile(None).remove()
