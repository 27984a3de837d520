"""Who can forge ``x-forwarded-client-cert`` depends on the proxy's mode, and so does the choice of the element."""

import pytest

from support import pki
from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge

MODES = {mode: HttpEdge(xfcc=mode) for mode in ("SANITIZE_SET", "APPEND_FORWARD", "ALWAYS_FORWARD_ONLY")}
XFCC = {"type": "xfcc"}
ALICE = "CN=alice,OU=Ops,O=Example"


def forged(victim: Client) -> list[tuple[str, str]]:
    """Return an element that names another client's certificate, in the very form of Envoy's own."""
    leaf = victim.leaf
    element = pki.xfcc(leaf.der, chain=leaf.chain, subject=pki.rfc2253(leaf.name))
    return [("x-forwarded-client-cert", element)]


@pytest.fixture(scope="module")
def only(start_edge: StartEdge) -> Edge:
    return start_edge(edges=MODES, sources=[XFCC])


@pytest.fixture(scope="module")
def last(start_edge: StartEdge) -> Edge:
    return start_edge(edges=MODES, sources=[{**XFCC, "element": "last"}])


@pytest.fixture(scope="module")
def both(start_edge: StartEdge) -> Edge:
    return start_edge(edges=MODES)


def test_sanitize_set_drops_what_the_client_wrote(only: Edge, alice: Client, bob: Client) -> None:
    answer = only.ask(alice, to="SANITIZE_SET", headers=forged(bob))
    assert answer.identity_headers()["x-client-cert-subject"] == ALICE


def test_append_forward_with_the_last_element_is_the_real_client(last: Edge, alice: Client, bob: Client) -> None:
    answer = last.ask(alice, to="APPEND_FORWARD", headers=forged(bob) + forged(bob))
    assert answer.identity_headers()["x-client-cert-subject"] == ALICE


def test_append_forward_with_the_only_element_is_ambiguous(only: Edge, alice: Client, bob: Client) -> None:
    assert only.ask(alice, to="APPEND_FORWARD").status == 200
    answer = only.ask(alice, to="APPEND_FORWARD", headers=forged(bob))
    assert answer.status == 403
    assert only.reason(answer) == "source_ambiguous"


@pytest.mark.parametrize("garbage", ["", "nonsense", 'Cert="', "By=x;Hash=y", 'Subject="CN=root"', ",", ";"])
def test_garbage_before_the_real_element_never_names_anybody_else(last: Edge, alice: Client, garbage: str) -> None:
    answer = last.ask(alice, to="APPEND_FORWARD", headers=[("x-forwarded-client-cert", garbage)])
    if answer.status == 200:
        assert answer.identity_headers()["x-client-cert-subject"] == ALICE
    else:
        assert last.reason(answer) == "source_malformed"


def test_always_forward_only_with_xfcc_alone_believes_the_client(only: Edge, alice: Client, bob: Client) -> None:
    # The reason why docs/envoy.md names no usable `element` for this mode.
    answer = only.ask(alice, to="ALWAYS_FORWARD_ONLY", headers=forged(bob))
    assert answer.identity_headers()["x-client-cert-cn"] == "bob"


def test_always_forward_only_with_both_sources_is_a_conflict(both: Edge, alice: Client, bob: Client) -> None:
    answer = both.ask(alice, to="ALWAYS_FORWARD_ONLY", headers=forged(bob))
    assert answer.status == 403
    assert both.reason(answer) == "source_conflict"
    assert not both.reached(answer)


def test_always_forward_only_without_a_header_leaves_the_peer(both: Edge, alice: Client) -> None:
    answer = both.ask(alice, to="ALWAYS_FORWARD_ONLY")
    assert answer.identity_headers()["x-client-cert-subject"] == ALICE
    assert both.decided(answer)["sources"] == ["envoy_peer"]


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_both_sources_agree_on_an_honest_client(both: Edge, alice: Client, http2: bool) -> None:
    answer = both.ask(alice, to="SANITIZE_SET", http2=http2)
    assert answer.status == 200
    assert both.decided(answer)["sources"] == ["envoy_peer", "xfcc"]


def test_an_element_without_the_certificate_is_not_an_identity(start_edge: StartEdge, alice: Client) -> None:
    edge = start_edge(edges={"https": HttpEdge(details={"subject": True, "uri": True})}, sources=[XFCC])
    answer = edge.ask(alice)
    assert answer.status == 403
    assert edge.reason(answer) == "certificate_not_forwarded"
