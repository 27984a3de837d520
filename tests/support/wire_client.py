"""A client whose every byte a test chooses, on a real socket; it never blocks on a server that does not read."""

import os
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from support import frames
from support.answer_reader import AnswerReader
from support.earned import earned
from support.frames import Frame
from support.h2_peer import Answer, request_fields

PATIENCE: Final = 60.0
"""Seconds without anything to hear or to send until a test fails. Far above any honest case."""
CHUNK: Final = 1 << 16


class Goodbye(NamedTuple):
    """The server's last frame."""

    code: int
    debug: bytes


class Wire:
    """One connection. What was asked on each stream is noted, as an answer must be one to its own question."""

    def __init__(
        self,
        address: str,
        *,
        tls: ssl.SSLContext | None = None,
        settings: Mapping[int, int] | None = None,
        hello: bool = True,
        automatic: bool = True,
        receive_buffer: int | None = None,
    ) -> None:
        """``hello``: introduce itself and read the server's SETTINGS.

        ``automatic``: acknowledge and widen windows as an honest client does. ``receive_buffer``: bytes that the
        system may keep for it.
        """
        self.hello = frames.PREFACE + frames.settings(settings)
        self.frames: list[Frame] = []
        """All that the server has sent, in order."""
        self.asked: dict[int, str] = {}
        """Stream -> whose question it was."""
        self.ended: str | None = None
        """How the connection ended: ``end`` or ``reset``; None while it goes on."""
        self._automatic = automatic
        self._reader = AnswerReader()
        self._next_stream = 1
        self._due = b""
        self._rest = b""
        self._socket = _connected(address, receive_buffer)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
        self._socket.setblocking(False)
        if hello:
            self.say(self.hello)
            self.until(lambda: any(one.type == frames.SETTINGS for one in self.frames), "the server's SETTINGS")
            self.until(lambda: self._acknowledged() or not automatic, "the acknowledgement of our SETTINGS")

    # Talking.

    def say(self, data: bytes) -> None:
        """Send this, hearing what comes meanwhile; what the server does not want to hear any more is lost."""
        view = memoryview(data)
        since = time.monotonic()
        while view and self.ended != "reset":
            readable, writable = self._ready(write=True)
            if readable and self.ended is None:  # what is due waits until ``_listen``
                self._hear()
            if writable:
                try:
                    sent = self._socket.send(view[:CHUNK])
                except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                    continue
                except OSError:
                    self.ended = self.ended or "reset"
                    return
                view, since = view[sent:], time.monotonic()
            assert time.monotonic() - since < PATIENCE, f"the server does not read: {len(view)} bytes are left"

    def offer(self, data: bytes) -> int:
        """Send what can be sent without waiting; return how many bytes that was."""
        sent = 0
        while sent < len(data) and self._ready(write=True, patience=0.2)[1]:
            try:
                sent += self._socket.send(data[sent : sent + CHUNK])
            except OSError:
                self.ended = "reset"
                break
        return sent

    def open(self) -> int:
        """Return the number of the next stream; somebody else says what is said on it."""
        stream_id, self._next_stream = self._next_stream, self._next_stream + 2
        return stream_id

    def say_beneath_tls(self, data: bytes) -> None:
        """Send bytes that are not encrypted on a connection that is."""
        with socket.socket(fileno=os.dup(self._socket.fileno())) as beneath:
            beneath.sendall(data)

    def head(self, fields: list[tuple[bytes, bytes]] | None = None, *, end: bool = False) -> int:
        """Begin a request; return its stream."""
        stream_id = self.open()
        self.say(frames.headers(stream_id, frames.block(request_fields() if fields is None else fields), end=end))
        return stream_id

    def ask(self, name: str, question: bytes, fields: list[tuple[bytes, bytes]] | None = None) -> int:
        """Make a whole request; return its stream."""
        stream_id, sent = self.request(name, question, fields)
        self.say(sent)
        return stream_id

    def request(self, name: str, question: bytes, fields: list[tuple[bytes, bytes]] | None = None) -> tuple[int, bytes]:
        """Return a whole request that is not sent yet."""
        stream_id = self.open()
        self.asked[stream_id] = name
        head = frames.headers(stream_id, frames.block(request_fields() if fields is None else fields))
        return stream_id, head + frames.data(stream_id, frames.message(question), end=True)

    # Listening.

    @property
    def answers(self) -> Mapping[int, Answer]:
        """Stream -> what came on it so far; an empty answer where nothing did."""
        return self._reader.answers

    def until(self, seen: Callable[[], object], what: str, *, patience: float = PATIENCE) -> None:
        """Listen until something was seen; fail when it does not come."""
        deadline = time.monotonic() + patience
        while not seen():
            left = deadline - time.monotonic()
            assert left > 0, f"not within {patience:.0f} s: {what}; seen: {self.last_frames()}, {self.ended}"
            assert self.ended is None, f"{what}: the connection ended ({self.ended}); seen: {self.last_frames()}"
            self._listen(left)

    def look(self) -> bool:
        """Hear what is there, without waiting; say whether the connection has ended."""
        if self.ended is None:
            self._listen(0)
        return self.ended is not None

    def answer(self, stream_id: int) -> Answer:
        """Wait for the end of an answer, or of its stream."""
        answer = self.answers[stream_id]
        self.until(lambda: answer.ended or answer.reset is not None, f"an answer on stream {stream_id}")
        return answer

    def verdict(self, stream_id: int) -> bool:
        """Wait for an answer, and say whether it allows; fail when it is no right answer to the stream's question."""
        answer = self.answer(stream_id)
        assert (answer.headers[b":status"], answer.status) == (b"200", 0)
        return earned(self.asked.get(stream_id), answer.message)

    def first(self, type_: int, stream_id: int = 0) -> Frame:
        """Wait for a frame of this type on a stream."""

        def found() -> list[Frame]:
            return [one for one in self.frames if (one.type, one.stream_id) == (type_, stream_id)]

        self.until(lambda: bool(found()), f"a frame of type {type_} on stream {stream_id}")
        return found()[0]

    def reset_code(self, stream_id: int) -> int:
        """Wait for the server's RST_STREAM on a stream; return its code."""
        return int.from_bytes(self.first(frames.RST_STREAM, stream_id).payload, "big")

    def goodbye(self, patience: float = PATIENCE) -> Goodbye:
        """Listen to the end; return the only GOAWAY, which must be the last frame."""
        self.listen_to_end(patience)
        assert [one.type for one in self.frames].count(frames.GOAWAY) == 1, self.last_frames()
        last = self.frames[-1]
        assert last.type == frames.GOAWAY, self.last_frames()
        return Goodbye(int.from_bytes(last.payload[4:8], "big"), last.payload[8:])

    def listen_to_end(self, patience: float = PATIENCE) -> None:
        """Listen until the server ends the connection."""
        deadline = time.monotonic() + patience
        while self.ended is None:
            left = deadline - time.monotonic()
            assert left > 0, f"the server did not end the connection within {patience:.0f} s; {self.last_frames()}"
            self._listen(left)

    def last_frames(self) -> list[Frame]:
        """Return the last that came, shortened, for messages."""
        return [one._replace(payload=one.payload[:40]) for one in self.frames[-5:]]

    # Going.

    def half_close(self) -> None:
        """Say that nothing more is coming."""
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Go with a TCP reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def close(self) -> None:
        self._socket.close()
        self.ended = self.ended or "closed"

    def check_earned(self) -> None:
        """Fail when any whole answer that came is not one to its own question."""
        for stream_id, answer in self.answers.items():
            if answer.ended and answer.status == 0 and answer.body:
                earned(self.asked.get(stream_id), answer.message)

    def _acknowledged(self) -> bool:
        return any(one.type == frames.SETTINGS and one.flags & frames.ACK for one in self.frames)

    def _ready(self, *, write: bool, patience: float = 0.5) -> tuple[bool, bool]:
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True, False
        readable, writable, _ = select.select([self._socket], [self._socket] if write else [], [], patience)
        return bool(readable), bool(writable)

    def _listen(self, patience: float) -> None:
        """Hear something, and say to it what an honest client says: here, where no frame of ours is cut by it."""
        if self._ready(write=False, patience=patience)[0]:
            self._hear()
        said, self._due = self._due, b""
        if self._automatic:
            self.say(said)

    def _hear(self) -> None:
        try:
            data = self._socket.recv(CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            self.ended = "reset"
            return
        if not data:
            self.ended = "end"
            return
        self._rest += data
        whole = frames.whole(self._rest)
        taken, self._rest = self._rest[:whole], self._rest[whole:]
        for one in frames.split(taken):
            self.frames.append(one)
            self._reader.read(one)
            self._due += _reply(one)


def _reply(one: Frame) -> bytes:
    """Return what an honest client says to a frame by itself."""
    if one.type == frames.SETTINGS and not one.flags & frames.ACK:
        return frames.settings_ack()
    if one.type == frames.PING and not one.flags & frames.ACK:
        return frames.ping(one.payload, ack=True)
    if one.type == frames.DATA and one.payload:
        return frames.window_update(0, len(one.payload))
    return b""


def _connected(address: str, receive_buffer: int | None) -> socket.socket:
    if address.startswith("unix:"):
        unix = socket.socket(socket.AF_UNIX)
        unix.connect(address.removeprefix("unix:"))
        return unix
    tcp = socket.socket()
    if receive_buffer is not None:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    host, _, port = address.rpartition(":")
    tcp.connect((host, int(port)))
    return tcp
