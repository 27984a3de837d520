"""An HTTP/2 client that sends one request as the frames that a test makes of it, trailers included."""

import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

from support import frames
from support.h2_peer import Peer
from support.https_client import Credentials
from support.proxies.raw import PATIENCE

Fields = Sequence[tuple[bytes, bytes]]


def send(
    port: int,
    fields: Fields,
    *rest: Callable[[int], bytes],
    server_ca: Path,
    credentials: Credentials,
    method: bytes = b"GET",
) -> int | None:
    """Send a request for / over a new connection; return the status of the answer, None when there is none.

    ``rest``: makes of the stream's id each frame after the headers. The last of these ends the stream, or without any
    the headers do.
    """
    context = ssl.create_default_context(cafile=str(server_ca))
    context.load_cert_chain(str(credentials.certificate), str(credentials.key))
    context.set_alpn_protocols(["h2"])
    peer = Peer()
    target = [(b":method", method), (b":scheme", b"https"), (b":path", b"/"), (b":authority", b"localhost")]
    stream, head = peer.head([*target, *fields], end=not rest)
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        assert connection.selected_alpn_protocol() == "h2"
        connection.sendall(peer.hello + head + b"".join(one(stream) for one in rest))
        unread = b""
        answer = peer.answers[stream]
        while not answer.ended and answer.reset is None and (received := _received(connection)):
            unread += received
            whole = frames.whole(unread)
            # No window updates: the peer knows nothing of the DATA that they are for, and would find them too large.
            heard = [one for one in frames.split(unread[:whole]) if one.type != frames.WINDOW_UPDATE]
            peer.read(b"".join(frames.frame(*one) for one in heard))
            unread = unread[whole:]
            connection.sendall(peer.acknowledgements())
    status = answer.headers.get(b":status")
    return None if status is None else int(status)


def _received(connection: ssl.SSLSocket) -> bytes:
    """Return what comes next; nothing once the other side has closed, or is silent."""
    try:
        return connection.recv(1 << 16)
    except OSError:
        return b""
