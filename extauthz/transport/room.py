"""How many connections the listeners of one process take, and who gives way when there are no files left."""

import resource
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from extauthz.transport.limits import LISTENERS, MAX_CONNECTIONS, SPARE_FILES


class Host(Protocol):
    """A listener that has strangers."""

    @property
    def strangers(self) -> int:
        """How many there are."""

    def send_stranger_away(self) -> bool:
        """End one of them, so that its file is soon free; say whether there was one."""


class Room:
    """What the listeners of one process share: the files that connections may take, each the same part."""

    def __init__(self, listeners: int) -> None:
        """Share it out among so many."""
        self.of_each = _places(listeners)
        """Connections that each of them may have."""
        self._hosts: list[Host] = []

    def used_by(self, host: Host) -> None:
        """Take in one of the listeners."""
        self._hosts.append(host)

    def make_way(self) -> bool:
        """Let a stranger of the listener that has the most give way; say whether there was one."""
        hosts: Sequence[Host] = sorted(self._hosts, key=lambda one: one.strangers, reverse=True)
        return any(host.send_stranger_away() for host in hosts)


def widen() -> None:
    """Let this process, and those that it starts, open as many files as all listeners can use, if it may.

    A shell or an init often gives 1024, and leave to take many more.
    """
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = LISTENERS * MAX_CONNECTIONS + 2 * SPARE_FILES
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if files != resource.RLIM_INFINITY and files < wanted:
        with suppress(OSError, ValueError):  # what the system itself does not take: it stays as it is
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _places(listeners: int) -> int:
    """Return what is reasonable for each, or fewer where the process may open fewer files."""
    files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, (files - SPARE_FILES) // listeners))
