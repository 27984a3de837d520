"""The engine that a configuration gives, seen by what it decides."""

from datetime import datetime, timedelta

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.model.decision import Decision
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from support import pki
from support.config_site import Site

REQUIRE = "policies: [{name: all, when: {}, require: %s}]"


def decide(site: Site, der: bytes, *, now: datetime = pki.NOW, **sections: str) -> Decision:
    request = AuthRequest(source_certificate=pki.url_pem(der), host="a.example", method="GET", path="/")
    return site.decider(**sections).engine.decide(request, now)


def test_least_configuration_allows_a_trusted_client(site: Site) -> None:
    decision = decide(site, site.pki.leaf.der)
    assert (decision.allowed, decision.reason, decision.policy) == (True, Reason.ALLOWED, "all")
    assert ("x-client-cert-cn", "alice") in decision.headers.set


def test_result_carries_what_the_service_needs(site: Site) -> None:
    built = site.build(x="revocation: {crls: [{path: pki/issuing.crl}]}")
    assert built.engine.digest == built.digest
    assert built.engine.policy_names == ("all",)
    assert built.directory == site.directory
    assert built.watched[0] == site.directory / "config.yaml"
    assert [one.der for one in built.anchors] == [site.pki.root.der]
    assert built.store is not None
    assert built.store.crls() == ()
    assert built.config.version == 1
    assert built.allowed_clients is None


@pytest.mark.parametrize(
    ("require", "reason"),
    [
        ("{issuer: ['CN=Issuing, O=Example']}", None),
        ("{issuer: ['CN=Other,O=Example']}", Reason.ISSUER_NOT_ALLOWED),
        ("{issuer_contains: [Issuing]}", None),
        ("{issuer_contains: [issuing]}", Reason.ISSUER_NOT_ALLOWED),
        ("{subject: ['CN=alice,O=Example']}", None),
        ("{subject: ['CN=bob,O=Example']}", Reason.SUBJECT_NOT_ALLOWED),
        ("{subject_contains: [alice]}", None),
        ("{subject_contains: [bob]}", Reason.SUBJECT_NOT_ALLOWED),
        ("{common_name: [bob, 're:al.*']}", None),
        ("{common_name: [bob]}", Reason.COMMON_NAME_NOT_ALLOWED),
        ("{organization: [Example]}", None),
        ("{organization: [Other]}", Reason.ORGANIZATION_NOT_ALLOWED),
        ("{organizational_unit: [Ops]}", Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
        ("{san_present: true}", None),
        ("{san: {dns: ['*.example']}}", None),
        ("{san: {dns: ['*.other']}}", Reason.SAN_NOT_ALLOWED),
        ("{san: {dns: ['*.example'], ip: ['10.0.0.0/8']}}", Reason.SAN_NOT_ALLOWED),
        ("{spiffe_id: ['spiffe://a.example/**']}", Reason.SPIFFE_ID_NOT_ALLOWED),
        ("{kind: [software]}", None),
        ("{kind: [spiffe]}", Reason.KIND_NOT_ALLOWED),
        ("{extended_key_usage: [clientAuth]}", None),
        ("{extended_key_usage: [emailProtection]}", Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED),
        ("{key: [{type: rsa, min_bits: 2048}, {type: ec, curves: [secp256r1]}]}", None),
        ("{key: [{type: ec, curves: [secp384r1]}]}", Reason.KEY_NOT_ALLOWED),
        ("{max_lifetime: 36500d}", None),
        ("{max_lifetime: 1s}", Reason.LIFETIME_TOO_LONG),
        ("{policy_oids: [1.2.3]}", Reason.POLICY_OID_NOT_ALLOWED),
        ("{any_of: [{common_name: [bob]}, {common_name: [alice], organization: [Example]}]}", None),
        ("{any_of: [{common_name: [bob]}, {common_name: [alice], organization: [x]}]}", Reason.NO_ALTERNATIVE_HOLDS),
        ("{not: {common_name: [bob]}}", None),
        ("{not: {common_name: [alice], organization: [Example]}}", Reason.EXCLUDED),
        ("{token_binding: if_present}", None),
        ("{token_binding: required}", Reason.TOKEN_BINDING_MISSING),
    ],
)
def test_each_condition_reaches_the_engine(site: Site, require: str, reason: Reason | None) -> None:
    decision = decide(site, site.pki.leaf.der, policies=REQUIRE % require)
    assert decision.reason is (reason or Reason.ALLOWED)


def test_conditions_run_in_the_documented_order_whatever_the_file_says(site: Site) -> None:
    require = (
        "{not: {kind: [spiffe]}, common_name: [alice], san: {uri: [a], dns: [a]}, san_present: true, issuer: ['CN=a']}"
    )
    decision = decide(site, site.pki.leaf.der, policies=REQUIRE % require)
    (rules,) = [step.rules for step in decision.steps if step.number == 8]
    assert [rule.rule for rule in rules] == [
        "client_usage",
        "device",
        "issuer",
        "common_name",
        "san_present",
        "san.dns",
        "san.uri",
        "not",
    ]


def test_sources_are_read_as_configured(site: Site) -> None:
    element = pki.xfcc(site.pki.leaf.der, by=["spiffe://a/gw"])
    forged = pki.xfcc(pki.make_ca("Other").issue("mallory").der)

    def reason(header: str, source: str) -> Reason:
        request = AuthRequest(headers={"x-forwarded-client-cert": (header,)})
        return site.build(sources=f"sources: [{source}]").engine.decide(request, pki.NOW).reason

    assert reason(element, "{type: xfcc}") is Reason.ALLOWED
    assert reason(f"{forged},{element}", "{type: xfcc}") is Reason.SOURCE_AMBIGUOUS
    assert reason(f"{forged},{element}", "{type: xfcc, element: last}") is Reason.ALLOWED
    assert reason(f"{element},{forged}", "{type: xfcc, element: {from_right: 2}}") is Reason.ALLOWED
    assert reason(element, "{type: xfcc, by: ['spiffe://a/gw']}") is Reason.ALLOWED
    assert reason(element, "{type: xfcc, by: ['spiffe://a/other']}") is Reason.SOURCE_UNTRUSTED


@pytest.mark.parametrize(
    ("trust", "reason"),
    [
        ("{anchors: [pki/root.pem]}", Reason.UNTRUSTED_ISSUER),
        ("{anchors: [pki/issuing.pem]}", Reason.ALLOWED),
        ("{anchors: [pki/issuing.pem], chain: issuer_name}", Reason.ALLOWED),
        ("{anchors: [pki/root.pem], chain: issuer_name}", Reason.UNTRUSTED_ISSUER),
        ("{chain: unsafe_none}", Reason.ALLOWED),
    ],
)
def test_trust_is_as_configured(site: Site, trust: str, reason: Reason) -> None:
    assert decide(site, site.pki.leaf.der, trust=f"trust: {trust}").reason is reason


def test_clock_skew_widens_validity(site: Site) -> None:
    end = parse_certificate(site.pki.leaf.der).identity.not_after
    late = end + timedelta(seconds=30)
    trust = "trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem], clock_skew: 30s}"
    assert decide(site, site.pki.leaf.der, now=late).reason is Reason.EXPIRED
    assert decide(site, site.pki.leaf.der, now=late, trust=trust).reason is Reason.ALLOWED
    later = late + timedelta(seconds=1)
    assert decide(site, site.pki.leaf.der, now=later, trust=trust).reason is Reason.EXPIRED


@pytest.mark.parametrize(
    ("revocation", "reason"),
    [
        ("{crls: [{path: pki/issuing.crl}]}", Reason.REVOKED),
        ("{crls: [{path: pki/root.crl}]}", Reason.CRL_MISSING),
        ("{crls: [{path: pki/root.crl}], when_missing: allow}", Reason.ALLOWED),
        ("{crls: [{path: pki/stale.crl}]}", Reason.CRL_STALE),
        ("{crls: [{path: pki/stale.crl}], grace: 1h}", Reason.ALLOWED),
        ("{crls: [{path: pki/stale.crl}], when_stale: allow}", Reason.ALLOWED),
        ("{crls: [{path: pki/fresh.crl}]}", Reason.ALLOWED),
        ("{crls: [{path: pki/fresh.crl}], check: chain}", Reason.CRL_MISSING),
        ("{crls: [{path: pki/fresh.crl}, {path: pki/root.crl}], check: chain}", Reason.ALLOWED),
        ("{revoked: [{issuer: 'cn=issuing,o=example', serial: '%x'}], when_missing: allow}", Reason.REVOKED),
        ("{revoked: [{issuer: 'CN=Issuing,O=Example', serial: 'ff%x'}], when_missing: allow}", Reason.ALLOWED),
        (
            "{crls: [{path: pki/root.crl}], revoked: [{issuer: 'CN=Issuing,O=Example', serial: 'ff%x'}]}",
            Reason.CRL_MISSING,
        ),
    ],
)
def test_revocation_is_as_configured(site: Site, revocation: str, reason: Reason) -> None:
    site.write("pki/root.crl", site.pki.root.crl())
    site.write("pki/stale.crl", site.pki.issuing.crl(next_update=pki.NOW - pki.SECOND))
    site.write("pki/fresh.crl", site.pki.issuing.crl())
    text = revocation.replace("%x", f"{site.pki.leaf.serial:x}")
    assert decide(site, site.pki.leaf.der, x=f"revocation: {text}").reason is reason


def test_pins_hold_together_with_the_global_ones_and_until_they_expire(site: Site) -> None:
    leaf = site.pki.leaf
    cert, spki = leaf.sha256.hex(), leaf.spki_sha256.hex()
    other = "00" * 32

    def reason(global_pins: str, policy_pins: str, now: datetime = pki.NOW) -> Reason:
        policies = REQUIRE % f"{{pins: {policy_pins}}}"
        return decide(site, leaf.der, now=now, policies=policies, x=f"pins: {global_pins}").reason

    assert reason(f"{{cert_sha256: ['{cert}']}}", f"{{spki_sha256: ['{other}', '{spki}']}}") is Reason.ALLOWED
    assert reason(f"{{cert_sha256: ['{other}']}}", f"{{spki_sha256: ['{spki}']}}") is Reason.PIN_MISMATCH
    assert reason(f"{{cert_sha256: ['{cert}']}}", f"{{spki_sha256: ['{other}']}}") is Reason.PIN_MISMATCH
    expiring = f"{{cert_sha256: [{{pin: '{cert}', expires: 2026-06-01, comment: x}}]}}"
    last = pki.NOW.replace(hour=23, minute=59, second=59)
    both = f"{{spki_sha256: [{{pin: '{spki}'}}]}}"
    assert reason(expiring, both, last) is Reason.ALLOWED
    assert reason(expiring, both, last + pki.SECOND) is Reason.PIN_MISMATCH


def test_policies_are_chosen_by_when(site: Site) -> None:
    engine = site.build(
        policies="policies:\n"
        "- {name: one, when: {hosts: [a.example], paths: [/x/**], methods: [GET], sni: [s], context: {k: v}}, "
        "require: {}}\n"
        "- {name: two, when: {hosts: [a.example]}, require: {}}\n"
    ).engine
    full = AuthRequest(
        source_certificate=pki.url_pem(site.pki.leaf.der),
        host="A.example:443",
        path="/x/y?z",
        method="GET",
        sni="s",
        context_extensions={"k": "v"},
    )
    assert engine.decide(full, pki.NOW).policy == "one"
    for other in (
        full._replace(path="/y"),
        full._replace(method="POST"),
        full._replace(sni="t"),
        full._replace(context_extensions={}),
    ):
        assert engine.decide(other, pki.NOW).policy == "two"
    assert engine.decide(full._replace(host="b.example"), pki.NOW).reason is Reason.NO_POLICY


def test_certificate_may_be_optional_and_sessions_end_as_configured(site: Site) -> None:
    policies = "policies: [{name: a, when: {}, require: {}, certificate: %s, session_lifetime: 90s}]"
    nothing = AuthRequest()
    assert site.build(policies=policies % "required").engine.decide(nothing, pki.NOW).reason is Reason.NO_CERTIFICATE
    optional = site.build(policies=policies % "optional").engine.decide(nothing, pki.NOW)
    assert optional.reason is Reason.ALLOWED_WITHOUT_CERTIFICATE
    decision = decide(site, site.pki.leaf.der, policies=policies % "required")
    assert decision.session_expires == pki.NOW + timedelta(seconds=90)


def test_payload_keys_narrow_the_tokens_that_count(site: Site) -> None:
    policies = REQUIRE % "{token_binding: required}"
    thumbprint = parse_certificate(site.pki.leaf.der).identity.thumbprint_s256
    request = AuthRequest(
        source_certificate=pki.url_pem(site.pki.leaf.der),
        metadata={"envoy.filters.http.jwt_authn": {"payload": {"cnf": {"x5t#S256": thumbprint}}}},
    )

    def reason(**sections: str) -> Reason:
        return site.build(policies=policies, **sections).engine.decide(request, pki.NOW).reason

    assert reason() is Reason.ALLOWED
    assert reason(x="token_binding: {payload_keys: [payload]}") is Reason.ALLOWED
    assert reason(x="token_binding: {payload_keys: [other]}") is Reason.TOKEN_BINDING_MISSING


def test_headers_are_as_configured(site: Site) -> None:
    headers = "headers: {prefix: x-id-, emit: [cn], map: {x-user: subject}}"
    decision = decide(site, site.pki.leaf.der, x=headers)
    assert decision.headers.set == (("x-id-cn", "alice"), ("x-user", "CN=alice,O=Example"))
    assert site.build(x=headers).engine.managed_prefix == "x-id-"


def test_allowed_clients_are_one_rule_over_the_caller_s_certificate(site: Site) -> None:
    tls = "{cert: pki/leaf.pem, key: pki/leaf.key, client_ca: pki/root.pem, allowed_clients: %s}"

    def outcome(names: str) -> Pass | Fail:
        rule = site.build(x=f"listen: {{grpc: {{tls: {tls % names}}}}}").allowed_clients
        assert rule is not None
        return rule.check(parse_certificate(site.pki.leaf.der).identity)

    assert isinstance(outcome("['uri:spiffe://a/b', 'dns:client.*']"), Pass)
    refused = outcome("['uri:spiffe://a/b', 'dns:other.example']")
    assert isinstance(refused, Fail)
    assert refused.reason is Reason.NO_ALTERNATIVE_HOLDS


def test_building_twice_gives_engines_that_share_nothing(site: Site) -> None:
    first, second = site.build(), site.build()
    assert first.engine is not second.engine
    assert first.engine.trust is not second.engine.trust
    assert first.digest == second.digest


def test_clock_skew_also_forgives_a_crl_from_a_publisher_whose_clock_is_ahead(site: Site) -> None:
    site.write("pki/ahead.crl", site.pki.issuing.crl(this_update=pki.NOW + 30 * pki.SECOND))
    revocation = "revocation: {crls: [{path: pki/ahead.crl}]}"
    assert decide(site, site.pki.leaf.der, x=revocation).reason is Reason.CRL_STALE
    trust = "trust: {anchors: [pki/issuing.pem], clock_skew: 1m}"
    assert decide(site, site.pki.leaf.der, x=revocation, trust=trust).reason is Reason.ALLOWED
