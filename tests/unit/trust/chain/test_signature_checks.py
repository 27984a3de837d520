"""Every signature is checked once, at its cost."""

import pytest

from extauthz.trust.chain.signature_checks import SignatureChecks, cost_of
from support import pki
from support.chains import link

CA = pki.make_ca("CA")
LEAF = CA.issue("alice")


def test_renewed_certificates_of_one_key_share_a_check() -> None:
    renewed = pki.make_ca("CA", key=CA.key)
    checks = SignatureChecks()
    assert checks.is_signed_by(link(LEAF), link(CA))
    left = checks.left
    assert checks.is_signed_by(link(LEAF), link(renewed))
    assert checks.left == left
    assert not checks.is_signed_by(link(LEAF), link(pki.make_ca("CA")))
    assert checks.left < left


def test_what_the_budget_does_not_suffice_for_is_not_checked() -> None:
    cost = cost_of(link(CA).certificate.identity.key)
    enough, too_little = SignatureChecks(cost), SignatureChecks(cost - 1)
    assert enough.is_signed_by(link(LEAF), link(CA))
    assert (enough.left, enough.exhausted) == (0, False)
    assert not too_little.is_signed_by(link(LEAF), link(CA))
    assert (too_little.left, too_little.exhausted) == (cost - 1, True)


@pytest.mark.parametrize(
    ("kind", "cost"),
    [("ec", 60), ("ec384", 400), ("rsa", 25), ("rsa3072", 43), ("ed25519", 85), ("ed448", 170), ("dsa", 5)],
)
def test_slow_keys_cost_more(kind: str, cost: int) -> None:
    assert cost_of(link(pki.make_ca("CA", key=kind)).certificate.identity.key) == cost
