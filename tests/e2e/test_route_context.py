"""The route chooses the policy by ``context_extensions``, which no client can set; or switches ext_authz off."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import CATCH_ALL, HttpEdge, per_route
from support.envoy_json import Json


def route(prefix: str, **settings: object) -> Json:
    return {**CATCH_ALL, "match": {"prefix": prefix}, "typed_per_filter_config": per_route(**settings)}


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    routes = [
        route("/payments", check_settings={"context_extensions": {"policy": "payments"}}),
        route("/reports", check_settings={"context_extensions": {"policy": "reports", "tier": "two"}}),
        route("/unknown", check_settings={"context_extensions": {"policy": "nobody wrote this one"}}),
        route("/open", disabled=True),
        CATCH_ALL,
    ]
    return start_edge(
        edges={"https": HttpEdge(routes=routes)},
        policies=[
            {
                "name": "payments",
                "when": {"context": {"policy": "payments"}},
                "require": {"organizational_unit": ["Sales"]},
            },
            {
                "name": "reports",
                "when": {"context": {"policy": "reports", "tier": "two"}},
                "require": {"organizational_unit": ["Ops"]},
            },
        ],
    )


@pytest.mark.parametrize(
    ("path", "reasons"),
    [
        ("/payments", ("organizational_unit_not_allowed", "allowed")),
        ("/reports", ("allowed", "organizational_unit_not_allowed")),
        ("/unknown", ("no_policy", "no_policy")),
        ("/", ("no_policy", "no_policy")),
    ],
)
def test_the_route_names_the_policy(
    edge: Edge, alice: Client, bob: Client, path: str, reasons: tuple[str, str]
) -> None:
    assert (edge.reason(edge.ask(alice, path)), edge.reason(edge.ask(bob, path))) == reasons


@pytest.mark.parametrize("name", ["policy", "x-policy", "context_extensions", "x-envoy-policy"])
def test_no_header_names_it(edge: Edge, bob: Client, name: str) -> None:
    answer = edge.ask(bob, "/", headers=[(name, "payments")])
    assert (answer.status, edge.reason(answer)) == (403, "no_policy")


def test_a_route_without_ext_authz_is_open_to_everybody_and_to_forged_headers(edge: Edge, alice: Client) -> None:
    # Envoy's decision, not ours: extauthz is never asked, so nobody removes what the client wrote.
    answer = edge.ask(alice, "/open", headers=[("x-client-cert-subject", "CN=root")])
    assert answer.identity_headers() == {"x-client-cert-subject": "CN=root"}
    assert edge.logged(answer)["extauthz"] is None
