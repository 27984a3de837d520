"""The limit of the grpcio transport: an asyncio server, the question parsed, and the same bytes answered each time."""

import argparse
import asyncio
import gc
import json
from pathlib import Path
from typing import Any

import grpc
import uvloop

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest

SERVICE = "envoy.service.auth.v3.Authorization"


async def serve(answer: bytes) -> None:
    """Listen on a free port and print it."""

    async def check(raw: bytes, _context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        attributes = CheckRequest.FromString(raw).attributes
        http = attributes.request.http
        _ = (http.host, http.path, http.method, attributes.source.certificate)
        return answer

    handler: Any = grpc.unary_unary_rpc_method_handler(check)  # bytes in, bytes out; the types know only messages
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Check": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(json.dumps({"event": "ready", "grpc": f"127.0.0.1:{port}"}), flush=True)
    gc.freeze()
    await server.wait_for_termination()


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answer", type=Path, required=True, help="file with the CheckResponse to give")
    answer = parser.parse_args().answer.read_bytes()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(answer))


if __name__ == "__main__":
    main()
