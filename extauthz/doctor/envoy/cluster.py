"""The cluster through which Envoy reaches extauthz."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.asked import Asked, reached_over_grpc, reached_over_http
from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.wiring import ENVOY_HTTP

_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_SPEAKING_HTTP2: Final = (
    ("explicit_http_config", "http2_protocol_options"),
    ("auto_config",),
    ("use_downstream_protocol_config", "http2_protocol_options"),
)


def reachable(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that the cluster is there, and speaks HTTP/2 where gRPC is asked for."""
    for authorizer in view.authorizers:
        name = authorizer.cluster
        if not name.text:
            continue
        cluster = view.resources.clusters.get(name.text)
        if cluster is None:
            yield name.found(Code.ENVOY_CLUSTER_MISSING, name.text)
        elif not authorizer.asks_over_http and not _speaks_http2(cluster):
            yield cluster["typed_extension_protocol_options"].found(Code.ENVOY_CLUSTER_WITHOUT_HTTP2, name.text)


def address(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that extauthz listens where the cluster's endpoints are, and under the path that Envoy puts before."""
    for authorizer in view.authorizers:
        cluster = view.resources.clusters.get(authorizer.cluster.text)
        asked = list(_asked(cluster)) if cluster is not None else []
        if authorizer.asks_over_http:
            yield from reached_over_http(wants, ENVOY_HTTP, asked)
            prefix, expected = authorizer.config.at("http_service", "path_prefix"), wants.http(ENVOY_HTTP).prefix
            if prefix.text.rstrip("/") != expected:
                detail = f"{prefix.text or 'there is none'}, not {expected}"
                yield prefix.found(Code.ENVOY_HTTP_OTHER_PREFIX, detail)
        else:
            yield from reached_over_grpc(wants, asked)


def _asked(cluster: Located) -> Iterator[Asked]:
    for group in cluster.at("load_assignment", "endpoints").items:
        for one in group["lb_endpoints"].items:
            socket = one.at("endpoint", "address", "socket_address")
            port = socket["port_value"].text
            if socket["address"].text and port.isdecimal():
                place = socket.found(Code.CONFIG_ASKED_ELSEWHERE).place
                yield Asked(socket["address"].text, int(port), place)


def _speaks_http2(cluster: Located) -> bool:
    options = cluster["typed_extension_protocol_options"].entries.get(_OPTIONS)
    if options is not None and any(options.at(*keys).given for keys in _SPEAKING_HTTP2):
        return True
    return cluster["http2_protocol_options"].given  # the older place
