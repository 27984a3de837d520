"""What holds of every CRL: read whole or refused, found again, and the same on the other side of a process."""

import re
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from extauthz.identity.names import NameKey, name_key
from extauthz.trust.crl.entries import RawEntry, read_entries
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.general_name import general_name_key
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.index import CrlIndex, build_index
from extauthz.trust.crl.revoked_entry import NO_REASON, REASON_NAMES, RevokedEntry, pack, unpack
from extauthz.trust.crl.unusual_entry import UnusualEntries
from support import crls, pki

der = pki.der
CA = pki.make_ca("Issuing CA")
OWN = name_key(CA.name)

serials = st.one_of(st.integers(-70_000, 70_000), st.integers(-(1 << 168), 1 << 168), st.integers(0, 1 << 1000))
dates = st.datetimes(datetime(1950, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
issuers = st.one_of(st.none(), st.text(max_size=20).map(NameKey))


# -- what is said of one certificate ---------------------------------------------------------------------------------
@given(st.sampled_from([NO_REASON, *REASON_NAMES]), dates, st.booleans())
def test_what_is_packed_comes_back(code: int, at: datetime, unknown_critical: bool) -> None:
    packed = pack(code, at.strftime("%Y%m%d%H%M%S").encode().rjust(14, b"0"), unknown_critical=unknown_critical)
    assert unpack(packed) == RevokedEntry(REASON_NAMES.get(code), at, unknown_critical)


@given(st.binary(min_size=8, max_size=8))
def test_other_octets_are_an_entry_or_a_value_error(packed: bytes) -> None:
    with suppress(ValueError):
        assert unpack(packed).date.tzinfo is UTC


# -- look-up ---------------------------------------------------------------------------------------------------------
def _raw(serial: int, issuer: NameKey | None, said: RevokedEntry) -> RawEntry:
    code = {name: number for number, name in REASON_NAMES.items()}.get(said.reason or "", NO_REASON)
    return der.integer(serial)[2 if serial.bit_length() < 1016 else 4 :], pack(code, _digits(said.date)), issuer


def _digits(at: datetime) -> bytes:
    return at.strftime("%Y%m%d%H%M%S").encode()


said = st.builds(RevokedEntry, st.one_of(st.none(), st.sampled_from(sorted(REASON_NAMES.values()))), dates)
few_issuers = st.lists(issuers, min_size=1, max_size=4)
entries = few_issuers.flatmap(lambda names: st.lists(st.tuples(serials, st.sampled_from(names), said), max_size=200))


@given(entries, serials, issuers)
def test_the_index_is_a_dict(listed: list[tuple[int, NameKey | None, RevokedEntry]], serial: int, who: object) -> None:
    first: dict[tuple[int, NameKey | None], RevokedEntry] = {}
    for one, issuer, entry in listed:
        first.setdefault((one, issuer), entry)
    index = CrlIndex(build_index(_raw(*one) for one in listed))
    assert len(index) == len(listed)
    assert all(index.find(one, issuer) == entry for (one, issuer), entry in first.items())
    for issuer in {issuer for _, issuer in first} | {None}:
        for other in (serial, *(one + 1 for one, _ in first)):
            assert index.find(other, issuer) == first.get((other, issuer))
    assert index.find(serial, NameKey(f"{who}, and nobody else")) is None
    assert {(one, issuer) for issuer, one, _ in index} == set(first)


@given(entries.filter(bool), st.data())
def test_a_changed_index_is_refused_or_stays_within_itself(
    listed: list[tuple[int, NameKey | None, RevokedEntry]], data: st.DataObject
) -> None:
    changed = bytearray(build_index(_raw(*one) for one in listed))
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at : data.draw(st.integers(at, len(changed)))] = data.draw(st.binary(max_size=8))
    with suppress(ValueError):
        index = CrlIndex(bytes(changed))
        for serial, issuer, _ in listed:
            index.find(serial, issuer)


# -- entries ---------------------------------------------------------------------------------------------------------
@given(st.lists(st.tuples(serials.filter(lambda one: one.bit_length() < 1016), said)))
def test_what_is_listed_is_read(listed: list[tuple[int, RevokedEntry]]) -> None:
    body = b"".join(crls.entry(serial, entry.date, entry.reason) for serial, entry in listed)
    read = read_entries(memoryview(body), 0, len(body), own=OWN, delta=True)
    assert [(int.from_bytes(serial, signed=True), unpack(packed)) for serial, packed, _ in read] == listed


@given(st.one_of(st.binary(max_size=120), st.binary(max_size=40).map(lambda junk: crls.entry(7, pki.NOW) + junk)))
def test_entries_are_read_or_refused(body: bytes) -> None:
    try:
        read = list(read_entries(memoryview(body), 0, len(body), own=OWN, indirect=True, delta=True))
    except ValueError:
        return
    assert bool(read) is bool(body)


@given(st.data())
def test_an_entry_is_read_alike_as_one_of_many_and_alone(data: st.DataObject) -> None:
    """Usual entries are read by a regular expression, all others by code: a changed octet must not tell them apart."""
    serial = data.draw(serials.filter(lambda one: one.bit_length() < 160))
    invalidity = der.extension("2.5.29.24", der.tlv(der.GENERALIZED_TIME, b"20260101000000Z"))
    reason, more = data.draw(st.sampled_from([(None, []), ("superseded", []), ("superseded", [invalidity])]))
    entry = bytearray(crls.entry(serial, pki.NOW, reason, more))
    entry[data.draw(st.integers(0, len(entry) - 1))] = data.draw(st.integers(0, 255))
    body = memoryview(bytes(entry))
    try:
        _, _, alone = UnusualEntries(OWN, indirect=False, delta=False).read(body, 0, len(body), None)
    except ValueError as error:
        with pytest.raises(ValueError, match=re.escape(str(error))):
            next(read_entries(body, 0, len(body), own=OWN))
    else:
        assert next(read_entries(body, 0, len(body), own=OWN)) == alone


# -- the head --------------------------------------------------------------------------------------------------------
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
times = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
numbers = st.one_of(st.none(), st.integers(0, (1 << 159) - 1))
paths = st.lists(st.from_regex(r"http://[A-Za-z]{1,9}/[a-z]{0,9}", fullmatch=True), max_size=3)


@given(
    name=texts,
    this_update=times,
    next_update=st.one_of(st.none(), times),
    number=numbers,
    base_number=numbers,
    indirect=st.booleans(),
    listed=st.integers(0, 3),
    uris=paths,
)
def test_a_skeleton_gives_an_equal_head(
    *,
    name: str,
    this_update: datetime,
    next_update: datetime | None,
    number: int | None,
    base_number: int | None,
    indirect: bool,
    listed: int,
    uris: list[str],
) -> None:
    crl = CA.crl(
        range(listed),
        issuer_name=pki.name(name),
        this_update=this_update,
        next_update=next_update,
        number=number,
        base_number=base_number,
        scope=pki.scope(full_names=uris or None, indirect=indirect) if uris or indirect else None,
        freshest=uris,
    )
    head = read_head(crl)
    again = read_head(head.skeleton)
    assert [getattr(head, one.name) for one in fields(head)] == [getattr(again, one.name) for one in fields(head)]
    assert (head.issuer_key, head.this_update, head.next_update) == (name_key(pki.name(name)), this_update, next_update)
    assert (head.number, head.base_number, head.scope.indirect) == (number, base_number, indirect)
    names = {general_name_key(x509.UniformResourceIdentifier(uri)) for uri in uris} or None
    assert (head.freshest, head.scope.names) == (tuple(uris), names)


CRL = CA.crl([1, (2, "keyCompromise"), -3], scope=pki.scope(full_names=["http://a/1"], indirect=True), number=5)


@given(st.data())
def test_a_head_is_read_or_refused_with_a_sentence(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(CRL)))
    changed = CRL[:at] + data.draw(st.binary(max_size=4)) + CRL[data.draw(st.integers(at, len(CRL))) :]
    try:
        head = read_head(changed)
    except CrlError as refused:
        error = refused
    else:
        assert read_head(head.skeleton).skeleton == head.skeleton
        assert len(head.skeleton) <= len(changed)
        return
    assert " " in str(error)
    assert (error.issuer_dn is None) is (error.issuer_key is None)


def test_a_crl_cut_anywhere_is_refused_and_names_its_issuer_if_it_is_still_there() -> None:
    end_of_name = CRL.index(CA.name.public_bytes()) + len(CA.name.public_bytes())
    for cut in range(len(CRL)):
        with pytest.raises(CrlError) as caught:
            read_head(CRL[:cut])
        assert (caught.value.issuer_key == OWN) is (cut > end_of_name), cut
