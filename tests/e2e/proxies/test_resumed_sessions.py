"""A client that resumes its TLS session is judged by the certificate that it showed in the first one."""

import pytest

from support.proxies.cast import Cast
from support.proxies.proxy import Proxy
from support.proxies.raw import RawClient
from support.proxies.site import Site

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
LEAF_ALONE = frozenset({"nginx", "caddy"})
NEVER_RESUMES = frozenset({"caddy", "haproxy"})
"""HAProxy is told not to: OpenSSL keeps the client's leaf with a session, and not the chain that was sent with it."""


@pytest.mark.parametrize("client", ["alice", "revoked", "by-second"])
def test_a_resumed_session(site: Site, cast: Cast, kind: type[Proxy], client: str) -> None:
    reason = "revoked" if client == "revoked" else "allowed"
    if client == "by-second" and kind.name in LEAF_ALONE:
        reason = "untrusted_issuer"
    before = len(site.decisions())
    raw = RawClient(
        site.proxy.port, server_ca=cast.pki.directory / "root.pem", credentials=cast.clients[client].credentials
    )
    raw.send(REQUEST)
    assert not raw.resumed
    raw.send(REQUEST)
    assert raw.resumed == (kind.name not in NEVER_RESUMES)
    assert [decision["reason"] for decision in site.decisions(before)] == [reason, reason]
