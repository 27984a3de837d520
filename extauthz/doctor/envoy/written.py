"""Headers that Envoy itself fills with something of the request: identities behind ext_authz, a certificate before it.

Of Lua only that is seen: that a text names an identity header to write, and another header to read.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.header_rules import matches
from extauthz.doctor.envoy.view import Authorizer, Chain, EnvoyView, Filter, scopes
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.wiring import XFCC

_MUTATION: Final = "extensions.filters.http.header_mutation.v3.HeaderMutation"
_LUA: Final = "extensions.filters.http.lua.v3.Lua"
_PER_ROUTE: Final = "PerRoute"
_OF_REQUEST: Final = re.compile(
    r"%(?:REQ(?:_WITHOUT_QUERY)?\((?P<headers>[^)]*)\)|(?:PATH|QUERY_PARAMS?|REQUESTED_SERVER_NAME|CEL)\b)"
)
_WRITTEN_BY_LUA: Final = re.compile(r""":\s*(?:add|replace)\s*\(\s*["']([^"']*)["']""")
_READ_BY_LUA: Final = re.compile(r""":\s*get(?:AtIndex)?\s*\(\s*["']([^"']*)["']""")
_NO_UNDERSCORES: Final = frozenset({"REJECT_REQUEST", "DROP_HEADER", "1", "2"})


def identity_overwritten(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that nothing of the request gets into an identity header once ext_authz has set or removed it."""
    for chain in view.authorized_chains:
        for scope in scopes(chain.route_config):
            for one in scope.node["request_headers_to_add"].items:
                yield from _forging(one, wants.identity_headers, Code.ENVOY_IDENTITY_OVERWRITTEN)
        for filter_ in chain.filters[_last(chain) + 1 :]:
            for config in _configs(chain, filter_):
                for one in _mutations(config):
                    yield from _forging(one, wants.identity_headers, Code.ENVOY_IDENTITY_OVERWRITTEN)
                for program in _programs(config) if filter_.kind == _LUA else ():
                    yield from _forged_by_lua(program, wants.identity_headers)


def certificate(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that nothing of the request gets into the header with the certificate that extauthz reads."""
    if not wants.reads("xfcc"):
        return
    for chain in view.authorized_chains:
        for filter_ in chain.filters[: _last(chain)]:
            for config in _configs(chain, filter_):
                for one in _mutations(config):
                    yield from _forging(one, [XFCC], Code.ENVOY_CERTIFICATE_FORGEABLE)
        for authorizer in chain.authorizers:
            for one in authorizer.config.at("http_service", "authorization_request", "headers_to_add").items:
                node = one["value"]
                if one["key"].text.lower() == XFCC and is_foreign(node.text, [XFCC]):
                    yield node.found(Code.ENVOY_CERTIFICATE_FORGEABLE, node.text)


def underscores(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that extauthz hears of names with ``_``, to have them removed, or that Envoy lets none through."""
    for chain in view.authorized_chains:
        action = chain.manager.at("common_http_protocol_options", "headers_with_underscores_action")
        for authorizer in chain.authorizers if action.text not in _NO_UNDERSCORES else ():
            spelled = [name.replace("-", "_") for name in wants.identity_headers]
            left = [name for name in spelled if not _is_sent(authorizer, name)]
            if left:
                yield authorizer.config["allowed_headers"].found(Code.ENVOY_UNDERSCORES, ", ".join(left))


def _is_sent(authorizer: Authorizer, name: str) -> bool:
    """Say whether a client's header goes along with the question; over gRPC all do where no list says which."""
    config = authorizer.config
    allowed = config["allowed_headers"]
    older = config.at("http_service", "authorization_request", "allowed_headers")
    everything = not (authorizer.asks_over_http or allowed.given)
    sent = everything or matches(allowed, name) or matches(older, name)
    return sent and not matches(config["disallowed_headers"], name)


def _last(chain: Chain) -> int:
    """Return the position of the ext_authz filter behind which there is none."""
    nodes = {one.node.path for one in chain.authorizers}
    return max(index for index, one in enumerate(chain.filters) if one.node.path in nodes)


def _configs(chain: Chain, filter_: Filter) -> Iterator[Located]:
    """Yield what a filter is to do everywhere, and what for single routes."""
    if filter_.kind not in {_MUTATION, _LUA}:
        return
    yield filter_.config
    for scope in scopes(chain.route_config):
        kind, override = scope.override(filter_.name)
        if kind == f"{filter_.kind}{_PER_ROUTE}":
            yield override


def _mutations(config: Located) -> Iterator[Located]:
    yield from (one["append"] for one in config.at("mutations", "request_mutations").items)


def _forging(option: Located, names: Collection[str], code: Code) -> Iterator[Finding]:
    """Yield it for a header with a value in which a client has its say."""
    node = option["header"]
    if node["key"].text.lower() in names and is_foreign(node["value"].text, names):
        yield node.found(code, f"{node['key'].text}: {node['value'].text}")


def is_foreign(value: str, names: Collection[str]) -> bool:
    """Say whether a value has something of the request in it, but for headers that are decided themselves."""
    for one in _OF_REQUEST.finditer(value):
        headers = one["headers"]
        if headers is None or any(name.strip().lower() not in names for name in headers.split("?")):
            return True
    return False


def _programs(config: Located) -> Iterator[Located]:
    sources = (config["default_source_code"], config["source_code"], *config["source_codes"].entries.values())
    yield from (one["inline_string"] for one in sources)
    yield config["inline_code"]


def _forged_by_lua(program: Located, names: Collection[str]) -> Iterator[Finding]:
    written = [name for name in _WRITTEN_BY_LUA.findall(program.text) if name.lower() in names]
    read = [name for name in _READ_BY_LUA.findall(program.text) if name.lower() not in names]
    if written and read:
        yield program.found(Code.ENVOY_IDENTITY_OVERWRITTEN, f"{', '.join(written)} and {', '.join(read)}")
