"""Names that the library warns about are read quietly wherever they stand, also after the certificate was parsed."""

import warnings

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.trust.chain.constraints.names import constrained_names
from extauthz.trust.chain.verifier import ChainMode
from extauthz.trust.revocation.settings import WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from support import pki
from support.pki import der

CA = pki.make_ca("Issuing CA")
COUNTRY = der.sequence(der.tlv(0x31, der.sequence(bytes.fromhex("0603550406"), der.tlv(0x13, b"USA"))))
POINT = der.sequence(der.tlv(0xA0, der.tlv(0xA0, der.tlv(0xA4, COUNTRY))))
ODD = CA.issue("alice", extra_extensions=[der.extension("2.5.29.31", der.sequence(POINT))]).der


@pytest.mark.parametrize("mode", list(ChainMode))
def test_a_distribution_point_with_an_odd_name_is_no_defect(mode: ChainMode) -> None:
    config = ClientCertConfig(trusted_ca_ders=(CA.der,), chain=mode, when_crl_missing=WhenUnknown.ALLOW)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        identity = ClientCertAuthMethod(config, crls=CrlStore()).authenticate(ODD, now=pki.NOW)
        constrained_names(parse_certificate(ODD))
    assert identity.common_name == "alice"
