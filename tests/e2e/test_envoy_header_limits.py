"""Envoy counts the identity headers against its own limits on a request, and fails closed past them.

By default it takes 100 headers and 60 KiB. A request close to that has no room for what extauthz adds: Envoy answers
500 with the detail ``ext_authz_invalid``, and counts ``ext_authz.request_header_limits_reached``.
"""

from support.edge import StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge


def test_a_request_that_has_no_room_left_never_reaches_the_upstream(start_edge: StartEdge, alice: Client) -> None:
    edge = start_edge()
    answer = edge.ask(alice, headers=[(f"x-filler-{number}", "1") for number in range(90)])
    assert answer.status == 500
    logged = edge.logged(answer)
    assert (logged["details"], logged["extauthz"]["reason"]) == ("ext_authz_invalid", "allowed")
    assert not edge.reached(answer)
    assert edge.envoy.stats("http.edge.ext_authz.request_header_limits_reached") == {
        "http.edge.ext_authz.request_header_limits_reached": 1
    }


def test_fewer_identity_headers_or_a_higher_limit_make_room(start_edge: StartEdge, alice: Client) -> None:
    filler = [(f"x-filler-{number}", "1") for number in range(90)]
    fewer = start_edge(headers={"emit": ["subject"]})
    assert fewer.ask(alice, headers=filler).identity_headers() == {"x-client-cert-subject": "CN=alice,OU=Ops,O=Example"}
    higher = start_edge(edges={"https": HttpEdge(max_headers=200)})
    assert len(higher.ask(alice, headers=filler).identity_headers()) > 5
