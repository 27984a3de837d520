"""Reading a DN from text."""

import pytest

from extauthz.identity.dn_text import LONGEST_DN, Attribute, parse_dn
from extauthz.identity.names import dn_text
from support import pki
from support.pki import der


def one(text: str, *, bare_specials: bool = False) -> Attribute:
    ((attribute,),) = parse_dn(text, bare_specials=bare_specials)
    return attribute


def test_rdns_come_in_encoded_order() -> None:
    assert parse_dn("CN=a+OU=b,O=c") == (
        (Attribute("2.5.4.10", "O", "c"),),
        (Attribute("2.5.4.3", "CN", "a"), Attribute("2.5.4.11", "OU", "b")),
    )


@pytest.mark.parametrize("text", ["", " ", "   "])
def test_no_text_is_the_empty_name(text: str) -> None:
    assert parse_dn(text) == ()


@pytest.mark.parametrize(
    ("text", "oid"),
    [
        ("cn", "2.5.4.3"), ("commonName", "2.5.4.3"), ("SN", "2.5.4.4"), ("surname", "2.5.4.4"),
        ("SERIALNUMBER", "2.5.4.5"), ("S", "2.5.4.8"), ("street", "2.5.4.9"), ("title", "2.5.4.12"),
        ("GN", "2.5.4.42"), ("givenName", "2.5.4.42"), ("dnQualifier", "2.5.4.46"),
        ("uid", "0.9.2342.19200300.100.1.1"), ("dc", "0.9.2342.19200300.100.1.25"),
        ("E", "1.2.840.113549.1.9.1"), ("emailAddress", "1.2.840.113549.1.9.1"),
        ("organizationIdentifier", "2.5.4.97"), ("1.2.3.4", "1.2.3.4"), ("shoe-Size2", None),
    ],
)  # fmt: skip
def test_attribute_types(text: str, oid: str | None) -> None:
    assert one(f"{text}=x") == Attribute(oid, text, "x")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("CN=", ""),
        ("CN=a=b", "a=b"),
        ("CN=a#b", "a#b"),
        (" CN = a b ", "a b"),
        (r"CN=\ a\ ", " a "),
        (r"CN=a \  ", "a  "),
        (r"CN=\ ", " "),
        (r"CN=\20 ", " "),
        (r"CN=\,\+\"\\\<\>\;\=\#\ ", ',+"\\<>;=# '),
        (r"CN=Zo\C3\AB", "Zoë"),
        (r"CN=Zo\c3\ab", "Zoë"),
        ("CN=Zoë", "Zoë"),
        (r"CN=a\0Ab", "a\nb"),
        (r"CN=\23abc", "#abc"),
        ("CN=#0c03616263", "abc"),
        ("CN=#1303616263 ", "abc"),
        ("CN=#1603616263", "abc"),
        ("CN=#1e0400e90061", "éa"),
        ("CN=#1c04000000e9", "é"),
        ("CN=#1402c3a9", "é"),
        ("CN=#0c00", ""),
        ("2.5.4.45=#030204F0", b"\x04\xf0"),
    ],
)
def test_values(text: str, value: str | bytes) -> None:
    assert one(text).value == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("alice", "at character 1: an attribute type and = belong here"),
        ("=a", "at character 1: an attribute type and ="),
        ("CN=a,", "at character 6: an attribute type and ="),
        ("CN=a, ", "at character 6: an attribute type and ="),
        ("CN=a,,O=b", "at character 6: an attribute type and ="),
        ("CN=a+", "at character 6: an attribute type and ="),
        ("/CN=a/O=b", "at character 1: an attribute type and ="),
        ("2.5.=a", "at character 1: an attribute type and ="),
        ("CN=a;O=b", r"at character 5: ; must be written \\;"),
        ('CN="a, b"', r'at character 4: " must be written \\"'),
        ("CN=<a>", r"at character 4: < must be written \\<"),
        ("CN=a\\", r"at character 5: \\ must be followed by"),
        (r"CN=\x", r"at character 4: \\ must be followed by"),
        (r"CN=\4", r"at character 4: \\ must be followed by"),
        (r"CN=\C3", "before character 7: the value is not UTF-8"),
        (r"CN=\ED\A0\80", "before character 13: the value is not UTF-8"),
        ("CN=\ud800", "before character 5: the value is not UTF-8"),
        ("CN=#", "at character 4: # begins pairs of hex digits"),
        ("CN=#0c0", "at character 4: # begins pairs of hex digits"),
        ("CN=#0c0161x", "at character 4: # begins pairs of hex digits"),
        ("CN=#0c0261", r"not the DER of a string \(an element is cut off\)"),
        ("CN=#0c016100", r"not the DER of a string \(bytes after the element\)"),
        ("CN=#0c01ff", "not the DER of a string"),
        ("CN=#0500", r"not the DER of a string \(tag 0x05 is no string\)"),
        ("CN=" + "a" * LONGEST_DN, "more than 262144 characters"),
    ],
)
def test_mistakes_are_named_with_their_place(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_dn(text)


def test_the_longest_name_is_read() -> None:
    assert len(str(one("CN=" + "a" * (LONGEST_DN - 3)).value)) == LONGEST_DN - 3


def test_bare_special_characters_where_asked_for() -> None:
    assert one('CN="a;<b> "', bare_specials=True).value == '"a;<b> "'
    assert one('CN=a "', bare_specials=True).value == 'a "'


@pytest.mark.parametrize(
    ("escaped", "value"),
    [
        (r"\,\+\"\\\;\<\>\=\#\ ", ',+"\\;<>=# '),
        (r"\41\C3\A9\,\42x\43", "Aé,BxC"),
        (r"\\41", "\\41"),
        (r"\\\41", "\\A"),
    ],
)
def test_escapes_that_follow_each_other(escaped: str, value: str) -> None:
    assert one(f"CN={escaped}").value == value


WORDIEST = [
    ("2.47" + ".127" * 61, b"\x7f" * 62, 12, b"a"),
    ("2.5.4.3", b"\x55\x04\x03", 12, b"," * 50),
    ("2.5.4.3", b"\x55\x04\x03", 12, b""),
    ("2.5.4.45", b"\x55\x04\x2d", 3, b"\0" * 40),
    ("2.5.4.45", b"\x55\x04\x2d", 3, b"\0"),
    ("2.5.4.9", b"\x55\x04\x09", 12, b"\x00" * 30),
]


@pytest.mark.parametrize(
    ("dotted", "oid", "tag", "content"), WORDIEST, ids=["oid", "escaped", "empty", "bits", "no_bits", "control"]
)
def test_no_text_is_longer_than_four_times_its_der(dotted: str, oid: bytes, tag: int, content: bytes) -> None:
    attribute = der.sequence(der.tlv(der.OID, oid), der.tlv(tag, content))
    for encoded in (der.name(*[der.set_of([attribute])] * 3), der.name(der.set_of([attribute]))):
        name = pki.make_ca(raw_subject=encoded).cert.subject
        assert all(one.oid.dotted_string == dotted for one in name)
        assert len(dn_text(name)) <= 4 * len(encoded) <= LONGEST_DN
        assert len(parse_dn(dn_text(name))) == len(name.rdns)
