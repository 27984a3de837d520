"""Which key may vouch: the one that issued the certificate before all others of the issuer's name."""

import pytest

from extauthz.trust.revocation.evidence import Evidence
from extauthz.trust.revocation.status import Good, Revoked, Unknown, UnknownCause
from extauthz.trust.window import TICK
from support import pki
from support.revocation import evidence, store_of

NOW = pki.NOW
STALE = NOW - pki.SECOND
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
NEW_KEY = pki.make_ca("CA", parent=ROOT)
STRANGER = pki.make_ca("CA")
LEAF = CA.issue("alice")
NAMELESS = CA.issue("alice", key_ids=False)
ALL = (CA, NEW_KEY, STRANGER)


def ask(*ders: bytes, leaf: pki.Leaf = LEAF, path: bool = True) -> Evidence:
    return evidence(store_of(*ders, issuers=ALL), leaf, above=(CA, ROOT) if path else (), known=ALL)


def cause(found: Evidence) -> UnknownCause | None:
    return found.status.cause if isinstance(found.status, Unknown) else None


# -- with a verified path --------------------------------------------------------------------------------------------
def test_the_key_that_issued_the_certificate_is_enough() -> None:
    assert ask(CA.crl()).status == Good()


def test_where_the_issuing_key_has_no_crl_another_key_with_the_same_anchor_may_vouch() -> None:
    found = ask(NEW_KEY.crl(number=7))
    assert found.status == Good()
    assert "number 7" in found.detail


def test_a_stranger_of_the_same_name_makes_nothing_good() -> None:
    found = ask(STRANGER.crl())
    assert cause(found) is UnknownCause.MISSING
    assert found.detail.endswith("is signed by neither the issuer's key nor another with a path to the same anchor")


def test_a_stale_crl_of_the_issuing_key_is_not_made_up_for_by_another_key() -> None:
    for order in ((CA, NEW_KEY), (NEW_KEY, CA)):
        crls = [one.crl(next_update=STALE if one is CA else NOW + pki.DAY) for one in order]
        assert cause(ask(*crls)) is UnknownCause.STALE
    assert ask(CA.crl(), NEW_KEY.crl(next_update=STALE)).status == Good()


def test_what_the_issuing_key_does_not_cover_another_may() -> None:
    cas = CA.crl(scope=pki.scope(only_ca_certs=True), next_update=STALE)
    assert ask(cas, NEW_KEY.crl()).status == Good()
    delta = CA.crl(number=9, base_number=8, next_update=STALE)
    assert ask(delta, NEW_KEY.crl()).status == Good()


def test_a_stale_crl_of_the_issuing_key_for_some_reasons_takes_those() -> None:
    keys = CA.crl(scope=pki.scope(reasons=["keyCompromise"]), next_update=STALE)
    assert cause(ask(keys, NEW_KEY.crl())) is UnknownCause.STALE
    fresh = CA.crl(scope=pki.scope(reasons=["keyCompromise"]))
    assert ask(fresh, NEW_KEY.crl()).status == Good()


def test_a_crl_of_any_key_of_the_name_revokes() -> None:
    for other in (NEW_KEY, STRANGER):
        assert isinstance(ask(CA.crl(), other.crl([LEAF])).status, Revoked)


def test_a_strangers_stale_crl_is_missing_and_not_stale() -> None:
    assert cause(ask(STRANGER.crl(next_update=STALE))) is UnknownCause.MISSING


# -- without a path --------------------------------------------------------------------------------------------------
def test_without_a_path_the_key_identifier_chooses() -> None:
    stale = NEW_KEY.crl(next_update=STALE)
    assert ask(CA.crl(), stale, path=False).status == Good()
    assert cause(ask(CA.crl(next_update=STALE), NEW_KEY.crl(), path=False)) is UnknownCause.STALE


@pytest.mark.parametrize("stale", [CA, NEW_KEY])
def test_without_a_path_or_a_key_identifier_the_crls_of_every_key_must_be_in_force(stale: pki.Authority) -> None:
    both = [one.crl(next_update=STALE if one is stale else NOW + pki.DAY) for one in (CA, NEW_KEY)]
    found = ask(*both, leaf=NAMELESS, path=False)
    assert cause(found) is UnknownCause.STALE
    assert found.window.end > NOW


def test_without_a_path_all_keys_together_are_good() -> None:
    found = ask(CA.crl(number=1), NEW_KEY.crl(number=2), leaf=NAMELESS, path=False)
    assert found.status == Good()
    assert "number 1" in found.detail
    assert "number 2" in found.detail
    assert ask(CA.crl(), leaf=NAMELESS, path=False).status == Good()


def test_without_a_path_a_key_that_nobody_named_is_believed() -> None:
    assert ask(NEW_KEY.crl(), path=False).status == Good()


def test_without_a_path_every_signer_must_be_within_its_validity() -> None:
    expired = pki.make_ca("CA", not_after=NOW - pki.SECOND)
    for others, expected in (([], UnknownCause.INVALID), ([CA], UnknownCause.INVALID)):
        store = store_of(expired.crl(), *(one.crl() for one in others), issuers=(expired, *others))
        found = evidence(store, NAMELESS)
        assert cause(found) is expected
        assert "no certificate of the signer of the CRL of 'CN=CA,O=Example'" in found.detail
        assert found.window.start == NOW - pki.SECOND + TICK


INDIRECT = pki.make_ca("CRL issuer", parent=ROOT)
NAMING = CA.issue("bob", key_ids=False, distribution_points=[pki.distribution_point(crl_issuer=INDIRECT.name)])


def test_the_named_crl_issuer_answers_whatever_the_keys_of_the_issuer_do() -> None:
    expired = pki.make_ca("CA", not_after=NOW - pki.SECOND)
    indirect = INDIRECT.crl(scope=pki.scope(indirect=True))
    for own in (NEW_KEY.crl(next_update=STALE), expired.crl()):
        store = store_of(own, indirect, issuers=(*ALL, expired, INDIRECT))
        assert evidence(store, NAMING).status == Good()


def test_a_stale_crl_of_the_named_crl_issuer_is_stale_whatever_the_keys_of_the_issuer_do() -> None:
    expired = pki.make_ca("CA", not_after=NOW - pki.SECOND)
    indirect = INDIRECT.crl(scope=pki.scope(indirect=True), next_update=STALE)
    store = store_of(expired.crl(), indirect, issuers=(expired, INDIRECT))
    assert cause(evidence(store, NAMING)) is UnknownCause.STALE
