"""All rules about Envoy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from extauthz.doctor.envoy import (
    beside,
    by_google,
    bypass,
    certificate,
    cluster,
    cluster_tls,
    conditions,
    elsewhere,
    failing,
    header_rules,
    matching,
    written,
    xfcc,
)
from extauthz.doctor.envoy.read import read_envoy
from extauthz.doctor.envoy.view import EnvoyView
from extauthz.doctor.examined import Checked, Examined
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding

RULES: Final = (
    bypass.ext_authz_missing,
    bypass.answers_before,
    bypass.filter_disabled,
    bypass.route_disabled,
    bypass.route_asks_another,
    bypass.upgrade,
    conditions.filter_partly_enabled,
    conditions.filter_by_metadata,
    conditions.filter_by_matcher,
    beside.open_beside,
    elsewhere.not_in_file,
    failing.failure_mode,
    failing.failure_header,
    failing.status_on_error,
    failing.timeout,
    failing.retries,
    xfcc.mode,
    xfcc.details,
    certificate.peer_certificate,
    certificate.requested,
    certificate.required,
    certificate.verified,
    header_rules.source_header,
    header_rules.identity_over_http,
    header_rules.mutations,
    written.identity_overwritten,
    written.certificate,
    written.underscores,
    matching.tls_session,
    matching.token,
    matching.context,
    matching.http_service,
    matching.path_normalized,
    matching.route_cache,
    matching.request_changed,
    cluster.reachable,
    cluster.address,
    cluster_tls.spoken,
    cluster_tls.expected_name,
    by_google.address,
)


def check_envoy(path: Path, wants: Expectations) -> Checked:
    """Return what is wrong in a dump or bootstrap of Envoy. Raises UnreadableError."""
    view = EnvoyView(read_envoy(path))
    counts = {
        "listeners": len(view.resources.listeners),
        "filter chains": len(view.chains),
        "ext_authz filters": len(view.authorizers),
    }
    return Checked(Examined([str(path)], counts), _findings(view, wants))


def _findings(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    yield from wants.answers_envoy([one.asks_over_http for one in view.authorizers])
    for rule in RULES:
        yield from rule(view, wants)
