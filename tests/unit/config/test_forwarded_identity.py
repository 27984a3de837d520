"""The settings of identity without certificate: refused where they cannot be safe, warned about where they can."""

import pytest

from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from support.config_site import Site
from support.pki import NOW

WAYPOINT = "spiffe://cluster.local/ns/web/sa/waypoint"
ONLY = "unsafe_identity_only: {trust_domains: [cluster.local]}"
SOURCES = f"sources: [{{type: xfcc, by: ['{WAYPOINT}'], {ONLY}}}]"
POLICIES = "policies: [{name: mesh, when: {}, require: {}, certificate: unsafe_forwarded_identity}]"
REVOCATION = "revocation: {crls: [{path: pki/issuing.crl}]}"


def decide(site: Site, **sections: str) -> Reason:
    header = f"By={WAYPOINT};URI=spiffe://cluster.local/ns/shop/sa/cart"
    request = AuthRequest(headers={"x-forwarded-client-cert": (header,)})
    return site.build(**sections).engine.decide(request, NOW).reason


def test_it_takes_a_source_and_a_policy_that_say_so(site: Site) -> None:
    assert decide(site, sources=SOURCES, policies=POLICIES) is Reason.ALLOWED_BY_FORWARDED_IDENTITY


def test_a_source_alone_widens_no_policy(site: Site) -> None:
    assert decide(site, sources=SOURCES) is Reason.FORWARDED_IDENTITY_NOT_ALLOWED
    optional = "policies: [{name: all, when: {}, require: {}, certificate: optional}]"
    assert decide(site, sources=SOURCES, policies=optional) is Reason.FORWARDED_IDENTITY_NOT_ALLOWED


def test_a_policy_alone_reads_no_names(site: Site) -> None:
    plain = f"sources: [{{type: xfcc, by: ['{WAYPOINT}']}}]"
    assert decide(site, sources=plain, policies=POLICIES) is Reason.CERTIFICATE_NOT_FORWARDED


def test_pins_for_every_policy_count_here_as_well(site: Site) -> None:
    pins = f"pins: {{cert_sha256: ['{'ab' * 32}']}}"
    assert decide(site, sources=SOURCES, policies=POLICIES, pins=pins) is Reason.FORWARDED_IDENTITY_INSUFFICIENT


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (f"{{type: xfcc, {ONLY}}}", "`unsafe_identity_only` needs `by`: the proxies that may say who a client is"),
        (
            f"{{type: xfcc, element: {{from_right: 2}}, by: [a], {ONLY}}}",
            (
                "`unsafe_identity_only` needs `element: only` or `last`: what follows an element may be text of the "
                "very client that it names"
            ),
        ),
        ("{type: xfcc, by: [a], unsafe_identity_only: {}}", "trust_domains"),
        ("{type: xfcc, by: [a], unsafe_identity_only: {trust_domains: []}}", "trust_domains"),
        ("{type: xfcc, by: [a], unsafe_identity_only: {trust_domains: ['*']}}", "trust_domains"),
        ("{type: xfcc, by: [a], unsafe_identity_only: true}", "unsafe_identity_only"),
    ],
)
def test_what_cannot_be_safe_is_refused(site: Site, source: str, problem: str) -> None:
    (found,) = site.problems(sources=f"sources: [{source}]")
    assert problem in found


def test_both_choices_are_named_at_every_load(site: Site) -> None:
    built = site.build(sources=SOURCES, policies=POLICIES, revocation=REVOCATION)
    assert [one.path for one in built.warnings] == ["sources[0].unsafe_identity_only", "policies[0].certificate"]
    assert [one.path for one in site.build(sources=SOURCES, policies=POLICIES, revocation=REVOCATION).warnings] == [
        one.path for one in built.warnings
    ]


@pytest.mark.parametrize("element", ["only", "last", "{from_right: 1}"])
def test_the_last_element_may_be_chosen_in_any_way(site: Site, element: str) -> None:
    sources = f"sources: [{{type: xfcc, element: {element}, by: ['{WAYPOINT}'], {ONLY}}}]"
    assert decide(site, sources=sources, policies=POLICIES) is Reason.ALLOWED_BY_FORWARDED_IDENTITY


def test_it_is_warned_about_at_the_http_listener_as_well(site: Site) -> None:
    http = "dialect: envoy_http, address: '127.0.0.1:0', callers: {addresses: [127.0.0.1]}"
    source = f"{{type: xfcc, by: ['{WAYPOINT}'], {ONLY}}}"
    listen = f"listen: {{http: {{{http}, sources: [{source}]}}}}"
    warned = [one.path for one in site.build(listen=listen, policies=POLICIES, revocation=REVOCATION).warnings]
    assert "listen.http.sources[0].unsafe_identity_only" in warned
