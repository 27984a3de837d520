"""Every way of updating files is noticed, by notification or by a look, and nothing else is."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
import watchfiles
from structlog.testing import capture_logs

from extauthz.service import watch as watch_module
from extauthz.service.fingerprint import Fingerprint, take_fingerprint
from extauthz.service.watch import FolderIdentity, Watcher

PATIENCE = 10.0
AGAIN = 1.0
"""Seconds between changes: longer than a change needs to settle."""
NEVER = 3600.0
"""Seconds between looks, for tests of notifications alone."""


class Watched:
    """A watcher and how often it called."""

    def __init__(self, *paths: Path, poll_seconds: float) -> None:
        self._paths = paths
        self.calls = 0
        self._called = asyncio.Event()
        self.watcher = Watcher(self._changed, poll_seconds=poll_seconds)

    def look(self) -> None:
        self.watcher.watch(take_fingerprint(self._paths))

    async def _changed(self) -> None:
        self.calls += 1
        self.look()
        self._called.set()

    async def change(self) -> None:
        """Wait for the next call."""
        async with asyncio.timeout(PATIENCE):
            await self._called.wait()
        self._called.clear()

    async def noticed(self, change: Callable[[int], None]) -> None:
        """Make a change, again and again, until a call comes of it: when notifications begin is up to the kernel."""
        self._called.clear()
        async with asyncio.timeout(PATIENCE):
            for number in count(1):
                change(number)
                with suppress(TimeoutError):
                    async with asyncio.timeout(AGAIN):
                        await self._called.wait()
                        return


@asynccontextmanager
async def watching(*paths: Path, poll_seconds: float = NEVER) -> AsyncIterator[Watched]:
    one = Watched(*paths, poll_seconds=poll_seconds)
    one.look()
    task = asyncio.create_task(one.watcher.run())
    try:
        yield one
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def write(path: Path, number: int) -> None:
    path.write_text("x" * number)


def replace(path: Path, number: int) -> None:
    beside = path.with_name("beside")
    beside.write_text("x" * number)
    beside.rename(path)


def remove(path: Path, number: int) -> None:
    if number % 2:
        path.unlink()
    else:
        path.write_text("back")


@pytest.mark.parametrize("change", [write, replace, remove])
@pytest.mark.parametrize("poll_seconds", [NEVER, 0.01], ids=["notified", "looking"])
async def test_a_changed_file_is_noticed(
    change: Callable[[Path, int], None], poll_seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if poll_seconds != NEVER:
        monkeypatch.setattr(watchfiles, "awatch", unavailable)
    path = tmp_path / "file"
    path.write_text("old")
    async with watching(path, poll_seconds=poll_seconds) as watched:
        await watched.noticed(lambda number: change(path, number))


async def test_a_swapped_data_link_is_noticed(tmp_path: Path) -> None:
    for version in ("..0", "..1"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "file").write_text("same")
    (tmp_path / "..data").symlink_to("..0")
    (tmp_path / "file").symlink_to("..data/file")

    def swap(number: int) -> None:
        (tmp_path / "..tmp").symlink_to(f"..{number % 2}")
        (tmp_path / "..tmp").rename(tmp_path / "..data")

    async with watching(tmp_path / "file") as watched:
        await watched.noticed(swap)
        # The link leads to another directory now, whose files count from then on.
        await watched.noticed(lambda number: write(tmp_path / "..data" / "file", number))


async def test_a_new_file_in_a_watched_directory_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "crls"
    folder.mkdir()
    async with watching(folder) as watched:
        await watched.noticed(lambda number: (folder / str(number)).touch())


async def test_a_file_beside_the_watched_one_calls_nobody(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    async with watching(path, poll_seconds=0.01) as watched:
        for number in range(20):
            (tmp_path / "growing.log").write_text("line" * number)
            await asyncio.sleep(0.01)
        assert watched.calls == 0


async def test_a_file_that_is_being_written_is_left_to_settle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several writes in a row are one change."""
    monkeypatch.setattr(watch_module, "SETTLE_SECONDS", 0.3)
    path = tmp_path / "file"
    path.write_text("old")
    async with watching(path, poll_seconds=0.01) as watched:
        for number in range(10):
            path.write_text("x" * number)
            await asyncio.sleep(0.01)
        await watched.change()
        assert watched.calls == 1


async def test_a_file_that_never_settles_is_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "SETTLE_SECONDS", 0.0)
    path = tmp_path / "file"
    path.write_text("old")

    async def keep_writing() -> None:
        number = 0
        while True:
            number += 1
            path.write_text("x" * number)
            await asyncio.sleep(0)

    writing = asyncio.create_task(keep_writing())
    async with watching(path, poll_seconds=0.01) as watched:
        await watched.change()
    writing.cancel()


async def test_what_was_changed_back_while_settling_calls_nobody(tmp_path: Path) -> None:
    path = tmp_path / "file"
    async with watching(path, poll_seconds=0.01) as watched:
        path.write_text("x")
        path.unlink()
        for _ in range(10):
            await asyncio.sleep(0.01)
        assert watched.calls == 0


async def test_without_notifications_it_looks_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchfiles, "awatch", unavailable)
    path = tmp_path / "file"
    with capture_logs() as events:
        async with watching(path, poll_seconds=0.01) as watched:
            path.write_text("new")
            await watched.change()
    assert events[0]["event"] == "no change notifications; files are looked at instead"
    assert events[0]["why"] == "inotify watch limit reached"


async def test_a_folder_that_does_not_exist_yet_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "later" / "file"
    async with watching(path, poll_seconds=0.01) as watched:
        await asyncio.sleep(0.05)
        path.parent.mkdir()
        path.write_text("new")
        await watched.change()


async def test_a_folder_that_was_put_in_the_place_of_another_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "crls"
    folder.mkdir()
    async with watching(folder) as watched:

        def exchange(number: int) -> None:
            beside = tmp_path / f"beside{number}"
            beside.mkdir()
            (beside / str(number)).touch()
            folder.rename(tmp_path / f"gone{number}")
            beside.rename(folder)

        await watched.noticed(exchange)
        # Within the new folder: only a notification of its own tells of it.
        await watched.noticed(lambda number: (folder / f"new{number}").touch())


async def test_folders_are_looked_at_in_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at a file system that hangs would hold up every check."""
    look = watch_module._present_folders
    looked: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def noted(fingerprint: Fingerprint) -> Mapping[Path, FolderIdentity]:
        loop.call_soon_threadsafe(looked.put_nowait, threading.get_ident())
        return look(fingerprint)

    monkeypatch.setattr(watch_module, "_present_folders", noted)
    async with watching(tmp_path), asyncio.timeout(PATIENCE):
        assert await looked.get() != threading.get_ident()


async def test_notifications_that_failed_are_tried_again_after_the_next_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    tried = asyncio.Event()

    async def failing(*_paths: Path, **_options: object) -> AsyncIterator[object]:
        tried.set()
        raise OSError("inotify watch limit reached")
        yield  # what makes it a generator

    monkeypatch.setattr(watchfiles, "awatch", failing)
    with capture_logs():
        async with watching(path) as watched:
            async with asyncio.timeout(PATIENCE):
                await tried.wait()
            monkeypatch.undo()
            watched.look()
            await watched.noticed(lambda number: write(path, number))


async def unavailable(*_paths: Path, **_options: object) -> AsyncIterator[object]:
    raise OSError("inotify watch limit reached")
    yield  # what makes it a generator
