"""Distribution points are noted while there is room, and taken away once."""

import pytest
from cryptography import x509

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.outcome import Fail
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.revocation import wanted as wanted_module
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.revocation.wanted import MAX_URI, WantedPoints
from support import pki

CA = pki.make_ca("Issuing")


def certificate(*uris: str) -> Certificate:
    points = [pki.distribution_point(uri) for uri in uris]
    return parse_certificate(CA.issue("alice", distribution_points=points).der)


def test_what_was_noted_is_taken_once() -> None:
    points = WantedPoints()
    points.note(certificate("http://a/1", "http://a/2"))
    points.note(certificate("http://a/2"))
    points.note(certificate())
    assert points.take() == ("http://a/1", "http://a/2")
    assert points.take() == ()


def test_names_that_are_no_uri_are_passed_over() -> None:
    points = WantedPoints()
    relative = x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Shard")])
    places = [pki.distribution_point("http://a/1", CA.name), pki.distribution_point(relative_name=relative)]
    points.note(parse_certificate(CA.issue("alice", distribution_points=places).der))
    assert points.take() == ("http://a/1",)


def test_there_is_a_bound_for_each_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    points = WantedPoints()
    longest = "http://a/" + "x" * (MAX_URI - len("http://a/"))
    points.note(certificate(longest, longest + "x"))
    assert points.take() == (longest,)
    monkeypatch.setattr(wanted_module, "MAX_WANTED", 2)
    points.note(certificate("http://a/1", "http://a/2", "http://a/3"))
    assert points.take() == ("http://a/1", "http://a/2")


def test_only_a_verified_certificate_without_a_crl_is_noted() -> None:
    leaf, anchor = certificate("http://a/1"), parse_certificate(CA.der)
    checker = RevocationChecker(CrlStore(), verifier=ChainVerifier([anchor]))
    for path, noted in (([leaf], ()), ([leaf, anchor], ("http://a/1",))):
        outcome, _ = checker.check([path], pki.NOW)
        assert isinstance(outcome, Fail)
        assert checker.wanted.take() == noted
