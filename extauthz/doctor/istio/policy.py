"""AuthorizationPolicies with ``action: CUSTOM``: which provider they ask, and on which workload."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.istio.view import IstioView
from extauthz.doctor.located import Located

_GATEWAYS: Final = frozenset({"Gateway", "GatewayClass"})


def provider_known(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that the provider that a policy names exists."""
    if not view.meshes:
        return
    known = {one["name"].text for mesh in view.meshes for one in mesh["extensionProviders"].items}
    for policy in view.custom_policies:
        name = policy.at("spec", "provider", "name")
        if name.text not in known:
            yield name.found(Code.ISTIO_PROVIDER_UNKNOWN, name.text or "no name")


def there(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that some policy leaves the decision to a provider."""
    if not view.custom_policies:
        for provider in view.providers:
            yield provider.settings.found(Code.ISTIO_POLICY_MISSING, provider.name)


def provider_used(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that some policy asks each provider, where any policy asks."""
    if not view.custom_policies:
        return
    asked = {policy.at("spec", "provider", "name").text for policy in view.custom_policies}
    for provider in view.providers:
        if provider.name not in asked:
            yield provider.settings.found(Code.ISTIO_PROVIDER_UNUSED, provider.name)


def on_gateway(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect that the policy is on the gateway, where the peer is the client, unless what the gateway wrote is read."""
    if wants.looks_past_a_proxy:
        return
    for policy in view.custom_policies:
        spec = policy["spec"]
        targets = [*spec["targetRefs"].items, *([spec["targetRef"]] if spec["targetRef"].given else [])]
        labels = spec.at("selector", "matchLabels")
        if targets:
            other = [one["kind"] for one in targets if one["kind"].text not in _GATEWAYS]
            if other:
                yield other[0].found(Code.ISTIO_POLICY_NOT_ON_GATEWAY, f"it is on a {other[0].text}")
        elif labels.entries:
            if not _selects_gateway(view, labels):
                yield labels.found(Code.ISTIO_POLICY_NOT_ON_GATEWAY)
        else:
            yield spec["selector"].found(Code.ISTIO_POLICY_NOT_ON_GATEWAY, "it is on every workload of its namespace")


def _selects_gateway(view: IstioView, labels: Located) -> bool:
    wanted = {(key, one.text) for key, one in labels.entries.items()}
    selectors = [gateway.at("spec", "selector").entries for gateway in view.gateways]
    for selector in selectors:
        have = {(key, one.text) for key, one in selector.items()}
        if wanted <= have or have <= wanted:
            return True
    # Without the Gateway at hand, its name for itself is all there is to go by.
    return not any(selectors) and any("gateway" in value for _, value in wanted)
