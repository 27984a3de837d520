"""Unix sockets of listeners: taking over a stale file, file mode, and removal at the end."""

import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

SOCKET_MODE = 0o660
"""Owner and group may connect: a sidecar proxy shares a group, everybody else on the node has no business here."""
_UMASK = 0o777 & ~SOCKET_MODE
_PROBE_SECONDS = 1.0


class SocketPathTakenError(Exception):
    """The path cannot be used for a socket; the message says why."""


@contextlib.contextmanager
def binding(path: Path) -> Iterator[None]:
    """Bind a socket at ``path`` inside of this: a stale socket is gone, and the new one is never open to others.

    A socket that nobody listens on is what a crashed process leaves behind. Raises ``SocketPathTakenError`` when
    someone does listen, or when the path is something else than a socket.
    """
    _remove_stale(path)
    # The mode is set by the umask, not afterwards: between bind and chmod anyone could connect.
    before = os.umask(_UMASK)
    try:
        yield
    finally:
        os.umask(before)


class OwnSocketFile:
    """The file of a socket that was bound here: a successor may have put its own in the same place since."""

    def __init__(self, path: Path | None) -> None:
        """Note the file that is there now; None: there is none to remove."""
        self._path = path
        self._inode = 0 if path is None else path.stat().st_ino

    def remove(self) -> None:
        """Remove it if it is still there."""
        if self._path is None:
            return
        with contextlib.suppress(FileNotFoundError):
            if self._path.lstat().st_ino == self._inode:
                self._path.unlink()


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SocketPathTakenError(f"{path} exists and is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE_SECONDS)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        except TimeoutError:
            raise SocketPathTakenError(f"another process listens on {path}") from None
        else:
            raise SocketPathTakenError(f"another process listens on {path}")
