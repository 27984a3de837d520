"""The purposes of a CA: what the leaf is used for must be among them (the rest of a CA's rules: ``test_unfit``)."""

import pytest

from extauthz.trust.chain.authority import CARD_AUTHENTICATION, SMART_CARD_LOGON
from support import pki
from support.chains import passes, unfit, verify

ROOT = pki.make_ca("Root")
ANY = "2.5.29.37.0"
PROBLEM = "its extendedKeyUsage does not allow it to issue client certificates"


@pytest.mark.parametrize(
    ("ca", "leaf", "accepted"),
    [
        ((), (pki.CLIENT_AUTH,), True),
        ((pki.CLIENT_AUTH,), (pki.CLIENT_AUTH,), True),
        ((ANY,), (pki.CLIENT_AUTH,), True),
        ((pki.SERVER_AUTH, pki.CLIENT_AUTH), (pki.CLIENT_AUTH,), True),
        ((pki.SERVER_AUTH,), (pki.CLIENT_AUTH,), False),
        ((pki.SERVER_AUTH,), (), False),
        ((pki.SERVER_AUTH,), (pki.SERVER_AUTH,), False),
        ((pki.CLIENT_AUTH,), (pki.SERVER_AUTH,), True),  # whether a server may be a client is a rule of the policy
        ((pki.CLIENT_AUTH,), (CARD_AUTHENTICATION,), True),
        ((CARD_AUTHENTICATION,), (CARD_AUTHENTICATION,), True),
        ((SMART_CARD_LOGON,), (SMART_CARD_LOGON,), True),
        ((SMART_CARD_LOGON,), (CARD_AUTHENTICATION,), False),
        ((CARD_AUTHENTICATION,), (pki.CLIENT_AUTH, CARD_AUTHENTICATION), False),
        ((SMART_CARD_LOGON,), (ANY,), False),
        ((SMART_CARD_LOGON,), (), False),
    ],
)
def test_a_ca_must_have_the_purpose_that_its_leaf_is_used_for(
    ca: tuple[str, ...], leaf: tuple[str, ...], accepted: bool
) -> None:
    authority = pki.make_ca("CA", parent=ROOT, eku=ca)
    result = verify(authority.issue("alice", eku=leaf), anchors=(ROOT,), presented=(authority,))
    assert passes(result, "alice", "CA", "Root") if accepted else unfit(result, "CA", PROBLEM)
