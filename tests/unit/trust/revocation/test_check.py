"""Step 6: what is said of revocation becomes Pass or Fail, and what nobody knows is decided by the operator."""

from datetime import datetime, timedelta

import pytest

from extauthz.identity.names import name_key
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.window import TICK, Window
from support import pki
from support.revocation import certs, store_of

NOW = pki.NOW
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
LEAF = CA.issue("alice")
PATH = certs(LEAF, CA, ROOT)
STALE = CA.crl(next_update=NOW - pki.SECOND)
ALLOW = RevocationSettings(when_missing=WhenUnknown.ALLOW, when_stale=WhenUnknown.ALLOW)


def store(*crls: bytes) -> CrlStore:
    return store_of(*crls, issuers=(CA, ROOT))


def check(
    where: CrlStore,
    settings: RevocationSettings = RevocationSettings(),  # noqa: B008  (immutable)
    now: datetime = NOW,
    *,
    scope: RevocationScope = RevocationScope.LEAF,
) -> tuple[Outcome, Window]:
    return RevocationChecker(where, settings, scope=scope).check([PATH], now)


def denied(outcome: Outcome, reason: Reason) -> str:
    assert isinstance(outcome, Fail)
    assert outcome.reason is reason
    return outcome.detail


def allowed(outcome: Outcome) -> str:
    assert isinstance(outcome, Pass)
    return outcome.detail


def test_a_listed_leaf_is_revoked() -> None:
    outcome, window = check(store(CA.crl([(LEAF, "superseded")])))
    assert denied(outcome, Reason.REVOKED).startswith(
        "'CN=alice,O=Example': revoked 2026-06-01T10:00:00+00:00 (superseded) in the CRL of"
    )
    assert window == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)


def test_a_leaf_that_is_not_listed_passes_and_the_detail_says_which_crl() -> None:
    outcome, window = check(store(CA.crl(number=3)))
    assert allowed(outcome).startswith("'CN=alice,O=Example': not listed in the CRL of 'CN=CA,O=Example', number 3, ")
    assert window == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)


# -- what nobody knows -----------------------------------------------------------------------------------------------
REJECTED = RejectedCrl(label="ca.crl", why="it is junk", issuer_dn=None, issuer_key=name_key(CA.name))
UNKNOWN = {
    Reason.CRL_MISSING: store(),
    Reason.CRL_STALE: store(STALE),
    Reason.CRL_INVALID: store_of(issuers=(CA,), rejected=[REJECTED]),
    Reason.CRL_SCOPE: store(CA.crl(scope=pki.scope(only_ca_certs=True))),
}


@pytest.mark.parametrize("reason", UNKNOWN)
def test_what_nobody_knows_is_denied_with_its_own_reason(reason: Reason) -> None:
    assert denied(check(UNKNOWN[reason])[0], reason).startswith("'CN=alice,O=Example': ")


@pytest.mark.parametrize("reason", UNKNOWN)
def test_what_is_missing_can_be_allowed_and_nothing_else_with_it(reason: Reason) -> None:
    outcome, _ = check(UNKNOWN[reason], RevocationSettings(when_missing=WhenUnknown.ALLOW))
    if reason is Reason.CRL_MISSING:
        text = "'CN=alice,O=Example': there is no CRL of this issuer; allowed by `when_missing: allow`"
        assert outcome == Pass(text)
    else:
        denied(outcome, reason)


@pytest.mark.parametrize("reason", UNKNOWN)
def test_what_is_stale_can_be_allowed_and_nothing_else_with_it(reason: Reason) -> None:
    outcome, _ = check(UNKNOWN[reason], RevocationSettings(when_stale=WhenUnknown.ALLOW))
    if reason is Reason.CRL_STALE:
        assert allowed(outcome).endswith("is stale; allowed by `when_stale: allow`")
    else:
        denied(outcome, reason)


def test_what_is_listed_is_denied_whatever_is_allowed() -> None:
    denied(check(store(CA.crl([LEAF], next_update=NOW - pki.SECOND)), ALLOW)[0], Reason.REVOKED)


@pytest.mark.parametrize(
    ("offset", "fresh"),
    [(TICK, True), (2 * pki.HOUR, True), (2 * pki.HOUR + TICK, False), (3 * pki.HOUR, False)],
)
def test_grace_runs_from_next_update(offset: timedelta, fresh: bool) -> None:
    outcome, window = check(store(CA.crl(next_update=NOW)), RevocationSettings(grace=2 * pki.HOUR), NOW + offset)
    assert isinstance(outcome, Pass) is fresh
    assert window.holds_at(NOW + offset)
    assert window.holds_at(NOW + 2 * pki.HOUR) is fresh


@pytest.mark.parametrize(("ahead", "fresh"), [(pki.HOUR, True), (pki.HOUR + pki.SECOND, False)])
def test_the_clock_skew_lets_a_crl_begin_earlier(ahead: timedelta, fresh: bool) -> None:
    checker = RevocationChecker(store(CA.crl(this_update=NOW + ahead)), clock_skew=pki.HOUR)
    outcome, window = checker.check([PATH], NOW)
    assert isinstance(outcome, Pass) is fresh
    assert window.holds_at(NOW)
    assert window.holds_at(NOW + pki.SECOND) is fresh


def test_a_negative_clock_skew_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        RevocationChecker(CrlStore(), clock_skew=-pki.SECOND)


def test_settings_of_an_issuer_are_for_the_certificates_of_that_issuer() -> None:
    by_issuer = {name_key(CA.name): RevocationSettings(when_missing=WhenUnknown.ALLOW, grace=pki.HOUR)}
    checker = RevocationChecker(store(), scope=RevocationScope.CHAIN, by_issuer=by_issuer)
    assert denied(checker.check([PATH], NOW)[0], Reason.CRL_MISSING).startswith("'CN=CA,O=Example'")
    allowed(checker.check([PATH[:1]], NOW)[0])
    late = store(CA.crl(next_update=NOW), ROOT.crl(next_update=NOW))
    then = NOW + pki.HOUR
    allowed(RevocationChecker(late, by_issuer=by_issuer).check([PATH], then)[0])
    chain = RevocationChecker(late, scope=RevocationScope.CHAIN, by_issuer=by_issuer)
    assert denied(chain.check([PATH], then)[0], Reason.CRL_STALE).startswith("'CN=CA,O=Example'")


def test_a_long_name_is_cut() -> None:
    leaf = CA.issue("x" * 5_000)
    outcome, _ = RevocationChecker(store(CA.crl([leaf]))).check([certs(leaf, CA, ROOT)], NOW)
    assert len(denied(outcome, Reason.REVOKED)) < 500


def test_the_generation_is_that_of_the_store() -> None:
    where = CrlStore()
    checker = RevocationChecker(where)
    before = checker.generation
    assert before is where.generation
    where.add_revoked("CN=CA,O=Example", "1")
    assert checker.generation is not before


# -- the rest of the chain -------------------------------------------------------------------------------------------
def test_a_revoked_intermediate_matters_only_when_the_chain_is_checked() -> None:
    where = store(CA.crl(), ROOT.crl([CA]))
    allowed(check(where)[0])
    detail = denied(check(where, scope=RevocationScope.CHAIN)[0], Reason.REVOKED)
    assert detail.startswith("'CN=CA,O=Example': revoked")


def test_a_chain_needs_a_crl_of_every_issuer_in_it_but_none_for_the_anchor() -> None:
    outcome, _ = check(store(CA.crl()), scope=RevocationScope.CHAIN)
    assert outcome == Fail(Reason.CRL_MISSING, "'CN=CA,O=Example': there is no CRL of this issuer")
    outcome, _ = check(store(CA.crl(number=1), ROOT.crl([ROOT], number=2)), scope=RevocationScope.CHAIN)
    detail = allowed(outcome)
    assert detail.index("'CN=alice,O=Example': not listed") < detail.index("; 'CN=CA,O=Example': not")


def test_the_answer_for_a_chain_holds_while_all_its_crls_do() -> None:
    where = store(
        CA.crl(this_update=NOW - pki.HOUR, next_update=NOW + pki.DAY),
        ROOT.crl(this_update=NOW - pki.DAY, next_update=NOW + pki.HOUR),
    )
    assert check(where, scope=RevocationScope.CHAIN)[1] == Window(NOW - pki.HOUR, NOW + pki.HOUR + TICK)
    assert check(where)[1] == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)


def test_without_a_verified_path_the_leaf_alone_is_checked() -> None:
    where = store(CA.crl([LEAF]))
    for scope in RevocationScope:
        outcome, _ = RevocationChecker(where, scope=scope).check([PATH[:1]], NOW)
        denied(outcome, Reason.REVOKED)


# -- several paths ---------------------------------------------------------------------------------------------------
BRIDGE = pki.make_ca("Bridge")
CROSS = pki.make_ca("Root", parent=BRIDGE, key=ROOT.key)
OVER_BRIDGE = certs(LEAF, CA, CROSS, BRIDGE)
"""There is no CRL of the bridge, so this path fails when the chain is checked."""


def chain_checker(*crls: bytes) -> RevocationChecker:
    return RevocationChecker(store(*crls), scope=RevocationScope.CHAIN)


def test_the_first_path_that_passes_is_chosen() -> None:
    checker = chain_checker(CA.crl(), ROOT.crl(next_update=NOW + pki.HOUR))
    for paths, first in (([PATH, OVER_BRIDGE], True), ([OVER_BRIDGE, PATH], False)):
        verdict = checker.choose(paths, NOW)
        detail = allowed(verdict.outcome)
        assert ("; by another path than the first, 'CN=Root,O=Example': there is no CRL" in detail) is not first
        assert verdict.path is PATH
        assert verdict.window == Window(NOW - pki.HOUR, NOW + pki.HOUR + TICK)


def test_when_no_path_passes_the_first_says_why() -> None:
    checker = chain_checker(CA.crl(), ROOT.crl([CA], next_update=NOW + pki.HOUR))
    verdict = checker.choose([PATH, OVER_BRIDGE], NOW)
    assert denied(verdict.outcome, Reason.REVOKED).startswith("'CN=CA,O=Example': revoked")
    assert verdict.path is PATH
    assert verdict.window == Window(NOW - pki.HOUR, NOW + pki.HOUR + TICK)
    missing = chain_checker(CA.crl(), ROOT.crl(next_update=NOW - pki.SECOND))
    denied(missing.choose([PATH, OVER_BRIDGE], NOW).outcome, Reason.CRL_STALE)
    assert missing.check([PATH], NOW) == missing.choose([PATH], NOW)[:2]


def test_an_answer_holds_while_what_is_said_of_the_paths_before_does() -> None:
    other_root = pki.make_ca("Root 2")
    cross = pki.make_ca("CA", parent=other_root, key=CA.key)
    crls = CA.crl(), ROOT.crl([CA], next_update=NOW + pki.HOUR), other_root.crl()
    checker = RevocationChecker(store_of(*crls, issuers=(CA, ROOT, other_root)), scope=RevocationScope.CHAIN)
    outcome, window = checker.check([PATH, certs(LEAF, cross, other_root)], NOW)
    allowed(outcome)
    assert window == Window(NOW - pki.HOUR, NOW + pki.HOUR + TICK)


@pytest.mark.parametrize(
    ("offset", "note"),
    [
        (timedelta(0), ""),
        (TICK, ", past its nextUpdate, within `grace` until 2026-06-01T14:00:00+00:00"),
        (2 * pki.HOUR, ", past its nextUpdate, within `grace` until 2026-06-01T14:00:00+00:00"),
    ],
)
def test_what_rests_on_grace_says_until_when_and_only_while_it_does(offset: timedelta, note: str) -> None:
    outcome, window = check(store(CA.crl(next_update=NOW)), RevocationSettings(grace=2 * pki.HOUR), NOW + offset)
    assert outcome.detail.endswith(f"next 2026-06-01T12:00:00+00:00{note}")
    assert not window.holds_at(NOW + TICK) or not window.holds_at(NOW)
