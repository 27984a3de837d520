"""One connection of a client: reads, writes, and no more of either than the other side keeps up with."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from extauthz.transport.session import Session


class Connection(asyncio.Protocol):
    """Feeds a session from a transport and writes what it says."""

    def __init__(self, session: Callable[["Connection"], Session], lost: Callable[["Connection"], None]) -> None:
        """``session(connection)`` makes the session once there is a transport; ``lost(connection)`` hears of the end."""
        self._make = session
        self._lost = lost
        self._paused = False
        self._woken = False
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with the server's preface."""
        self.transport = cast("asyncio.Transport", transport)
        self.session = self._make(self)
        self._receive = self.session.receive
        self._output = self.session.output
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Answer what these bytes ask."""
        session = self.session
        if session.finished:
            return
        self._receive(data)
        if not self._paused:
            output = self._output()
            if output:
                self.transport.write(output)
            if session.finished:
                self._end()

    def flush(self) -> None:
        """Write what the session has to say."""
        if self._paused or self.transport.is_closing():
            return
        output = self._output()
        if output:
            self.transport.write(output)
        if self.session.finished:
            self._end()

    def wake(self) -> None:
        """Write soon: there may be more to say until then."""
        if not self._woken:
            self._woken = True
            self._loop.call_soon(self._awake)

    def pause_writing(self) -> None:
        """Stop writing, and reading what would only be answered with more."""
        self._paused = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        self.transport.resume_reading()
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (clients go away as they please)
        """End every call."""
        self.session.close()
        self._lost(self)

    def get(self, name: str) -> Any:  # noqa: ANN401  (asyncio's own type)
        """Return what the transport knows under a name, such as ``ssl_object``."""
        return self.transport.get_extra_info(name)

    def _awake(self) -> None:
        self._woken = False
        self.flush()

    def _end(self) -> None:
        self.session.close()
        self.transport.close()
