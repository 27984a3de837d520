"""What remains of a CRL that was refused."""

import pytest

from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.rejected import RejectedCrl
from support import pki


def test_it_keeps_why_and_whose() -> None:
    ca = pki.make_ca("CA")
    with pytest.raises(CrlError) as caught:
        read_head(ca.crl(version=3))
    rejected = RejectedCrl.because("crls/ca.crl", caught.value)
    assert rejected.label == "crls/ca.crl"
    assert rejected.why == str(caught.value)
    assert (rejected.issuer_dn, rejected.issuer_key) == ("CN=CA,O=Example", caught.value.issuer_key)


def test_whose_it_was_may_be_unknown() -> None:
    rejected = RejectedCrl.because("http://crl.example/1", CrlError("the CRL is empty"))
    assert (rejected.why, rejected.issuer_dn, rejected.issuer_key) == ("the CRL is empty", None, None)
