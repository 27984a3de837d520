"""XFCC in the JSON form, as Envoy 1.40 writes it and appends to it."""

import json

import pytest

from support import pki as forms
from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki
from support.envoy_bootstrap import ALL_DETAILS, HttpEdge

DETAILS = {**ALL_DETAILS, "issuer": True, "format": "JSON"}
MODES = {mode: HttpEdge(xfcc=mode, details=DETAILS) for mode in ("SANITIZE_SET", "APPEND_FORWARD")}
ALICE = "CN=alice,OU=Ops,O=Example"
XFCC = "x-forwarded-client-cert"


@pytest.fixture(scope="module")
def only(start_edge: StartEdge, authority: EdgePki) -> Edge:
    trust = {"anchors": [str(authority.directory / "root.pem")]}
    return start_edge(edges=MODES, trust=trust, sources=[{"type": "xfcc", "format": "json"}])


@pytest.fixture(scope="module")
def last(start_edge: StartEdge) -> Edge:
    return start_edge(edges=MODES, sources=[{"type": "xfcc", "format": "either", "element": "last"}])


def test_the_certificate_the_chain_and_every_claim_are_read(only: Edge, alice: Client) -> None:
    answer = only.ask(alice, to="SANITIZE_SET")
    assert answer.identity_headers()["x-client-cert-subject"] == ALICE
    (header,) = [value for name, value in answer.upstream_headers if name == XFCC]
    (element,) = json.loads(header)
    assert list(element) == ["hash", "cert", "chain", "subject", "issuer"]
    assert len(element["chain"]) == 2


def test_names_with_separators_are_read_as_they_are(only: Edge, authority: EdgePki) -> None:
    """In the text form they deny: nothing there tells a separator from a part of a name."""
    odd = authority.client("odd", uris=["spiffe://a/b", 'urn:x;"y",z\\q'], dns=["a.example", "b.example"])
    answer = only.ask(odd, to="SANITIZE_SET")
    assert answer.identity_headers()["x-client-cert-cn"] == "odd"


@pytest.mark.parametrize("name", ['Zoë "Z" Ng, Inc\\', "Größe", "\U0001f600"])
def test_a_subject_of_odd_characters_agrees_with_the_certificate(only: Edge, authority: EdgePki, name: str) -> None:
    client = authority.client(
        "odd-subject", raw_subject=forms.der.name(forms.der.rdn(("2.5.4.3", forms.der.utf8(name))))
    )
    answer = only.ask(client, to="SANITIZE_SET")
    assert (only.reason(answer), answer.status) == ("allowed", 200)


def test_without_the_json_form_configured_it_is_denied(start_edge: StartEdge, alice: Client) -> None:
    edge = start_edge(edges=MODES, sources=[{"type": "xfcc"}])
    answer = edge.ask(alice, to="SANITIZE_SET")
    assert (answer.status, edge.reason(answer)) == (403, "source_malformed")


def test_an_element_in_front_is_the_clients_in_either_form(last: Edge, alice: Client, bob: Client) -> None:
    leaf = bob.leaf
    in_json = forms.xfcc_json(forms.json_element(leaf.der, chain=leaf.chain, subject=forms.rfc2253(leaf.name)))
    answer = last.ask(alice, to="APPEND_FORWARD", headers=[(XFCC, in_json)])
    assert answer.identity_headers()["x-client-cert-subject"] == ALICE
    # Envoy goes on in text where the client began in text. Issuer is then refused: it stands behind the client's names.
    in_text = forms.xfcc(leaf.der, chain=leaf.chain)
    answer = last.ask(alice, to="APPEND_FORWARD", headers=[(XFCC, in_text)])
    assert (answer.status, last.reason(answer)) == (403, "source_malformed")


@pytest.mark.parametrize(
    "sent", ["[]", "[[]]", "{}", '[{"subject":"]', '[{"hash":"1","hash":"2"}]', '[{"hash":"1"}]x', "[1]", '"a"', "]"]
)
def test_garbage_in_front_never_names_anybody_else(last: Edge, alice: Client, sent: str) -> None:
    answer = last.ask(alice, to="APPEND_FORWARD", headers=[(XFCC, sent)])
    assert (answer.status, last.reason(answer)) == (403, "source_malformed")


def test_two_arrays_are_not_one(last: Edge, alice: Client) -> None:
    answer = last.ask(alice, to="APPEND_FORWARD", headers=[(XFCC, '[{"hash":"1"}]'), (XFCC, '[{"hash":"2"}]')])
    assert (answer.status, last.reason(answer)) == (403, "source_malformed")
