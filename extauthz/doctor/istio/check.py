"""All rules about Istio."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from extauthz.doctor.examined import Checked, Examined
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.istio import coverage, gateway, on_gateways, policy, provider, sidecar, written
from extauthz.doctor.istio.view import IstioView, read_istio

RULES: Final = (
    provider.there,
    provider.fail_open,
    provider.port,
    provider.timeout,
    provider.status_on_error,
    provider.route_cache,
    provider.over_http,
    provider.never_sent,
    policy.there,
    policy.provider_known,
    policy.provider_used,
    policy.on_gateway,
    on_gateways.covered,
    coverage.rules_given,
    coverage.enforced,
    coverage.everything_matched,
    sidecar.only_the_gateway,
    sidecar.plain,
    written.identity_overwritten,
    gateway.xfcc_mode,
    gateway.certificate_requested,
    gateway.verified,
)


def check_istio(paths: Sequence[Path], wants: Expectations) -> Checked:
    """Return what is wrong in the files, read together. Raises UnreadableError."""
    view = read_istio(paths)
    counts = {
        "providers": len(view.providers),
        "policies that ask": len(view.custom_policies),
        "gateways": len(view.gateways) + len(view.cluster_gateways),
    }
    return Checked(Examined(view.files, counts), _findings(view, wants))


def _findings(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    yield from wants.answers_envoy([one.over_http for one in view.providers])
    for rule in RULES:
        yield from rule(view, wants)
