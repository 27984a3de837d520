"""An index is made once, found again, and not believed when it was damaged."""

import fcntl
import hashlib
import mmap
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from extauthz.refresh.index_file import IndexFile, map_index

CRL = b"the CRL"
NAME = hashlib.sha256(CRL).hexdigest() + ".index"


def parts() -> Iterator[bytes | bytearray]:
    yield b"first, "
    yield bytearray(b"second")


def never() -> Iterator[bytes]:
    raise AssertionError("indexed again")
    yield b""


def test_in_memory_nobody_can_change_it() -> None:
    with IndexFile(CRL, None) as file:
        assert file.descriptor is None
        data = file.keep(parts())
        assert (data[:], file.size) == (b"first, second", 13)
        assert file.descriptor is not None
        with pytest.raises(OSError, match="not permitted"):
            os.write(file.descriptor, b"x")
        with pytest.raises(OSError, match="not permitted"):
            os.ftruncate(file.descriptor, 0)
        other = os.dup(file.descriptor)
    mapped = map_index(other, 13)
    os.close(other)
    assert mapped[:5] == b"first"


def test_where_files_cannot_be_sealed_they_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(fcntl, "F_ADD_SEALS")
    with IndexFile(CRL, None) as file:
        assert file.keep(parts())[:] == b"first, second"


def test_in_a_directory_it_is_found_again(tmp_path: Path) -> None:
    with IndexFile(CRL, tmp_path) as file:
        assert file.keep(parts())[:] == b"first, second"
    assert [one.name for one in tmp_path.iterdir()] == [NAME]
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    with IndexFile(CRL, tmp_path) as file:
        assert file.keep(never())[:] == b"first, second"
        assert file.size == 13


@pytest.mark.parametrize("content", [b"", b"x", b"f" * 45])
def test_a_damaged_one_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with IndexFile(CRL, tmp_path) as file:
        assert file.keep(parts())[:] == b"first, second"
    with IndexFile(CRL, tmp_path) as file:
        file.keep(never())


def test_one_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"first"
        raise ValueError("no CRL after all")

    with IndexFile(CRL, tmp_path) as file, pytest.raises(ValueError, match="after all"):
        file.keep(broken())
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with IndexFile(CRL, tmp_path / "gone") as file, pytest.raises(OSError, match="No such file"):
        file.keep(parts())


def test_a_mapping_is_for_reading(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"abc")
    with path.open("rb") as file:
        data: mmap.mmap = map_index(file.fileno(), 3)
    with pytest.raises(TypeError):
        data[0] = 1
