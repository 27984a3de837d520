"""Packed entries are found again, every one and no other."""

from datetime import UTC, datetime

import pytest

from extauthz.trust.crl.entries import NO_REASON, RawEntry
from extauthz.trust.crl.index import CrlIndex, RevokedEntry

DATE = datetime(2026, 5, 25, 13, 20, tzinfo=UTC)
SECONDS = DATE.toordinal() * 86_400 + 13 * 3_600 + 20 * 60


def entry(serial: int, reason: int = NO_REASON) -> RawEntry:
    return serial.to_bytes((serial if serial >= 0 else ~serial).bit_length() // 8 + 1, signed=True), reason, SECONDS


@pytest.mark.parametrize("serial", [0, 1, 127, 128, 255, -1, -128, -129, 4095, 4096, 1 << 159, -(1 << 159), 1 << 1000])
def test_serial_numbers_of_any_size_and_sign_are_found(serial: int) -> None:
    index = CrlIndex([entry(serial, 1)])
    assert index.find(serial) == RevokedEntry("keyCompromise", DATE)
    assert index.find(serial + 1) is None
    assert index.find(-serial - 1) is None


def test_an_entry_without_a_reason() -> None:
    assert CrlIndex([entry(5)]).find(5) == RevokedEntry(None, DATE)


def test_an_empty_index_finds_nothing() -> None:
    index = CrlIndex([])
    assert len(index) == 0
    assert index.find(0) is None


def test_bytes_that_are_not_at_the_start_of_a_record_are_no_entry() -> None:
    # All serial numbers of three bytes that end in 0x101 share a bucket: 11 01 01 | 01 (reason) … | 21 01 01 | …
    index = CrlIndex([(b"\x11\x01\x01", 1, SECONDS), (b"\x21\x01\x01", 1, SECONDS)])
    assert index.find(0x010101) is None
    assert index.find(0x210101) == index.find(0x110101) == RevokedEntry("keyCompromise", DATE)
    later = CrlIndex([(b"\x11\x01\x01", 1, SECONDS), (b"\x01\x01\x01", 4, SECONDS)])
    assert later.find(0x010101) == RevokedEntry("superseded", DATE)


@pytest.mark.parametrize("step", [1, 7, 4096, 65_536, 0x1234567])
def test_many_entries_are_all_found_and_their_neighbours_are_not(step: int) -> None:
    serials = {number * step for number in range(-3000, 3000)}
    index = CrlIndex(entry(serial, 4) for serial in serials)
    assert len(index) == len(serials)
    assert all(index.find(serial) == RevokedEntry("superseded", DATE) for serial in serials)
    strangers = {serial + 1 for serial in serials} - serials | {6_000 * step, -6_000 * step}
    assert all(index.find(serial) is None for serial in strangers)


def test_of_two_entries_with_one_serial_number_the_first_is_told() -> None:
    index = CrlIndex([entry(9, 6), entry(9, 1)])
    assert len(index) == 2
    assert index.find(9) == RevokedEntry("certificateHold", DATE)
