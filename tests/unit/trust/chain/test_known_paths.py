"""The short cut for leaves that come alone: the answer of the search, within its window, and bounded."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from cryptography import x509

from extauthz.model.outcome import Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.anchor import Anchor
from extauthz.trust.chain.best_path import MAX_OTHERS
from extauthz.trust.chain.certified import CertifiedIssuers
from extauthz.trust.chain.known_paths import PathsAbove
from extauthz.trust.chain.verifier import ChainResult, ChainVerifier
from extauthz.trust.window import TICK
from support import cards, pki
from support.chains import cert, failure, passes, unfit, verifier

NOW, DAY = pki.NOW, pki.DAY
ROOT, OTHER_ROOT = pki.make_ca("Root"), pki.make_ca("Other root")
CA = pki.make_ca("CA", parent=ROOT)
SAME_CA = pki.make_ca("CA", parent=OTHER_ROOT, key=CA.key)
REKEYED = pki.make_ca("CA", parent=ROOT)
RENEWED = pki.make_ca("CA", parent=ROOT, key=CA.key)
NAMES = x509.NameConstraints([x509.DNSName("example")], None)
CONSTRAINED = pki.make_ca("CA", parent=ROOT, extra_extensions=[(NAMES, True)])
BELOW_CONSTRAINED = pki.make_ca("Lower", parent=CONSTRAINED)
POLICED = pki.make_ca("CA", parent=ROOT, policies=["1.2.3"], extra_extensions=[(x509.PolicyConstraints(0, None), True)])
NO_CAS_BELOW = pki.make_ca("CA", parent=ROOT, path_length=0)
TOO_LOW = pki.make_ca("Lower", parent=NO_CAS_BELOW)
ALICE = CA.issue("alice")


def ask(asked: ChainVerifier, leaf: pki.Leaf, now: datetime = NOW) -> ChainResult:
    return asked.verify(cert(leaf), (), now)


def told(result: ChainResult) -> tuple[object, ...]:
    paths = [[one.der for one in path] for path in (result.path, *result.others)]
    return result.outcome, result.window, paths


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List whom the search was needed for."""
    found: list[str] = []
    search = CertifiedIssuers.issuers_of

    def count(certified: CertifiedIssuers, link: object) -> object:
        found.append("")
        return search(certified, link)  # type: ignore[arg-type]  # a Link

    monkeypatch.setattr(CertifiedIssuers, "issuers_of", count)
    return found


def searched(asked: ChainVerifier, leaf: pki.Leaf, monkeypatch: pytest.MonkeyPatch) -> ChainResult:
    """Ask without the short cut."""
    with monkeypatch.context() as without:
        without.setattr(PathsAbove, "find", lambda *_: None)
        return ask(asked, leaf)


DOD = cards.dod_ca(ROOT)
Anchors = tuple[Anchor | pki.Leaf, ...]
DOD_ANCHORS: Anchors = (Anchor(cert(ROOT), dod=True), OTHER_ROOT)
TIED_ANCHORS: Anchors = (Anchor(cert(ROOT), ("prod.example.org",)), OTHER_ROOT)
Case = tuple[ChainVerifier, Sequence[pki.Leaf], bool]
CASES: dict[str, Case] = {
    "an anchor's own client": (verifier([CA]), [ALICE], True),
    "below an intermediate": (verifier([ROOT], [CA]), [ALICE, CA.issue("bob", policies=["1.2.3"])], True),
    "two anchors": (verifier([ROOT, OTHER_ROOT], [CA, SAME_CA]), [ALICE], True),
    "renewed": (verifier([ROOT], [CA, RENEWED]), [ALICE], True),
    "re-keyed": (verifier([ROOT], [CA, REKEYED]), [ALICE, REKEYED.issue("bob")], True),
    "within constraints": (verifier([ROOT], [CONSTRAINED]), [CONSTRAINED.issue("a", dns=["a.example"])], True),
    "two levels of them": (
        verifier([ROOT], [CONSTRAINED, BELOW_CONSTRAINED]), [BELOW_CONSTRAINED.issue("a", dns=["a.example"])], True
    ),
    "not within constraints": (verifier([ROOT], [CONSTRAINED]), [CONSTRAINED.issue("a", dns=["a.test"])], False),
    "with the policy": (verifier([ROOT], [POLICED]), [POLICED.issue("a", policies=["1.2.3"])], True),
    "no policy": (verifier([ROOT], [POLICED]), [POLICED.issue("a")], False),
    "another policy": (verifier([ROOT], [POLICED]), [POLICED.issue("b", policies=["1.2"])], False),
    "a CA too low": (verifier([ROOT], [NO_CAS_BELOW, TOO_LOW]), [TOO_LOW.issue("a")], False),
    "a DoD client": (verifier(DOD_ANCHORS, [DOD]), [cards.cac(DOD)], True),
    "its trust domain": (verifier(TIED_ANCHORS, [CA]), [cards.svid(CA)], True),
    "no trust domain": (verifier(TIED_ANCHORS, [CA]), [ALICE], False),
    "a weak key": (verifier([ROOT], [CA]), [CA.issue("a", key="rsa1024")], False),
    "expired": (verifier([ROOT], [CA]), [CA.issue("a", not_after=NOW - DAY)], False),
    "a stranger": (verifier([ROOT], [CA]), [pki.make_ca("CA").issue("a"), pki.make_ca("No CA").issue("a")], False),
    "a forgery": (verifier([ROOT], [CA]), [CA.issue("a", spoilt_signature=True)], False),
    "an intermediate itself": (verifier([ROOT], [CA]), [CA], False),
    "an intermediate below no anchor": (verifier([OTHER_ROOT], [CA]), [ALICE], False),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_short_cut_says_what_the_search_says(
    case: Case, searches: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, leaves, is_short = case
    for leaf in leaves:
        first = ask(asked, leaf)
        searches.clear()
        assert told(ask(asked, leaf)) == told(first)
        assert is_short is not bool(searches or not first.path)
        assert told(searched(asked, leaf, monkeypatch)) == told(first)


def test_an_answer_is_not_used_outside_its_window() -> None:
    short = pki.make_ca("CA", parent=ROOT, not_before=NOW - DAY, not_after=NOW + DAY)
    asked = verifier([ROOT], [short])
    leaf = short.issue("alice", not_before=NOW - 9 * DAY, not_after=NOW + 9 * DAY)
    for now, valid in ((NOW, True), (NOW + DAY, True), (NOW + DAY + TICK, False), (NOW - DAY, True), (NOW, True)):
        result = ask(asked, leaf, now)
        assert isinstance(result.outcome, Pass) is valid
        assert (result.window.start, result.window.end) == (
            (NOW - DAY, NOW + DAY + TICK) if valid else (NOW + DAY + TICK, NOW + 9 * DAY + TICK)
        )
    assert unfit(ask(asked, leaf, NOW - DAY - TICK), "CA", "not valid before")


def test_one_leaf_s_flaw_is_no_other_s() -> None:
    asked = verifier([ROOT], [CONSTRAINED])
    outside, within = CONSTRAINED.issue("mallory", dns=["a.test"]), CONSTRAINED.issue("alice", dns=["a.example"])
    for _ in range(2):
        assert unfit(ask(asked, outside), "mallory", "its dns name 'a.test' is not within the name constraints")
        assert passes(ask(asked, within), "alice", "CA", "Root")


def test_a_forged_leaf_is_refused_however_many_good_ones_came_before() -> None:
    asked = verifier([ROOT], [CA])
    assert passes(ask(asked, ALICE), "alice", "CA", "Root")
    assert failure(ask(asked, CA.issue("alice", spoilt_signature=True))).reason is Reason.UNTRUSTED_ISSUER
    assert failure(ask(asked, pki.make_ca("CA").issue("alice"))).reason is Reason.UNTRUSTED_ISSUER


def test_as_many_paths_are_told_as_the_search_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    roots = [pki.make_ca(f"Root {number}") for number in range(MAX_OTHERS + 3)]
    cas = [pki.make_ca("CA", parent=root, key=CA.key) for root in roots]
    asked = verifier(roots, cas)
    assert len(ask(asked, ALICE).others) == MAX_OTHERS
    assert told(ask(asked, ALICE)) == told(searched(asked, ALICE, monkeypatch))


def test_ever_new_leaves_leave_nothing_behind() -> None:
    asked = verifier([ROOT], [CA, SAME_CA, CONSTRAINED])
    purposes: Sequence[list[str]] = (
        [],
        [pki.CLIENT_AUTH],
        [pki.SERVER_AUTH],
        [cards.CARD_AUTH],
        [cards.SMARTCARD_LOGON],
    )
    for number in range(40):
        assert ask(asked, CA.issue(f"client{number}", eku=purposes[number % len(purposes)])).path
    assert len(asked._paths_above._kept) == 3
