"""One connection of the admin listener: uvicorn's HTTP/1.1, with a bound on connections and on silence.

uvicorn itself waits for a request without end and counts whoever says nothing, so that a few dozen silent connections
would keep the probes of the kubelet out, which would restart a healthy service.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 64
"""Operators, kubelet and Prometheus are few; whoever opens more is cut off at once, and costs no memory."""
HEAD_SECONDS = 5.0
"""What a client has for the head of a request: less than probes wait before they count a failure for good."""


class AdminConnection(H11Protocol):
    """Cuts off whoever is one too many, and whoever leaves the head of a request unfinished."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS and not self._make_room():
            transport.abort()
        else:
            self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that is begun now must be complete in time, on a connection of any age."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._expect_head()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _make_room(self) -> bool:
        """End the connection that has said nothing for longest since its answer; say whether there was one."""
        waiting = [
            (one.timeout_keep_alive_task.when(), number, one)
            for number, one in enumerate(self.connections)
            if isinstance(one, AdminConnection) and one.timeout_keep_alive_task is not None
        ]
        if not waiting:
            return False
        longest = min(waiting)[2]
        longest.transport.abort()
        self.connections.discard(longest)  # now, as uvicorn would else count it against the newcomer
        return True

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
