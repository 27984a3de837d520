"""DN text (RFC 4514) and the comparison form (RFC 5280 §7.1)."""

import unicodedata

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from extauthz.identity.names import canonical_dn, dn_text, name_key, name_key_from_string, read_name
from support import pki
from support.pki import der

CA = pki.make_ca("Issuing CA")


def name(*rdns: bytes) -> x509.Name:
    """Decode a name written in DER, so that every string type and order can be had."""
    return CA.issue(raw_subject=der.name(*rdns)).cert.subject


def cn(value: bytes | str) -> bytes:
    return der.rdn(("2.5.4.3", der.utf8(value) if isinstance(value, str) else value))


O_EXAMPLE = der.rdn(("2.5.4.10", der.utf8("Example")))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("alice", "CN=alice"),
        ("", "CN="),
        (" ", r"CN=\ "),
        ("  ", r"CN=\ \ "),
        (" a ", r"CN=\ a\ "),
        ("a b", "CN=a b"),
        ("#a#", r"CN=\#a#"),
        ('a,b+c"d\\e<f>g;h=i', r"CN=a\,b\+c\"d\\e\<f\>g\;h=i"),
        ("a\\ ", r"CN=a\\\ "),
        ("a\0\n\x7f", r"CN=a\00\0A\7F"),
        ("Zoë 東京", "CN=Zoë 東京"),
    ],
)
def test_values_are_escaped_by_rfc_4514(value: str, text: str) -> None:
    assert dn_text(name(cn(value))) == text
    assert canonical_dn(text) == text
    assert name_key_from_string(text) == name_key(name(cn(value)))


def test_the_nine_names_of_the_rfc_are_printed_and_other_types_as_oids() -> None:
    values = {
        "2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C",
        "2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
        "2.5.4.5": "2.5.4.5", "1.2.840.113549.1.9.1": "1.2.840.113549.1.9.1",
    }  # fmt: skip
    for oid, printed in values.items():
        one = name(der.rdn((oid, der.tlv(der.IA5, b"US"))))
        assert dn_text(one) == f"{printed}=US" == one.rfc4514_string()


def test_rdns_are_printed_last_first_and_multi_valued_ones_joined() -> None:
    both = name(O_EXAMPLE, der.rdn(("2.5.4.3", der.utf8("alice")), ("2.5.4.5", der.utf8("7"))))
    assert dn_text(both) == "2.5.4.5=7+CN=alice,O=Example"
    assert read_name(both).attributes == (("2.5.4.10", "Example"), ("2.5.4.5", "7"), ("2.5.4.3", "alice"))


def test_a_bit_string_is_printed_as_the_hex_of_its_der() -> None:
    unique = name(der.rdn(("2.5.4.45", der.tlv(der.BIT_STRING, b"\x04\xf0"))))
    assert dn_text(unique) == "2.5.4.45=#030204f0"
    assert name_key_from_string("x500UniqueIdentifier=#030204F0") == name_key(unique)
    assert name_key_from_string("2.5.4.45=04f0") != name_key(unique)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(cn("Alice"), cn("aLICE"), id="case"),
        pytest.param(cn("Straße"), cn("STRASSE"), id="full_case_folding"),
        pytest.param(cn("  a   b "), cn("a b"), id="spaces"),
        pytest.param(cn("a\u3000b"), cn("a b"), id="ideographic_space"),
        pytest.param(cn("e\u0301"), cn("\u00e9"), id="composed"),
        pytest.param(cn("\ufb01n"), cn("FIN"), id="ligature"),
        pytest.param(cn("\u2121"), cn("tel"), id="compatibility_form_that_unfolds_to_capitals"),
        pytest.param(cn(der.tlv(der.PRINTABLE, b"a")), cn(der.utf8("a")), id="string_type"),
        pytest.param(cn(der.tlv(der.BMP, "é".encode("utf-16-be"))), cn("é"), id="bmp_string"),
    ],
)
def test_names_that_rfc_5280_calls_the_same(one: bytes, other: bytes) -> None:
    assert name_key(name(one)) == name_key(name(other))
    assert read_name(name(one)).key == name_key(name(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param([cn("a"), O_EXAMPLE], [O_EXAMPLE, cn("a")], id="order_of_rdns"),
        pytest.param([cn("a")], [cn("a"), cn("a")], id="number_of_rdns"),
        pytest.param([cn("a")], [], id="empty_name"),
        pytest.param([cn("ab")], [cn("a b")], id="a_space_or_none"),
        pytest.param([cn("a")], [der.rdn(("2.5.4.11", der.utf8("a")))], id="type"),
        pytest.param([cn("e")], [cn("é")], id="accent"),
        pytest.param(
            [cn("a"), der.rdn(("2.5.4.11", der.utf8("b")))],
            [der.rdn(("2.5.4.3", der.utf8("a")), ("2.5.4.11", der.utf8("b")))],
            id="two_rdns_or_one_of_two",
        ),
        pytest.param([cn("a"), cn("b")], [cn("a1;2.5.4.3=1:b")], id="a_value_that_looks_like_the_next_rdn"),
        pytest.param(
            [der.rdn(("2.5.4.3", der.utf8("a")), ("2.5.4.11", der.utf8("b")))],
            [der.rdn(("2.5.4.3", der.utf8("a2.5.4.11=1:b")))],
            id="a_value_that_looks_like_the_next_attribute",
        ),
        pytest.param(
            [der.rdn(("2.5.4.45", der.tlv(der.BIT_STRING, b"\0a")))],
            [der.rdn(("2.5.4.45", der.utf8("0061")))],
            id="bits_or_their_hex",
        ),
    ],
)
def test_names_that_differ(one: list[bytes], other: list[bytes]) -> None:
    assert name_key(name(*one)) != name_key(name(*other))


def test_the_order_within_an_rdn_does_not_count() -> None:
    assert name_key_from_string("CN=a+OU=b,O=c") == name_key_from_string("OU=b+CN=a,O=c")
    assert canonical_dn("OU=b+CN=a,O=c") == "CN=a+OU=b,O=c"


def test_a_long_value_is_not_normalized_and_takes_no_time() -> None:
    hostile = "a" + "\u0301\u0316" * 15_000  # a normalizer sorts such a run in quadratic time
    assert name_key(name(cn(hostile))) == name_key(name(cn(hostile)))
    at_limit, beyond = "É" + "x" * 127, "É" + "x" * 128
    assert name_key(name(cn(at_limit))) == name_key(name(cn(at_limit.lower())))
    assert name_key(name(cn(beyond))) != name_key(name(cn(beyond.lower())))
    assert unicodedata.normalize("NFKC", beyond) == beyond


def test_canonical_text_evens_out_spelling_and_nothing_else() -> None:
    assert canonical_dn(" cn = Alice , ou=Ops,O=Example ") == "CN=Alice,OU=Ops,O=Example"
    assert canonical_dn(r"commonName=\41lice,EMAILADDRESS=a@b") == "CN=Alice,1.2.840.113549.1.9.1=a@b"
    assert canonical_dn("CN=alice") != canonical_dn("CN=Alice")
    assert canonical_dn("") == ""


def test_the_key_of_text_is_that_of_the_encoded_name() -> None:
    encoded = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "U.S. Government"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@b"),
            x509.NameAttribute(NameOID.COMMON_NAME, "DOE.JOHN.Q.1234567890"),
        ]
    )
    for text in (
        "CN=DOE.JOHN.Q.1234567890,1.2.840.113549.1.9.1=a@b,O=U.S. Government,C=US",
        "CN = doe.john.q.1234567890, E = A@B, O = U.S.  Government, C = us",
        "2.5.4.3=#0c15444f452e4a4f484e2e512e31323334353637383930,emailAddress=a@b,O=U.S. Government,C=US",
    ):
        assert name_key_from_string(text) == name_key(encoded)


@pytest.mark.parametrize("function", [name_key_from_string, canonical_dn])
def test_an_unknown_type_is_an_error_that_says_what_to_write(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="the attribute type shoeSize is not known; write its dotted OID"):
        function("CN=a,shoeSize=43")
