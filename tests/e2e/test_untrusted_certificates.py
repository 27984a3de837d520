"""A proxy that accepts untrusted certificates forwards them like verified ones; extauthz verifies for itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from support import pki
from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki, now
from support.envoy_bootstrap import HttpEdge


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(edges={"https": HttpEdge(accept_untrusted=True)})


def rogue(authority: EdgePki) -> Client:
    return authority.client("by-rogue", by=authority.authority("Rogue CA", organization="Somebody Else"))


def same_issuer_name(authority: EdgePki) -> Client:
    impostor = authority.authority("Issuing CA")
    assert impostor.name == authority.issuing.name
    return authority.client("by-impostor", by=impostor)


def same_issuer_name_and_key_id(authority: EdgePki) -> Client:
    # The impostor also claims the real CA's key identifier: only the signature tells them apart.
    key = pki.keys.make_key("ec", "impostor")
    return authority.client("by-claimed-key", signing_key=key)


def self_signed(authority: EdgePki) -> Client:
    leaf = authority.authority("self-signed", ca=False)
    return Client(leaf, authority.save("self-signed", leaf))


def expired(authority: EdgePki) -> Client:
    return authority.client("expired", not_after=now() - timedelta(minutes=1))


def not_yet_valid(authority: EdgePki) -> Client:
    return authority.client("early", not_before=now() + timedelta(hours=1))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (rogue, "untrusted_issuer"),
        (same_issuer_name, "untrusted_issuer"),
        (same_issuer_name_and_key_id, "untrusted_issuer"),
        (self_signed, "untrusted_issuer"),
        (expired, "expired"),
        (not_yet_valid, "not_yet_valid"),
    ],
)
def test_what_envoy_did_not_verify_is_refused(
    edge: Edge, authority: EdgePki, make: Callable[[EdgePki], Client], reason: str
) -> None:
    answer = edge.ask(make(authority))
    assert answer.status == 403
    assert edge.reason(answer) == reason
    assert not edge.reached(answer)


def test_an_honest_client_passes_such_a_proxy_too(edge: Edge, alice: Client) -> None:
    assert edge.ask(alice).status == 200
