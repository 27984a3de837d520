"""One DER SEQUENCE, framed exactly."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.der import require_one_sequence, split_sequences
from extauthz.sources.limits import MAX_CERTIFICATE_BYTES


def sequence(length: int) -> bytes:
    """Return a SEQUENCE of ``length`` content bytes, its length in the shortest form."""
    if length < 0x80:
        header = bytes((0x30, length))
    elif length < 0x100:
        header = bytes((0x30, 0x81, length))
    else:
        header = b"\x30\x82" + length.to_bytes(2)
    return header + bytes(length)


@pytest.mark.parametrize("length", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x101, MAX_CERTIFICATE_BYTES - 4])
def test_a_sequence_of_exactly_its_length_passes(length: int) -> None:
    require_one_sequence(sequence(length))


@pytest.mark.parametrize("length", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 5000])
@pytest.mark.parametrize("change", ["cut", "more", "doubled"])
def test_bytes_missing_or_following_are_malformed(length: int, change: str) -> None:
    whole = sequence(length)
    spoilt = {"cut": whole[:-1], "more": whole + b"\x00", "doubled": whole * 2}[change]
    with pytest.raises(DecodeError) as caught:
        require_one_sequence(spoilt)
    assert caught.value.reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30",
        b"\x31\x00",
        b"\x02\x01\x01",
        b"-----BEGIN",
        b"\x30\x80\x00\x00",  # indefinite length: BER, not DER
        b"\x30\x81\x7f" + bytes(0x7F),  # longer than the shortest form
        b"\x30\x82\x00\xff" + bytes(0xFF),
        b"\x30\x83\x00\x01\x00" + bytes(0x100),
        b"\x30\x84\x00\x00\x00\x00",
        b"\x30\x81",
        b"\x30\x82\x01",
        b"\x30\xff" + bytes(300),
    ],
)
def test_what_is_not_der_is_malformed(der: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        require_one_sequence(der)
    assert caught.value.reason is Reason.SOURCE_MALFORMED


def test_one_byte_over_the_limit_is_too_large() -> None:
    with pytest.raises(DecodeError) as caught:
        require_one_sequence(sequence(MAX_CERTIFICATE_BYTES - 3))
    assert caught.value.reason is Reason.CERTIFICATE_TOO_LARGE


def test_sequences_one_after_the_other_are_told_apart() -> None:
    small, long = b"\x30\x01a", b"\x30\x81\x80" + bytes(128)
    longer = b"\x30\x82\x01\x00" + bytes(256)
    assert split_sequences(b"") == ()
    assert split_sequences(small) == (small,)
    assert split_sequences(small + long + longer + small) == (small, long, longer, small)
    assert split_sequences(b"\x30\x00" * 16) == (b"\x30\x00",) * 16


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (b"\x30", Reason.SOURCE_MALFORMED),
        (b"\x31\x00", Reason.SOURCE_MALFORMED),
        (b"\x30\x02a", Reason.SOURCE_MALFORMED),
        (b"\x30\x80\x00\x00", Reason.SOURCE_MALFORMED),
        (b"\x30\x81\x01a", Reason.SOURCE_MALFORMED),
        (b"\x30\x81", Reason.SOURCE_MALFORMED),
        (b"\x30\x82\x01", Reason.SOURCE_MALFORMED),
        (b"\x30\x83\x01\x00\x00" + bytes(65_536), Reason.CERTIFICATE_TOO_LARGE),
        (b"\x30\x00" * 16, Reason.SOURCE_TOO_LARGE),
        (b"\0", Reason.SOURCE_MALFORMED),
    ],
)
def test_what_is_left_over_between_sequences_is_denied(rest: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        split_sequences(b"\x30\x01a" + rest)
    assert caught.value.reason is reason
