"""Two who share a directory notice, and whoever comes second has it once the first is gone."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from extauthz.refresh.instance_lock import LOCK_NAME, InstanceLock


@pytest.fixture
def locks() -> Iterator[tuple[InstanceLock, InstanceLock]]:
    both = InstanceLock(), InstanceLock()
    yield both
    for one in both:
        one.release()


Locks = tuple[InstanceLock, InstanceLock]


def test_the_second_notices_and_takes_over_when_the_first_is_gone(locks: Locks, tmp_path: Path) -> None:
    first, second = locks
    for _ in range(2):
        first.hold(tmp_path)
        second.hold(tmp_path)
    assert first.problem is None
    assert second.problem is not None
    assert second.problem.startswith(f"{tmp_path} is in use by another process")
    first.release()
    second.hold(tmp_path)
    first.hold(tmp_path)
    assert second.problem is None
    assert first.problem is not None


def test_another_directory_lets_go_of_the_one_before(locks: Locks, tmp_path: Path) -> None:
    first, second = locks
    (tmp_path / "other").mkdir()
    first.hold(tmp_path)
    second.hold(tmp_path)
    second.hold(tmp_path / "other")
    assert second.problem is None
    first.hold(None)
    second.hold(tmp_path)
    assert second.problem is None


def test_only_the_owner_may_open_what_is_locked(locks: Locks, tmp_path: Path) -> None:
    locks[0].hold(tmp_path)
    assert (tmp_path / LOCK_NAME).stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_locked_nothing_is_said(
    locks: Locks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks[0].hold(tmp_path / "gone")
    assert locks[0].problem is None

    def fail(*_arguments: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    locks[1].hold(tmp_path)
    assert locks[1].problem is None


def test_a_link_is_not_followed(locks: Locks, tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "elsewhere")
    locks[0].hold(tmp_path)
    assert not (tmp_path / "elsewhere").exists()
