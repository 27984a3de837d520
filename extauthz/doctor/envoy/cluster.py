"""The cluster through which Envoy reaches extauthz."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located

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


def _speaks_http2(cluster: Located) -> bool:
    options = cluster["typed_extension_protocol_options"].entries.get(_OPTIONS)
    if options is not None and any(options.at(*keys).given for keys in _SPEAKING_HTTP2):
        return True
    return cluster["http2_protocol_options"].given  # the older place
