"""Step 6: what is said of revocation becomes Pass or Fail, and what nobody knows is decided by the operator."""

from datetime import timedelta

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.crl.load import load_crl
from extauthz.trust.revocation.check import RevocationChecker, RevocationScope, WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.window import TICK, Window
from support import pki

NOW = pki.NOW
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
LEAF = CA.issue("alice")


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


PATH = (cert(LEAF), cert(CA), cert(ROOT))


def store_of(*crls: bytes) -> CrlStore:
    store = CrlStore()
    for crl in crls:
        store.add(load_crl(crl, PATH[1:]))
    return store


def test_a_listed_leaf_is_revoked() -> None:
    outcome, window = RevocationChecker(store_of(CA.crl([(LEAF, "superseded")]))).check(PATH, NOW)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.REVOKED
    assert outcome.detail.startswith(
        "'CN=alice,O=Example': revoked 2026-06-01T10:00:00+00:00 (superseded) in the CRL of"
    )
    assert window == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)


def test_a_leaf_that_is_not_listed_passes_and_the_detail_says_which_crl() -> None:
    outcome, window = RevocationChecker(store_of(CA.crl(number=3))).check(PATH, NOW)
    assert isinstance(outcome, Pass)
    assert outcome.detail.startswith("'CN=alice,O=Example': not listed in the CRL of 'CN=CA,O=Example', number 3, of ")
    assert window == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)


def test_without_any_crl_it_is_missing() -> None:
    outcome, window = RevocationChecker(CrlStore()).check(PATH, NOW)
    assert outcome == Fail(Reason.CRL_MISSING, "'CN=alice,O=Example': there is no CRL of this issuer")
    assert window == Window.ALWAYS


def test_a_crl_of_another_key_is_missing_too() -> None:
    namesake = pki.make_ca("CA")
    store = CrlStore()
    store.add(load_crl(namesake.crl(), [cert(namesake)]))
    outcome, _ = RevocationChecker(store).check(PATH, NOW)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.CRL_MISSING
    alone, _ = RevocationChecker(store).check(PATH[:1], NOW)
    assert isinstance(alone, Pass)


STALE = pki.Authority.crl(CA, next_update=NOW - pki.SECOND)
AHEAD = pki.Authority.crl(CA, this_update=NOW + pki.SECOND)
ENDLESS = pki.Authority.crl(CA, next_update=None)


@pytest.mark.parametrize("crl", [STALE, AHEAD, ENDLESS])
def test_a_crl_that_is_not_in_force_is_stale(crl: bytes) -> None:
    outcome, _ = RevocationChecker(store_of(crl)).check(PATH, NOW)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.CRL_STALE


@pytest.mark.parametrize(
    ("offset", "fresh"),
    [(timedelta(0), True), (2 * pki.HOUR, True), (2 * pki.HOUR + TICK, False), (3 * pki.HOUR, False)],
)
def test_grace_runs_from_next_update(offset: timedelta, fresh: bool) -> None:
    checker = RevocationChecker(store_of(CA.crl(next_update=NOW)), grace=2 * pki.HOUR)
    outcome, window = checker.check(PATH, NOW + offset)
    assert isinstance(outcome, Pass) is fresh
    assert window.holds_at(NOW + offset)
    assert window.holds_at(NOW + 2 * pki.HOUR) is fresh


def test_what_is_missing_can_be_allowed_and_what_is_stale_stays_denied() -> None:
    missing = RevocationChecker(CrlStore(), when_missing=WhenUnknown.ALLOW).check(PATH, NOW)[0]
    assert missing == Pass("'CN=alice,O=Example': there is no CRL of this issuer; allowed by `when_missing: allow`")
    stale = RevocationChecker(store_of(STALE), when_missing=WhenUnknown.ALLOW).check(PATH, NOW)[0]
    assert isinstance(stale, Fail)
    assert stale.reason is Reason.CRL_STALE


def test_what_is_stale_can_be_allowed_and_what_is_missing_stays_denied() -> None:
    stale = RevocationChecker(store_of(STALE), when_stale=WhenUnknown.ALLOW).check(PATH, NOW)[0]
    assert isinstance(stale, Pass)
    assert stale.detail.endswith("is stale; allowed by `when_stale: allow`")
    missing = RevocationChecker(CrlStore(), when_stale=WhenUnknown.ALLOW).check(PATH, NOW)[0]
    assert isinstance(missing, Fail)
    assert missing.reason is Reason.CRL_MISSING


def test_what_is_listed_is_denied_whatever_is_allowed() -> None:
    stale = CA.crl([LEAF], next_update=NOW - pki.SECOND)
    checker = RevocationChecker(
        store_of(stale), when_missing=WhenUnknown.ALLOW, when_stale=WhenUnknown.ALLOW, grace=pki.DAY
    )
    outcome, _ = checker.check(PATH, NOW)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.REVOKED


@pytest.mark.parametrize(("ahead", "fresh"), [(pki.HOUR, True), (pki.HOUR + pki.SECOND, False)])
def test_the_clock_skew_lets_a_crl_begin_earlier(ahead: timedelta, fresh: bool) -> None:
    checker = RevocationChecker(store_of(CA.crl(this_update=NOW + ahead)), clock_skew=pki.HOUR)
    outcome, window = checker.check(PATH, NOW)
    assert isinstance(outcome, Pass) is fresh
    assert window.holds_at(NOW)
    assert window.holds_at(NOW + pki.SECOND) is fresh


def test_a_negative_clock_skew_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        RevocationChecker(CrlStore(), clock_skew=-pki.SECOND)


def test_a_long_name_is_cut() -> None:
    leaf = CA.issue("x" * 5_000)
    outcome, _ = RevocationChecker(store_of(CA.crl([leaf]))).check((cert(leaf), *PATH[1:]), NOW)
    assert isinstance(outcome, Fail)
    assert len(outcome.detail) < 500


# -- the rest of the chain -------------------------------------------------------------------------------------------
def _chain(store: CrlStore) -> RevocationChecker:
    return RevocationChecker(store, check=RevocationScope.CHAIN)


def test_a_revoked_intermediate_matters_only_when_the_chain_is_checked() -> None:
    store = store_of(CA.crl(), ROOT.crl([CA]))
    assert isinstance(RevocationChecker(store).check(PATH, NOW)[0], Pass)
    outcome, _ = _chain(store).check(PATH, NOW)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.REVOKED
    assert outcome.detail.startswith("'CN=CA,O=Example': revoked")


def test_a_chain_needs_a_crl_of_every_issuer_in_it_but_none_for_the_anchor() -> None:
    outcome, _ = _chain(store_of(CA.crl())).check(PATH, NOW)
    assert outcome == Fail(Reason.CRL_MISSING, "'CN=CA,O=Example': there is no CRL of this issuer")
    outcome, _ = _chain(store_of(CA.crl(number=1), ROOT.crl([ROOT], number=2))).check(PATH, NOW)
    assert isinstance(outcome, Pass)
    assert outcome.detail.index("'CN=alice,O=Example': not listed") < outcome.detail.index("; 'CN=CA,O=Example': not")


def test_the_answer_for_a_chain_holds_while_all_its_crls_do() -> None:
    store = store_of(
        CA.crl(this_update=NOW - pki.HOUR, next_update=NOW + pki.DAY),
        ROOT.crl(this_update=NOW - pki.DAY, next_update=NOW + pki.HOUR),
    )
    assert _chain(store).check(PATH, NOW)[1] == Window(NOW - pki.HOUR, NOW + pki.HOUR + TICK)
    assert RevocationChecker(store).check(PATH, NOW)[1] == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)


def test_without_a_verified_path_the_leaf_alone_is_checked() -> None:
    store = store_of(CA.crl([LEAF]))
    for checker in (RevocationChecker(store), _chain(store)):
        outcome, _ = checker.check(PATH[:1], NOW)
        assert isinstance(outcome, Fail)
        assert outcome.reason is Reason.REVOKED


def test_the_generation_is_that_of_the_store() -> None:
    store = CrlStore()
    checker = RevocationChecker(store)
    before = checker.generation
    assert before is store.generation
    store.add_revoked("CN=CA,O=Example", "1")
    assert checker.generation is not before
