"""Envoy copies URI and DNS names into XFCC without quotes, so a separator in one makes another header of it.

Such a client is denied where the proxy is told to copy them (``uri: true``, ``dns: true``): nothing in the text tells a
name with a separator from a forged pair. Where it is not told to, the names are read from the certificate and nobody is
in the way.
"""

import pytest

from support import pki
from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki
from support.envoy_bootstrap import ALL_DETAILS, HttpEdge

WITHOUT_NAMES = {**ALL_DETAILS, "uri": False, "dns": False}
CASES = {
    "semicolon": {"uris": ["https://a.example/x;y=1"]},
    "comma": {"uris": ["ldap://dir.example/o=Example,c=DE"]},
    "quote": {"uris": ['urn:"q"']},
    "comma-in-dns": {"dns": ["a,b.example"]},
    "forged-pair": {"uris": ['x;Cert="y"']},
    "forged-element": {"uris": ['x,Hash=00;Cert="y"']},
}


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(edges={"copied": HttpEdge(), "left-out": HttpEdge(details=WITHOUT_NAMES)})


@pytest.mark.parametrize("title", CASES)
def test_a_separator_in_a_name_never_makes_another_client(edge: Edge, authority: EdgePki, title: str) -> None:
    client = authority.client(f"bare-{title}", **CASES[title])  # type: ignore[arg-type]  # the keywords of Options
    copied = edge.ask(client, to="copied")
    assert copied.status == 403
    assert edge.reason(copied) in {"source_malformed", "source_ambiguous"}
    left_out = edge.ask(client, to="left-out")
    assert left_out.identity_headers()["x-client-cert-cn"] == f"bare-{title}"


SPLICES = {
    "in one name": ['x,Hash={hash};Cert="{pem}"'],
    "across two names": ['x,By="a', 'b",Hash={hash};Cert="{pem}"'],
}


@pytest.mark.parametrize("splice", SPLICES.values(), ids=SPLICES)
@pytest.mark.parametrize("self_signed", [False, True], ids=["of a trusted CA", "self-signed and let through"])
def test_a_certificate_never_writes_the_element_that_is_taken_for_another_client(
    start_edge: StartEdge, authority: EdgePki, splice: list[str], self_signed: bool
) -> None:
    victim = authority.client("victim")
    hash_, pem = victim.leaf.sha256.hex(), pki.url_pem(victim.leaf.der)
    uris = [part.format(hash=hash_, pem=pem) for part in splice]
    if self_signed:
        leaf = authority.authority("Mallory", ca=False, uris=uris)
        mallory = Client(leaf, authority.save("mallory", leaf, chain=[leaf.der]))
    else:
        mallory = authority.client("mallory", uris=uris)
    edge = start_edge(
        edges={"https": HttpEdge(xfcc="APPEND_FORWARD", accept_untrusted=self_signed)},
        sources=[{"type": "xfcc", "element": "last"}],
    )
    answer = edge.ask(mallory)
    assert answer.status == 403
    assert edge.reason(answer) in {"source_untrusted", "source_malformed"}


@pytest.mark.parametrize("self_signed", [False, True], ids=["of a trusted CA", "self-signed and let through"])
def test_nor_where_the_proxy_in_front_forwards_names_and_no_certificate(
    start_edge: StartEdge, authority: EdgePki, self_signed: bool
) -> None:
    """A sidecar that appends names only, and a client whose name brings two elements: the victim's, and its voucher."""
    gateway = "spiffe://mesh/gateway"
    victim = authority.client("victim")
    element = f'By={gateway};Hash={victim.leaf.sha256.hex()};Cert="{pki.url_pem(victim.leaf.der)}"'
    uris = [f"x,{element},Hash=a;URI={gateway}"]
    if self_signed:
        leaf = authority.authority("Mallory", ca=False, uris=uris)
        mallory = Client(leaf, authority.save("mallory", leaf, chain=[leaf.der]))
    else:
        mallory = authority.client("mallory", uris=uris)
    details = {"subject": True, "uri": True, "dns": True}
    edge = start_edge(
        edges={"https": HttpEdge(xfcc="APPEND_FORWARD", details=details, accept_untrusted=self_signed)},
        sources=[{"type": "xfcc", "element": {"from_right": 2}, "by": [gateway]}],
    )
    answer = edge.ask(mallory)
    assert (answer.status, edge.reason(answer)) == (403, "source_untrusted")


@pytest.mark.parametrize("self_signed", [False, True], ids=["of a trusted CA", "self-signed and let through"])
@pytest.mark.parametrize("place", ["in front", "to the right"])
def test_a_quote_that_the_client_opens_does_not_swallow_the_proxys_element(
    start_edge: StartEdge, authority: EdgePki, place: str, self_signed: bool
) -> None:
    """The client's header opens a quote, and a name in its certificate closes it behind what Envoy appended."""
    gateway = "spiffe://mesh/gateway"
    victim = authority.client("victim")
    element = f'By={gateway};Hash={victim.leaf.sha256.hex()};Cert="{pki.url_pem(victim.leaf.der)}"'
    if place == "in front":
        sent, name = 'Subject="', f'x",{element},Hash=a;URI={gateway}'
    else:
        sent, name = f'{element},Subject="', f'x";URI={gateway}'
    if self_signed:
        leaf = authority.authority("Mallory", ca=False, uris=[name])
        mallory = Client(leaf, authority.save("mallory", leaf, chain=[leaf.der]))
    else:
        mallory = authority.client("mallory", uris=[name])
    edge = start_edge(
        edges={"https": HttpEdge(xfcc="APPEND_FORWARD", details={"uri": True}, accept_untrusted=self_signed)},
        sources=[{"type": "xfcc", "element": {"from_right": 2}, "by": [gateway]}],
    )
    answer = edge.ask(mallory, headers=[("x-forwarded-client-cert", sent)])
    assert (answer.status, edge.reason(answer)) == (403, "source_malformed")
