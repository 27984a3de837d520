"""A message that is too much when decompressed is answered in the method's own words, before it is decompressed."""

import gzip

import pytest

from extauthz.transport.status import Status
from support import frames
from support.h2_peer import request_fields
from support.h2_session import LIMITS, Served

GZIP = request_fields(grpc_encoding=b"gzip")


def asked(served: Served, size: int) -> tuple[int | None, bytes]:
    zipped = frames.message(gzip.compress(bytes(size), mtime=0), flags=1)
    answer = served.call(GZIP, lambda at: frames.data(at, zipped, end=True))
    return answer.status, answer.body


@pytest.mark.parametrize("size", [LIMITS.expanded_bytes, LIMITS.expanded_bytes + 1, 10_000_000])
def test_what_is_too_much_is_denied_in_words(size: int) -> None:
    served = Served(lambda raw, _caller: b"%d" % len(raw), overloaded=lambda _raw, _caller: b"denied")
    said = b"%d" % size if size == LIMITS.expanded_bytes else b"denied"
    assert asked(served, size) == (Status.OK, frames.message(said))
    assert (served.counted, served.memory.held, served.account.ended) == ([], 0, [Status.OK])


def test_without_words_it_is_an_error() -> None:
    assert asked(Served(), LIMITS.expanded_bytes + 1) == (Status.RESOURCE_EXHAUSTED, b"")


def test_a_defect_in_the_words_ends_the_call_alone() -> None:
    def broken(_raw: bytes, _caller: object) -> bytes:
        raise RuntimeError

    served = Served(overloaded=broken)
    assert asked(served, LIMITS.expanded_bytes + 1) == (Status.INTERNAL, b"")
    assert served.reports == ["a call failed"]
    assert served.ask(b"x").status == Status.OK
