"""What every proxy is put through, and what has to come of it: certificates, policies, paths."""

from collections.abc import Mapping
from typing import Final

from extauthz.model.reason import Reason
from support.proxies.scenario import (
    ALLOWED,
    NO_HANDSHAKE,
    Expected,
    Scenario,
    Unlike,
    denied,
    refused_by_proxy,
)

_VERIFIES: Final = Unlike(NO_HANDSHAKE, "this example lets Envoy verify the chain, which ends the handshake")
_AT_TLS: Final = {"envoy": _VERIFIES}
_FOUND_BY_NGINX: Final = Unlike(
    denied(Reason.SOURCE_UNTRUSTED),
    "NGINX found this itself, and extauthz takes nothing of that back; the detail says it",
)
_AT_TLS_OR_NGINX: Final = {**_AT_TLS, "nginx": _FOUND_BY_NGINX}
_LEAF_ALONE: Final = {
    "nginx": Unlike(denied(Reason.UNTRUSTED_ISSUER), "NGINX has no variable with the chain"),
    "caddy": Unlike(denied(Reason.UNTRUSTED_ISSUER), "Caddy has no placeholder with the chain"),
}


CERTIFICATES: Final = [
    Scenario(claim="a good client gets in", expected=ALLOWED),
    Scenario(claim="a good client gets in over HTTP/2", http2=True, expected=ALLOWED),
    Scenario(
        claim="nobody without a certificate",
        client=None,
        expected=denied(Reason.NO_CERTIFICATE),
        unlike={"envoy": Unlike(NO_HANDSHAKE, "this example has require_client_certificate")},
    ),
    Scenario(claim="expired", client="expired", expected=denied(Reason.EXPIRED), unlike=_AT_TLS_OR_NGINX),
    Scenario(
        claim="expired, over HTTP/2",
        client="expired",
        http2=True,
        expected=denied(Reason.EXPIRED),
        unlike=_AT_TLS_OR_NGINX,
    ),
    Scenario(
        claim="expired, with a body",
        client="expired",
        method="POST",
        body=b"x" * 20_000,
        expected=denied(Reason.EXPIRED),
        unlike=_AT_TLS_OR_NGINX,
    ),
    Scenario(claim="not yet valid", client="early", expected=denied(Reason.NOT_YET_VALID), unlike=_AT_TLS_OR_NGINX),
    Scenario(claim="revoked", client="revoked", expected=denied(Reason.REVOKED)),
    Scenario(claim="of a rogue CA", client="rogue", expected=denied(Reason.UNTRUSTED_ISSUER), unlike=_AT_TLS),
    Scenario(
        claim="of a CA with the right name and a wrong key",
        client="impostor",
        expected=denied(Reason.UNTRUSTED_ISSUER),
        unlike=_AT_TLS,
    ),
    Scenario(claim="self-signed", client="self-signed", expected=denied(Reason.UNTRUSTED_ISSUER), unlike=_AT_TLS),
    Scenario(
        claim="a server's certificate is not a client's",
        client="server",
        expected=denied(Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED),
        unlike=_AT_TLS_OR_NGINX,
    ),
    Scenario(claim="a large certificate", client="large", expected=ALLOWED),
    Scenario(
        claim="an intermediate that only the client has",
        client="by-second",
        expected=ALLOWED,
        unlike=_LEAF_ALONE,
    ),
    Scenario(
        claim="three large intermediates that only the client has",
        client="deep",
        expected=ALLOWED,
        unlike=_LEAF_ALONE,
    ),
    Scenario(claim="a name outside ASCII", client="non-ascii", expected=ALLOWED),
    Scenario(claim="several names", client="several-names", expected=ALLOWED),
]

POLICY: Final = [
    Scenario(
        claim="a path that is not theirs",
        target="/ops/x",
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(claim="a path that is theirs", client="ops", target="/ops/x", expected=ALLOWED),
    Scenario(claim="a host that is not theirs", host="pay.example", expected=denied(Reason.COMMON_NAME_NOT_ALLOWED)),
    Scenario(claim="a host that is theirs", client="ops", host="pay.example", expected=ALLOWED),
    Scenario(
        claim="a host in capitals is the same host",
        host="PAY.example",
        expected=denied(Reason.COMMON_NAME_NOT_ALLOWED),
    ),
    Scenario(
        claim="a host with a port is the same host",
        host="pay.example:8443",
        expected=denied(Reason.COMMON_NAME_NOT_ALLOWED),
    ),
    Scenario(
        claim="a host with a dot at its end is the same host",
        host="pay.example.",
        expected=denied(Reason.COMMON_NAME_NOT_ALLOWED),
        unlike={"caddy": Unlike(refused_by_proxy(421), "Caddy asks for the host of the handshake, to the letter")},
    ),
    Scenario(claim="a host with a port that is theirs", client="ops", host="pay.example:8443", expected=ALLOWED),
    Scenario(
        claim="a method that is not theirs",
        method="DELETE",
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(claim="a method that is theirs", client="ops", method="DELETE", expected=ALLOWED),
    Scenario(claim="HEAD", method="HEAD", expected=ALLOWED),
    Scenario(claim="POST, whose body arrives", method="POST", body=b"a=1&b=2", expected=ALLOWED),
    Scenario(claim="OPTIONS is no exception", method="OPTIONS", client="revoked", expected=denied(Reason.REVOKED)),
    Scenario(
        claim="a header that names another method changes nothing",
        headers=[("X-HTTP-Method-Override", "DELETE"), ("X-HTTP-Method", "DELETE"), ("X-Method-Override", "DELETE")],
        expected=ALLOWED,
    ),
    Scenario(
        claim="a header that names an innocent method does not hide the real one",
        method="DELETE",
        headers=[("X-HTTP-Method-Override", "GET"), ("X-HTTP-Method", "GET"), ("X-Method-Override", "GET")],
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
]

_NOT_OF_OPS: Final = denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED)
_ENVOYS: Final = ("envoy", "envoy-http")
_RESOLVES: Final = "resolves dots and slashes first; extauthz and the upstream see what comes of it"
_REFUSED_BY_ENVOY: Final = dict.fromkeys(
    _ENVOYS, Unlike(refused_by_proxy(400), "path_with_escaped_slashes_action: REJECT_REQUEST in this example")
)


def _resolved(expected: Expected, *proxies: str) -> Mapping[str, Unlike]:
    """Return what is different behind the proxies that resolve a path before they ask."""
    return {one: Unlike(expected, f"it {_RESOLVES}") for one in (*_ENVOYS, *proxies)}


PATHS: Final = [
    Scenario(
        claim="an encoded slash",
        target="/x%2Fops",
        expected=denied(Reason.PATH_AMBIGUOUS),
        unlike=_REFUSED_BY_ENVOY,
    ),
    Scenario(
        claim="dot segments",
        target="/x/../ops/x",
        expected=denied(Reason.PATH_AMBIGUOUS),
        unlike=_resolved(_NOT_OF_OPS, "traefik"),
    ),
    Scenario(
        claim="dot segments of one who may",
        client="ops",
        target="/x/../ops/x",
        expected=denied(Reason.PATH_AMBIGUOUS),
        unlike=_resolved(ALLOWED, "traefik"),
        arrives_as=dict.fromkeys((*_ENVOYS, "traefik"), "/ops/x"),
    ),
    Scenario(
        claim="encoded dot segments",
        target="/x/%2e%2e/ops/x",
        expected=denied(Reason.PATH_AMBIGUOUS),
        unlike=_resolved(_NOT_OF_OPS, "traefik"),
    ),
    Scenario(
        claim="two slashes",
        target="//ops/x",
        expected=denied(Reason.PATH_AMBIGUOUS),
        unlike=_resolved(_NOT_OF_OPS, "traefik"),
    ),
    Scenario(
        claim="a backslash",
        target="/x\\..\\ops\\x",
        expected=denied(Reason.PATH_AMBIGUOUS),
        unlike=_resolved(_NOT_OF_OPS),
    ),
    Scenario(
        claim="an encoded backslash",
        target="/x%5C..%5Cops",
        expected=denied(Reason.PATH_AMBIGUOUS),
        unlike=_REFUSED_BY_ENVOY,
    ),
    Scenario(claim="path parameters", target="/ops;x=1/x", expected=denied(Reason.PATH_AMBIGUOUS)),
    Scenario(
        claim="an encoded letter is that letter",
        target="/%6Fps/x",
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(claim="a query is no path", target="/x?next=/../ops/%2F..%2Fx&a=//ops", expected=ALLOWED),
    Scenario(
        claim="a question mark does not hide the path",
        target="/ops/x?/public",
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(
        claim="a target with scheme and host",
        target="https://localhost/ops/x",
        expected=denied(Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED),
    ),
    Scenario(
        claim="a target with a host that is not theirs, whatever Host says",
        target="https://pay.example/x",
        expected=denied(Reason.COMMON_NAME_NOT_ALLOWED),
        unlike={
            "caddy": Unlike(refused_by_proxy(421), "Caddy asks for the host of the handshake (strict_sni_host)"),
            "haproxy": Unlike(refused_by_proxy(400), "HAProxy refuses a target that contradicts Host"),
        },
    ),
]
