"""The identity in the dynamic metadata is its JSON form, cut to size."""

from datetime import UTC, datetime

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from extauthz.identity.bounded_form import MAX_LIST_ENTRIES, MAX_TEXT_CHARACTERS, bounded
from extauthz.identity.json_form import to_json
from extauthz.model.identity import CertIdentity, Kind, PublicKeyInfo, SubjectAltName
from extauthz.wire.identity_entry import identity_entry
from extauthz.wire.struct_bytes import struct_bytes
from support.identities import fasc_n, identity, sans

TEXTS = st.one_of(st.text(max_size=4), st.sampled_from(("x" * 128, "ä" * 90, "x" * (MAX_TEXT_CHARACTERS + 1))))
LISTS = st.one_of(st.lists(TEXTS, max_size=3), st.sampled_from(([""] * (MAX_LIST_ENTRIES + 1), ["a"] * 70))).map(tuple)
SAN_TYPES = st.sampled_from(("dns", "email", "uri", "ip", "upn", "dirname", "rid", "othername:1.2.3"))
INSTANTS = st.datetimes(timezones=st.just(UTC))
IDENTITIES = st.builds(
    CertIdentity,
    subject_dn=TEXTS,
    issuer_dn=TEXTS,
    common_name=st.none() | TEXTS,
    common_names=LISTS,
    organizations=LISTS,
    organizational_units=LISTS,
    serial_number=TEXTS,
    not_before=INSTANTS,
    not_after=INSTANTS,
    sans=st.lists(st.builds(SubjectAltName, SAN_TYPES, TEXTS), max_size=5).map(tuple),
    sha256=TEXTS,
    thumbprint_s256=TEXTS,
    spki_sha256=TEXTS,
    key=st.builds(PublicKeyInfo, st.sampled_from(("rsa", "ec")), st.none() | st.integers(1, 9_000), st.none() | TEXTS),
    key_usage=LISTS,
    extended_key_usage=LISTS,
    policy_oids=LISTS,
    is_ca=st.booleans(),
    authority_key_id=st.none() | TEXTS,
    subject_key_id=st.none() | TEXTS,
    kind=st.sampled_from(Kind),
    fasc_n=st.none() | st.builds(fasc_n, agency_code=TEXTS, valid=st.booleans()),
    piv_interim=st.none() | st.booleans(),
    card_uuid=st.none() | TEXTS,
    edipi=st.none() | TEXTS,
    spiffe_id=st.none() | TEXTS,
    ms_sid=st.none() | TEXTS,
    warnings=LISTS,
)


def told_of(certificate: CertIdentity) -> dict[str, object]:
    told = MessageToDict(Struct.FromString(identity_entry(certificate)))["identity"]
    assert isinstance(told, dict)
    return told


@given(IDENTITIES)
def test_it_is_the_bounded_json_form_without_null_and_empty(certificate: CertIdentity) -> None:
    fields, truncated = bounded(to_json(certificate))
    whole = struct_bytes({"identity": {**fields, "truncated": truncated}})
    written = identity_entry(certificate)
    assert Struct.FromString(written) == Struct.FromString(whole)
    assert len(written) == len(whole)


def test_what_is_null_or_empty_is_not_told() -> None:
    certificate = identity(spiffe_id="spiffe://example/a", organizations=(), is_ca=False)
    assert told_of(certificate) == {
        key: value for key, value in to_json(certificate).items() if value not in (None, [], "")
    }
    assert told_of(certificate)["is_ca"] is False
    assert "organizations" not in told_of(certificate)


def test_what_is_false_is_told_and_what_is_not_there_is_not() -> None:
    assert told_of(identity(piv_interim=False))["piv_interim"] is False
    assert "piv_interim" not in told_of(identity())


def test_a_fasc_n_is_told_field_by_field() -> None:
    told = told_of(identity(fasc_n=fasc_n(person_association="", valid=False)))["fasc_n"]
    assert isinstance(told, dict)
    assert (told["agency_code"], told["valid"]) == ("4700", False)
    assert "person_association" not in told


@pytest.mark.parametrize("texts", [("",), ("", "")])
def test_a_list_of_nothing_but_empty_texts_is_not_told(texts: tuple[str, ...]) -> None:
    told = told_of(identity(organizations=texts, sans=tuple(SubjectAltName("dns", text) for text in texts)))
    assert "organizations" not in told
    assert "dns_names" not in told
    assert told["sans"] == [{"type": "dns"} for _ in texts]


def test_without_other_names_none_are_told() -> None:
    assert not {"sans", "dns_names", "emails"} & told_of(identity(sans=())).keys()


def test_a_list_of_the_longest_length_is_told_whole() -> None:
    names = sans(*(f"dns:host{number}.example" for number in range(MAX_LIST_ENTRIES)))
    told = told_of(identity(sans=names))
    assert isinstance(told["dns_names"], list)
    assert len(told["dns_names"]) == MAX_LIST_ENTRIES
    assert "truncated" not in told


def test_a_longer_list_is_cut_and_named() -> None:
    names = sans(*(f"dns:host{number}.example" for number in range(1_000)))
    told = told_of(identity(sans=names))
    assert told["dns_names"] == [f"host{number}.example" for number in range(MAX_LIST_ENTRIES)]
    assert isinstance(told["sans"], list)
    assert len(told["sans"]) == MAX_LIST_ENTRIES
    assert told["truncated"] == ["sans", "dns_names"]


def test_a_longer_text_is_cut_and_named() -> None:
    long = "é" * (MAX_TEXT_CHARACTERS + 1)
    told = told_of(identity(subject_dn=long, organizations=(long, "a")))
    assert told["subject"] == long[:-1]
    assert told["organizations"] == [long[:-1], "a"]
    assert told["truncated"] == ["subject", "organizations"]


def test_the_longest_text_is_told_whole() -> None:
    longest = "x" * MAX_TEXT_CHARACTERS
    told = told_of(identity(subject_dn=longest))
    assert told["subject"] == longest
    assert "truncated" not in told


def test_a_certificate_full_of_names_makes_a_small_entry() -> None:
    full = identity(
        subject_dn="é" * 60_000, issuer_dn="x" * 60_000, sans=sans(*("dns:a.example" for _ in range(1_000)))
    )
    assert len(identity_entry(full)) < 20_000


def test_a_day_long_ago_has_four_digits_for_its_year() -> None:
    assert told_of(identity(not_before=datetime(1, 1, 1, tzinfo=UTC)))["not_before"] == "0001-01-01T00:00:00Z"
