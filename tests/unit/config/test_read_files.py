import os
import socket
from pathlib import Path

import pytest

from extauthz.config.read_files import FileError, FileReader


def names(reader: FileReader, name: str) -> list[str]:
    return [path.name for path in reader.list_files(name)]


def test_relative_names_start_at_the_directory(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("x")
    reader = FileReader(tmp_path)
    assert reader.resolve("a.pem") == tmp_path / "a.pem"
    assert reader.resolve("/etc/a.pem") == Path("/etc/a.pem")
    assert reader.read(reader.single_file("a.pem"), 1) == b"x"


def test_directory_stands_for_its_visible_files_sorted(tmp_path: Path) -> None:
    for name in ("b.pem", "a.pem", ".hidden", ".a.pem.swp"):
        (tmp_path / name).write_text(name)
    (tmp_path / "lost+found").mkdir()
    assert names(FileReader(tmp_path.parent), tmp_path.name) == ["a.pem", "b.pem"]


def mount(volume: Path, revision: str, files: dict[str, str]) -> None:
    """Write a revision of a volume and switch to it, as the kubelet does."""
    (volume / revision).mkdir()
    for name, text in files.items():
        (volume / revision / name).write_text(text)
    (volume / "..data_tmp").symlink_to(revision)
    (volume / "..data_tmp").rename(volume / "..data")
    for name in files:
        if not (volume / name).is_symlink():
            (volume / name).symlink_to(f"..data/{name}")


def test_mounted_volume_is_read_through_its_visible_symlinks(tmp_path: Path) -> None:
    volume = tmp_path / "pki"
    volume.mkdir()
    mount(volume, "..2026_01_01", {"root.pem": "old"})
    reader = FileReader(tmp_path)
    assert names(reader, "pki") == ["root.pem"]
    mount(volume, "..2026_01_02", {"root.pem": "new", "next.pem": "x"})
    listed = reader.list_files("pki")
    assert listed == [volume / "next.pem", volume / "root.pem"]
    assert [reader.read(path, 100) for path in listed] == [b"x", b"new"]


def test_every_name_is_watched_once_with_its_symlinks_kept(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_text("x")
    (tmp_path / "link").symlink_to("d/x")
    reader = FileReader(tmp_path)
    for name in ("link", "d", "link"):
        reader.list_files(name)
    with pytest.raises(FileError):
        reader.list_files("missing")
    assert list(reader.watched) == [tmp_path / "link", tmp_path / "d", tmp_path / "missing"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "does not exist"),
        ("file/below", "cannot be read: Not a directory"),
        ("loop", "cannot be read: Too many levels of symbolic links"),
        ("x" * 300, "cannot be read: File name too long"),
        ("nul\0", "cannot be the name of a file"),
        ("\ud800", "cannot be the name of a file"),
        ("empty", "is a directory without files"),
        ("only-hidden", "is a directory without files"),
    ],
)
def test_what_cannot_be_listed_says_why(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "empty").mkdir()
    (tmp_path / "only-hidden").mkdir()
    (tmp_path / "only-hidden" / ".x").write_text("x")
    with pytest.raises(FileError) as caught:
        FileReader(tmp_path).list_files(name)
    assert str(caught.value) == message


def test_directory_is_no_single_file(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_text("x")
    with pytest.raises(FileError, match="is a directory; name one file"):
        FileReader(tmp_path).single_file("d")


def test_dangling_symlink_in_a_directory_is_a_file_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "gone.pem").symlink_to("..data/gone.pem")
    reader = FileReader(tmp_path)
    (path,) = reader.list_files(".")
    with pytest.raises(FileError, match="does not exist"):
        reader.read(path, 10)


def test_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="is not a regular file"):
        FileReader(tmp_path).read(tmp_path / "pipe", 10)


def test_socket_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(FileError, match="cannot be read: No such device or address"):
            FileReader(tmp_path).read(tmp_path / "s", 10)


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied")])
def test_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    # Tests may run as root, who may read everything.
    def refuse(*_: object) -> int:
        raise error

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(FileError, match="may not be read by this user; grant read permission"):
        FileReader(tmp_path).read(tmp_path / "a", 10)


def test_largest_file_is_read_and_one_more_byte_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert FileReader(tmp_path).read(path, 5) == b"12345"
    with pytest.raises(FileError, match="is larger than 4 bytes, the most that is read"):
        FileReader(tmp_path).read(path, 4)
