"""Contracts of the identity layer over generated input."""

import base64
import contextlib
import dataclasses
import warnings

import pytest
from cryptography import x509
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extauthz.identity import decode
from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.claims import compare_claims
from extauthz.identity.dn_text import parse_dn
from extauthz.identity.json_form import to_json
from extauthz.identity.names import canonical_dn, dn_text, name_key, name_key_from_string
from extauthz.identity.spiffe import parse_spiffe_id
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import Claims
from support import cards, pki
from support.pki import der

CA = pki.make_ca("Issuing CA")
RICH = CA.issue(
    "alice",
    organizational_unit="Ops",
    dns=["a.example"],
    emails=["alice@example.com"],
    uris=["spiffe://example.org/web"],
    ips=["10.0.0.1", "2001:db8::1"],
    upns=["alice@corp.example"],
    directory=[pki.name("alice")],
    policies=["1.2.3.4"],
    extra_extensions=[der.extension("1.2.3.4", b"\x05\x00", critical=True)],
)
CARD = cards.piv_auth(CA, upns=["alice@corp.example"], sid=cards.SID, sid_uri=cards.SID)
MATERIAL = (
    RICH.der,
    CARD.der,
    cards.piv_card_auth(CA).der,
    CA.der,
    CA.issue("rsa", key="rsa").der,
    CA.issue("ed", key="ed25519").der,
    CA.crl([RICH]),
)
REFUSALS = {Reason.CERTIFICATE_MALFORMED, Reason.CERTIFICATE_TOO_LARGE, Reason.IDENTITY_CONFLICT}
STAGES = {"input", "structure", "validity", "subject", "issuer", "extensions", "public key"}


def read_or_refuse(data: bytes) -> Certificate | None:
    """State the whole contract of ``parse_certificate``: a certificate whose identity is clean, or ``DecodeError``."""
    certificate, refusal = None, None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            certificate = parse_certificate(data)
        except DecodeError as error:
            refusal = error
    if certificate is None:
        assert refusal is not None
        assert refusal.reason in REFUSALS
        assert refusal.detail.partition(":")[0] in STAGES
        assert refusal.detail.isprintable()
        return None
    identity = certificate.identity
    for text in (identity.subject_dn, identity.issuer_dn, *(san.value for san in identity.sans)):
        assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text)
    assert identity.not_before <= identity.not_after
    assert len(to_json(identity)) == 32
    return certificate


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Cut, spliced, flipped and grown certificates."""
    data = bytearray(draw(st.sampled_from(MATERIAL)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["set", "cut", "insert", "copy", "tag"])):
            case "set":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del data[at : at + draw(st.integers(1, 40))]
            case "insert":
                data[at:at] = draw(st.binary(max_size=8))
            case "copy":
                other = draw(st.sampled_from(MATERIAL))
                start = draw(st.integers(0, len(other) - 1))
                data[at : at + 20] = other[start : start + 20]
            case _:
                data[at : at + 1] = bytes(
                    [draw(st.sampled_from([3, 4, 6, 12, 19, 20, 22, 28, 30, 48, 49, 0xA0, 0x80]))]
                )
    return bytes(data)


@given(damaged())
@settings(deadline=None)
def test_a_damaged_certificate_is_read_or_refused(data: bytes) -> None:
    read_or_refuse(data)


@given(st.binary(max_size=300))
@settings(deadline=None)
@example(b"")
@example(b"0\x00")
@example(b"0\x80\x00\x00")
def test_any_bytes_are_refused(data: bytes) -> None:
    assert read_or_refuse(data) is None


DER_VALUES = st.recursive(
    st.tuples(st.sampled_from([1, 2, 3, 4, 5, 6, 10, 12, 19, 22, 23, 24, 30]), st.binary(max_size=12)).map(
        lambda pair: der.tlv(*pair)
    ),
    lambda inner: st.tuples(
        st.sampled_from([0x30, 0x31, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4]), st.lists(inner, max_size=4)
    ).map(lambda pair: der.tlv(pair[0], b"".join(pair[1]))),
    max_leaves=8,
)
KNOWN_EXTENSIONS = (
    "2.5.29.17", "2.5.29.30", "2.5.29.31", "2.5.29.32", "2.5.29.36", "2.5.29.54", "1.3.6.1.5.5.7.1.1", cards.NACI_OID,
    cards.SID_OID,
)  # fmt: skip


@given(st.sampled_from(KNOWN_EXTENSIONS), st.one_of(DER_VALUES, st.binary(max_size=20)))
@settings(deadline=None)
def test_an_extension_of_any_content_is_read_or_refused(oid: str, value: bytes) -> None:
    read_or_refuse(CA.issue(no_san=True, extra_extensions=[der.extension(oid, value)]).der)


@given(st.lists(DER_VALUES, max_size=3).map(lambda names: der.sequence(*names)), DER_VALUES)
@settings(deadline=None)
def test_names_and_keys_of_any_content_are_read_or_refused(name: bytes, spki: bytes) -> None:
    read_or_refuse(CA.issue(raw_subject=name).der)
    read_or_refuse(CA.issue(raw_san=name).der)
    read_or_refuse(CA.issue(raw_spki=spki).der)


@st.composite
def deeply_nested(draw: st.DrawFn) -> bytes:
    value = b""
    for _ in range(draw(st.integers(100, 3000))):
        value = der.tlv(draw(st.sampled_from([0x30, 0x31, 0xA0])), value)
    return value


@given(deeply_nested())
@settings(deadline=None, max_examples=20)
def test_depth_is_no_way_to_break_it(value: bytes) -> None:
    read_or_refuse(value)
    read_or_refuse(CA.issue(raw_san=value).der)


# ------------------------------------------------------------------------------------------------ names

OIDS = st.sampled_from(
    [
        "2.5.4.3",
        "2.5.4.5",
        "2.5.4.6",
        "2.5.4.10",
        "2.5.4.11",
        "0.9.2342.19200300.100.1.1",
        "1.2.840.113549.1.9.1",
        "1.2.3",
    ]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TRICKY = st.text(' #+,;<=>\\"\0\nAé0a', max_size=12)
VALUES = st.one_of(
    TEXT.map(der.utf8),
    TRICKY.map(der.utf8),
    st.text("Aa 1", max_size=8).map(lambda text: der.tlv(der.PRINTABLE, text.encode())),
)
RDNS = st.dictionaries(OIDS, VALUES, min_size=1, max_size=3).map(lambda attributes: der.rdn(*attributes.items()))
NAMES = st.lists(RDNS, max_size=5).map(lambda rdns: der.name(*rdns))


def decoded(name: bytes) -> x509.Name:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CA.issue(raw_subject=name).cert.subject


@given(NAMES)
@settings(deadline=None)
def test_a_name_survives_its_text(encoded: bytes) -> None:
    name = decoded(encoded)
    text = dn_text(name)
    assert name_key_from_string(text) == name_key(name)
    assert canonical_dn(canonical_dn(text)) == canonical_dn(text)
    values = [sorted((one.oid.dotted_string, one.value) for one in rdn) for rdn in name.rdns]
    assert [sorted((one.oid, one.value) for one in rdn) for rdn in parse_dn(text)] == values


@given(NAMES)
@settings(deadline=None)
def test_a_name_is_printed_as_the_library_prints_it_but_for_control_characters(encoded: bytes) -> None:
    name = decoded(encoded)
    text = dn_text(name)
    if not any(ord(character) < 0x20 or ord(character) == 0x7F for character in name.rfc4514_string()):
        assert text == name.rfc4514_string()
    assert "\n" not in text


@given(NAMES, NAMES)
@settings(deadline=None)
def test_different_names_of_plain_values_have_different_keys(one: bytes, other: bytes) -> None:
    first, second = decoded(one), decoded(other)
    if name_key(first) == name_key(second):
        assert [len(rdn) for rdn in first.rdns] == [len(rdn) for rdn in second.rdns]
        for rdn, twin in zip(first.rdns, second.rdns, strict=True):
            assert {one.oid for one in rdn} == {one.oid for one in twin}


@given(st.text(max_size=60))
@example("CN=" + "\\" * 61)
def test_any_text_is_a_name_or_a_value_error(text: str) -> None:
    for bare_specials in (False, True):
        with contextlib.suppress(ValueError):
            assert all(rdn for rdn in parse_dn(text, bare_specials=bare_specials))


# ------------------------------------------------------------------------------------------------ claims


@given(NAMES, NAMES)
@settings(deadline=None)
def test_the_proxys_text_of_a_subject_agrees_with_that_subject_only(own: bytes, foreign: bytes) -> None:
    certificate = read_or_refuse(CA.issue(raw_subject=own).der)
    if certificate is None:
        return
    assert isinstance(compare_claims(certificate, Claims(pki.rfc2253(decoded(own)), (), ())), Pass)
    other = decoded(foreign)
    outcome = compare_claims(certificate, Claims(pki.rfc2253(other), (), ()))
    assert isinstance(outcome, Pass) == (other == decoded(own))


@given(st.text(max_size=40), st.lists(st.text(max_size=8), max_size=3), st.lists(st.text(max_size=8), max_size=3))
@settings(deadline=None)
def test_any_claim_is_compared(subject: str, uris: list[str], dns_names: list[str]) -> None:
    outcome = compare_claims(parse_certificate(RICH.der), Claims(subject, tuple(uris), tuple(dns_names)))
    assert isinstance(outcome, Pass | Fail)
    if isinstance(outcome, Fail):
        assert outcome.reason is Reason.SOURCE_INCONSISTENT


# ------------------------------------------------------------------------------------------------ the rest


@given(st.one_of(st.text(max_size=40), st.from_regex(r"(?i)spiffe://[a-z0-9._-]{1,20}(/[A-Za-z0-9._-]{0,8}){0,3}")))
def test_a_spiffe_id_survives_its_text(uri: str) -> None:
    with contextlib.suppress(ValueError):
        spiffe_id = parse_spiffe_id(uri)
        assert parse_spiffe_id(str(spiffe_id)) == spiffe_id
        assert str(spiffe_id).lower() == uri.lower()


@given(st.integers(-(1 << 200), 1 << 200))
@settings(deadline=None)
def test_the_serial_number_is_its_hex(serial: int) -> None:
    certificate = parse_certificate(CA.issue(serial=serial).der)
    assert int(certificate.identity.serial_number, 16) == serial == certificate.serial
    assert certificate.identity.serial_number.lstrip("-").startswith("0") == (serial == 0)


def test_parsing_twice_gives_the_same() -> None:
    one, other = parse_certificate(RICH.der), parse_certificate(base64.b64decode(base64.b64encode(RICH.der)))
    assert one.identity == other.identity
    assert (one.subject_key, one.spki_sha256) == (other.subject_key, other.spki_sha256)


def whole(certificate: Certificate) -> dict[str, object]:
    """Return everything that a certificate says; what the library made of it, by what is encoded."""
    left_out = (x509.SubjectAlternativeName, x509.SubjectKeyIdentifier)
    said = {one.name: getattr(certificate, one.name) for one in dataclasses.fields(certificate) if one.name != "x509"}
    said["extensions"] = [one for one in certificate.extensions if not isinstance(one, left_out)]
    return said


def said_of(data: bytes) -> object:
    try:
        return whole(parse_certificate(data))
    except DecodeError as error:
        return error.reason, error.detail


def same_by_the_library_alone(data: bytes) -> None:
    """State what reading parts of a certificate here must never change: what is read, and what is refused."""
    here = said_of(data)
    with pytest.MonkeyPatch.context() as library_alone:
        for short_cut in ("read_usual_name", "read_usual_issuer", "read_known_parts"):
            library_alone.setattr(decode, short_cut, lambda _: None)
        assert said_of(data) == here


@given(damaged())
@settings(deadline=None)
@example(RICH.der)
@example(CARD.der)
@example(CA.der)
def test_a_damaged_certificate_is_what_the_library_says(data: bytes) -> None:
    same_by_the_library_alone(data)


@given(st.sampled_from((*KNOWN_EXTENSIONS, "2.5.29.14", "1.2.3.4")), st.one_of(DER_VALUES, st.binary(max_size=20)))
@settings(deadline=None)
def test_an_extension_is_what_the_library_says(oid: str, value: bytes) -> None:
    extension = der.extension(oid, value)
    same_by_the_library_alone(CA.issue(no_san=True, key_ids=False, extra_extensions=[extension]).der)


CHARACTERS = st.one_of(st.binary(max_size=6), st.sampled_from((b"a.example", b"a b", b" ", b"", "ä".encode())))
OTHER_NAMES = st.builds(
    lambda oid, tag, value: der.context(0, der.oid(oid) + der.context(0, der.tlv(tag, value))),
    st.sampled_from((pki.UPN_OID, cards.FASC_N_OID, "1.2.3.4")),
    st.sampled_from((der.UTF8, der.OCTET_STRING, der.IA5)),
    CHARACTERS,
)
ALTERNATIVES = st.one_of(st.builds(der.tlv, st.integers(0x80, 0x88), CHARACTERS), OTHER_NAMES)


@given(st.lists(ALTERNATIVES, max_size=3), st.booleans())
@settings(deadline=None)
def test_names_are_what_the_library_says(names: list[bytes], critical: bool) -> None:
    san = der.extension("2.5.29.17", der.sequence(*names), critical=critical)
    same_by_the_library_alone(CA.issue(no_san=True, extra_extensions=[san]).der)


ATTRIBUTES = st.builds(
    lambda oid, tag, value: der.sequence(der.oid(oid), der.tlv(tag, value)),
    st.sampled_from(("2.5.4.3", "2.5.4.6", "2.5.4.10", "2.5.4.45", "1.2.840.113549.1.9.1", "1.2.3.4")),
    st.sampled_from((der.UTF8, der.PRINTABLE, der.IA5, der.T61, der.NUMERIC, der.BMP, der.BIT_STRING, 0x04)),
    CHARACTERS,
)


@given(st.lists(st.lists(ATTRIBUTES, min_size=1, max_size=2), max_size=3))
@settings(deadline=None)
def test_a_subject_is_what_the_library_says(rdns: list[list[bytes]]) -> None:
    same_by_the_library_alone(CA.issue(raw_subject=der.sequence(*map(der.set_of, rdns))).der)
