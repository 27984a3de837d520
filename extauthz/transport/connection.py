"""One connection of a client: reads, writes, and no more of either than the other side keeps up with."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import cast

from extauthz.transport.cause import Cause
from extauthz.transport.conversation import Conversation
from extauthz.transport.limits import HELD_BYTES, LINGER_SECONDS, READ_BYTES, UNREAD_SECONDS, WRITE_BUFFER_BYTES


class Connection(asyncio.Protocol):
    """Feeds a conversation from a transport and writes what it says."""

    def __init__(
        self,
        session: Callable[["Connection"], Conversation | None],
        *,
        accepted_at: float,
        admitted: Callable[["Connection"], None],
        lost: Callable[["Connection"], None],
        defect: Callable[["Connection"], None],
    ) -> None:
        """``session(connection)`` makes the session of a connection that has its transport; None: it is not wanted.

        ``admitted(connection)`` hears that whoever is connected may ask.

        ``lost(connection)`` hears of the end, ``defect(connection)`` of an exception being handled, after which nobody
        knows what the session is worth.
        """
        self._make = session
        self.accepted_at = accepted_at
        """When, by the clock of its server: before the TLS handshake."""
        self.stands: Callable[[], bool] = _always
        """Says whether what its client has shown of itself is still enough to be connected."""
        self._admitted = admitted
        self._lost = lost
        self._defect = defect
        self._loop = asyncio.get_running_loop()
        self._session: Conversation | None = None
        self._paused = False
        self._woken = False
        self._ended = False
        self._ending: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with the server's preface."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        self._write = self._transport.write
        session = self._session = self._make(self)
        if session is None:
            self._transport.abort()
            return
        self._receive = session.receive
        self._output = session.output
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Answer what these bytes ask."""
        session = self._session
        if session is None or session.finished:
            return
        try:
            if len(data) <= READ_BYTES:
                self._receive(data)
            else:
                for at in range(0, len(data), READ_BYTES):
                    self._receive(data[at : at + READ_BYTES])
                    if len(data) - at > HELD_BYTES:
                        self._say()
                    if session.finished:
                        break
            self._say()
        except Exception:  # noqa: BLE001  (whatever it is, the other connections go on)
            self._defect(self)
            return
        if session.finished:
            self._flush()

    def pause_writing(self) -> None:
        """Stop writing, and reading what would only be answered with more."""
        self._paused = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (clients go away as they please)
        """End every call."""
        self._ended = True
        try:
            if self._session is not None:
                self._session.close()
        except Exception:  # noqa: BLE001  (the same)
            self._defect(self)
        self._lost(self)

    def wake(self) -> None:
        """Write soon: there may be more to say until then."""
        if not self._woken:
            self._woken = True
            self._loop.call_soon(self._awake)

    def tick(self, now: float) -> None:
        """Do what is due."""
        session = self._session
        if session is None:
            return
        unwritten = self._transport.get_write_buffer_size()
        if not session.finished:
            try:
                session.tick(now, unwritten=unwritten)
            except Exception:  # noqa: BLE001  (the same)
                self._defect(self)
            self._flush()
        elif self._ending is None:
            self._ending = now
        elif now - self._ending >= (UNREAD_SECONDS if unwritten else LINGER_SECONDS):
            self._transport.abort()

    def admitted(self) -> None:
        """Hear that whoever is connected may ask: it is a stranger no more."""
        self._admitted(self)

    def leave(self, now: float, grace: float, cause: Cause = Cause.DRAIN) -> None:
        """Take no new requests; end when those in flight have ended, or ``grace`` seconds from now."""
        if self._session is not None:
            self._session.leave(now, grace, cause)
            self._flush()

    @property
    def unread(self) -> int:
        """Bytes of answers that wait for the client, in its windows or in the socket."""
        session = self._session
        return self._transport.get_write_buffer_size() + (0 if session is None else session.unsent)

    def give_up(self) -> None:
        """End because of what the client has left unread, with a word about it if that can go out."""
        if self._session is not None:
            self._session.give_up(Cause.UNREAD)
            self._flush()
        if self._transport.get_write_buffer_size() > WRITE_BUFFER_BYTES:
            self._transport.abort()

    def make_way(self) -> None:
        """End at once, without a word, as another needs the place."""
        if self._session is not None:
            self._session.give_up(Cause.STRANGER)
        self._transport.abort()

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS of this connection, whose handshake is over; None without."""
        return cast("ssl.SSLObject | None", self._transport.get_extra_info("ssl_object"))

    @property
    def socket(self) -> socket.socket | None:
        """The socket of this connection, to be asked who is at the other end; None once it is gone."""
        return cast("socket.socket | None", self._transport.get_extra_info("socket"))

    def _say(self) -> None:
        if not self._paused:
            output = self._output()
            if output:
                self._write(output)

    def _awake(self) -> None:
        self._woken = False
        self._flush()

    def _flush(self) -> None:
        """Write what the session has to say; its last words also past the client's reading."""
        session = self._session
        if session is None or self._ended or (self._paused and not session.finished):
            return
        try:
            output = self._output()
            if output:
                self._write(output)
            if session.finished:
                session.close()
                self._end()
        except Exception:  # noqa: BLE001  (the same)
            self._defect(self)

    def _end(self) -> None:
        """Close so that the last words arrive: say that they are the last, and read on until the client goes."""
        self._ended = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
            if self._paused:
                self._transport.resume_reading()
        else:
            self._transport.close()


def _always() -> bool:
    return True
