"""subjectAltName entries: typed, clean, or the certificate is refused."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.counts import MAX_SUBJECT_ALT_NAMES
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from support import pki
from support.pki import der, extensions

CA = pki.make_ca("Issuing CA")


def sans(**options: object) -> list[str]:
    data = CA.issue(**options).der  # type: ignore[arg-type]  # see Options
    return [str(san) for san in parse_certificate(data).identity.sans]


def refusal(**options: object) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        sans(**options)
    return caught.value


def primitive(tag: int, content: bytes) -> bytes:
    return der.context(tag, content, constructed=False)


def test_every_type_in_the_certificates_order() -> None:
    alice = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "E, Inc."), x509.NameAttribute(NameOID.COMMON_NAME, "a")]
    )
    names = [
        extensions.upn("alice@corp"),
        primitive(2, b"a.example"),
        primitive(1, b"alice@example.com"),
        primitive(7, bytes([10, 0, 0, 1])),
        primitive(6, b"https://example.com/a?b#c"),
        der.context(4, alice.public_bytes()),
        primitive(8, der.oid("1.2.3.4")[2:]),
        extensions.other_name("1.2.3.5", der.octets(b"\x01\x02")),
    ]
    assert sans(other_sans=names) == [
        "upn:alice@corp",
        "dns:a.example",
        "email:alice@example.com",
        "ip:10.0.0.1",
        "uri:https://example.com/a?b#c",
        r"dirname:CN=a,O=E\, Inc.",
        "rid:1.2.3.4",
        "othername:1.2.3.5:04020102",
    ]


def test_a_bit_string_in_a_directory_name() -> None:
    name = der.name(der.rdn(("2.5.4.45", der.tlv(der.BIT_STRING, b"\0a"))))
    assert sans(other_sans=[der.context(4, name)]) == ["dirname:2.5.4.45=#03020061"]


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("::", "::"),
        ("::ffff:10.1.2.3", "::ffff:10.1.2.3"),
    ],
)
def test_addresses_have_one_text(address: str, text: str) -> None:
    assert sans(ips=[address]) == [f"ip:{text}"]


def test_the_values_by_type() -> None:
    options: pki.Options = {"dns": ["a", "b"], "emails": ["c@d"], "uris": ["e:f"], "ips": ["::1"], "upns": ["g@h"]}
    identity = parse_certificate(CA.issue(**options).der).identity
    assert identity.dns_names == ("a", "b")
    assert identity.emails == ("c@d",)
    assert identity.uris == ("e:f",)
    assert identity.ip_addresses == ("::1",)
    assert identity.upns == ("g@h",)


@pytest.mark.parametrize(
    ("general_name", "says"),
    [
        pytest.param(primitive(2, b""), "an empty dNSName", id="empty_dns"),
        pytest.param(primitive(2, b" "), "an empty dNSName", id="space_dns"),
        pytest.param(primitive(1, b""), "an empty rfc822Name", id="empty_email"),
        pytest.param(primitive(6, b""), "an empty uniformResourceIdentifier", id="empty_uri"),
        pytest.param(primitive(2, b"a\0b"), "a dNSName holds the forbidden character U+0000", id="nul_dns"),
        pytest.param(primitive(1, b"a@b\r\nX-Evil: 1"), "a rfc822Name holds the forbidden character U+000D", id="crlf"),
        pytest.param(primitive(6, b"urn:\x7f"), "a uniformResourceIdentifier holds the forbidden", id="del_uri"),
        pytest.param(primitive(2, "é.example".encode()), "a dNSName with characters outside ASCII", id="utf8_dns"),
        pytest.param(primitive(1, "é@b".encode()), "a rfc822Name with characters outside ASCII", id="utf8_email"),
        pytest.param(primitive(6, "u:\u202e".encode()), "a uniformResourceIdentifier with characters", id="utf8_uri"),
        pytest.param(primitive(7, bytes([10, 0, 0, 0, 255, 0, 0, 0])), "an iPAddress with a mask", id="masked_ipv4"),
        pytest.param(primitive(7, bytes(32)), "an iPAddress with a mask", id="masked_ipv6"),
        pytest.param(der.context(4, der.sequence()), "an empty directoryName", id="empty_dirname"),
        pytest.param(
            der.context(4, der.name(der.rdn(("2.5.4.3", der.utf8("a\u2028"))))),
            "attribute 2.5.4.3 of a directoryName holds the forbidden character U+2028",
            id="line_separator_in_dirname",
        ),
    ],
)
def test_a_name_that_says_nothing_or_says_it_badly(general_name: bytes, says: str) -> None:
    error = refusal(dns=["good.example"], other_sans=[general_name])
    assert error.reason is Reason.CERTIFICATE_MALFORMED
    assert error.detail.startswith(f"extensions: subjectAltName: {says}")


@pytest.mark.parametrize("content", [b"", bytes(3), bytes(5), bytes(15), bytes(33)])
def test_an_address_of_another_length_is_refused(content: bytes) -> None:
    assert refusal(other_sans=[primitive(7, content)]).reason is Reason.CERTIFICATE_MALFORMED


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param(der.tlv(der.PRINTABLE, b"a@b"), "tag 0x13 where 0x0c belongs", id="printable"),
        pytest.param(der.tlv(der.IA5, b"a@b"), "tag 0x16 where 0x0c belongs", id="ia5"),
        pytest.param(b"\x0c\x81\x03a@b", "a length in more octets than it needs", id="long_length"),
        pytest.param(b"\x0c\x80a@b\0\0", "an indefinite or impossible length", id="indefinite"),
        pytest.param(b"\x0c\x04a@b", "an element is cut off", id="cut_off"),
        pytest.param(der.utf8("a@b") + b"\0", "bytes after the element", id="trailing"),
        pytest.param(der.tlv(der.UTF8, b"a@\xff"), "codec can't decode", id="not_utf8"),
    ],
)
def test_a_user_principal_name_that_is_not_one_utf8_string(value: bytes, says: str) -> None:
    error = refusal(other_sans=[extensions.other_name(pki.UPN_OID, value)])
    assert error.reason is Reason.CERTIFICATE_MALFORMED
    # Some of these the library refuses before anything here sees them.
    assert says in error.detail or error.detail.startswith("extensions: ValueError")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a user principal name is empty"),
        (" ", "a user principal name is empty"),
        ("a@b\0", "a user principal name holds the forbidden character U+0000"),
        ("a\u2066@b", "a user principal name holds the forbidden character U+2066"),
    ],
)
def test_a_user_principal_name_that_names_nobody(text: str, says: str) -> None:
    assert refusal(upns=[text]).detail == f"extensions: subjectAltName: {says}"


def test_a_user_principal_name_may_be_in_any_script() -> None:
    assert sans(upns=["zoë@例え.example"]) == ["upn:zoë@例え.example"]


def test_two_user_principal_names_are_noted() -> None:
    identity = parse_certificate(CA.issue(upns=["a@b", "c@d"]).der).identity
    assert identity.warnings == ("subjectAltName: more than one user principal name",)


def test_an_empty_extension_is_noted() -> None:
    identity = parse_certificate(CA.issue(raw_san=der.sequence()).der).identity
    assert identity.sans == ()
    assert identity.warnings == ("subjectAltName: holds no name",)


def test_a_thousand_names_are_read_and_one_more_is_not() -> None:
    assert len(sans(dns=["a.example"] * MAX_SUBJECT_ALT_NAMES)) == MAX_SUBJECT_ALT_NAMES
    error = refusal(dns=["a.example"] * (MAX_SUBJECT_ALT_NAMES + 1))
    assert error.reason is Reason.CERTIFICATE_TOO_LARGE
    assert error.detail == "extensions: subjectAltName: more than 1000 names"
