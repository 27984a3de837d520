"""A file is there in its old form or its new one, and nothing else is left."""

from pathlib import Path

import pytest

from extauthz.refresh.atomic_file import write_atomically


def test_it_replaces_what_was_there_and_is_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(path, b"new")
    assert list(tmp_path.iterdir()) == [path]
