"""The connection between the supervisor and one worker: messages out, messages in, and its end.

Two one-way sockets, so that the deadlines of one thread never change the mode of a socket that another one uses.
Neither side ever waits for the other: what is sent goes through a queue and a thread.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from extauthz.refresh.message import ConnectionEnded, Message, receive, send


class Link:
    """One end. The callbacks run in a thread of the link's own, and must not raise."""

    def __init__(
        self,
        incoming: socket.socket,
        outgoing: socket.socket,
        *,
        on_message: Callable[[Message], None],
        on_end: Callable[[], None],
    ) -> None:
        """Take over the sockets. ``on_end()`` is called once, last, when nothing more will come in."""
        self._incoming = incoming
        self._outgoing = outgoing
        self._on_message = on_message
        self._on_end = on_end
        self._waiting: SimpleQueue[tuple[Message, object] | None] = SimpleQueue()
        self._threads = (
            threading.Thread(target=self._receive, name="link-in", daemon=True),
            threading.Thread(target=self._send, name="link-out", daemon=True),
        )

    def start(self) -> None:
        """Begin to send and receive."""
        for thread in self._threads:
            thread.start()

    def post(self, message: Message, owner: object = None) -> None:
        """Send a message when its turn comes; without effect when the other end is gone.

        ``owner``: what keeps the descriptor of the message open until then.
        """
        self._waiting.put((message, owner))

    def close(self, timeout: float) -> None:
        """Send what waits, for at most ``timeout`` seconds, and end the connection."""
        self._waiting.put(None)
        self._threads[1].join(timeout)
        for one in (self._incoming, self._outgoing):
            with suppress(OSError):  # the other end was faster
                one.shutdown(socket.SHUT_RDWR)  # a thread that waits in it wakes up, which `close` alone would not do
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout)

    def _receive(self) -> None:
        try:
            while True:
                self._on_message(receive(self._incoming))
        except ConnectionEnded:
            pass
        finally:
            self._incoming.close()
            self._on_end()

    def _send(self) -> None:
        connected = True
        while (waiting := self._waiting.get()) is not None:
            if connected:
                try:
                    send(self._outgoing, waiting[0])
                except ConnectionEnded:
                    connected = False
        self._outgoing.close()
