"""Intermediates that come along with every client are parsed and verified once, and judged every time."""

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain import candidates, seen_issuers, signature_checks
from extauthz.trust.chain.signature_checks import SignatureChecks, cost_of
from extauthz.trust.chain.verifier import ChainResult, ChainVerifier
from extauthz.trust.signatures import is_signed_by
from extauthz.trust.window import TICK
from support import pki
from support.chains import cert, failure, link, passes, unfit, verifier

NOW, DAY = pki.NOW, pki.DAY
ROOT = pki.make_ca("Root")
UPPER = pki.make_ca("Upper", parent=ROOT)
LOWER = pki.make_ca("Lower", parent=UPPER)
CHAIN = (LOWER, UPPER)


def ask(asked: ChainVerifier, leaf: pki.Leaf, *chain: pki.Leaf) -> ChainResult:
    return asked.verify(cert(leaf), [one.der for one in chain], NOW)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List the certificates that are parsed, and whose signature is verified."""
    done: list[str] = []

    def note_parse(der: bytes) -> Certificate:
        certificate = parse_certificate(der)
        done.append(f"parse {certificate.identity.common_name}")
        return certificate

    def note_verify(child: Certificate, issuer: Certificate) -> bool:
        done.append(f"verify {child.identity.subject_dn}")
        return is_signed_by(child, issuer)

    monkeypatch.setattr(candidates, "parse_certificate", note_parse)
    monkeypatch.setattr(signature_checks, "is_signed_by", note_verify)
    return done


def test_the_second_client_costs_his_own_signature(work: list[str]) -> None:
    asked = verifier([ROOT])
    first = ask(asked, LOWER.issue("alice"), *CHAIN)
    assert work == [
        "parse Lower", "parse Upper", "verify CN=Upper,O=Example", "verify CN=Lower,O=Example",
        "verify CN=alice,O=Example",
    ]  # fmt: skip
    work.clear()
    second = ask(asked, LOWER.issue("bob"), *CHAIN)
    assert work == ["verify CN=bob,O=Example"]
    assert passes(second, "bob", "Lower", "Upper", "Root")
    assert (second.outcome, second.window) == (first.outcome, first.window)


def test_what_led_nowhere_is_not_kept(work: list[str]) -> None:
    asked = verifier([ROOT])
    stranger = pki.make_ca("Lower", parent=pki.make_ca("Upper"))
    for chain in ((stranger,), (stranger, UPPER)):
        assert failure(ask(asked, stranger.issue("mallory"), *chain)).reason is Reason.UNTRUSTED_ISSUER
    assert failure(ask(asked, LOWER.issue("a", spoilt_signature=True), *CHAIN)).reason is Reason.UNTRUSTED_ISSUER
    assert len(asked._seen) == 0
    work.clear()
    assert passes(ask(asked, LOWER.issue("alice"), *CHAIN), "alice", "Lower", "Upper", "Root")
    assert len(work) == 5
    assert len(asked._seen) == 2


def test_it_is_judged_every_time() -> None:
    short = pki.make_ca("Lower", parent=ROOT, not_before=NOW - DAY, not_after=NOW + DAY)
    leaf = short.issue("alice")
    asked = verifier([ROOT])
    for now, valid in ((NOW, True), (NOW + DAY + TICK, False), (NOW, True), (NOW - DAY - TICK, False)):
        result = asked.verify(cert(leaf), [short.der], now)
        assert isinstance(result.outcome, Pass if valid else Fail)
    assert unfit(asked.verify(cert(leaf), [short.der], NOW - DAY - TICK), "Lower", "not valid before")


def test_another_key_s_signature_is_verified_for_itself(work: list[str]) -> None:
    again = pki.make_ca("Root")
    asked = verifier([ROOT, again])
    assert passes(ask(asked, UPPER.issue("alice"), UPPER), "alice", "Upper", "Root")
    work.clear()
    assert passes(ask(asked, UPPER.issue("bob"), UPPER), "bob", "Upper", "Root")
    assert sorted(work) == ["verify CN=Upper,O=Example", "verify CN=bob,O=Example"]


def test_a_known_signature_takes_as_much_from_the_budget() -> None:
    cost = cost_of(link(ROOT).certificate.identity.key)
    known = SignatureChecks(cost, lambda child, key: (child, key) == (UPPER.sha256, ROOT.spki_sha256))
    assert known.is_signed_by(link(UPPER), link(ROOT))
    assert known.left == 0
    assert not known.is_signed_by(link(LOWER), link(UPPER))
    assert known.exhausted


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_issuers, "MAX_SEEN", 4)
    asked = verifier([ROOT])
    for number in range(12):
        ca = pki.make_ca(f"CA {number}", parent=ROOT)
        for _ in range(2):
            assert ask(asked, ca.issue("alice"), ca).path
        assert len(asked._seen) <= 4


def test_what_is_too_large_is_parsed_each_time(monkeypatch: pytest.MonkeyPatch, work: list[str]) -> None:
    monkeypatch.setattr(seen_issuers, "MAX_SEEN_BYTES", 2 * len(UPPER.der) - 2)
    asked = verifier([ROOT])
    for _ in range(2):
        work.clear()
        assert ask(asked, UPPER.issue("alice"), UPPER).path
    assert work == ["parse Upper", "verify CN=alice,O=Example"]
    assert len(asked._seen) == 0
