"""Only the subjectAltName of the certificate on the connection decides who may ask."""

from collections.abc import Iterable

import pytest

from extauthz.config.typed_san import typed_san_rule
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.base import Rule
from extauthz.service import callers as callers_module
from extauthz.service.callers import Callers
from support import pki

GATEWAY = "spiffe://cluster.local/ns/gateways/sa/edge"
RULE = typed_san_rule(f"uri:{GATEWAY}")
CA = pki.make_ca()
EDGE = CA.issue("edge", uris=[GATEWAY])


def refusal(callers: Callers, *shown: bytes) -> str:
    outcome = callers.admit(lambda: shown)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.CALLER_NOT_ALLOWED
    return outcome.detail


@pytest.mark.parametrize("certificate", [EDGE.pem, EDGE.der], ids=["pem", "der"])
def test_a_caller_on_the_list_is_admitted(certificate: bytes) -> None:
    assert isinstance(Callers(lambda: RULE).admit(lambda: (certificate,)), Pass)


def test_a_caller_with_another_name_is_refused() -> None:
    other = CA.issue("edge", uris=["spiffe://cluster.local/ns/gateways/sa/other"])
    assert "sa/other" in refusal(Callers(lambda: RULE), other.pem)


@pytest.mark.parametrize("name", [GATEWAY + "/more", GATEWAY[:-1], GATEWAY.upper(), "x" + GATEWAY])
def test_names_match_exactly(name: str) -> None:
    refusal(Callers(lambda: RULE), CA.issue("edge", uris=[name]).pem)


def test_a_common_name_never_admits() -> None:
    refusal(Callers(lambda: typed_san_rule("dns:edge.example")), CA.issue("edge.example", no_san=True).pem)


def test_a_name_of_another_type_never_admits() -> None:
    refusal(Callers(lambda: typed_san_rule("uri:edge.example")), CA.issue("edge", dns=["edge.example"]).pem)


@pytest.mark.parametrize("certificates", [(), (EDGE.pem, EDGE.pem)])
def test_no_certificate_or_two_of_them_are_refused(certificates: tuple[bytes, ...]) -> None:
    assert refusal(Callers(lambda: RULE), *certificates) == "the caller shows no certificate"


@pytest.mark.parametrize("junk", [b"", b"junk", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_certificate_that_cannot_be_read_is_refused(junk: bytes) -> None:
    assert "cannot be read" in refusal(Callers(lambda: RULE), junk)


def test_without_a_list_every_caller_is_admitted_and_not_even_looked_at() -> None:
    def broken() -> Iterable[bytes]:
        raise AssertionError

    assert isinstance(Callers(lambda: None).admit(broken), Pass)


def test_the_list_in_use_counts_and_not_the_one_at_the_first_call() -> None:
    rules: list[Rule] = [RULE]
    callers = Callers(lambda: rules[0])
    assert isinstance(callers.admit(lambda: (EDGE.pem,)), Pass)
    rules[0] = typed_san_rule("dns:nobody.example")
    refusal(callers, EDGE.pem)


def test_a_certificate_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    callers = Callers(lambda: RULE)
    callers.admit(lambda: (EDGE.pem,))
    monkeypatch.setattr(callers_module, "parse_certificate", None)
    assert isinstance(callers.admit(lambda: (EDGE.pem,)), Pass)


def test_the_memory_for_callers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers_module, "REMEMBERED_CALLERS", 3)
    callers = Callers(lambda: RULE)
    for number in range(10):
        callers.admit(lambda: (b"junk %d" % number,))  # noqa: B023  (called before the next turn)
        assert len(callers._known) <= 3
    assert isinstance(callers.admit(lambda: (EDGE.pem,)), Pass)
