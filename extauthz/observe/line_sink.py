"""Where log lines end up: standard output, or a file that may be rotated under the process."""

import os
import select
import stat
import time
from pathlib import Path
from typing import Protocol

from extauthz.observe.line_turn import LineTurn

FILE_MODE = 0o640
"""Owner writes, group reads: the lines name people."""
ROTATION_CHECK_SECONDS = 1.0
"""How often the path is compared with the open file: one stat a second, and a rotation is noticed as soon."""
NOT_READY_SECONDS = 1.0
"""How long one wait for a descriptor in non-blocking mode lasts before it is tried again."""


class LineSink(Protocol):
    """Takes whole lines. Used by one thread only."""

    def write(self, data: bytes) -> None:
        """Write everything, waiting as long as it takes. Raises OSError."""
        ...

    def close(self) -> None:
        """Give back what was opened here."""
        ...


class DescriptorSink:
    """An open descriptor, such as 1 for standard output; never closed here."""

    def __init__(self, descriptor: int, turn: LineTurn | None = None) -> None:
        """``turn``: taken before writing, where other processes write to the same place."""
        self.descriptor = descriptor
        self.turn = turn
        self._mid_line = False

    def write(self, data: bytes) -> None:
        """Write everything. After a write that failed half way, the next one begins with a line of its own."""
        turn = self.turn
        if turn is None:
            self._write(data)
            return
        with turn.taken():
            self._mid_line = turn.mid_line
            turn.mid_line = True
            try:
                self._write(data)
            finally:
                turn.mid_line = self._mid_line

    def _write(self, data: bytes) -> None:
        rest = memoryview(b"\n" + data if self._mid_line else data)
        while rest:
            try:
                written = os.write(self.descriptor, rest)
            except BlockingIOError:
                # Someone shares the descriptor and made it non-blocking: wait as a blocking one would.
                waiting = select.poll()  # select() takes no descriptor above 1023
                waiting.register(self.descriptor, select.POLLOUT)
                waiting.poll(NOT_READY_SECONDS * 1000)
                continue
            rest = rest[written:]
            self._mid_line = bool(rest)

    def close(self) -> None:
        """Leave the descriptor to whoever opened it."""


class FileSink:
    """A file that is appended to, created when missing, and opened anew once its path names another file."""

    def __init__(self, path: str, turn: LineTurn | None = None) -> None:
        self._path = Path(path)
        self._turn = turn
        self._file: DescriptorSink | None = None
        self._next_check = 0.0

    def write(self, data: bytes) -> None:
        """Write to the file that the path names now."""
        if self._file is not None and self._was_rotated(self._file.descriptor):
            self.close()
        if self._file is None:
            self._file = self._open()
        self._file.write(data)

    def close(self) -> None:
        """Close the file; the next write opens it again."""
        if self._file is not None:
            os.close(self._file.descriptor)
            self._file = None

    def _open(self) -> DescriptorSink:
        # O_NONBLOCK: a pipe that nobody reads fails (ENXIO) instead of waiting for a reader that may never come.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(self._path, flags, FILE_MODE)
        os.set_blocking(descriptor, True)
        return DescriptorSink(descriptor, self._turn)

    def _was_rotated(self, descriptor: int) -> bool:
        if time.monotonic() < self._next_check:
            return False
        self._next_check = time.monotonic() + ROTATION_CHECK_SECONDS
        opened = os.fstat(descriptor)
        try:
            named = self._path.stat()
        except FileNotFoundError:
            return stat.S_ISREG(opened.st_mode)
        return (named.st_dev, named.st_ino) != (opened.st_dev, opened.st_ino)
