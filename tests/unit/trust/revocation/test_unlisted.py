"""What is said of certificates that no CRL lists is worked out once, and never used where it might not hold."""

from datetime import datetime

import pytest

from extauthz.identity.certificate import Certificate
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.revocation import check as check_module
from extauthz.trust.revocation import unlisted as unlisted_module
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.revocation.target import Target, target_of
from extauthz.trust.revocation.unlisted import UnlistedAnswers
from extauthz.trust.window import TICK
from support import pki
from support.revocation import certs, loaded, store_of

NOW, DAY, HOUR = pki.NOW, pki.DAY, pki.HOUR
ROOT, OTHER_ROOT = pki.make_ca("Root"), pki.make_ca("Other root")
CA = pki.make_ca("CA", parent=ROOT)
ONE, TWO = (pki.distribution_point(f"http://crl.example/{number}") for number in (1, 2))
PATH = (CA, ROOT)


def checker(store: CrlStore, scope: RevocationScope = RevocationScope.LEAF) -> RevocationChecker:
    return RevocationChecker(store, scope=scope, verifier=ChainVerifier(certs(ROOT), certs(CA)))


def reason(asked: RevocationChecker, leaf: pki.Leaf, now: datetime = NOW) -> Reason | None:
    outcome, window = asked.check([certs(leaf, *PATH)], now)
    assert window.holds_at(now)
    return outcome.reason if isinstance(outcome, Fail) else None


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """List who was judged on his own."""
    names: list[str | None] = []

    def count(certificate: Certificate) -> Target:
        names.append(certificate.identity.common_name)
        return target_of(certificate)

    monkeypatch.setattr(check_module, "target_of", count)
    return names


def test_clients_that_are_alike_are_told_the_same_and_judged_once(judged: list[str | None]) -> None:
    asked = checker(store_of(CA.crl(), issuers=[CA]))
    (first, window), (second, other_window) = (
        asked.check([certs(CA.issue(name), *PATH)], NOW) for name in ("alice", "bob")
    )
    assert judged == ["alice"]
    assert isinstance(first, Pass)
    assert isinstance(second, Pass)
    assert first.detail.replace("alice", "bob") == second.detail
    assert window == other_window


def test_who_is_listed_is_judged_on_his_own(judged: list[str | None]) -> None:
    mallory = CA.issue("mallory")
    asked = checker(store_of(CA.crl([mallory]), issuers=[CA]))
    assert reason(asked, CA.issue("alice")) is None
    assert reason(asked, mallory) is Reason.REVOKED
    assert reason(asked, CA.issue("bob")) is None
    assert judged == ["alice", "mallory"]


def test_who_is_listed_is_not_what_others_are_told(judged: list[str | None]) -> None:
    mallory = CA.issue("mallory")
    asked = checker(store_of(CA.crl([mallory]), issuers=[CA]))
    assert reason(asked, mallory) is Reason.REVOKED
    assert reason(asked, CA.issue("alice")) is None
    assert judged == ["mallory", "alice"]


def test_what_nobody_knows_is_told_to_all(judged: list[str | None]) -> None:
    asked = checker(store_of(issuers=[]))
    leaves = [CA.issue(name, distribution_points=[ONE]) for name in ("alice", "bob")]
    assert [reason(asked, leaf) for leaf in leaves] == [Reason.CRL_MISSING] * 2
    assert judged == ["alice"]
    assert asked.wanted.take() == ("http://crl.example/1",)
    assert reason(asked, CA.issue("carol", distribution_points=[TWO])) is Reason.CRL_MISSING
    assert asked.wanted.take() == ("http://crl.example/2",)


def test_others_are_judged_on_their_own(judged: list[str | None]) -> None:
    partition = CA.crl(scope=pki.scope(full_names=["http://crl.example/1"], only_user_certs=True))
    asked = checker(store_of(partition, issuers=[CA]))
    assert reason(asked, CA.issue("here", distribution_points=[ONE])) is None
    assert reason(asked, CA.issue("there", distribution_points=[TWO])) is Reason.CRL_SCOPE
    assert reason(asked, CA.issue("nowhere")) is Reason.CRL_SCOPE
    assert reason(asked, pki.make_ca("a CA", parent=CA, distribution_points=[ONE])) is Reason.CRL_SCOPE
    assert judged == ["here", "there", "nowhere", "a CA"]


def test_another_path_is_judged_on_its_own(judged: list[str | None]) -> None:
    asked = checker(store_of(CA.crl(), issuers=[CA]))
    again = pki.make_ca("CA", parent=ROOT, key=CA.key, key_usage=["keyCertSign"])
    for path, known in (
        (PATH, None),
        ((again, ROOT), None),
        ((pki.make_ca("CA", parent=OTHER_ROOT), OTHER_ROOT), Reason.CRL_MISSING),
    ):
        outcome, _ = asked.check([certs(CA.issue("alice"), *path)], NOW)
        assert (outcome.reason if isinstance(outcome, Fail) else None) is known
    assert judged.count("alice") == 3


def test_an_answer_is_dropped_with_the_crl_that_gave_it(judged: list[str | None]) -> None:
    alice, bob = CA.issue("alice"), CA.issue("bob")
    store = store_of(CA.crl(number=1), issuers=[CA])
    asked = checker(store)
    assert (reason(asked, alice), reason(asked, bob)) == (None, None)
    store.replace(loaded([CA.crl([bob], number=2)], CA))
    assert (reason(asked, alice), reason(asked, bob)) == (None, Reason.REVOKED)
    store.replace([])
    assert (reason(asked, alice), reason(asked, bob)) == (Reason.CRL_MISSING, Reason.CRL_MISSING)
    assert judged == ["alice", "alice", "bob", "alice"]


def test_an_answer_ends_with_its_evidence() -> None:
    asked = checker(store_of(CA.crl(this_update=NOW - HOUR, next_update=NOW + HOUR), issuers=[CA]))
    for _ in range(2):
        for now, why in (
            (NOW - HOUR - TICK, Reason.CRL_STALE),
            (NOW - HOUR, None),
            (NOW + HOUR, None),
            (NOW + HOUR + TICK, Reason.CRL_STALE),
        ):
            assert reason(asked, CA.issue("alice"), now) is why


def test_a_serial_number_that_is_named_by_hand_is_heard_at_once() -> None:
    alice, bob = CA.issue("alice"), CA.issue("bob")
    store = store_of(CA.crl(), issuers=[CA])
    asked = checker(store)
    assert (reason(asked, alice), reason(asked, bob)) == (None, None)
    store.add_revoked("CN=CA,O=Example", f"{bob.serial:x}")
    assert (reason(asked, alice), reason(asked, bob), reason(asked, alice)) == (None, Reason.REVOKED, None)


def test_the_signer_of_a_crl_is_judged_on_its_own(judged: list[str | None]) -> None:
    signer = pki.make_ca("CRL issuer", parent=CA, ca=False, key_usage=["cRLSign"])
    point = pki.distribution_point(crl_issuer=signer.name)
    indirect = signer.crl(scope=pki.scope(indirect=True))
    asked = checker(store_of(CA.crl(), indirect, issuers=[CA, signer]))
    for _ in range(2):
        assert reason(asked, signer) is None
    assert judged.count("CRL issuer") == 2
    assert reason(asked, CA.issue("alice", distribution_points=[point])) is None


def test_every_certificate_of_a_chain_is_told() -> None:
    asked = checker(store_of(CA.crl(), ROOT.crl([CA]), issuers=[CA, ROOT]), RevocationScope.CHAIN)
    assert [reason(asked, CA.issue(name)) for name in ("alice", "bob")] == [Reason.REVOKED] * 2


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlisted_module, "MAX_ANSWERS", 4)
    asked = checker(store_of(CA.crl(), issuers=[CA]))
    for number in range(20):
        point = pki.distribution_point(f"http://crl.example/{number}")
        assert reason(asked, CA.issue("alice", distribution_points=[point])) is None
        assert len(asked.unlisted) <= 4


def test_large_answers_take_the_room_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlisted_module, "MAX_BYTES", 2 * (unlisted_module.BYTES_PER_ANSWER + 300))
    asked = checker(store_of(CA.crl(), issuers=[CA]))
    assert reason(asked, CA.issue("alice")) is None
    assert len(asked.unlisted) == 1
    point = pki.distribution_point(f"http://crl.example/{'x' * 2_000}")
    assert reason(asked, CA.issue("bob", distribution_points=[point])) is None
    assert len(asked.unlisted) == 1


def test_nothing_is_kept_at_first() -> None:
    assert len(UnlistedAnswers()) == 0
