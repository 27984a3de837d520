"""Names of distribution points: what counts as the same, and what does not."""

from ipaddress import ip_address

import pytest
from cryptography import x509

from extauthz.trust.crl.general_name import general_name_key, point_keys, relative_name_key
from support import pki

URI, DIRECTORY = x509.UniformResourceIdentifier, x509.DirectoryName


def relative(common_name: str) -> x509.RelativeDistinguishedName:
    return x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (URI("http://crl.example/a"), URI("HTTP://CRL.Example/a")),
        (URI("http://crl.example"), URI("http://CRL.EXAMPLE")),
        (URI("http://crl.example?A"), URI("http://CRL.example?A")),
        (URI("http://User@crl.example/a"), URI("http://User@CRL.example/a")),
        (URI("urn:A"), URI("URN:A")),
        (DIRECTORY(pki.name("CRL  one")), DIRECTORY(pki.name("crl ONE"))),
        (x509.DNSName("crl.example"), x509.DNSName("CRL.example")),
    ],
)
def test_the_same_name_in_two_spellings(one: x509.GeneralName, other: x509.GeneralName) -> None:
    assert general_name_key(one) == general_name_key(other)


@pytest.mark.parametrize(
    "names",
    [
        [
            URI(one)
            for one in ("http://a/x", "http://a/X", "https://a/x", "http://a/x/", "http://a?X", "http://a?x", "a")
        ],
        [
            URI("http://User@a/"),
            URI("http://user@a/"),
            URI("http://a/@B"),
            URI("http://a/@b"),
            URI("urn:a"),
            URI("urn:A"),
        ],
        [DIRECTORY(pki.name("a")), DIRECTORY(pki.name("b")), DIRECTORY(pki.name("a", unit="b"))],
        [URI("a"), x509.DNSName("a"), x509.RFC822Name("a"), x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))],
        [x509.RFC822Name("a@b"), x509.RFC822Name("A@b")],
        [x509.IPAddress(ip_address("10.0.0.1")), x509.IPAddress(ip_address("::1"))],
        [
            x509.OtherName(x509.ObjectIdentifier(oid), value)
            for oid, value in (("1.2.3", b"\5\0"), ("1.2.4", b"\5\0"), ("1.2.3", b"\4\0"))
        ],
    ],
)
def test_different_names_stay_different(names: list[x509.GeneralName]) -> None:
    assert len({general_name_key(one) for one in names}) == len(names)


def test_a_relative_name_continues_the_issuer() -> None:
    issuer = pki.name("CA")
    whole = x509.Name([*issuer.rdns, relative("CRL 1")])
    assert relative_name_key(issuer, relative("crl 1")) == general_name_key(DIRECTORY(whole))


def test_the_names_of_a_distribution_point() -> None:
    issuer = pki.name("CA")
    assert point_keys(None, None, issuer) is None
    assert point_keys([], None, issuer) == frozenset()
    assert point_keys([URI("http://a"), URI("HTTP://A"), URI("http://b")], None, issuer) == frozenset(
        {"uri:http://a", "uri:http://b"}
    )
    assert point_keys(None, relative("1"), issuer) == frozenset({relative_name_key(issuer, relative("1"))})
