"""The limit of the native transport: libnghttp2 on uvloop, the question parsed, and the same bytes answered each time.

It decides nothing. What lies between its figures and the service's is what the deciding costs, and every check that
a transport for strangers makes of what arrives.
"""

import argparse
import asyncio
import gc
import json
from pathlib import Path
from typing import Final, cast

import ngh2
import uvloop

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest

HEAD: Final = ((b":status", b"200"), (b"content-type", b"application/grpc"))
TRAILERS: Final = ((b"grpc-status", b"0"),)
STREAMS: Final = 1_000
WINDOW: Final = 1 << 24
PREFIX: Final = 5
"""Octets before a gRPC message."""


class Stub(asyncio.Protocol):
    """One connection."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._bodies: dict[int, bytes] = {}
        self._connection = ngh2.Connection(ngh2.Role.SERVER, ngh2.Configuration())
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the settings."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by descent
        self._connection.initiate_connection(
            {ngh2.Setting.MAX_CONCURRENT_STREAMS: STREAMS, ngh2.Setting.INITIAL_WINDOW_SIZE: WINDOW}
        )
        self._connection.set_local_window_size(WINDOW)
        self._transport.write(self._connection.data_to_send())

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        connection = self._connection
        connection.receive_data(data)
        for event in connection.events():
            if isinstance(event, ngh2.DataReceived):
                stream = event.stream_id
                body = event.data
                if stream in self._bodies or not event.end_stream:
                    body = self._bodies[stream] = self._bodies.get(stream, b"") + body
                if event.end_stream:
                    self._bodies.pop(stream, None)
                    read(body)
                    connection.send_response(stream, HEAD)
                    connection.send_data(stream, self._answer)
                    connection.send_trailers(stream, TRAILERS)
        if self._transport is not None:
            self._transport.write(connection.data_to_send())


def read(body: bytes) -> None:
    """Parse a question as far as every authorizer must."""
    attributes = CheckRequest.FromString(body[PREFIX:]).attributes
    http = attributes.request.http
    _ = (http.host, http.path, http.method, attributes.source.certificate)


async def serve(answer: bytes) -> None:
    """Listen on a free port and print it."""
    message = b"\0" + len(answer).to_bytes(4) + answer
    server = await asyncio.get_running_loop().create_server(lambda: Stub(message), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(json.dumps({"event": "ready", "grpc": f"{host}:{port}"}), flush=True)
    gc.freeze()
    await server.serve_forever()


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answer", type=Path, required=True, help="file with the CheckResponse to give")
    uvloop.run(serve(parser.parse_args().answer.read_bytes()))


if __name__ == "__main__":
    main()
