"""A client's end of an HTTP/2 connection without a socket: makes requests, and reads what is answered."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import ngh2

from support import frames

CHECK_PATH = b"/envoy.service.auth.v3.Authorization/Check"


@dataclass
class Answer:
    """What came back on one stream so far."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    trailers: dict[bytes, bytes] = field(default_factory=dict)
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> int | None:
        """The gRPC status, wherever it stands."""
        text = self.trailers.get(b"grpc-status", self.headers.get(b"grpc-status"))
        return None if text is None else int(text)

    @property
    def message(self) -> bytes:
        """The only message of the answer."""
        assert self.body[:1] == b"\0"
        assert int.from_bytes(self.body[1:5], "big") == len(self.body) - 5
        return self.body[5:]

    @property
    def messages(self) -> Sequence[bytes]:
        """All messages of the answer."""
        found, rest = [], self.body
        while rest:
            end = 5 + int.from_bytes(rest[1:5], "big")
            found.append(rest[5:end])
            rest = rest[end:]
        return found


def request_fields(path: bytes = CHECK_PATH, **changes: bytes | None) -> list[tuple[bytes, bytes]]:
    """Return the headers of a gRPC request; ``changes`` by name with ``_`` for ``-``, None to leave one out."""
    fields: dict[bytes, bytes | None] = {
        b":method": b"POST",
        b":scheme": b"http",
        b":path": path,
        b":authority": b"extauthz",
        b"te": b"trailers",
        b"content-type": b"application/grpc",
    }
    for name, value in changes.items():
        key = name.replace("_", "-").encode()
        fields[b":method" if key == b"method" else key] = value
    return [(name, value) for name, value in fields.items() if value is not None]


class Peer:
    """The client. It reads honestly whatever bytes were sent in its name, as long as it knows the stream."""

    def __init__(self, settings: dict[int, int] | None = None) -> None:
        self._client = ngh2.Connection(ngh2.Role.CLIENT)
        self._client.initiate_connection(settings or {})
        self.hello = self._client.data_to_send()
        """The preface and SETTINGS."""
        self.answers: dict[int, Answer] = {}
        self.goaways: list[tuple[int, int, bytes]] = []
        """Last stream id, error code, debug data."""
        self.pings: list[bytes] = []

    def open(self, fields: list[tuple[bytes, bytes]] | None = None) -> int:
        """Let the client know a stream, and return its id; somebody else sends the frames."""
        stream_id = self._client.send_request(fields or request_fields(), end_stream=True)
        self._client.data_to_send()
        self.answers[stream_id] = Answer()
        return stream_id

    def head(self, fields: list[tuple[bytes, bytes]] | None = None, *, end: bool = False) -> tuple[int, bytes]:
        """Begin a request; return its stream's id and its HEADERS frame."""
        fields = fields or request_fields()
        stream_id = self.open(fields)
        return stream_id, frames.headers(stream_id, frames.block(fields), end=end)

    def request(self, content: bytes, fields: list[tuple[bytes, bytes]] | None = None) -> tuple[int, bytes]:
        """Return a whole request of one message."""
        stream_id, sent = self.head(fields)
        return stream_id, sent + frames.data(stream_id, frames.message(content), end=True)

    def read(self, data: bytes) -> None:
        """Take what the server has sent: whole frames."""
        for one in frames.split(data):
            if one.type == frames.GOAWAY:
                last, code = int.from_bytes(one.payload[:4], "big"), int.from_bytes(one.payload[4:8], "big")
                self.goaways.append((last, code, one.payload[8:]))
            elif one.type == frames.PING and not one.flags & frames.ACK:
                self.pings.append(one.payload)
        with suppress(ngh2.ConnectionStateError):  # it has said its own goodbye
            self._client.receive_data(data)
        for event in self._client.events():
            self._note(event)

    def widen(self, stream_id: int, window: int) -> bytes:
        """Return what lets the server send on, up to so many bytes on this stream from now."""
        self._client.set_local_window_size(window, stream_id=stream_id)
        return self._client.data_to_send()

    def acknowledgements(self) -> bytes:
        """Return what the client says by itself: acknowledgements and window updates."""
        return self._client.data_to_send()

    def _note(self, event: ngh2.Event) -> None:
        if isinstance(event, ngh2.ResponseReceived):
            self.answers[event.stream_id].headers = dict(event.headers)
            self.answers[event.stream_id].ended |= event.end_stream
        elif isinstance(event, ngh2.DataReceived):
            self.answers[event.stream_id].body += event.data
            self.answers[event.stream_id].ended |= event.end_stream
        elif isinstance(event, ngh2.TrailersReceived):
            self.answers[event.stream_id].trailers = dict(event.headers)
            self.answers[event.stream_id].ended = True
        elif isinstance(event, ngh2.StreamReset):
            self.answers[event.stream_id].reset = event.error_code
