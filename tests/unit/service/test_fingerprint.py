"""A fingerprint differs after every way in which files are updated, and only then."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from extauthz.service import fingerprint as fingerprint_module
from extauthz.service.fingerprint import take_fingerprint


def kubernetes_volume(folder: Path, version: str, content: str) -> None:
    """Write a version the way kubelet does: a new directory, and a symlink swapped by rename."""
    data = folder / f"..{version}"
    data.mkdir()
    (data / "file").write_text(content)
    link = folder / "..data_tmp"
    link.symlink_to(data.name)
    link.rename(folder / "..data")
    if not (folder / "file").is_symlink():
        (folder / "file").symlink_to("..data/file")


def rewrite(path: Path) -> None:
    path.write_text("other")


def replace(path: Path) -> None:
    beside = path.with_name("beside")
    beside.write_text("old")
    beside.rename(path)


def remove(path: Path) -> None:
    path.unlink()


def same_size(path: Path) -> None:
    path.write_text("new")


def older_than_before(path: Path) -> None:
    path.write_text("new")
    os.utime(path, (0, 0))


def turn_into_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "change",
    [rewrite, replace, remove, same_size, older_than_before, turn_into_directory],
    ids=lambda one: one.__name__,
)
def test_a_changed_file_shows(change: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    before = take_fingerprint([path])
    settle(path)
    change(path)
    assert take_fingerprint([path]) != before


@pytest.mark.parametrize("change", [rewrite, replace, remove], ids=lambda one: one.__name__)
def test_a_change_inside_of_a_directory_shows(change: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").write_text("old")
    before = take_fingerprint([tmp_path])
    settle(tmp_path / "b")
    change(tmp_path / "b")
    assert take_fingerprint([tmp_path]) != before


def test_a_new_file_in_a_directory_shows(tmp_path: Path) -> None:
    before = take_fingerprint([tmp_path])
    (tmp_path / "a").touch()
    assert take_fingerprint([tmp_path]) != before


def test_a_hidden_file_in_a_directory_is_no_change(tmp_path: Path) -> None:
    """Editors and writers that rename put them there, and no load reads them."""
    (tmp_path / "a").touch()
    before = take_fingerprint([tmp_path])
    (tmp_path / ".a.swp").touch()
    assert take_fingerprint([tmp_path]) == before


def test_a_swapped_symlink_shows_in_a_directory_too(tmp_path: Path) -> None:
    kubernetes_volume(tmp_path, "one", "old")
    before = take_fingerprint([tmp_path])
    kubernetes_volume(tmp_path, "two", "old")
    assert take_fingerprint([tmp_path]) != before


def test_a_swapped_symlink_above_the_file_shows(tmp_path: Path) -> None:
    kubernetes_volume(tmp_path, "one", "old")
    before = take_fingerprint([tmp_path / "file"])
    kubernetes_volume(tmp_path, "two", "old")
    assert take_fingerprint([tmp_path / "file"]) != before


def test_what_nobody_touched_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    paths = [tmp_path, tmp_path / "file", tmp_path / "missing"]
    assert take_fingerprint(paths) == take_fingerprint(paths)


def test_another_file_in_the_folder_of_a_watched_file_does_not_show(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    before = take_fingerprint([tmp_path / "file"])
    (tmp_path / "growing.log").write_text("line")
    assert take_fingerprint([tmp_path / "file"]) == before


def test_a_file_that_appears_shows(tmp_path: Path) -> None:
    before = take_fingerprint([tmp_path / "file"])
    (tmp_path / "file").touch()
    assert take_fingerprint([tmp_path / "file"]) != before


def test_what_cannot_be_looked_at_counts_as_missing(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    assert take_fingerprint([loop])[loop].entries == ()


def test_a_huge_directory_is_looked_at_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint_module, "MAX_DIRECTORY_ENTRIES", 3)
    for number in range(5):
        (tmp_path / str(number)).touch()
    assert len(take_fingerprint([tmp_path])[tmp_path].entries) == 3


def test_it_tells_what_was_written_since_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    state = take_fingerprint([path])[path]
    changed_at = path.stat().st_ctime_ns
    assert state.changed_since(changed_at)
    assert state.changed_since(changed_at - 1)
    assert not state.changed_since(changed_at + 1)


def settle(path: Path) -> None:
    """Wait until the file system's clock, which ticks every few milliseconds, has moved on from the last change."""
    last = path.stat().st_ctime_ns
    probe = path.with_name(".probe")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        probe.write_text("")
        if probe.stat().st_ctime_ns > last:
            break
    probe.unlink()
