"""A root, an issuing CA and a client, and CRLs of theirs as the service loads them."""

from typing import Final

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.trust.crl.load import Crl, CrlError, load_crl
from support import pki

ROOT: Final = pki.make_ca("Root")
CA: Final = pki.make_ca("Issuing CA", parent=ROOT)
LEAF: Final = CA.issue("alice")
CANNOT: Final = "the CRL of 'CN=Issuing CA,O=Example' cannot be used: "


def cert(one: pki.Leaf) -> Certificate:
    """Parse a certificate."""
    return parse_certificate(one.der)


def load(crl: bytes, *issuers: pki.Leaf) -> Crl:
    """Load a CRL; the root and the issuing CA may have signed it, unless others are given."""
    return load_crl(crl, [cert(one) for one in issuers or (ROOT, CA)])


def refused(crl: bytes, *issuers: pki.Leaf) -> str:
    """Return why a CRL cannot be loaded."""
    with pytest.raises(CrlError) as caught:
        load(crl, *issuers)
    return str(caught.value)
