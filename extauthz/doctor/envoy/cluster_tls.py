"""TLS of the cluster through which Envoy reaches extauthz, against that of the listener.

Envoy's ``transport_socket_matches`` choose by what an endpoint says about itself, and tell nothing here.
"""

from collections.abc import Iterator
from typing import Final

from extauthz.config.schema.tls import ServerTls
from extauthz.doctor.code import Code
from extauthz.doctor.envoy.header_rules import matches_one
from extauthz.doctor.envoy.read import extension
from extauthz.doctor.envoy.view import Authorizer, EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.own.certificate import names_of
from extauthz.doctor.tls_asked import Tls, tls_agrees_over_grpc, tls_agrees_over_http
from extauthz.doctor.wiring import ENVOY_HTTP, speaks
from extauthz.model.identity import SubjectAltName

_TLS: Final = "extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_PLAINTEXT: Final = "extensions.transport_sockets.raw_buffer.v3.RawBuffer"
_CERTIFICATES: Final = (
    "tls_certificates",
    "tls_certificate_sds_secret_configs",
    "tls_certificate_provider_instance",
    "tls_certificate_certificate_provider",
    "tls_certificate_certificate_provider_instance",
    "custom_tls_certificate_selector",
)
"""Where a certificate of Envoy's own may come from."""
_TYPES: Final = {"EMAIL": "email", "DNS": "dns", "URI": "uri", "IP_ADDRESS": "ip"}
_BY_NUMBER: Final = {"1": "EMAIL", "2": "DNS", "3": "URI", "4": "IP_ADDRESS"}


def spoken(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect TLS of the cluster where the listener serves it, and with a certificate where it wants one."""
    for authorizer, cluster in _clusters(view):
        place = cluster["transport_socket"].found(Code.CONFIG_ASKED_WITHOUT_TLS).place
        if authorizer.asks_over_http:
            yield from tls_agrees_over_http(wants, ENVOY_HTTP, _spoken(cluster), place)
        else:
            yield from tls_agrees_over_grpc(wants, _spoken(cluster), place)


def expected_name(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the name that Envoy wants is in the certificate of extauthz, where both are at hand."""
    for authorizer, cluster in _clusters(view):
        tls, (_, config) = _listener(authorizer, wants), _socket(cluster)
        context = config["common_tls_context"]
        combined = context.at("combined_validation_context", "default_validation_context")
        validation = combined if combined.given else context["validation_context"]
        wanted = validation["match_typed_subject_alt_names"]
        names = names_of(wants, tls) if tls is not None and wanted.items else None
        if names is not None and not any(_fits(matcher, name) for matcher in wanted.items for name in names):
            yield wanted.found(Code.ENVOY_CLUSTER_OTHER_NAME, f"{', '.join(map(str, names)) or 'no name'} in it")


def _clusters(view: EnvoyView) -> Iterator[tuple[Authorizer, Located]]:
    for authorizer in view.authorizers:
        cluster = view.resources.clusters.get(authorizer.cluster.text)
        if cluster is not None:
            yield authorizer, cluster


def _listener(authorizer: Authorizer, wants: Expectations) -> ServerTls | None:
    listen = wants.config.listen
    if not authorizer.asks_over_http:
        return listen.grpc.tls
    return listen.http.tls if listen.http is not None and speaks(listen.http, ENVOY_HTTP) else None


def _socket(cluster: Located) -> tuple[str, Located]:
    """Return type and configuration of what a cluster speaks, without what is wrapped around it."""
    kind, config = extension(cluster["transport_socket"])
    while config["transport_socket"].given:
        kind, config = extension(config["transport_socket"])
    return kind, config


def _spoken(cluster: Located) -> Tls:
    if cluster["transport_socket_matches"].given:
        return Tls.UNKNOWN
    kind, config = _socket(cluster)
    if kind == _TLS:
        common = config["common_tls_context"]
        return Tls.MUTUAL if any(common[one].value for one in _CERTIFICATES) else Tls.ANONYMOUS
    return Tls.NONE if kind == _PLAINTEXT or not cluster["transport_socket"].given else Tls.UNKNOWN


def _fits(typed: Located, name: SubjectAltName) -> bool:
    """Say whether Envoy takes a name; one of a type that is not read here is taken for the right one."""
    wanted = _TYPES.get(_BY_NUMBER.get(typed["san_type"].text, typed["san_type"].text))
    if wanted is None:
        return True
    matcher = typed["matcher"]
    value = name.value.lower() if matcher["ignore_case"].is_true else name.value
    # Envoy reads the wildcard in a certificate's DNS name where a matcher is exact.
    wildcard = wanted == "dns" and value.startswith("*.") and matcher["exact"].text.partition(".")[2] == value[2:]
    return name.type == wanted and (wildcard or matches_one(matcher, value))
