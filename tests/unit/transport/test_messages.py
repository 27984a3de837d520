"""Messages are put together, decompressed and bounded; nothing that a client sends does more than raise CallError."""

import contextlib
import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.transport.messages import MessageReader
from extauthz.transport.status import CallError, Status
from support import frames

LIMIT = 1000


def refusal(reader: MessageReader, data: bytes) -> tuple[Status, str]:
    with pytest.raises(CallError) as caught:
        list(reader.feed(data))
    return caught.value.status, caught.value.message


@given(st.lists(st.binary(max_size=50), max_size=5), st.lists(st.integers(0, 300), max_size=10))
def test_messages_come_out_as_they_went_in_wherever_they_are_cut(messages: list[bytes], cuts: list[int]) -> None:
    reader = MessageReader(LIMIT, LIMIT)
    sent = b"".join(frames.message(one) for one in messages)
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    got = [one for at, to in pairwise(edges) for one in reader.feed(sent[at:to])]
    assert got == messages
    assert reader.held == 0


@given(st.lists(st.binary(max_size=100)), st.sampled_from([b"identity", b"gzip", b"deflate"]))
def test_any_bytes_are_messages_or_a_call_error(pieces: list[bytes], encoding: bytes) -> None:
    reader = MessageReader(LIMIT, LIMIT, encoding)
    with contextlib.suppress(CallError):
        for piece in pieces:
            for message in reader.feed(piece):
                assert len(message) <= LIMIT


def test_what_waits_is_known() -> None:
    reader = MessageReader(LIMIT, LIMIT)
    assert list(reader.feed(b"\0\0\0\0\x09four")) == []
    assert reader.held == 9


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_the_limit_counts_without_the_prefix(size: int) -> None:
    reader = MessageReader(LIMIT, LIMIT)
    sent = frames.message(bytes(size))
    if size == LIMIT:
        assert list(reader.feed(sent)) == [bytes(size)]
    else:
        assert refusal(reader, sent[:5]) == (
            Status.RESOURCE_EXHAUSTED,
            "a message of 1001 bytes or more; at most 1000",
        )


def test_a_message_may_not_expand_past_the_limit() -> None:
    bomb = frames.message(gzip.compress(bytes(10_000_000))[:LIMIT], flags=1)
    assert refusal(MessageReader(LIMIT, LIMIT, b"gzip"), bomb)[0] is Status.RESOURCE_EXHAUSTED


def test_a_message_may_expand_to_the_limit() -> None:
    sent = frames.message(gzip.compress(bytes(LIMIT)), flags=1)
    assert list(MessageReader(LIMIT, LIMIT, b"gzip").feed(sent)) == [bytes(LIMIT)]


@pytest.mark.parametrize(
    ("encoding", "content", "message"),
    [
        (b"gzip", b"junk", "a message cannot be decompressed"),
        (b"gzip", zlib.compress(b"x"), "a message cannot be decompressed"),
        (b"deflate", gzip.compress(b"x", mtime=0), "a message cannot be decompressed"),
        (b"gzip", gzip.compress(b"x", mtime=0)[:-1], "a compressed message does not end where it says"),
        (b"gzip", gzip.compress(b"x", mtime=0) + b"y", "a compressed message does not end where it says"),
        (b"gzip", b"", "a compressed message does not end where it says"),
        (b"identity", b"x", "a message is marked as compressed, and no encoding was named"),
    ],
)
def test_what_cannot_be_decompressed_is_an_error(encoding: bytes, content: bytes, message: str) -> None:
    sent = frames.message(content, flags=1)
    assert refusal(MessageReader(LIMIT, LIMIT, encoding), sent) == (Status.INTERNAL, message)
