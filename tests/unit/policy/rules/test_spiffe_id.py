"""SPIFFE IDs: segment by segment in the path, literal in the trust domain."""

import pytest

from extauthz.model.identity import CertIdentity, Kind
from extauthz.model.outcome import Fail, Pass
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.spiffe_id import spiffe_id_rule
from support.identities import identity, sans


def svid(spiffe_id: str) -> CertIdentity:
    return identity(kind=Kind.SPIFFE, spiffe_id=spiffe_id, sans=sans(f"uri:{spiffe_id}"))


@pytest.mark.parametrize(
    ("pattern", "spiffe_id", "holds"),
    [
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/shop/sa/web", True),
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/shop/x/sa/web", False),
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/sa/web", False),
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/shop/sa/web/admin", False),
        ("spiffe://td/ns/*/sa/web", "spiffe://td/ns/shop/sa/Web", False),
        ("spiffe://td/ns/*/sa/web", "spiffe://td2/ns/shop/sa/web", False),
        ("spiffe://td/ns/*/sa/web", "spiffe://td.evil/ns/shop/sa/web", False),
        ("spiffe://td/**", "spiffe://td/a/b/c", True),
        ("spiffe://td/**", "spiffe://other/a", False),
        ("spiffe://td/**/web", "spiffe://td/web", True),
        ("spiffe://TD/a", "spiffe://td/a", True),
        ("re:spiffe://a\\.example/ns/[a-z]+", "spiffe://a.example/ns/shop", True),
        ("re:spiffe://a.example/ns/[a-z]+", "spiffe://a.example/ns/shop", True),
        ("re:SPIFFE://A.example/ns/[a-z]+", "spiffe://a.example/ns/shop", True),
        ("re:spiffe://a.example/ns/[a-z]+", "spiffe://axexample/ns/shop", False),
        ("re:spiffe://a.example/x|.*/y", "spiffe://b.example/y", False),
    ],
)
def test_pattern(pattern: str, spiffe_id: str, holds: bool) -> None:
    outcome = spiffe_id_rule([pattern]).check(svid(spiffe_id))
    assert isinstance(outcome, Pass) is holds, outcome
    assert pattern.partition("/")[0].lower() in outcome.detail.lower()


def test_uri_of_a_certificate_that_is_no_svid_does_not_match() -> None:
    outcome = spiffe_id_rule(["spiffe://td/a"]).check(identity(sans=sans("uri:spiffe://td/a", "uri:https://b")))
    assert isinstance(outcome, Fail)
    assert outcome.undecided


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("spiffe://*/ns/x", "the trust domain must be"),
        ("spiffe://**", "the trust domain must be"),
        ("spiffe://*.example/x", "the trust domain must be"),
        ("re:spiffe://[a-z]+/x", "the trust domain must be"),
        ("re:spiffe://.*", "the trust domain must be"),
        ("re:spiffe://(a|b)/x", "the trust domain must be"),
        ("re:.*", "a SPIFFE ID starts with 'spiffe://': 're:.*' would never match"),
        ("re:(spiffe)://a/x", "a SPIFFE ID starts with"),
        ("re:spiffe://a.example", "can match no SPIFFE ID: the path is empty"),
        ("re:spiffe://a.example/(?=x)", "RE2 refuses the expression"),
        ("re:spiffe://a.example/x)|(?:.*", "RE2 refuses the expression"),
        ("spiffe://td/a*", "a path segment must be"),
        ("spiffe://td/a//b", "a path segment must be"),
        ("spiffe://td/", "a path segment must be"),
        ("https://td/a", "a SPIFFE ID starts with"),
        ("re:spiffe://a.example/x|spiffe://b.example/y", "holds a second SPIFFE ID"),
    ],
)
def test_pattern_that_could_match_no_workload_or_any_trust_domain_is_refused(pattern: str, sentence: str) -> None:
    with pytest.raises(PatternError) as caught:
        spiffe_id_rule([pattern])
    assert sentence in str(caught.value)
