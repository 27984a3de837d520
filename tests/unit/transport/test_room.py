"""The files of a process are shared out among its listeners, and whoever has the most strangers gives way first."""

import resource

import pytest

from extauthz.transport.limits import LISTENERS, MAX_CONNECTIONS, SPARE_FILES
from extauthz.transport.room import Room, widen

UNLIMITED = resource.RLIM_INFINITY
WANTED = LISTENERS * MAX_CONNECTIONS + 2 * SPARE_FILES


class Limits:
    """Those of a process, as ``resource`` has them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, files: int, most: int = UNLIMITED) -> None:
        self.now = files, most
        self.error: Exception | None = None
        monkeypatch.setattr(resource, "getrlimit", lambda _what: self.now)
        monkeypatch.setattr(resource, "setrlimit", self._set)

    def _set(self, what: int, limits: tuple[int, int]) -> None:
        assert what == resource.RLIMIT_NOFILE
        if self.error is not None:
            raise self.error
        self.now = limits


class Host:
    def __init__(self, strangers: int) -> None:
        self.strangers = strangers

    def send_stranger_away(self) -> bool:
        self.strangers -= 1
        return self.strangers >= 0


@pytest.mark.parametrize(
    ("files", "listeners", "places"),
    [
        (1024, 1, 896),
        (1024, 2, 448),
        (1 << 20, 2, MAX_CONNECTIONS),
        (UNLIMITED, 2, MAX_CONNECTIONS),
        (100, 2, 1),
    ],
)
def test_each_listener_has_the_same_part(
    files: int, listeners: int, places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Limits(monkeypatch, files)
    room = Room(listeners)
    assert room.of_each == places
    assert files in {UNLIMITED, 100} or listeners * places + SPARE_FILES <= files


def test_the_listener_with_the_most_strangers_gives_way() -> None:
    few, many, none = Host(1), Host(3), Host(0)
    room = Room(3)
    assert not room.make_way()
    for host in (few, many, none):
        room.used_by(host)
    assert [room.make_way() for _ in range(5)] == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1024, 4096), (4096, 4096)),
        ((1024, 1 << 20), (WANTED, 1 << 20)),
        ((1024, UNLIMITED), (WANTED, UNLIMITED)),
        ((1 << 20, 1 << 20), (1 << 20, 1 << 20)),
        ((UNLIMITED, UNLIMITED), (UNLIMITED, UNLIMITED)),
        ((1024, 1024), (1024, 1024)),
    ],
)
def test_as_many_files_as_are_of_use_may_be_opened_where_that_is_allowed(
    before: tuple[int, int], after: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(monkeypatch, *before)
    widen()
    assert limits.now == after


@pytest.mark.parametrize("error", [OSError(), ValueError()])
def test_a_limit_that_the_system_does_not_take_stays(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(monkeypatch, 1024)
    limits.error = error
    widen()
    assert limits.now == (1024, UNLIMITED)
