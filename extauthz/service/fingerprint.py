"""Whether files changed: what the file system says about them, without reading them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MAX_DIRECTORY_ENTRIES = 10_000
"""Entries of a watched directory that are looked at: a directory of CRLs has hundreds; the look is taken often."""


@dataclass(frozen=True, slots=True)
class PathState:
    """What one path names at one moment. Two equal states mean the same content, but for a file system that lies.

    Kubernetes publishes new content by swapping a symlink above the file, which shows in ``resolved``; an editor that
    writes in place shows in the change time.
    """

    resolved: str
    entries: tuple[tuple[str, int, int, int, int], ...]
    """(name, device, inode, size, change time in ns) of the file, or of what is visible in the directory.

    Empty when there is nothing.
    """

    def changed_since(self, moment_ns: int) -> bool:
        """Say whether anything in it was written at or after a moment (nanoseconds since 1970)."""
        return any(changed_at >= moment_ns for *_, changed_at in self.entries)


Fingerprint = Mapping[Path, PathState]


def take_fingerprint(paths: Iterable[Path]) -> Fingerprint:
    """Look at every path. What cannot be looked at counts as missing: to read it is for the loader, which says why."""
    return {path: _state(path) for path in paths}


def _state(path: Path) -> PathState:
    resolved = os.path.realpath(path)
    try:
        if path.is_dir():
            with os.scandir(path) as found:
                listed = [_entry(entry.name, entry.stat()) for entry in _some(found)]
            return PathState(resolved, tuple(sorted(listed)))
        return PathState(resolved, (_entry(path.name, path.stat()),))
    except OSError:
        return PathState(resolved, ())


def _some(found: Iterable["os.DirEntry[str]"]) -> Iterable["os.DirEntry[str]"]:
    """Yield the visible entries, which are those that a load reads, up to the bound."""
    visible = (entry for entry in found if not entry.name.startswith("."))
    return (entry for entry, _ in zip(visible, range(MAX_DIRECTORY_ENTRIES), strict=False))


def _entry(name: str, status: os.stat_result) -> tuple[str, int, int, int, int]:
    return name, status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns
