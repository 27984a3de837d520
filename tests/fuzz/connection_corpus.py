"""Valid connections to start from: libnghttp2 as a client, and frames made by hand."""

import gzip
from collections.abc import Sequence
from functools import lru_cache

import ngh2

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest
from support import frames, pki
from support.h2_peer import request_fields
from support.pki import Leaf


def question(leaf: Leaf) -> bytes:
    asked = CheckRequest()
    asked.attributes.source.certificate = pki.url_pem(leaf.der)
    http = asked.attributes.request.http
    http.method, http.path, http.host = "GET", "/", "app.example"
    return asked.SerializeToString()


def _of_a_client(questions: Sequence[bytes]) -> bytes:
    """Return what libnghttp2 says as a client that makes these requests."""
    client = ngh2.Connection(ngh2.Role.CLIENT)
    client.initiate_connection({})
    said = client.data_to_send()
    for question in questions:
        stream_id = client.send_request(request_fields())
        client.send_data(stream_id, frames.message(question), end_stream=True)
        said += client.data_to_send()
    client.ping(b"measured")
    client.send_goaway()
    return said + client.data_to_send()


def _by_hand(questions: Sequence[bytes]) -> bytes:
    """Return requests in all the forms that a client may choose."""
    head = frames.block(request_fields())
    said = frames.PREFACE + frames.settings({1: 0, 4: 100}) + frames.settings_ack()
    for number, question in enumerate(questions):
        at, content = 8 * number + 1, frames.message(question)
        zipped = frames.message(gzip.compress(question, mtime=0), flags=1)
        said += frames.headers(at, head[:30], whole=False, padding=3)
        said += frames.continuation(at, head[30:], whole=True)
        said += frames.headers(at + 2, frames.block(request_fields(grpc_encoding=b"gzip")))
        said += frames.data(at, content[:300]) + frames.data(at + 2, zipped, end=True, padding=200)
        said += frames.data(at, content[300:], padding=0) + frames.headers(at, frames.block([(b"x", b"y")]), end=True)
        said += frames.headers(at + 4, head) + frames.data(at + 4, content[:50]) + frames.rst_stream(at + 4)
        said += frames.headers(at + 6, frames.block(request_fields(grpc_timeout=b"200m")))
        said += frames.data(at + 6, content) + frames.data(at + 6, b"", end=True)
        said += frames.window_update(0, 5000) + b"".join(frames.window_update(at + step, 3000) for step in (0, 2, 6))
        said += frames.frame(frames.PRIORITY, 0, at, b"\0\0\0\0\7") + frames.frame(0x42, 0, at, b"unknown")
    return said + frames.settings({4: 1 << 20}) + frames.ping() + frames.ping(b"shutdown", ack=True)


def _health() -> bytes:
    """Return health checks, one of them a watch that is given up, and a call of nothing."""
    said = frames.PREFACE + frames.settings() + frames.settings_ack()
    for at, method in ((1, b"Check"), (3, b"List"), (5, b"Watch"), (7, b"Nothing")):
        fields = request_fields(b"/grpc.health.v1.Health/" + method)
        said += frames.headers(at, frames.block(fields)) + frames.data(at, frames.message(b""), end=True)
    return said + frames.rst_stream(5) + frames.goaway()


@lru_cache(maxsize=1)
def corpus(leaves: tuple[Leaf, ...]) -> tuple[bytes, ...]:
    """Return valid connections that ask for these certificates."""
    questions = [question(leaf) for leaf in leaves]
    return (
        _of_a_client(questions),
        _of_a_client(questions * 4),
        _by_hand(questions),
        _by_hand(questions[::-1]),
        _health(),
    )
