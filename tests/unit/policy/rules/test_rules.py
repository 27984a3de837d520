"""Each rule's claim, as a table: what it accepts, what it refuses and with which reason."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from extauthz.model.identity import CertIdentity, Kind, PublicKeyInfo
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.all_of import all_of
from extauthz.policy.rules.any_of import any_of_rule
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.client_usage import ClientUsageRule
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.rules.distinguished_name import (
    issuer_contains_rule,
    issuer_rule,
    subject_contains_rule,
    subject_rule,
)
from extauthz.policy.rules.extended_key_usage import extended_key_usage_rule
from extauthz.policy.rules.kind import kind_rule
from extauthz.policy.rules.max_lifetime import max_lifetime_rule
from extauthz.policy.rules.negation import not_rule
from extauthz.policy.rules.organization import organization_rule, organizational_unit_rule
from extauthz.policy.rules.policy_oids import policy_oids_rule
from extauthz.policy.rules.public_key import KeyRequirement, key_rule
from extauthz.policy.rules.spiffe_id import spiffe_id_rule
from extauthz.policy.rules.subject_alt_name import (
    SanPresentRule,
    san_dns_rule,
    san_email_rule,
    san_ip_rule,
    san_upn_rule,
    san_uri_rule,
)
from support.identities import identity, sans

ALICE = identity()
SVID = identity(spiffe_id="spiffe://example.org/ns/pay/sa/api", kind=Kind.SPIFFE)
BROKEN_SVID = identity(sans=sans("uri:spiffe://example.org/"))
TWO_NAMES = identity(common_name=None, common_names=("alice", "root"))
NAMELESS = identity(common_name=None, common_names=())
RSA = identity(key=PublicKeyInfo("rsa", 2048))
ED = identity(key=PublicKeyInfo("ed25519"))

ACCEPTED = [
    (issuer_rule(["CN=Other", "CN=Issuing CA,O=Example"]), ALICE),
    (issuer_rule(["CN=Issuing CA, O=Example"]), ALICE),
    (issuer_rule(["re:CN=Issuing [A-Z]+,O=Example"]), ALICE),
    (subject_rule(["CN=alice,OU=Ops,O=Example"]), ALICE),
    (issuer_contains_rule(["Issuing"]), ALICE),
    (subject_contains_rule(["nobody", "OU=Ops"]), ALICE),
    (common_name_rule(["alice"]), ALICE),
    (common_name_rule(["re:al.*"]), ALICE),
    (organization_rule(["Other", "Example"]), ALICE),
    (organizational_unit_rule(["Ops"]), ALICE),
    (SanPresentRule(), ALICE),
    (san_dns_rule(["*.example"]), ALICE),
    (san_dns_rule(["CLIENT.example"]), identity(sans=sans("dns:Client.Example"))),
    (san_dns_rule(["**.example"]), identity(sans=sans("dns:a.b.c.example"))),
    (san_uri_rule(["https://a.example/*/x"]), identity(sans=sans("uri:https://a.example/1/x"))),
    (san_email_rule(["*@example.com"]), identity(sans=sans("email:Bob@EXAMPLE.com"))),
    (san_email_rule(["re:[a-z]+@example.com"]), identity(sans=sans("email:bob@example.com"))),
    (san_upn_rule(["1234567890@MIL"]), identity(sans=sans("upn:1234567890@mil"))),
    (san_upn_rule(["*@B\xdcRO.EXAMPLE"]), identity(sans=sans("upn:alice@b\xfcro.example"))),
    (san_ip_rule(["10.0.0.0/8"]), identity(sans=sans("ip:10.255.0.1"))),
    (san_ip_rule(["2001:db8::1"]), identity(sans=sans("ip:2001:db8::1"))),
    (spiffe_id_rule(["spiffe://example.org/ns/*/sa/api"]), SVID),
    (spiffe_id_rule(["spiffe://example.org/**"]), SVID),
    (spiffe_id_rule(["SPIFFE://Example.org/**"]), SVID),
    (san_ip_rule(["10.0.0.0/8"]), identity(sans=sans("ip:::ffff:10.0.0.1"))),
    (san_dns_rule(["re:.*\\.Pay\\.example"]), identity(sans=sans("dns:a.pay.example"))),
    (ClientUsageRule(), ALICE),
    (ClientUsageRule(), identity(key_usage=(), extended_key_usage=())),
    (ClientUsageRule(), identity(extended_key_usage=("serverAuth", "clientAuth"))),
    (ClientUsageRule(), identity(extended_key_usage=("id-PIV-cardAuth",), kind=Kind.PIV_CARD_AUTH)),
    (ClientUsageRule(), identity(extended_key_usage=("id-PIV-cardAuth",), kind=Kind.PIV_I_CARD_AUTH)),
    (ClientUsageRule(), identity(key_usage=("keyAgreement",))),
    (ClientUsageRule(), identity(is_ca=True, key_usage=("digitalSignature", "keyCertSign"))),
    (ClientUsageRule(check_purposes=False), identity(extended_key_usage=("timeStamping",))),
    (spiffe_id_rule(["re:spiffe://example\\.org/.*"]), SVID),
    (kind_rule([Kind.SPIFFE]), SVID),
    (policy_oids_rule(["2.16.840.1.101.3.2.1.3.13"]), identity(policy_oids=("1.2.3", "2.16.840.1.101.3.2.1.3.13"))),
    (extended_key_usage_rule(["serverAuth", "clientAuth"]), ALICE),
    (extended_key_usage_rule(["1.3.6.1.5.5.7.3.2"]), ALICE),
    (extended_key_usage_rule(["1.2.3.4"]), identity(extended_key_usage=("1.2.3.4",))),
    (key_rule([KeyRequirement(type="rsa", min_bits=2048), KeyRequirement(type="ec")]), RSA),
    (key_rule([KeyRequirement(type="ec", curves=("secp384r1", "secp256r1"))]), ALICE),
    (key_rule([KeyRequirement(type="ed25519")]), ED),
    (max_lifetime_rule(timedelta(days=365)), ALICE),
    (any_of_rule([all_of([common_name_rule(["bob"])]), all_of([organization_rule(["Example"])])]), ALICE),
    (not_rule(all_of([common_name_rule(["mallory"])])), ALICE),
    (not_rule(all_of([common_name_rule(["alice"]), organization_rule(["Other"])])), TWO_NAMES),
]

REFUSED = [
    (issuer_rule(["CN=issuing ca,O=Example"]), ALICE, Reason.ISSUER_NOT_ALLOWED),
    (issuer_rule(["O=Example,CN=Issuing CA"]), ALICE, Reason.ISSUER_NOT_ALLOWED),
    (issuer_rule(["re:CN=Issuing"]), ALICE, Reason.ISSUER_NOT_ALLOWED),
    (subject_rule(["CN=alice"]), ALICE, Reason.SUBJECT_NOT_ALLOWED),
    (issuer_contains_rule(["issuing"]), ALICE, Reason.ISSUER_NOT_ALLOWED),
    (subject_contains_rule(["OU=Dev"]), ALICE, Reason.SUBJECT_NOT_ALLOWED),
    (common_name_rule(["Alice"]), ALICE, Reason.COMMON_NAME_NOT_ALLOWED),
    (common_name_rule(["alice"]), TWO_NAMES, Reason.COMMON_NAME_NOT_ALLOWED),
    (common_name_rule(["alice"]), NAMELESS, Reason.COMMON_NAME_NOT_ALLOWED),
    (common_name_rule(["re:lic"]), ALICE, Reason.COMMON_NAME_NOT_ALLOWED),
    (organization_rule(["Exam"]), ALICE, Reason.ORGANIZATION_NOT_ALLOWED),
    (organizational_unit_rule(["ops"]), ALICE, Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    (SanPresentRule(), identity(sans=()), Reason.SAN_MISSING),
    (san_dns_rule(["*.example"]), identity(sans=sans("dns:a.b.example")), Reason.SAN_NOT_ALLOWED),
    (san_dns_rule(["*.example"]), identity(sans=sans("dns:.example")), Reason.SAN_NOT_ALLOWED),
    (san_dns_rule(["client.example"]), identity(sans=sans("dns:client.example.evil")), Reason.SAN_NOT_ALLOWED),
    (san_dns_rule(["client.example"]), identity(sans=sans("uri:client.example")), Reason.SAN_NOT_ALLOWED),
    (san_uri_rule(["https://a.example/*"]), identity(sans=sans("uri:https://a.example/1/2")), Reason.SAN_NOT_ALLOWED),
    (san_email_rule(["bob@example.com"]), identity(sans=sans("email:Bob@example.com")), Reason.SAN_NOT_ALLOWED),
    (san_email_rule(["*@example.com"]), identity(sans=sans("email:a@b@example.com")), Reason.SAN_NOT_ALLOWED),
    (san_upn_rule(["*@mil"]), identity(sans=sans("upn:1@mil.example")), Reason.SAN_NOT_ALLOWED),
    (san_upn_rule(["*@bank.example"]), identity(sans=sans("upn:1@ban\u212a.example")), Reason.SAN_NOT_ALLOWED),
    (san_ip_rule(["10.0.0.0/8"]), identity(sans=sans("ip:11.0.0.1", "ip:2001:db8::1")), Reason.SAN_NOT_ALLOWED),
    (san_ip_rule(["::/0"]), identity(sans=sans("ip:10.0.0.1")), Reason.SAN_NOT_ALLOWED),
    (spiffe_id_rule(["spiffe://example.org/ns/*"]), SVID, Reason.SPIFFE_ID_NOT_ALLOWED),
    (spiffe_id_rule(["spiffe://other.org/**"]), SVID, Reason.SPIFFE_ID_NOT_ALLOWED),
    (spiffe_id_rule(["spiffe://example.org/**"]), ALICE, Reason.SPIFFE_ID_NOT_ALLOWED),
    (spiffe_id_rule(["spiffe://example.org/**"]), BROKEN_SVID, Reason.SPIFFE_ID_NOT_ALLOWED),
    (kind_rule([Kind.SPIFFE]), ALICE, Reason.KIND_NOT_ALLOWED),
    (policy_oids_rule(["1.2.3"]), identity(policy_oids=("1.2.3.4",)), Reason.POLICY_OID_NOT_ALLOWED),
    (extended_key_usage_rule(["serverAuth"]), ALICE, Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED),
    (extended_key_usage_rule(["clientAuth"]), identity(extended_key_usage=()), Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED),
    (key_rule([KeyRequirement(type="rsa", min_bits=2049)]), RSA, Reason.KEY_NOT_ALLOWED),
    (key_rule([KeyRequirement(type="ec", curves=("secp384r1",))]), ALICE, Reason.KEY_NOT_ALLOWED),
    (key_rule([KeyRequirement(type="ed25519", min_bits=1)]), ED, Reason.KEY_NOT_ALLOWED),
    (ClientUsageRule(), identity(extended_key_usage=("serverAuth",)), Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED),
    (ClientUsageRule(), identity(extended_key_usage=("id-PIV-cardAuth",)), Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED),
    (
        ClientUsageRule(),
        identity(extended_key_usage=("id-PIV-cardAuth",), kind=Kind.PIV_AUTH),
        Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED,
    ),
    (
        ClientUsageRule(),
        identity(extended_key_usage=("serverAuth",), kind=Kind.PIV_CARD_AUTH),
        Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED,
    ),
    (ClientUsageRule(), identity(key_usage=("cRLSign",)), Reason.KEY_USAGE_NOT_ALLOWED),
    (ClientUsageRule(), identity(is_ca=True, key_usage=()), Reason.KEY_USAGE_NOT_ALLOWED),
    (ClientUsageRule(), identity(is_ca=True, key_usage=("keyAgreement", "cRLSign")), Reason.KEY_USAGE_NOT_ALLOWED),
    (ClientUsageRule(check_purposes=False), identity(key_usage=("cRLSign",)), Reason.KEY_USAGE_NOT_ALLOWED),
    (
        not_rule(all_of([san_email_rule(["*@evil.example"])])),
        identity(sans=sans("email:re:a@EVIL.example")),
        Reason.EXCLUDED,
    ),
    (max_lifetime_rule(timedelta(days=365) - timedelta(seconds=1)), ALICE, Reason.LIFETIME_TOO_LONG),
    (any_of_rule([all_of([common_name_rule(["bob"])])]), ALICE, Reason.NO_ALTERNATIVE_HOLDS),
    (any_of_rule([all_of([common_name_rule(["bob"])])]), TWO_NAMES, Reason.NO_ALTERNATIVE_HOLDS),
    (not_rule(all_of([common_name_rule(["alice"]), organization_rule(["Example"])])), ALICE, Reason.EXCLUDED),
    (not_rule(all_of([common_name_rule(["mallory"])])), TWO_NAMES, Reason.EXCLUDED),
    (not_rule(all_of([organization_rule(["Example"]), common_name_rule(["x"])])), TWO_NAMES, Reason.EXCLUDED),
    (not_rule(all_of([common_name_rule(["x"]), common_name_rule(["y"])])), TWO_NAMES, Reason.EXCLUDED),
    (not_rule(all_of([spiffe_id_rule(["spiffe://example.org/evil"])])), BROKEN_SVID, Reason.EXCLUDED),
]


@pytest.mark.parametrize(("rule", "holder"), ACCEPTED, ids=lambda value: getattr(value, "key", ""))
def test_rule_accepts(rule: Rule, holder: CertIdentity) -> None:
    outcome = rule.check(holder)
    assert isinstance(outcome, Pass), outcome
    assert outcome.detail


@pytest.mark.parametrize(("rule", "holder", "reason"), REFUSED, ids=lambda value: getattr(value, "key", ""))
def test_rule_refuses_with_its_own_reason(rule: Rule, holder: CertIdentity, reason: Reason) -> None:
    outcome = rule.check(holder)
    assert isinstance(outcome, Fail), outcome
    assert outcome.reason is reason
    assert outcome.detail


@pytest.mark.parametrize(
    ("make", "texts"),
    [
        (issuer_rule, ["not a dn"]),
        (issuer_contains_rule, [""]),
        (subject_contains_rule, ["fine", ""]),
        (common_name_rule, ["svc-*"]),
        (organization_rule, ["re:"]),
        (san_dns_rule, ["a*.example"]),
        (san_dns_rule, ["re:(?=x)"]),
        (san_ip_rule, ["10.0.0.1/8"]),
        (san_ip_rule, ["example.com"]),
        (spiffe_id_rule, ["https://example.org/x"]),
        (spiffe_id_rule, ["spiffe://*/x"]),
        (spiffe_id_rule, ["spiffe://example.org"]),
        (spiffe_id_rule, ["spiffe://example.org/a/../b"]),
        (policy_oids_rule, ["clientAuth"]),
        (policy_oids_rule, ["1.02.3"]),
        (extended_key_usage_rule, ["clientauth"]),
    ],
)
def test_pattern_that_could_only_be_a_mistake_is_refused_at_load(make: object, texts: Sequence[str]) -> None:
    with pytest.raises(PatternError):
        make(texts)  # type: ignore[operator]  # each of them takes the texts


def test_sets_of_conditions_are_never_empty() -> None:
    with pytest.raises(ValueError, match="at least one"):
        all_of([])
    with pytest.raises(ValueError, match="at least one"):
        any_of_rule([])


def test_details_are_bounded_whatever_the_certificate_holds() -> None:
    many = identity(sans=sans(*(f"dns:{number}.{'x' * 500}" for number in range(1000))))
    outcome = san_dns_rule(["client.example"]).check(many)
    assert len(outcome.detail) < 2000
    assert "995 more" in outcome.detail
