"""What a client can write into a request to be taken for somebody else, or for asking something else."""

import base64
from typing import Final

from extauthz.headers import DEFAULT_PREFIX, EMITTED
from extauthz.model.reason import Reason
from support import pki
from support.edge_pki import Client
from support.https_client import HeaderLines
from support.proxies.scenario import ALLOWED, NO_HANDSHAKE, Scenario, Unlike, denied, refused_by_proxy

FORGED: Final = "mallory"
"""Stands in every value that a client forges and that nobody behind the proxy may see."""
REQUEST_HEADERS: Final = (
    *("x-original-method", "x-original-host", "x-original-uri", "x-original-url"),
    *("x-forwarded-method", "x-forwarded-host", "x-forwarded-uri"),
    *("x-envoy-original-path", "x-rewrite-url"),
)
"""In which some proxy says what is asked."""


def certificate_headers(client: Client) -> HeaderLines:
    """Return every header by which some proxy hands over a certificate, with this client's, as that proxy writes it."""
    leaf, *chain = client.leaf.chain
    raw, above = base64.b64encode(leaf).decode(), base64.b64encode(b"".join(chain)).decode()
    return [
        ("x-ssl-client-verify", "SUCCESS"),
        ("ssl-client-verify", "SUCCESS"),
        ("x-forwarded-client-cert", pki.xfcc(leaf, chain=client.leaf.chain)),
        ("x-forwarded-tls-client-cert", ",".join(base64.b64encode(one).decode() for one in client.leaf.chain)),
        ("x-client-certificate", raw),
        ("x-ssl-client-cert", raw),
        ("x-ssl-client-chain", above),
        ("client-cert", f":{raw}:"),
        ("client-cert-chain", f":{above}:"),
        ("x-amzn-mtls-clientcert", pki.url_pem(leaf)),
        ("ssl-client-cert", pki.url_pem(leaf)),
        ("ssl-client-subject-dn", client.leaf.name.rfc4514_string()),
        ("ssl-client-issuer-dn", client.leaf.cert.issuer.rfc4514_string()),
    ]


def every_spelling(name: str) -> list[str]:
    """Return a name as CGI and its heirs may confuse it with the real one, and in another case."""
    underscored = name.replace("-", "_")
    return [name, name.upper(), name.title(), underscored, underscored.upper(), name.replace("-", "_", 1)]


def odd_spellings(name: str) -> list[str]:
    """Return a name with each sign that a name may have (RFC 9110, section 5.6.2) for one, and for all, of its hyphens.

    Only the first three hyphens: those of the prefix.
    """
    parts = name.split("-", 3)
    found = []
    for sign in "!#$%&'*+.^_`|~":
        found.append(sign.join(parts))
        for place in range(3):
            between = ["-", "-", "-"]
            between[place] = sign
            found.append("".join(part + joint for part, joint in zip(parts, [*between, ""], strict=True)))
    return found


def _requests(value: str) -> HeaderLines:
    return [(name, value) for name in REQUEST_HEADERS]


_ALL: Final = [DEFAULT_PREFIX + suffix for suffix in EMITTED]
_WEBSOCKET: Final = [("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")]
_ENVOYS: Final = ("envoy", "envoy-http")
_BY_NAME: Final = "NGINX removes headers by their full names alone"

FORGERIES: Final = [
    Scenario(
        claim="an identity header that this client has",
        headers=[(f"{DEFAULT_PREFIX}subject", f"CN={FORGED}"), (f"{DEFAULT_PREFIX}cn", FORGED)],
        expected=ALLOWED,
    ),
    Scenario(
        claim="an identity header that this client has not",
        headers=[(f"{DEFAULT_PREFIX}spiffe-id", f"spiffe://{FORGED}"), (f"{DEFAULT_PREFIX}upn", FORGED)],
        expected=ALLOWED,
    ),
    Scenario(
        claim="every identity header, twice",
        headers=[(name, FORGED) for name in (*_ALL, *_ALL)],
        expected=ALLOWED,
    ),
    Scenario(
        claim="every identity header over HTTP/2",
        headers=[(name, FORGED) for name in _ALL],
        http2=True,
        expected=ALLOWED,
    ),
    Scenario(
        claim="identity headers in every spelling",
        headers=[(spelled, FORGED) for name in _ALL[:12] for spelled in every_spelling(name)],
        expected=ALLOWED,
    ),
    Scenario(
        claim="an identity header with other signs for hyphens",
        headers=[(spelled, FORGED) for spelled in odd_spellings(f"{DEFAULT_PREFIX}upn")],
        expected=ALLOWED,
    ),
    Scenario(
        claim="a name under the prefix that nobody uses",
        headers=[(f"{DEFAULT_PREFIX}unknown", FORGED)],
        expected=ALLOWED,
        lets_through={"nginx": _BY_NAME},
    ),
    Scenario(
        claim="identity headers named as hop-by-hop",
        headers=[("Connection", ", ".join(["keep-alive", *_ALL[:6]]))],
        expected=ALLOWED,
    ),
    Scenario(
        claim="the proxy's own headers named as hop-by-hop",
        target="/ops/x",
        headers=[("Connection", ", ".join(("keep-alive", *REQUEST_HEADERS, "x-forwarded-client-cert")))],
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
        unlike=dict.fromkeys(_ENVOYS, Unlike(refused_by_proxy(400), "Envoy refuses such a Connection")),
    ),
    Scenario(
        claim="another one's certificate, without one of one's own",
        client=None,
        forged_certificate="alice",
        expected=denied(Reason.NO_CERTIFICATE),
        unlike={"envoy": Unlike(NO_HANDSHAKE, "this example has require_client_certificate")},
    ),
    Scenario(
        claim="another one's certificate, beside a revoked one",
        client="revoked",
        forged_certificate="alice",
        expected=denied(Reason.REVOKED),
    ),
    Scenario(
        claim="another one's certificate, beside a good one",
        forged_certificate="ops",
        target="/ops/x",
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(
        claim="another one's certificate does not reach the upstream",
        forged_certificate="ops",
        expected=ALLOWED,
    ),
    Scenario(
        claim="another path than the one that is asked for",
        target="/ops/x",
        headers=_requests("/public"),
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(
        claim="another host than the one that is asked for",
        host="pay.example",
        headers=_requests("localhost"),
        expected=denied(Reason.COMMON_NAME_NOT_ALLOWED),
    ),
    Scenario(
        claim="another method than the one that is used",
        method="DELETE",
        headers=_requests("GET"),
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(
        claim="another path, host and method, twice",
        target="/ops/x",
        headers=[*_requests("/a"), *_requests("/b")],
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(
        claim="a worse path than the one that is asked for is not believed either",
        headers=_requests("/ops/x"),
        expected=ALLOWED,
    ),
    Scenario(
        claim="a body's length and coding are not those of the check",
        method="POST",
        body=b"x" * 70_000,
        expected=ALLOWED,
    ),
    Scenario(
        claim="a body over HTTP/2",
        method="POST",
        http2=True,
        body=b"x" * 70_000,
        expected=ALLOWED,
    ),
    Scenario(
        claim="an upgrade is asked about like everything else",
        client="revoked",
        headers=[("Connection", "Upgrade"), ("Upgrade", "websocket"), *_WEBSOCKET],
        expected=denied(Reason.REVOKED),
        unlike=dict.fromkeys(_ENVOYS, Unlike(refused_by_proxy(403), "these examples have no upgrade_configs")),
    ),
]
