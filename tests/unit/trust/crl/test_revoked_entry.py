"""Eight octets for what is said of one certificate."""

from datetime import UTC, datetime

import pytest

from extauthz.trust.crl.revoked_entry import NO_REASON, PACKED_BYTES, REASON_NAMES, RevokedEntry, date_of, pack, unpack

AT, DIGITS = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC), b"20260504030201"


@pytest.mark.parametrize("code", [NO_REASON, *REASON_NAMES])
@pytest.mark.parametrize("unknown_critical", [True, False])
def test_what_is_packed_comes_back(code: int, unknown_critical: bool) -> None:
    packed = pack(code, DIGITS, unknown_critical=unknown_critical)
    assert len(packed) == PACKED_BYTES
    assert unpack(packed) == RevokedEntry(REASON_NAMES.get(code), AT, unknown_critical)


@pytest.mark.parametrize("code", [7, 11, 14])
def test_what_is_no_reason_is_damage(code: int) -> None:
    with pytest.raises(ValueError, match=f"{code} is no reason"):
        unpack(pack(code, DIGITS))


@pytest.mark.parametrize("digits", ["20260229000000", "20261301000000", "00000101000000", "20260504240000"])
def test_a_date_must_be_in_the_calendar(digits: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        date_of(digits)
