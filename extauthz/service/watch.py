"""Noticing that watched files changed: the kernel's notifications, and a look every few seconds behind them.

Notifications say only "look now": what decides is the fingerprint. So a log file that grows beside the configuration
starts nothing, and a file system without notifications (NFS, some volumes) is merely slower.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

import structlog
import watchfiles

from extauthz.service.fingerprint import Fingerprint, take_fingerprint

POLL_SECONDS = 10.0
"""How long a change stays unnoticed where the kernel does not tell. A look is a stat for each file."""
SETTLE_SECONDS = 0.1
"""Two looks this far apart must agree before a change counts: a file that is still being written is not read."""
MAX_SETTLE_LOOKS = 20
"""After two seconds of changes the files are read as they are; a file that is always written must not stop reloads."""
FolderIdentity = tuple[int, int]
"""Device and inode: notifications belong to a folder, not to its name."""
_NOTIFY_STEP_MS = 50
_NOTIFY_GATHER_MS = 200


class Watcher:
    """Calls ``on_change`` when the fingerprint of the watched paths is no longer the one last shown to it."""

    def __init__(self, on_change: Callable[[], Awaitable[object]], *, poll_seconds: float = POLL_SECONDS) -> None:
        self._on_change = on_change
        self._poll_seconds = poll_seconds
        self._known: Fingerprint = {}
        self._folders: Mapping[Path, FolderIdentity] = {}
        self._look = asyncio.Event()
        self._loaded = asyncio.Event()
        self._folders_changed = asyncio.Event()
        self._log = structlog.get_logger("extauthz.service")

    def watch(self, fingerprint: Fingerprint) -> None:
        """Watch these paths from now on; the fingerprint is of what was loaded. Call it in the event loop."""
        self._known = fingerprint
        self._loaded.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_folders())
            tasks.create_task(self._follow_notifications())
            tasks.create_task(self._follow_fingerprint())

    async def _follow_fingerprint(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._poll_seconds):
                    await self._look.wait()
            except TimeoutError:
                pass  # nobody called: time for a look anyway
            self._look.clear()
            known = self._known
            if await self._settled(known) != known and known is self._known:
                await self._on_change()

    async def _settled(self, known: Fingerprint) -> Fingerprint:
        """Look until two looks agree, or one says that nothing changed."""
        last = await _look_at(known)
        for _ in range(MAX_SETTLE_LOOKS):
            if last == known:
                break
            await asyncio.sleep(SETTLE_SECONDS)
            before, last = last, await _look_at(known)
            if last == before:
                break
        return last

    async def _follow_folders(self) -> None:
        """See after each load which folders there are. Another one by the same name needs to be registered anew."""
        while True:
            await self._loaded.wait()
            self._loaded.clear()
            # In a thread, like every look at files: a file system that hangs must not hold up a check.
            folders = await asyncio.to_thread(_present_folders, self._known)
            if folders != self._folders:
                self._folders = folders
                self._folders_changed.set()

    async def _follow_notifications(self) -> None:
        while True:
            self._folders_changed.clear()
            present = tuple(self._folders)
            if not present:
                await self._folders_changed.wait()
                continue
            # What changed before the kernel was asked is found by a look afterwards: the next call registers with the
            # kernel before it first waits, and this callback runs then.
            asyncio.get_running_loop().call_soon(self._look.set)
            try:
                async for _ in watchfiles.awatch(
                    *present,
                    watch_filter=None,
                    recursive=False,
                    debounce=_NOTIFY_GATHER_MS,
                    step=_NOTIFY_STEP_MS,
                    stop_event=self._folders_changed,
                ):
                    self._look.set()
            except (OSError, RuntimeError) as error:  # RuntimeError: the library's own
                # Out of inotify watches, a folder that went away: the looks go on, and the next load tries again.
                self._folders = {}
                self._log.warning(
                    "no change notifications; files are looked at instead",
                    why=str(error),
                    every_seconds=self._poll_seconds,
                )
                await self._folders_changed.wait()


async def _look_at(known: Fingerprint) -> Fingerprint:
    return await asyncio.to_thread(take_fingerprint, tuple(known))


def _present_folders(fingerprint: Fingerprint) -> Mapping[Path, FolderIdentity]:
    """Return what to be notified about: where a path is named, where it leads, and a directory itself."""
    found: dict[Path, FolderIdentity] = {}
    for path, state in fingerprint.items():
        for folder in (path.parent, Path(state.resolved).parent, path):
            if folder not in found and folder.is_dir():
                with suppress(OSError):  # gone in between
                    status = folder.stat()
                    found[folder] = (status.st_dev, status.st_ino)
    return found
