"""Every proxy comes to the same decisions for the same reasons, and the upstream sees what was decided on."""

from urllib.parse import urlsplit

import pytest

from extauthz.headers import DEFAULT_PREFIX
from support.https_client import HeaderLines
from support.proxies.cast import Cast
from support.proxies.forgeries import FORGED, FORGERIES, certificate_headers
from support.proxies.proxy import Proxy
from support.proxies.scenario import Scenario
from support.proxies.scenarios import CERTIFICATES, PATHS, POLICY
from support.proxies.site import Outcome, Site

SCENARIOS = [*CERTIFICATES, *POLICY, *PATHS, *FORGERIES]


def test_claims_are_names() -> None:
    assert len({one.claim for one in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: str(one.claim))
def test_scenario(site: Site, cast: Cast, kind: type[Proxy], scenario: Scenario) -> None:
    forged = (
        [] if scenario.forged_certificate is None else certificate_headers(cast.clients[scenario.forged_certificate])
    )
    outcome = site.ask(
        None if scenario.client is None else cast.clients[scenario.client],
        scenario.target,
        http2=scenario.http2,
        sni=scenario.host.lower().partition(":")[0].rstrip("."),
        method=scenario.method,
        host=scenario.host,
        headers=[*scenario.headers, *forged],
        body=scenario.body,
    )
    expected = scenario.expected_of(kind.name)
    assert (outcome.status, outcome.reasons) == (
        expected.status,
        () if expected.reason is None else (expected.reason.value,),
    ), site.proxy.log()[-2000:]
    if expected.status == 200:
        assert outcome.arrived is not None
        the_upstream_sees_what_was_decided_on(scenario, kind, outcome)
        the_upstream_sees_this_client(cast, scenario, outcome)
        nothing_forged_arrives(scenario, kind, outcome, forged)
    else:
        assert outcome.arrived is None


def the_upstream_sees_what_was_decided_on(scenario: Scenario, kind: type[Proxy], outcome: Outcome) -> None:
    assert outcome.arrived is not None
    (decision,) = outcome.decisions
    assert outcome.arrived.target == scenario.arrives_as.get(kind.name, scenario.target)
    assert outcome.arrived.method == decision["method"] == scenario.method
    assert urlsplit(outcome.arrived.target).path == decision["path"]
    assert [bare(value) for value in outcome.header_lines("host")] == [bare(decision["host"])]
    assert outcome.arrived.body == scenario.body


def bare(host: str) -> str:
    """Return a host without the port, which not every proxy hands on."""
    return host.partition(":")[0]


def the_upstream_sees_this_client(cast: Cast, scenario: Scenario, outcome: Outcome) -> None:
    assert scenario.client is not None
    leaf = cast.clients[scenario.client].leaf
    assert outcome.header_lines(f"{DEFAULT_PREFIX}sha256") == [leaf.sha256.hex()]
    (decision,) = outcome.decisions
    assert outcome.header_lines(f"{DEFAULT_PREFIX}policy") == [decision["policy"]]
    for suffix in ("subject", "issuer", "serial", "cn", "san", "not-after", "kind", "session-expires"):
        assert len(outcome.header_lines(DEFAULT_PREFIX + suffix)) == 1, suffix
    for suffix in ("spiffe-id", "upn", "edipi", "agency-code", "fasc-n", "card-uuid", "ms-sid"):
        assert outcome.header_lines(DEFAULT_PREFIX + suffix) == [], suffix


def nothing_forged_arrives(scenario: Scenario, kind: type[Proxy], outcome: Outcome, forged: HeaderLines) -> None:
    assert outcome.arrived is not None
    written = {value for _, value in forged}
    arrived = [
        (name, value)
        for name, value in outcome.arrived.headers
        if FORGED in value or (name.lower() in dict(forged) and value in written)
    ]
    assert bool(arrived) == (kind.name in scenario.lets_through), arrived
    xfcc = dict(forged).get("x-forwarded-client-cert")
    assert all(xfcc != value for value in outcome.header_lines("x-forwarded-client-cert"))
