"""A second way to an upstream that is protected on the first."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.read import extension
from extauthz.doctor.envoy.view import Chain, EnvoyView, scopes
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located

_TCP_PROXY: Final = "extensions.filters.network.tcp_proxy.v3.TcpProxy"


def open_beside(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that no filter chain leads to the upstream of one that asks without asking itself.

    Clusters are the same by name or by an endpoint. Chains of HTTP that want certificates are an error of their own
    wherever they lead.
    """
    protected = {key for chain in view.chains if chain.asks for one in _clusters(chain) for key in _keys(view, one)}
    for chain in view.chains:
        told = chain.manager.given and chain.validation.given
        if chain.asks or told or not chain.is_read:
            continue
        seen = set()
        for cluster in _clusters(chain):
            if cluster.text not in seen and not protected.isdisjoint(_keys(view, cluster)):
                seen.add(cluster.text)
                yield cluster.found(Code.ENVOY_OPEN_BESIDE, cluster.text)


def _clusters(chain: Chain) -> Iterator[Located]:
    """Yield the names of the clusters that requests or connections of a chain go to."""
    for scope in scopes(chain.route_config):
        yield from _named(scope.node["route"])
    for one in chain.node["filters"].items:
        kind, config = extension(one)
        if kind == _TCP_PROXY:
            yield from _named(config)


def _named(action: Located) -> Iterator[Located]:
    names = (action["cluster"], *(one["name"] for one in action.at("weighted_clusters", "clusters").items))
    yield from (one for one in names if one.text)


def _keys(view: EnvoyView, name: Located) -> Iterator[str]:
    yield name.text
    cluster = view.resources.clusters.get(name.text, Located(None, name.file))
    for group in cluster.at("load_assignment", "endpoints").items:
        for one in group["lb_endpoints"].items:
            address = one.at("endpoint", "address")
            socket = address["socket_address"]
            if socket["port_value"].text:
                yield f"{socket['address'].text}:{socket['port_value'].text}"
            elif address.at("pipe", "path").text:
                yield address.at("pipe", "path").text
