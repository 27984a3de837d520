"""Valid traffic cut, spliced, reordered and damaged: no defect, whole frames back, and no memory held at the end."""

import gzip
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from support import frames
from support.h2_peer import Peer, request_fields
from support.h2_session import CHAT_PATH, STREAM_PATH, Served

HELLO = Peer().hello
BLOCK = frames.block(request_fields(grpc_encoding=b"gzip"))
ZIPPED = frames.message(gzip.compress(b"question", mtime=0), flags=1)
PIECES = (
    frames.settings({4: 0}),
    frames.settings({4: 1, 3: 1}),
    frames.settings_ack(),
    *(frames.headers(number, frames.block(request_fields()), padding=3) for number in (1, 3, 5)),
    frames.headers(1, BLOCK),
    frames.headers(3, BLOCK[:20], whole=False) + frames.continuation(3, BLOCK[20:], whole=True),
    frames.headers(5, frames.block(request_fields(STREAM_PATH)), end=True),
    frames.headers(7, frames.block(request_fields(CHAT_PATH))),
    frames.headers(9, frames.block(request_fields(grpc_timeout=b"1m"))),
    frames.headers(1, frames.block([(b"x-trailer", b"1")]), end=True),
    *(frames.data(number, frames.message(b"question"), end=True) for number in (1, 3, 7, 9)),
    *(frames.data(number, frames.message(b"question")[:7]) for number in (1, 3, 7)),
    frames.data(1, ZIPPED, end=True, padding=9),
    frames.data(3, b"", end=True),
    frames.data(7, frames.message(b"refuse")),
    frames.rst_stream(1),
    frames.rst_stream(7),
    frames.window_update(0, 100),
    frames.window_update(5, 1),
    frames.ping(),
    frames.ping(b"shutdown", ack=True),
    frames.goaway(),
    frames.frame(frames.PRIORITY, 0, 1, bytes(5)),
)
DAMAGE = st.tuples(st.integers(0, 5000), st.binary(min_size=0, max_size=4))


@given(
    st.lists(st.sampled_from(PIECES), max_size=30),
    st.lists(DAMAGE, max_size=3),
    st.lists(st.integers(0, 5000), max_size=8),
    st.booleans(),
    st.sampled_from([0.0, 0.5, 61.0]),
)
def test_any_traffic(
    pieces: list[bytes], damage: list[tuple[int, bytes]], cuts: list[int], hello: bool, pause: float
) -> None:
    served = Served(hello=hello, automatic=False)
    sent = bytearray(b"".join(pieces) if hello else HELLO + b"".join(pieces))
    for at, content in damage:
        place = at % (len(sent) + 1)
        sent[place : place + 4] = content
    edges = [0, *sorted(cut % (len(sent) + 1) for cut in cuts), len(sent)]
    for begin, end in pairwise(edges):
        if not served.session.finished:
            served.session.receive(bytes(sent[begin:end]))
        frames.split(served.session.output())
        served.now += pause
        served.session.tick(served.now, unwritten=0)
        frames.split(served.session.output())
    served.session.close()
    assert served.reports == []
    assert served.memory.held == 0
    assert served.account.begun <= len(served.account.ended)
    assert all(chat.over for chat in served.chats)
