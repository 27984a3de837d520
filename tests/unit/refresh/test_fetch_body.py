import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.refresh.fetch_body import BodyWriter
from extauthz.refresh.fetch_result import FetchError, FetchResult

PLAIN = bytes(range(256)) * 20
LIMIT = len(PLAIN)


def through(encoding: str | None, data: bytes, *, limit: int = LIMIT, step: int = 1000) -> bytes:
    into = io.BytesIO()
    body = BodyWriter(into, encoding, limit)
    for start in range(0, len(data), step):
        body.write(data[start : start + step])
    body.finish()
    return into.getvalue()


def refused(encoding: str | None, data: bytes, *, limit: int = LIMIT) -> FetchResult:
    with pytest.raises(FetchError) as caught:
        through(encoding, data, limit=limit)
    return caught.value.result


@pytest.mark.parametrize("encoding", [None, "", "identity", " Identity "])
def test_a_plain_body_is_written_as_it_is(encoding: str | None) -> None:
    assert through(encoding, PLAIN) == PLAIN


@pytest.mark.parametrize("step", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(PLAIN)), ("X-GZIP", gzip.compress(PLAIN)), ("deflate", zlib.compress(PLAIN))],
)
def test_a_packed_body_is_unpacked_however_it_arrives(encoding: str, packed: bytes, step: int) -> None:
    assert through(encoding, packed, step=step) == PLAIN


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 131_072, 1 << 20])
@pytest.mark.parametrize("step", [1, 500, 1 << 21])
def test_much_more_comes_out_than_went_in(size: int, step: int) -> None:
    assert through("gzip", gzip.compress(bytes(size)), limit=size, step=step) == bytes(size)
    assert through("deflate", zlib.compress(bytes(size)), limit=size, step=step) == bytes(size)


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "identity, gzip", "gzip\x00", "x"])
def test_another_encoding_is_refused_before_the_body(encoding: str) -> None:
    with pytest.raises(FetchError) as caught:
        BodyWriter(io.BytesIO(), encoding, LIMIT)
    assert caught.value.result is FetchResult.ENCODING_REFUSED


def test_a_body_at_the_limit_passes_and_one_byte_more_does_not() -> None:
    assert through(None, PLAIN, limit=LIMIT) == PLAIN
    assert refused(None, PLAIN, limit=LIMIT - 1) is FetchResult.TOO_LARGE


def test_a_packed_body_at_the_limit_passes_and_one_byte_more_does_not() -> None:
    assert through("gzip", gzip.compress(PLAIN), limit=LIMIT) == PLAIN
    assert refused("gzip", gzip.compress(PLAIN), limit=LIMIT - 1) is FetchResult.TOO_LARGE


def test_a_body_that_is_larger_packed_than_plain_counts_as_packed() -> None:
    packed = gzip.compress(b"a")
    assert refused("gzip", packed, limit=len(packed) - 1) is FetchResult.TOO_LARGE


@pytest.mark.parametrize(("encoding", "window"), [("gzip", 31), ("deflate", 15)])
def test_a_bomb_stops_at_the_limit(encoding: str, window: int) -> None:
    wide = zlib.compressobj(9, zlib.DEFLATED, window)
    packed = wide.compress(bytes(8 << 20)) + wide.flush()
    into = io.BytesIO()
    body = BodyWriter(into, encoding, 1 << 20)
    with pytest.raises(FetchError) as caught:
        body.write(packed)
    assert caught.value.result is FetchResult.TOO_LARGE
    assert len(into.getvalue()) <= 1 << 20


@pytest.mark.parametrize(
    ("encoding", "data", "result"),
    [
        ("gzip", PLAIN, FetchResult.MALFORMED),
        ("deflate", PLAIN, FetchResult.MALFORMED),
        ("gzip", zlib.compress(PLAIN), FetchResult.MALFORMED),
        ("gzip", gzip.compress(PLAIN)[:-1], FetchResult.TRUNCATED),
        ("gzip", gzip.compress(PLAIN)[:5], FetchResult.TRUNCATED),
        ("deflate", zlib.compress(PLAIN)[:-1], FetchResult.TRUNCATED),
        ("gzip", gzip.compress(PLAIN) + b"x", FetchResult.MALFORMED),
        ("gzip", gzip.compress(PLAIN) + gzip.compress(PLAIN), FetchResult.MALFORMED),
        ("gzip", gzip.compress(PLAIN)[:-8] + bytes(8), FetchResult.MALFORMED),
        ("gzip", gzip.compress(b""), FetchResult.EMPTY),
        ("gzip", b"", FetchResult.EMPTY),
        (None, b"", FetchResult.EMPTY),
    ],
)
def test_a_body_that_is_not_what_it_claims_is_refused(encoding: str, data: bytes, result: FetchResult) -> None:
    assert refused(encoding, data) is result


def test_a_full_disk_is_a_result_of_its_own() -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(FetchError) as caught:
        BodyWriter(Full(), None, LIMIT).write(b"data")
    assert caught.value.result is FetchResult.STORAGE
    assert "No space left" in caught.value.detail


@given(st.binary(max_size=300), st.sampled_from([None, "gzip", "deflate"]), st.integers(1, 50))
def test_any_bytes_are_written_or_refused(data: bytes, encoding: str | None, step: int) -> None:
    try:
        through(encoding, data, step=step)
    except FetchError:
        return


@given(st.binary(min_size=1, max_size=3000), st.integers(1, 100), st.integers(0, 9))
def test_whatever_is_packed_comes_out_the_same(data: bytes, step: int, level: int) -> None:
    assert through("gzip", gzip.compress(data, level), step=step) == data
    assert through("deflate", zlib.compress(data, level), step=step) == data
