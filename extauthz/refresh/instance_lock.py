"""Noticing that two instances share a state directory, by an advisory lock that ends with the process.

It only tells, and refuses nothing: when a service is restarted, the old process and the new one overlap for a while.
Where the file system has no such locks, nothing is noticed.
"""

import fcntl
import os
import threading
from pathlib import Path

LOCK_NAME = "instance.lock"
"""Empty, and never removed: whoever removed it could take the place of somebody who just opened it."""


class InstanceLock:
    """Holds at most one directory. Safe to call from any thread."""

    def __init__(self) -> None:
        self.problem: str | None = None
        """Why the directory is not held, for the operator; None when it is, or none is wanted."""
        self._using = threading.Lock()
        self._directory: Path | None = None
        self._descriptor: int | None = None

    def hold(self, directory: Path | None) -> None:
        """Take this directory, unless it is held, and let go of another one. Call it again to try again."""
        with self._using:
            if directory != self._directory:
                self._let_go()
                self._directory = directory
            if directory is not None and self._descriptor is None:
                self.problem = self._take(directory)

    def release(self) -> None:
        """Let go."""
        self.hold(None)

    def _let_go(self) -> None:
        descriptor, self._descriptor, self.problem = self._descriptor, None, None
        if descriptor is not None:
            os.close(descriptor)

    def _take(self, directory: Path) -> str | None:
        try:
            descriptor = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError:
            return None  # what cannot be written there is said elsewhere
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return f"{directory} is in use by another process: give each instance a `state_directory` of its own"
        except OSError:
            os.close(descriptor)
            return None
        self._descriptor = descriptor
        return None
