"""Taking turns at a log that several processes write to, so that lines stay whole.

A single write to a file that is opened for appending is not torn, but one to a pipe is, past PIPE_BUF (4 KiB), and a
disk that fills up takes half of one. So a process writes while it holds a lock, which the kernel takes from one that
ends. Whether it ended in the middle of a line is noted beside, and the next one begins a line of its own.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

_WHOLE, _TORN = b"\0", b"\1"


class LineTurn:
    """One log's turns, as one process takes them. For one thread."""

    def __init__(self, descriptor: int) -> None:
        """``descriptor``: of a file in memory that all the processes have inherited. Raises OSError."""
        # Opened anew: the lock belongs to the open file, which inherited descriptors share. Not `lockf`: it belongs to
        # the process, and two logs that wait for one another's readers would look like a deadlock to it.
        self._file = os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR | os.O_CLOEXEC)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, however long that takes, and hold it."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    @property
    def mid_line(self) -> bool:
        """Whether the last writer ended in the middle of a line. To be asked and set while the turn is held."""
        return os.pread(self._file, 1, 0) == _TORN

    @mid_line.setter
    def mid_line(self, torn: bool) -> None:
        os.pwrite(self._file, _TORN if torn else _WHOLE, 0)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)
