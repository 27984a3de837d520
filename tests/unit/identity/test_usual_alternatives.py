"""Usual names are read as the library reads them, and nothing else is read."""

import pytest
from cryptography import x509

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.general_names import read_general_names
from extauthz.identity.usual_alternatives import read_usual_alternatives
from extauthz.model.identity import SubjectAltName
from support import cards, pki
from support.pki import der

CA = pki.make_ca("Issuing CA")
EMAIL, DNS, URI = 0x81, 0x82, 0x86


def names(*entries: bytes) -> bytes:
    return der.sequence(*entries)


def other(oid: str, value: bytes) -> bytes:
    return der.tlv(0xA0, der.oid(oid) + der.tlv(0xA0, value))


def by_the_library(value: bytes) -> tuple[SubjectAltName, ...]:
    certificate = CA.issue(no_san=True, extra_extensions=[der.extension("2.5.29.17", value)]).cert
    return read_general_names(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


@pytest.mark.parametrize(
    "value",
    [
        names(der.tlv(DNS, b"a.example")),
        names(der.tlv(EMAIL, b"a@example.com"), der.tlv(URI, b"spiffe://example/a"), der.tlv(DNS, b"*.example")),
        names(der.tlv(DNS, b" a b ")),
        names(other(pki.UPN_OID, der.utf8("Zoë@example"))),
        names(other(cards.FASC_N_OID, der.octets(cards.fasc_n())), der.tlv(URI, b"urn:uuid:1")),
        names(other(cards.FASC_N_OID, der.octets(b""))),
    ],
)
def test_usual_names_are_read_as_the_library_reads_them(value: bytes) -> None:
    assert read_usual_alternatives(value) == by_the_library(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(names(), id="none"),
        pytest.param(names(der.tlv(DNS, b"a.example")) + b"\0", id="bytes after the names"),
        pytest.param(names(der.tlv(DNS, b"")), id="an empty name"),
        pytest.param(names(der.tlv(DNS, b"  ")), id="a blank name"),
        pytest.param(names(der.tlv(DNS, b"a\0.example")), id="a control character"),
        pytest.param(names(der.tlv(EMAIL, "ä@example".encode())), id="no ASCII"),
        pytest.param(names(der.tlv(0x87, b"\x0a\0\0\1")), id="an address"),
        pytest.param(names(der.tlv(0xA4, pki.name("alice").public_bytes())), id="a directory name"),
        pytest.param(names(other("1.2.3.4", der.utf8("a"))), id="another otherName"),
        pytest.param(names(other(pki.UPN_OID, der.utf8(""))), id="an empty user principal name"),
        pytest.param(names(other(pki.UPN_OID, der.tlv(der.IA5, b"a"))), id="a user principal name of another type"),
        pytest.param(names(other(pki.UPN_OID, der.tlv(der.UTF8, b"\xff"))), id="a user principal name of no UTF-8"),
        pytest.param(names(other(cards.FASC_N_OID, der.utf8("1"))), id="a FASC-N of another type"),
        pytest.param(names(other(cards.FASC_N_OID, der.octets(b"") * 2)), id="two values"),
        pytest.param(names(der.tlv(0xA0, der.oid(pki.UPN_OID))), id="an otherName without a value"),
        pytest.param(names(der.tlv(0xA0, der.oid(pki.UPN_OID) + der.tlv(0xA1, der.utf8("a")))), id="another tag"),
        pytest.param(names(der.tlv(0xA0, der.octets(der.oid(pki.UPN_OID)[2:]) + der.tlv(0xA0, b""))), id="no OID"),
    ],
)
def test_everything_else_is_left_to_the_library(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_usual_alternatives(value)


def test_a_certificate_with_other_names_too_is_read_whole() -> None:
    leaf = CA.issue("alice", dns=["a.example"], ips=["10.0.0.1"], directory=[pki.name("alice")])
    sans = parse_certificate(leaf.der).identity.sans
    assert [san.type for san in sans] == ["dns", "ip", "dirname"]
