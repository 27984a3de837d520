"""Lines reach the file that the path names now, whole or marked as broken."""

import os
import threading
from pathlib import Path

import pytest

from extauthz.observe import line_sink
from extauthz.observe.line_sink import DescriptorSink, FileSink


def test_a_file_is_created_for_owner_and_group_only(tmp_path: Path) -> None:
    path = tmp_path / "log"
    sink = FileSink(str(path))
    sink.write(b"one\n")
    sink.close()
    assert path.read_bytes() == b"one\n"
    assert path.stat().st_mode & 0o007 == 0


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before\n")
    sink = FileSink(str(path))
    sink.write(b"after\n")
    sink.close()
    assert path.read_bytes() == b"before\nafter\n"


def test_after_a_rotation_lines_go_to_the_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_sink, "ROTATION_CHECK_SECONDS", 0.0)
    path = tmp_path / "log"
    sink = FileSink(str(path))
    sink.write(b"one\n")
    path.rename(tmp_path / "log.1")
    sink.write(b"two\n")
    path.rename(tmp_path / "log.2")
    path.touch()
    sink.write(b"three\n")
    sink.close()
    contents = [(tmp_path / name).read_bytes() for name in ("log.1", "log.2", "log")]
    assert contents == [b"one\n", b"two\n", b"three\n"]


def test_the_path_is_not_looked_at_for_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_sink, "ROTATION_CHECK_SECONDS", 3600.0)
    path = tmp_path / "log"
    sink = FileSink(str(path))
    sink.write(b"one\n")
    sink.write(b"two\n")
    path.rename(tmp_path / "log.1")
    sink.write(b"three\n")
    sink.close()
    assert (tmp_path / "log.1").read_bytes() == b"one\ntwo\nthree\n"


def test_a_pipe_as_path_is_never_taken_for_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_sink, "ROTATION_CHECK_SECONDS", 0.0)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    sink = FileSink(str(path))
    sink.write(b"one\n")
    path.unlink()
    sink.write(b"two\n")
    assert os.read(reader, 100) == b"one\ntwo\n"
    sink.close()
    os.close(reader)


def test_a_folder_that_does_not_exist_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileSink(str(tmp_path / "no" / "log")).write(b"x\n")


def test_closing_an_unused_file_is_harmless(tmp_path: Path) -> None:
    FileSink(str(tmp_path / "log")).close()
    assert not (tmp_path / "log").exists()


def test_a_descriptor_stays_open() -> None:
    reader, writer = os.pipe()
    sink = DescriptorSink(writer)
    sink.write(b"one\n")
    sink.close()
    sink.write(b"two\n")
    assert os.read(reader, 100) == b"one\ntwo\n"
    os.close(reader)
    os.close(writer)


def test_after_a_write_that_failed_half_way_the_next_line_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []
    room = iter([4, 0, 100, 100])

    def write(_descriptor: int, data: memoryview) -> int:
        piece = bytes(data[: next(room)])
        if not piece:
            raise OSError(28, "No space left on device")
        taken.append(piece)
        return len(piece)

    monkeypatch.setattr(os, "write", write)
    sink = DescriptorSink(99)
    with pytest.raises(OSError, match="No space"):
        sink.write(b"0123456\n")
    sink.write(b"whole 1\n")
    sink.write(b"ok\n")
    assert taken == [b"0123", b"\nwhole 1\n", b"ok\n"]


def test_a_descriptor_in_non_blocking_mode_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    data = b"x" * 1_000_000 + b"\n"
    received = bytearray()

    def read() -> None:
        while len(received) < len(data):
            received.extend(os.read(reader, 1 << 16))

    thread = threading.Thread(target=read)
    thread.start()
    DescriptorSink(writer).write(data)
    thread.join(10)
    assert received == data
    os.close(reader)
    os.close(writer)
