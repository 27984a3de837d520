"""Packed entries are found again, every one and no other, and a buffer that is no index is told."""

import mmap
import zlib
from datetime import UTC, datetime
from pathlib import Path
from struct import pack_into

import pytest

from extauthz.identity.names import NameKey
from extauthz.trust.crl import index as crl_index
from extauthz.trust.crl.index import CrlIndex, RawEntry, RevokedEntry, build_index
from extauthz.trust.crl.revoked_entry import NO_REASON, pack

DATE = datetime(2026, 5, 25, 13, 20, tzinfo=UTC)
DIGITS = b"20260525132000"
OTHER, THIRD = NameKey("other"), NameKey("third é")


def entry(serial: int, reason: int = NO_REASON, issuer: NameKey | None = None) -> RawEntry:
    octets = (serial if serial >= 0 else ~serial).bit_length() // 8 + 1
    return serial.to_bytes(octets, signed=True), pack(reason, DIGITS), issuer


def index_of(*entries: RawEntry) -> CrlIndex:
    return CrlIndex(build_index(entries))


@pytest.mark.parametrize("serial", [0, 1, 127, 128, 255, -1, -128, -129, 4095, 4096, 1 << 159, -(1 << 159), 1 << 1000])
def test_serial_numbers_of_any_size_and_sign_are_found(serial: int) -> None:
    index = index_of(entry(serial, 1))
    assert index.find(serial) == RevokedEntry("keyCompromise", DATE)
    assert index.find(serial + 1) is None
    assert index.find(-serial - 1) is None


def test_an_entry_without_a_reason() -> None:
    assert index_of(entry(5)).find(5) == RevokedEntry(None, DATE)


def test_an_empty_index_finds_nothing() -> None:
    index = index_of()
    assert len(index) == 0
    assert index.find(0) is None
    assert list(index) == []


@pytest.mark.parametrize("step", [1, 7, 4096, 65_536, 0x1234567, 1 << 70])
def test_many_entries_are_all_found_and_their_neighbours_are_not(step: int) -> None:
    serials = {number * step for number in range(-3000, 3000)}
    index = index_of(*(entry(serial, 4) for serial in serials))
    assert len(index) == len(serials)
    assert all(index.find(serial) == RevokedEntry("superseded", DATE) for serial in serials)
    strangers = {serial + 1 for serial in serials} - serials | {6_000 * step, -6_000 * step}
    assert all(index.find(serial) is None for serial in strangers)
    assert {serial for _, serial, _ in index} == serials


def test_bytes_that_are_not_at_the_start_of_a_record_are_no_entry() -> None:
    """The packed date of the first entry holds 20 26 05: the second entry's serial number, but not an entry."""
    first, second = entry(0x111111), entry(0x202605, 1)
    assert index_of(first).find(0x202605) is None
    for entries in ((first, second), (second, first)):
        assert index_of(*entries).find(0x202605) == RevokedEntry("keyCompromise", DATE)


def test_of_two_entries_with_one_serial_number_the_first_is_told() -> None:
    index = index_of(entry(9, 6), entry(9, 1))
    assert len(index) == 2
    assert index.find(9) == RevokedEntry("certificateHold", DATE)
    assert index_of(entry(9, 8), entry(9, 1)).find(9) == RevokedEntry("removeFromCRL", DATE)


def test_serial_numbers_belong_to_their_certificate_issuer() -> None:
    index = index_of(entry(1, 1), entry(1, 2, OTHER), entry(2, 3, THIRD), entry(0x0101, 4))
    assert index.find(1) == RevokedEntry("keyCompromise", DATE)
    assert index.find(1, OTHER) == RevokedEntry("cACompromise", DATE)
    assert index.find(2, THIRD) == RevokedEntry("affiliationChanged", DATE)
    for serial, issuer in ((2, None), (2, OTHER), (1, THIRD), (1, NameKey("fourth")), (0x0101, OTHER), (3, THIRD)):
        assert index.find(serial, issuer) is None
    assert sorted((issuer or "", serial) for issuer, serial, _ in index) == [
        ("", 1),
        ("", 0x0101),
        ("other", 1),
        ("third é", 2),
    ]


@pytest.mark.parametrize(("limit", "value"), [("_MAX_ISSUERS", 2), ("_MAX_ISSUER_CHARACTERS", 10)])
def test_too_many_certificate_issuers_are_refused(limit: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [NameKey(one * 5) for one in "ababcc"]
    monkeypatch.setattr(crl_index, limit, value)
    assert len(index_of(*(entry(number, 1, name) for number, name in enumerate(names[:4])))) == 4
    with pytest.raises(ValueError, match="too many certificate issuers"):
        index_of(*(entry(number, 1, name) for number, name in enumerate(names)))


def test_an_unknown_critical_extension_is_remembered() -> None:
    packed = pack(8, DIGITS, unknown_critical=True)
    assert index_of((b"\5", packed, None)).find(5) == RevokedEntry("removeFromCRL", DATE, unknown_critical=True)


# -- the buffer ------------------------------------------------------------------------------------------------------
SOUND = build_index([entry(number * 0x10001, 1) for number in range(300)] + [entry(1, 1, OTHER), entry(2, 1, THIRD)])


def test_an_index_is_the_same_in_memory_and_in_a_mapped_file(tmp_path: Path) -> None:
    file = tmp_path / "index"
    file.write_bytes(SOUND)
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        for buffer in (memoryview(SOUND), mapped):
            index = CrlIndex(buffer)
            assert list(index) == list(CrlIndex(SOUND))
            assert bytes(index.buffer) == SOUND
            assert index.find(0x10001) is not None
            index.buffer.release()


def test_an_entry_takes_its_serial_number_and_eight_octets() -> None:
    entries = [entry((1 << 120) + number * number) for number in range(20_000)]
    assert len(build_index(entries)) / len(entries) < 16 + 8 + 0.5


@pytest.mark.parametrize("length", [*range(60), len(SOUND) // 2, len(SOUND) - 1])
def test_a_cut_index_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="index of a CRL"):
        CrlIndex(SOUND[:length])


@pytest.mark.parametrize("data", [SOUND + b"\0", b"\x30\x82" + bytes(100), bytes(100), SOUND[:7] + b"\2" + SOUND[8:]])
def test_what_is_no_index_of_this_version_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="index of a CRL"):
        CrlIndex(data)


def test_a_damaged_directory_is_refused() -> None:
    for at in range(8, len(SOUND) - sum(map(len, _records()))):
        damaged = bytearray(SOUND)
        damaged[at] ^= 0x11
        with pytest.raises(ValueError, match="index of a CRL"):
            CrlIndex(bytes(damaged))


HEADER, SECTIONS, SECTION = 32, 5, 8
"""Octets of the header, sections in ``SOUND``, octets of a section's row."""


@pytest.mark.parametrize(
    ("at", "form", "value", "problem"),
    [
        (HEADER + 2, "<H", 13, "impossible number of buckets"),
        (HEADER, "<H", 77, "a length that its sections do not have"),
        (HEADER + 4, "<I", 77, "a bucket outside its section"),
        (12 + 8, "<I", 1 << 30, "is cut off"),
    ],
)
def test_a_forged_directory_never_leads_outside(at: int, form: str, value: int, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        CrlIndex(_forged(at, form, value))


def test_a_forged_table_never_leads_outside() -> None:
    names = len(b"\0\0\0\0other\0\0\0\0" + "third é".encode())
    table = HEADER + SECTIONS * SECTION + names
    for value in (1, 2, 1 << 31):
        with pytest.raises(ValueError, match="a bucket outside its section"):
            CrlIndex(_forged(table, "<I", value))


def test_names_of_issuers_must_be_text() -> None:
    at = SOUND.index(b"other")
    with pytest.raises(ValueError, match="utf-8"):
        CrlIndex(_forged(at, "<B", 0xFF))


def _forged(at: int, form: str, value: int) -> bytes:
    """Change a number and correct the checksum."""
    forged = bytearray(SOUND)
    pack_into(form, forged, at, value)
    records = len(SOUND) - sum(len(key) for key in _records())
    pack_into("<I", forged, 8, zlib.crc32(forged[12:records]))
    return bytes(forged)


def _records() -> list[bytes]:
    return [
        bytes(size + 8 + (2 if issuer else 0))
        for issuer, serial, _ in CrlIndex(SOUND)
        for size in [serial.bit_length() // 8 + 1]
    ]
