"""Envoys whose TLS to extauthz fits the listener's or does not; beside those of ``doctor_envoy``."""

import copy
from pathlib import Path
from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, Json
from support.doctor_envoy import HTTP, Parts, over_http
from support.envoy_json import TYPE, client_socket, typed

_TLS: Final = "tls: {cert: pki/leaf.pem, key: pki/leaf.key%s}"
_WITH_CA: Final = ", client_ca: pki/root.pem"
GRPC_TLS: Final = {"listen": f"listen: {{grpc: {{{_TLS % ''}}}}}"}
"""The certificate is for ``dns:client.example``."""
GRPC_MUTUAL: Final = {"listen": f"listen: {{grpc: {{{_TLS % _WITH_CA}}}}}"}
HTTP_TLS: Final = {
    **HTTP,
    "listen": f"listen: {{http: {{dialect: envoy_http, callers: {{addresses: [127.0.0.1]}}, {_TLS % _WITH_CA}}}}}",
}
_WITH: Final = Code.CONFIG_ASKED_WITH_TLS
_WITHOUT: Final = Code.CONFIG_ASKED_WITHOUT_TLS
_ANONYMOUS: Final = Code.CONFIG_ASKED_WITHOUT_CERTIFICATE
_RAW: Final = typed("envoy.transport_sockets.raw_buffer", "extensions.transport_sockets.raw_buffer.v3.RawBuffer")


def tls(it: Parts, *, shown: bool = True, **validation: Json) -> Json:
    """Let the cluster speak TLS, and return its context."""
    pki = Path(it.common_tls["tls_certificates"][0]["certificate_chain"]["filename"]).parent
    socket: Json = copy.deepcopy(client_socket(pki / "server", pki))
    common = socket["typed_config"]["common_tls_context"]
    if not shown:
        common.pop("tls_certificates")
    common["validation_context"].update(validation)
    it.cluster["transport_socket"] = socket
    return common


def wrapped(it: Parts) -> Parts:
    """Send the PROXY protocol before TLS."""
    kind = "extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport"
    it.cluster["transport_socket"] = typed(
        "envoy.transport_sockets.upstream_proxy_protocol", kind, transport_socket=it.cluster["transport_socket"]
    )
    return it


def matched(it: Parts) -> None:
    """Let each endpoint say whether it speaks TLS."""
    tls(it)
    socket = it.cluster.pop("transport_socket")
    it.cluster["transport_socket_matches"] = [
        {"name": "tls", "match": {"tls": "yes"}, "transport_socket": socket},
        {"name": "plain", "match": {}, "transport_socket": _RAW},
    ]


def names(san_type: Json, **matcher: Json) -> Json:
    return [{"san_type": san_type, "matcher": matcher}]


def expects(san_type: Json = "DNS", *finds: Code, hidden: bool = False, **matcher: Json) -> Case:
    """Return a case in which Envoy expects a name of the listener's certificate."""
    given = names(san_type, **matcher)
    return Case(lambda it: tls(it, match_typed_subject_alt_names=given), finds, GRPC_TLS, hidden=hidden)


def by_google(target: str, *finds: Code, sections: dict[str, str] | None = None, **settings: Json) -> Case:
    """Return a case in which Envoy asks by Google's library; a real one of some builds has none."""

    def change(it: Parts) -> None:
        service = it.authorizer["grpc_service"]
        service.pop("envoy_grpc")
        service["google_grpc"] = {"target_uri": target, "stat_prefix": "extauthz", **settings}

    return Case(change, finds, sections or {}, hidden=True)


def by_ssl(**files: str) -> Json:
    return {"ssl_credentials": {name: {"filename": file} for name, file in files.items()}}


OTHER: Final = Code.ENVOY_CLUSTER_OTHER_NAME

TLS: Final[dict[str, Case]] = {
    "TLS on both sides": Case(lambda it: tls(it, shown=False), sections=GRPC_TLS),
    "TLS on both sides with certificates": Case(tls, sections=GRPC_MUTUAL),
    "TLS of extauthz alone": Case(lambda _it: None, [_WITHOUT], GRPC_TLS, "transport_socket asks in plaintext"),
    "TLS of extauthz and plaintext in many words": Case(
        lambda it: it.cluster.update(transport_socket=_RAW), [_WITHOUT], GRPC_TLS
    ),
    "TLS of Envoy alone": Case(tls, [_WITH], text="transport_socket asks with TLS"),
    "TLS without a certificate of Envoy's": Case(
        lambda it: tls(it, shown=False), [_ANONYMOUS], GRPC_MUTUAL, "listen.grpc.tls.client_ca"
    ),
    "a certificate from elsewhere": Case(
        lambda it: tls(it, shown=False).update(
            tls_certificate_sds_secret_configs=[{"name": "a", "sds_config": {"path_config_source": {"path": "/a"}}}]
        ),
        sections=GRPC_MUTUAL,
        hidden=True,
    ),
    "TLS behind the PROXY protocol": Case(lambda it: (tls(it), wrapped(it)), sections=GRPC_MUTUAL),
    "TLS as the endpoint says": Case(matched, sections=GRPC_MUTUAL),
    "something else than TLS": Case(
        lambda it: it.cluster.update(
            transport_socket={"name": "a", "typed_config": {"@type": f"{TYPE}extensions.other"}}
        ),
        sections=GRPC_MUTUAL,
        hidden=True,
    ),
    "TLS on both sides over HTTP": Case(lambda it: (over_http(it), tls(it)), sections=HTTP_TLS),
    "TLS of extauthz alone over HTTP": Case(over_http, [_WITHOUT], HTTP_TLS, "listen.http.tls"),
    "TLS of Envoy alone over HTTP": Case(lambda it: (over_http(it), tls(it)), [_WITH], HTTP, "listen.http"),
    "the name of extauthz": expects(exact="client.example"),
    "another name": expects("DNS", OTHER, exact="extauthz.example"),
    "a name of another type": expects("URI", OTHER, exact="client.example"),
    "the end of the name": expects(suffix=".example"),
    "a part of the name in another case": expects(contains="CLIENT", ignore_case=True),
    "the name by an expression": expects(safe_regex={"regex": r"client\..*"}),
    "another expression": expects("DNS", OTHER, safe_regex={"regex": "client"}),
    "a type by its number": expects(2, OTHER, hidden=True, exact="extauthz.example"),
    "a type that is not read": expects("OTHER_NAME", hidden=True, exact="a"),
    "another name and no TLS of extauthz": Case(
        lambda it: tls(it, match_typed_subject_alt_names=names("DNS", exact="a")), [_WITH]
    ),
    "Google's library": by_google("127.0.0.1:9191"),
    "Google's library by a name": by_google("dns:///extauthz.tools:9191"),
    "Google's library at another port": by_google("127.0.0.1:9192", Code.CONFIG_ASKED_ELSEWHERE),
    "Google's library at the port of TLS": by_google("dns:extauthz.tools", Code.CONFIG_ASKED_AT_OTHER_PORT),
    "Google's library by a socket": by_google("unix:/run/extauthz.sock"),
    "Google's library with TLS alone": by_google(
        "127.0.0.1:9191", _WITH, channel_credentials=by_ssl(root_certs="ca.pem")
    ),
    "Google's library without TLS": by_google("127.0.0.1:9191", _WITHOUT, sections=GRPC_TLS),
    "Google's library without a certificate": by_google(
        "127.0.0.1:9191", _ANONYMOUS, sections=GRPC_MUTUAL, channel_credentials=by_ssl(root_certs="ca.pem")
    ),
    "Google's library with a certificate": by_google(
        "127.0.0.1:9191",
        sections=GRPC_MUTUAL,
        channel_credentials=by_ssl(root_certs="ca.pem", private_key="a.key", cert_chain="a.pem"),
    ),
    "Google's library with other credentials": by_google(
        "127.0.0.1:9191", sections=GRPC_MUTUAL, channel_credentials={"google_default": {}}
    ),
    "Google's library with credentials of a factory": by_google(
        "127.0.0.1:9191", sections=GRPC_MUTUAL, credentials_factory_name="a"
    ),
    "another name over HTTP": Case(
        lambda it: (over_http(it), tls(it, match_typed_subject_alt_names=names("DNS", exact="a"))), [OTHER], HTTP_TLS
    ),
}
