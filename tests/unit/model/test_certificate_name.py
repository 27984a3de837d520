"""A certificate with an empty subject still has a name in details."""

import pytest
from cryptography import x509

from extauthz.identity.certificate import parse_certificate
from extauthz.model.certificate_name import certificate_name
from support import pki

CA = pki.make_ca("CA")


@pytest.mark.parametrize(
    ("leaf", "name"),
    [
        (CA.issue("alice", dns=["a.example"]), "'CN=alice,O=Example'"),
        (CA.issue(subject=x509.Name([]), uris=["spiffe://example.org/a"]), "'uri:spiffe://example.org/a'"),
        (CA.issue(subject=x509.Name([]), serial=0xAB, no_san=True), "'serial number ab'"),
    ],
)
def test_the_subject_then_another_name_then_the_serial_number(leaf: pki.Leaf, name: str) -> None:
    assert certificate_name(parse_certificate(leaf.der).identity) == name
