"""Reading CRL entries: like the library where it reads them, and never an entry skipped."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from extauthz.identity.der import element
from extauthz.trust.crl import entries as crl_entries
from extauthz.trust.crl.entries import NO_REASON, REASON_NAMES, SECONDS_PER_DAY, RawEntry, read_entries
from support import crls, pki

der = pki.der
CA = pki.make_ca()
DAY_ONE = datetime(1, 1, 1, tzinfo=UTC)
AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def entries_of(crl: bytes) -> list[RawEntry]:
    _, start, stop = element(crl, 0, len(crl))
    _, start, stop = element(crl, start, stop)
    return list(read_entries(crl, start, stop))


def listed(*entries: bytes) -> list[RawEntry]:
    crl = crls.certificate_list(
        CA.key, issuer=CA.name.public_bytes(), this_update=AT, next_update=AT, entries=entries, extensions=[]
    )
    return entries_of(crl)


def seconds(at: datetime) -> int:
    return (at - DAY_ONE) // timedelta(seconds=1) + SECONDS_PER_DAY


SOUND = crls.entry(7, AT, "superseded")


def test_an_entry_is_its_serial_number_reason_and_date() -> None:
    assert listed(crls.entry(0x1234, AT)) == [(b"\x12\x34", NO_REASON, seconds(AT))]
    assert listed(crls.entry(0x1234, AT, "keyCompromise")) == [(b"\x12\x34", 1, seconds(AT))]


@pytest.mark.parametrize("name", sorted(REASON_NAMES.values()))
def test_every_reason_of_a_full_crl(name: str) -> None:
    [(_, code, _)] = listed(crls.entry(1, AT, name))
    assert REASON_NAMES[code] == name


@pytest.mark.parametrize("serial", [0, 1, 127, 128, 255, 256, -1, -128, -129, 1 << 64, -(1 << 64), (1 << 1008) - 1])
def test_serial_numbers_of_any_size_and_sign(serial: int) -> None:
    [(content, _, _)] = listed(crls.entry(serial, AT))
    assert int.from_bytes(content, signed=True) == serial


@pytest.mark.parametrize(
    "at",
    [
        datetime(1950, 1, 1, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2024, 2, 29, 12, 0, 0, tzinfo=UTC),
        datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2050, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_both_forms_of_time(at: datetime) -> None:
    assert listed(crls.entry(1, at)) == [(b"\1", NO_REASON, seconds(at))]


def test_generalized_time_before_2050_is_read_too() -> None:
    entry = der.sequence(der.integer(1), der.tlv(der.GENERALIZED_TIME, b"20260504030201Z"))
    assert listed(entry) == [(b"\1", NO_REASON, seconds(AT))]


def test_order_and_repetition_are_kept() -> None:
    assert [serial for serial, _, _ in listed(crls.entry(3, AT), SOUND, crls.entry(3, AT))] == [b"\3", b"\7", b"\3"]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("next_update", [None, AT, pki.FAR])
@pytest.mark.parametrize("extensions", [[], [der.extension("2.5.29.20", der.integer(1))]])
def test_the_list_is_found_among_optional_neighbours(
    version: int, next_update: datetime | None, extensions: list[bytes]
) -> None:
    for entries in ([], [SOUND]):
        crl = crls.certificate_list(
            CA.key,
            issuer=CA.name.public_bytes(),
            this_update=AT,
            next_update=next_update,
            entries=entries,
            extensions=extensions,
            version=version,
        )
        assert len(entries_of(crl)) == len(entries)


def test_what_is_not_remembered_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crl_entries, "_REMEMBERED", 1)
    one, two = crls.entry(1, AT, "superseded"), crls.entry(2, AT - pki.DAY - pki.SECOND, "keyCompromise")
    assert listed(one, two, one, two) == 2 * [(b"\1", 4, seconds(AT)), (b"\2", 1, seconds(AT) - 86_401)]


def test_an_empty_list_is_no_list() -> None:
    tbs = b"".join((der.integer(1), der.sequence(), der.sequence(), der.time(AT), der.sequence()))
    assert list(read_entries(tbs, 0, len(tbs))) == []


def test_other_extensions_take_nothing_away_even_critical_ones() -> None:
    invalidity = der.extension("2.5.29.24", der.tlv(der.GENERALIZED_TIME, b"20200101000000Z"))
    unknown = der.extension("1.2.3", b"\5\0", critical=True)
    assert listed(crls.entry(1, AT, "superseded", [invalidity, unknown])) == [(b"\1", 4, seconds(AT))]
    assert listed(crls.entry(1, AT, None, [unknown])) == [(b"\1", NO_REASON, seconds(AT))]


def _reason(content: bytes, tag: int = der.ENUMERATED) -> bytes:
    return der.sequence(der.integer(1), der.time(AT), der.sequence(der.extension("2.5.29.21", der.tlv(tag, content))))


def _with_block(block: bytes) -> bytes:
    return der.sequence(der.integer(1), der.time(AT), block)


def _with_time(tag: int, text: bytes) -> bytes:
    return der.sequence(der.integer(1), der.tlv(tag, text), b"\x30\0" * 9)


EXTENSION = der.extension("1.2.3", b"\5\0")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (der.tlv(der.SET, SOUND[2:]), "tag 0x31 where 0x30 belongs"),
        (der.sequence(), "too short"),
        (der.sequence(der.integer(1)), "too short"),
        (der.sequence(der.time(AT), der.integer(1)), "no usable serial number"),
        (der.sequence(der.tlv(der.INTEGER, b""), der.time(AT), b"\x30\0"), "no usable serial number"),
        (der.sequence(der.integer(1 << 1016), der.time(AT)), "no usable serial number"),
        (der.sequence(der.tlv(der.OCTET_STRING, b"\1"), der.time(AT)), "no usable serial number"),
        (der.sequence(der.tlv(der.INTEGER, b"\0\1"), der.time(AT)), "not in its shortest form"),
        (der.sequence(der.tlv(der.INTEGER, b"\xff\x80"), der.time(AT)), "not in its shortest form"),
        (der.sequence(der.integer(1 << 200)), "no usable revocation date"),
        (der.sequence(der.tlv(der.INTEGER, b"\1" * 16), b"\x17\x0d1234"), "no usable revocation date"),
        (_with_time(der.UTC_TIME, b"2605040302Z"), "no usable revocation date"),
        (_with_time(der.UTC_TIME, b"260504030201+0000"), "no usable revocation date"),
        (_with_time(der.GENERALIZED_TIME, b"20260504030201.5Z"), "no usable revocation date"),
        (_with_time(der.UTF8, b"260504030201Z"), "no usable revocation date"),
        (_with_time(der.UTC_TIME, b"26050403020Z1"), "not of the form HHMMSSZ"),
        (_with_time(der.UTC_TIME, b"2605040302 1Z"), "not of the form HHMMSSZ"),
        (_with_time(der.UTC_TIME, b"+60504030201Z"), "not made of digits"),
        (_with_time(der.UTC_TIME, b"260229030201Z"), "not in the calendar"),
        (_with_time(der.UTC_TIME, b"261301030201Z"), "not in the calendar"),
        (_with_time(der.GENERALIZED_TIME, b"00000101000000Z"), "not in the calendar"),
        (_with_time(der.UTC_TIME, b"260504240000Z"), "not a time of day"),
        (_with_time(der.UTC_TIME, b"260504030260Z"), "not a time of day"),
        (_with_block(b"\5\0"), "tag 0x05 where 0x30 belongs"),
        (_with_block(b"\x30"), "cut off"),
        (_with_block(der.sequence()), "something other than extensions"),
        (_with_block(der.sequence(EXTENSION) + b"\5\0"), "something other than extensions"),
        (_with_block(der.sequence(b"\5\0")), "tag 0x05 where 0x30 belongs"),
        (_with_block(der.sequence(der.sequence(b"\5\0"))), "tag 0x05 where 0x06 belongs"),
        (_with_block(der.sequence(der.sequence(der.oid("1.2.3"), b"\5\0"))), "has no value"),
        (_with_block(der.sequence(der.sequence(der.oid("1.2.3"), der.octets(b""), b"\5\0"))), "has no value"),
        (_with_block(der.sequence(der.sequence(der.oid("1.2.3"), der.boolean(True)))), "cut off"),
        (_with_block(der.sequence(EXTENSION, EXTENSION)), "the same extension twice"),
        (_with_block(der.sequence(der.extension("2.5.29.29", der.sequence(), critical=True))), "another certificate"),
        (crls.entry(1, AT, "removeFromCRL"), "only a delta CRL may hold"),
        (_reason(b"\7"), "reason code 7, which RFC 5280 does not know"),
        (_reason(b"\x0c"), "reason code 12"),
        (_reason(b""), "malformed reason code"),
        (_reason(b"\0\1"), "malformed reason code"),
        (_reason(b"\1", der.INTEGER), "malformed reason code"),
    ],
)
def test_a_malformed_entry_spoils_the_whole_list(entry: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        listed(SOUND, entry, SOUND)


def test_an_entry_that_reaches_beyond_the_list_is_refused() -> None:
    tbs = b"".join((der.sequence(), der.sequence(), der.time(AT), der.tlv(0x30, SOUND[:-1])))
    with pytest.raises(ValueError, match="cut off"):
        list(read_entries(tbs + SOUND, 0, len(tbs)))


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_cut_crl_is_refused_and_nothing_else_happens(cut: int) -> None:
    tbs = b"".join((der.integer(1), der.sequence(), der.sequence(), der.time(AT), der.sequence(SOUND, SOUND)))
    assert len(list(read_entries(tbs, 0, len(tbs)))) == 2
    with pytest.raises(ValueError, match=r"cut off|usable|shortest"):
        list(read_entries(tbs[:-cut], 0, len(tbs) - cut))


def _vectors() -> Iterator[Path]:
    base = Path(cryptography_vectors.__file__).parent / "x509"
    yield from sorted((base / "PKITS_data" / "crls").glob("*.crl"))
    yield from sorted((base / "custom").glob("crl_*.pem"))


ONLY_ELSEWHERE = {"deltaCRLCA1deltaCRL.crl", "indirectCRLCA5CRL.crl", "crl_all_reasons.pem"}
"""Readable, but with entries that a full, direct CRL must not have."""


def test_the_library_reads_the_same_from_every_published_crl() -> None:
    compared = 0
    for path in _vectors():
        data = path.read_bytes()
        try:
            crl = x509.load_pem_x509_crl(data) if path.suffix == ".pem" else x509.load_der_x509_crl(data)
        except (ValueError, x509.InvalidVersion):
            continue
        try:
            theirs = [(one.serial_number, _reason_name(one), seconds(one.revocation_date_utc)) for one in crl]
        except (ValueError, x509.DuplicateExtension):
            theirs = None
        try:
            ours = [
                (int.from_bytes(serial, signed=True), None if code == NO_REASON else REASON_NAMES[code], at)
                for serial, code, at in entries_of(crl.public_bytes(Encoding.DER))
            ]
        except ValueError:
            ours = None
        assert ours == (None if path.name in ONLY_ELSEWHERE else theirs), path.name
        compared += ours is not None
    assert compared > 170


def _reason_name(entry: x509.RevokedCertificate) -> str | None:
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            return extension.value.reason.value
    return None
