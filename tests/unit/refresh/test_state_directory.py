"""A state directory is this instance's alone, or it is not used."""

import os
from pathlib import Path

import pytest

from extauthz.refresh.state_directory import StateError, open_state, prune_indices, read_state


def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state", None)
    assert [one.stat().st_mode & 0o777 for one in (tmp_path / "state", tmp_path / "state/indices")] == [0o700] * 2
    assert (state.indices, state.problem, state.writable) == (tmp_path / "state/indices", None, True)
    assert state.cache is not None
    assert open_state(tmp_path / "state", None).directory == tmp_path / "state"


def test_a_symlink_that_is_moved_later_moves_nothing(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    link = tmp_path / "link"
    link.symlink_to("real")
    state = open_state(link, None)
    link.unlink()
    link.symlink_to("elsewhere")
    assert (state.directory, state.indices) == (link, tmp_path / "real/indices")
    assert state.last_seen.path == tmp_path / "real/last-seen.json"


def test_without_one_there_is_memory_alone() -> None:
    state = open_state(None, None)
    assert (state.cache, state.indices, state.last_seen.path) == (None, None, None)


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1777])
@pytest.mark.parametrize("name", ["", "indices", "fetched"])
def test_one_that_others_may_write_is_refused(tmp_path: Path, mode: int, name: str) -> None:
    directory = tmp_path / "state"
    open_state(directory, None)
    (directory / name).chmod(mode)
    with pytest.raises(StateError, match="may be written by others"):
        open_state(directory, None)


def test_one_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    if owner == 0:  # root may own it; so nobody does here
        os.chown(tmp_path / "state", 12345, -1)
    with pytest.raises(StateError, match="belongs to another user"):
        open_state(tmp_path / "state", None)


def test_so_is_one_with_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "fetched").write_text("")
    with pytest.raises(StateError, match="/fetched' cannot be used: File exists"):
        open_state(tmp_path / "state", None)


def test_one_that_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(StateError, match="may not be written by this user"):
        open_state(tmp_path / "state", None)


def test_one_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="/file' is not a directory; name one"):
        open_state(tmp_path / "file", None)
    with pytest.raises(StateError, match=r"/gone/state' cannot be made: its parent '.*/gone' does not exist"):
        open_state(tmp_path / "gone/state", None)


def test_a_look_needs_no_directory_and_refuses_a_bad_one(tmp_path: Path) -> None:
    assert read_state(None).cache is None
    assert read_state(tmp_path / "gone").cache is None
    (tmp_path / "state").mkdir(mode=0o700)
    assert read_state(tmp_path / "state").cache is None
    fetched = tmp_path / "state" / "fetched"
    fetched.mkdir(mode=0o700)
    state = read_state(tmp_path / "state")
    assert (state.cache is not None, state.writable, state.indices) == (True, False, None)
    fetched.chmod(0o777)
    with pytest.raises(StateError, match="cannot be used"):
        read_state(tmp_path / "state")


def test_indices_that_nobody_uses_are_removed(tmp_path: Path) -> None:
    for name in (f"{b'a'.hex()}.index", f"{b'b'.hex()}.index", ".x.index.0123", "other"):
        (tmp_path / name).write_bytes(b"")
    prune_indices(tmp_path, {b"a"})
    assert sorted(one.name for one in tmp_path.iterdir()) == ["61.index", "other"]
    prune_indices(tmp_path / "gone", {b"a"})
