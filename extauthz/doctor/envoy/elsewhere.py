"""What Envoy gets from somewhere else, so that nobody takes silence about it for health."""

from collections.abc import Iterator

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import Chain, EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding


def not_in_file(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that listeners, their filters and their routes are in the file."""
    for node in view.resources.elsewhere:
        yield node.found(Code.ENVOY_NOT_IN_FILE, "listeners")
    for chain in view.chains:
        yield from _filters(chain)
        yield from _routes(chain)


def _filters(chain: Chain) -> Iterator[Finding]:
    for one in chain.node["filters"].items:
        if one["config_discovery"].given:
            yield one["config_discovery"].found(Code.ENVOY_NOT_IN_FILE, f"the filter {one['name'].text}")
    for unread in chain.filters:
        if unread.unread:
            yield unread.node["config_discovery"].found(Code.ENVOY_NOT_IN_FILE, f"the filter {unread.name}")


def _routes(chain: Chain) -> Iterator[Finding]:
    scoped, discovered = chain.manager["scoped_routes"], chain.manager["rds"]
    if scoped.given:
        yield scoped.found(Code.ENVOY_NOT_IN_FILE, "routes that are chosen by scope")
    elif discovered.given and not chain.route_config.given:
        yield discovered.found(Code.ENVOY_NOT_IN_FILE, f"the routes {discovered['route_config_name'].text}")
    on_demand = chain.route_config["vhds"]
    if on_demand.given:
        yield on_demand.found(Code.ENVOY_NOT_IN_FILE, "virtual hosts that come on demand")
