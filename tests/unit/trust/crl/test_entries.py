"""Reading CRL entries: like the library where it reads them, and never an entry skipped."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import CRLEntryExtensionOID

from extauthz.identity.names import NameKey, name_key
from extauthz.trust.crl import unusual_entry
from extauthz.trust.crl.entries import read_entries
from extauthz.trust.crl.files import crls_from_bytes
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.revoked_entry import REASON_NAMES, RevokedEntry, unpack
from extauthz.trust.crl.structure import read_structure
from extauthz.trust.crl.usual_entries import USUAL
from support import crls, pki

der = pki.der
CA = pki.make_ca()
OWN = name_key(CA.name)
AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)

Read = tuple[int, RevokedEntry, NameKey | None]


def entries_of(crl: bytes, *, own: NameKey = OWN, indirect: bool = False, delta: bool = False) -> list[Read]:
    view = memoryview(crl)
    structure = read_structure(view)
    raw = read_entries(view, structure.entries_start, structure.entries_end, own=own, indirect=indirect, delta=delta)
    return [(int.from_bytes(serial, signed=True), unpack(packed), issuer) for serial, packed, issuer in raw]


def listed(*entries: bytes, indirect: bool = False, delta: bool = False) -> list[Read]:
    crl = crls.certificate_list(
        CA.key, issuer=CA.name.public_bytes(), this_update=AT, next_update=AT, entries=entries, extensions=[]
    )
    return entries_of(crl, indirect=indirect, delta=delta)


def one(serial: int, reason: str | None = None, at: datetime = AT, *, unknown_critical: bool = False) -> Read:
    return serial, RevokedEntry(reason, at, unknown_critical), None


SOUND = crls.entry(7, AT, "superseded")


def test_an_entry_is_its_serial_number_reason_and_date() -> None:
    assert listed(crls.entry(0x1234, AT)) == [one(0x1234)]
    assert listed(crls.entry(0x1234, AT, "keyCompromise")) == [one(0x1234, "keyCompromise")]


@pytest.mark.parametrize("name", sorted(set(REASON_NAMES.values()) - {"removeFromCRL"}))
def test_every_reason_of_a_full_crl(name: str) -> None:
    assert listed(crls.entry(1, AT, name)) == [one(1, name)]


def test_a_delta_crl_may_remove() -> None:
    assert listed(crls.entry(1, AT, "removeFromCRL"), SOUND, delta=True) == [
        one(1, "removeFromCRL"),
        one(7, "superseded"),
    ]


@pytest.mark.parametrize(
    "serial",
    [
        *(0, 1, 127, 128, 255, 256, -1, -128, -129, 1 << 64, -(1 << 64), (1 << 1008) - 1),
        *((1 << 8 * octets - 1) - 1 for octets in range(1, 23)),
    ],
)
@pytest.mark.parametrize("reason", [None, "superseded"])
def test_serial_numbers_of_any_size_and_sign(serial: int, reason: str | None) -> None:
    assert listed(crls.entry(serial, AT, reason), SOUND) == [one(serial, reason), one(7, "superseded")]


@pytest.mark.parametrize(
    "at",
    [
        datetime(1950, 1, 1, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 28, 23, 59, 59, tzinfo=UTC),
        datetime(2024, 2, 29, 12, 0, 0, tzinfo=UTC),
        datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2050, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_both_forms_of_time(at: datetime) -> None:
    assert listed(crls.entry(1, at)) == [one(1, at=at)]


def test_every_day_of_a_leap_year_is_read() -> None:
    days = [datetime(2024, 1, 1, tzinfo=UTC) + number * pki.DAY for number in range(366)]
    assert listed(*(crls.entry(1, day) for day in days)) == [one(1, at=day) for day in days]


def test_generalized_time_before_2050_is_read_too() -> None:
    entry = der.sequence(der.integer(1), der.tlv(der.GENERALIZED_TIME, b"20260504030201Z"))
    assert listed(entry) == [one(1)]


def test_order_and_repetition_are_kept() -> None:
    entries = listed(crls.entry(3, AT), SOUND, crls.entry(3, AT))
    assert [serial for serial, _, _ in entries] == [3, 7, 3]


def test_more_entries_than_are_read_at_a_time() -> None:
    usual = [crls.entry(number, AT, "superseded" if number % 3 else None) for number in range(1, 6000)]
    unusual = {1500: crls.entry(1500, pki.FAR), 1501: crls.entry(1501, pki.FAR), 4000: crls.entry(4000, pki.FAR)}
    entries = listed(*(unusual.get(number, usual[number - 1]) for number in range(1, 6000)))
    assert [serial for serial, _, _ in entries] == list(range(1, 6000))
    assert [serial for serial, said, _ in entries if said.date == pki.FAR] == list(unusual)


@pytest.mark.parametrize(("reason", "invalidity"), [(None, 0), ("superseded", 0), ("superseded", 1)])
@pytest.mark.parametrize("octets", range(1, 21))
def test_the_usual_forms_are_read_many_at_a_time(octets: int, reason: str | None, invalidity: int) -> None:
    entry = crls.entry((1 << 8 * octets - 1) - 1, AT, reason, [INVALIDITY] * invalidity)
    assert listed(entry, entry) == 2 * [one((1 << 8 * octets - 1) - 1, reason)]
    assert [found[0] for found in USUAL.finditer(entry * 3)] == [entry] * 3


def test_what_is_not_remembered_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unusual_entry, "_REMEMBERED", 2)
    hold, lost = (
        crls.entry(n, AT, reason, [der.extension("1.2.3", b"")])
        for n, reason in ((1, "certificateHold"), (2, "superseded"))
    )
    assert listed(hold, lost, hold, lost) == 2 * [one(1, "certificateHold"), one(2, "superseded")]


# -- entry extensions ------------------------------------------------------------------------------------------------
INVALIDITY = der.extension("2.5.29.24", der.tlv(der.GENERALIZED_TIME, b"20200101000000Z"))
UNKNOWN = der.extension("1.2.3", b"\5\0", critical=True)


def test_other_extensions_take_nothing_away() -> None:
    assert listed(crls.entry(1, AT, "superseded", [INVALIDITY])) == [one(1, "superseded")]
    assert listed(crls.entry(1, AT, None, [der.extension("1.2.3", b"\5\0")])) == [one(1)]


def test_an_unknown_critical_extension_is_noted() -> None:
    assert listed(crls.entry(1, AT, "superseded", [INVALIDITY, UNKNOWN])) == [
        one(1, "superseded", unknown_critical=True)
    ]
    assert listed(crls.entry(1, AT, "removeFromCRL", [UNKNOWN]), delta=True) == [
        one(1, "removeFromCRL", unknown_critical=True)
    ]


def test_extensions_that_are_known_may_be_critical() -> None:
    reason = der.extension("2.5.29.21", der.tlv(der.ENUMERATED, b"\1"), critical=True)
    invalidity = der.extension("2.5.29.24", der.tlv(der.GENERALIZED_TIME, b"20200101000000Z"), critical=True)
    assert listed(crls.entry(1, AT, None, [reason, invalidity])) == [one(1, "keyCompromise")]


OTHER, THIRD = pki.name("Other"), pki.name("Third")


def _issuers(*entries: pki.Listed) -> list[NameKey | None]:
    return [issuer for _, _, issuer in listed(*(entry.encode(AT) for entry in entries), indirect=True)]


def test_the_certificate_issuer_is_carried_forward() -> None:
    """RFC 5280 §5.3.3: the issuer of an entry without the extension is that of the entry before."""
    entries = [
        pki.listed(1),
        pki.listed(2, issuer=OTHER),
        pki.listed(3),
        pki.listed(4, "keyCompromise"),
        pki.listed(5, issuer=THIRD),
        pki.listed(6, date=pki.FAR),
        pki.listed(7, issuer=CA.name),
        pki.listed(8),
    ]
    other, third = name_key(OTHER), name_key(THIRD)
    assert _issuers(*entries) == [None, other, other, other, third, third, None, None]


def test_a_certificate_issuer_is_recognised_however_it_is_written() -> None:
    upper = x509.Name([x509.NameAttribute(one.oid, str(one.value).upper()) for one in CA.name])
    assert _issuers(pki.listed(1, issuer=upper)) == [None]


def test_a_certificate_issuer_counts_though_it_is_not_critical() -> None:
    assert _issuers(pki.listed(1, issuer=OTHER, issuer_critical=False)) == [name_key(OTHER)]


def test_other_names_of_a_certificate_issuer_are_passed_over() -> None:
    names = b"".join(pki.extensions.general_names(dns=["ca.example"], directory=[OTHER]))
    assert _issuers(pki.listed(1, issuer=names)) == [name_key(OTHER)]


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
        (der.sequence(), "cut off"),
        (der.sequence(der.integer(1)), "cut off"),
        (der.sequence(der.time(AT), der.integer(1)), "tag 0x17 where 0x02 belongs"),
        (der.sequence(der.tlv(der.INTEGER, b""), der.time(AT)), "no usable serial number"),
        (der.sequence(der.integer(1 << 1016), der.time(AT)), "no usable serial number"),
        (der.sequence(der.tlv(der.OCTET_STRING, b"\1"), der.time(AT)), "tag 0x04 where 0x02 belongs"),
        (der.sequence(der.tlv(der.INTEGER, b"\0\1"), der.time(AT)), "not in its shortest form"),
        (der.sequence(der.tlv(der.INTEGER, b"\xff\x80"), der.time(AT)), "not in its shortest form"),
        (der.sequence(der.integer(1 << 200)), "cut off"),
        (_with_time(der.UTC_TIME, b"2605040302Z"), "no usable revocation date"),
        (_with_time(der.UTC_TIME, b"260504030201+0000"), "no usable revocation date"),
        (_with_time(der.GENERALIZED_TIME, b"20260504030201.5Z"), "no usable revocation date"),
        (_with_time(der.UTF8, b"260504030201Z"), "no usable revocation date"),
        (_with_time(der.UTC_TIME, b"26050403020Z1"), "not of the form YYMMDDHHMMSSZ"),
        (_with_time(der.UTC_TIME, b"2605040302 1Z"), "not of the form YYMMDDHHMMSSZ"),
        (_with_time(der.UTC_TIME, b"260504030201z"), "not of the form YYMMDDHHMMSSZ"),
        (_with_time(der.UTC_TIME, b"+60504030201Z"), "not of the form YYMMDDHHMMSSZ"),
        (_with_time(der.UTC_TIME, b"260229030201Z"), "not in the calendar"),
        (_with_time(der.UTC_TIME, b"260431030201Z"), "not in the calendar"),
        (_with_time(der.UTC_TIME, b"261301030201Z"), "not in the calendar"),
        (_with_time(der.UTC_TIME, b"260500030201Z"), "not in the calendar"),
        (_with_time(der.GENERALIZED_TIME, b"00000101000000Z"), "not in the calendar"),
        (_with_time(der.UTC_TIME, b"260504240000Z"), "not in the calendar"),
        (_with_time(der.UTC_TIME, b"260504030260Z"), "not in the calendar"),
        (_with_block(b"\5\0"), "tag 0x05 where 0x30 belongs"),
        (_with_block(b"\x30"), "cut off"),
        (_with_block(der.sequence()), "something other than extensions"),
        (_with_block(der.sequence(EXTENSION) + b"\5\0"), "something other than extensions"),
        (_with_block(der.sequence(b"\5\0")), "tag 0x05 where 0x30 belongs"),
        (_with_block(der.sequence(der.sequence(b"\5\0"))), "tag 0x05 where 0x06 belongs"),
        (_with_block(der.sequence(der.sequence(der.oid("1.2.3"), b"\5\0"))), "has no value"),
        (_with_block(der.sequence(der.sequence(der.oid("1.2.3"), der.octets(b""), b"\5\0"))), "has no value"),
        (_with_block(der.sequence(der.sequence(der.oid("1.2.3"), der.boolean(True)))), "cut off"),
        (_with_block(der.sequence(der.sequence(der.oid("1.2.3"), der.boolean(False), der.octets(b"")))), "critical or"),
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


@pytest.mark.parametrize(
    "names",
    [
        b"",
        pki.extensions.general_names(dns=["ca.example"])[0],
        b"".join(pki.extensions.general_names(directory=[OTHER, THIRD])),
        der.context(4, der.sequence(der.set_of([b"\5\0"]))),
    ],
)
def test_an_indirect_crl_must_name_the_certificate_issuer(names: bytes) -> None:
    with pytest.raises(ValueError, match="does not name its certificate issuer by one distinguished name"):
        listed(pki.listed(1, issuer=names).encode(AT), indirect=True)


def test_a_certificate_issuer_is_one_sequence() -> None:
    two = der.extension("2.5.29.29", der.sequence() + der.sequence(), critical=True)
    with pytest.raises(ValueError, match="malformed certificate issuer"):
        listed(crls.entry(1, AT, None, [two]), indirect=True)


def test_an_entry_that_reaches_beyond_the_list_is_refused() -> None:
    body = memoryview(SOUND + SOUND)
    with pytest.raises(ValueError, match="cut off"):
        list(read_entries(body, 0, len(SOUND) - 1, own=OWN))


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_cut_list_is_refused_and_nothing_else_happens(cut: int) -> None:
    body = memoryview(SOUND + SOUND)
    assert len(list(read_entries(body, 0, len(body), own=OWN))) == 2
    if len(body) - cut == len(SOUND):
        return
    with pytest.raises(ValueError, match=r"cut off|usable|shortest"):
        list(read_entries(body, 0, len(body) - cut, own=OWN))


# -- what the library reads ------------------------------------------------------------------------------------------
def _vectors() -> Iterator[Path]:
    base = Path(cryptography_vectors.__file__).parent / "x509"
    yield from sorted((base / "PKITS_data" / "crls").glob("*.crl"))
    yield from sorted((base / "custom").glob("crl_*.pem"))


REFUSED = {
    "crl_all_reasons.pem": "names another certificate issuer, which only an indirect CRL may do",
    "BadCRLSignatureCACRL.crl": "a signature that is not made of whole octets",
}
"""The library reads them all the same."""


@pytest.mark.parametrize("path", tuple(_vectors()), ids=lambda path: path.name)
def test_the_library_reads_the_same_from_every_published_crl(path: Path) -> None:
    data = path.read_bytes()
    try:
        crl = x509.load_pem_x509_crl(data) if path.suffix == ".pem" else x509.load_der_x509_crl(data)
        theirs = _read_by_the_library(crl)
    except (ValueError, x509.InvalidVersion, x509.DuplicateExtension):
        with pytest.raises(ValueError, match=" "):
            _read_whole(crls_from_bytes(data)[0])
        return
    extensions = {extension.oid: extension.value for extension in crl.extensions}
    scope = extensions.get(x509.IssuingDistributionPoint.oid)
    indirect = isinstance(scope, x509.IssuingDistributionPoint) and scope.indirect_crl
    delta = x509.DeltaCRLIndicator.oid in extensions
    der_of_crl = crl.public_bytes(Encoding.DER)
    if path.name in REFUSED:
        with pytest.raises(ValueError, match=REFUSED[path.name]):
            entries_of(der_of_crl, own=name_key(crl.issuer), indirect=indirect, delta=delta)
    else:
        assert entries_of(der_of_crl, own=name_key(crl.issuer), indirect=indirect, delta=delta) == theirs


def _read_whole(data: bytes) -> None:
    read_head(data)
    entries_of(data)


def _read_by_the_library(crl: x509.CertificateRevocationList) -> list[Read]:
    found: list[Read] = []
    issuer = name_key(crl.issuer)
    for entry in crl:
        reason, unknown_critical = None, False
        for extension in entry.extensions:
            match extension.value:
                case x509.CRLReason(reason=flag):
                    reason = str(flag.value)
                case x509.CertificateIssuer():
                    issuer = name_key(extension.value.get_values_for_type(x509.DirectoryName)[0])
                case _:
                    unknown_critical |= extension.critical and extension.oid != CRLEntryExtensionOID.INVALIDITY_DATE
        said = RevokedEntry(reason, entry.revocation_date_utc, unknown_critical)
        found.append((entry.serial_number, said, None if issuer == name_key(crl.issuer) else issuer))
    return found
