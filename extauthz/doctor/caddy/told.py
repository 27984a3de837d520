"""Which request extauthz is told to decide about, where it is asked, and whether the same one goes on."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.asked import asked_at, reached_over_http
from extauthz.doctor.caddy.view import CaddyView, asks, entry
from extauthz.doctor.code import Code
from extauthz.doctor.everybody import anybodys
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.tls_asked import Tls, tls_agrees_over_http
from extauthz.doctor.wiring import CADDY, HttpWiring, is_below

_FROM_CLIENT: Final = ("{http.request.header.", "{http.request.uri.query", "{http.request.cookie.")
_SET_BY_CADDY: Final = "x-forwarded-host"
"""``reverse_proxy`` sets it by itself, unless it trusts whoever connects."""
_TCP: Final = frozenset({"tcp", "tcp4", "tcp6"})
_HTTP: Final = frozenset({"", "http"})
_CLIENT_CERTIFICATE: Final = ("client_certificate_file", "client_certificate_automate")
_REWRITES: Final = ("uri", "strip_path_prefix", "strip_path_suffix", "uri_substring", "path_regexp")


def request(view: CaddyView, _wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the question says which request is decided, whatever the client says about that."""
    for authorizer in view.authorizers:
        settings = authorizer.at("headers", "request", "set")
        values = {name: entry(settings, name) for name in wiring.request_headers}
        wrong = [
            name
            for name, node in values.items()
            if (node is None and name != _SET_BY_CADDY) or (node is not None and _is_from_client(node))
        ]
        if wrong:
            yield settings.found(Code.CADDY_REQUEST_FORGEABLE, ", ".join(wrong))
        yield from _trusted(authorizer["trusted_proxies"])
    for server in view.servers if _SET_BY_CADDY in wiring.request_headers else ():
        if any(one.server.path == server.path and one.authorizers for one in view.upstreams):
            yield from _trusted(server.at("trusted_proxies", "ranges"))


def path_sent_on(view: CaddyView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no path is changed after extauthz was asked about it."""
    for upstream in view.upstreams:
        if upstream.authorizers:
            last = max(index for index, one in enumerate(upstream.before) if asks(one))
            handlers = [one for one in upstream.before[last + 1 :] if one["handler"].text == "rewrite"]
            for node in (*handlers, upstream.node["rewrite"]):
                for change in (node[key] for key in _REWRITES):
                    if change.given:
                        yield change.found(Code.CADDY_PATH_CHANGED, change.text)


def address(view: CaddyView, wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that it asks where extauthz listens, under the path that extauthz answers."""
    for authorizer in view.authorizers:
        uri = authorizer.at("rewrite", "uri")
        path = uri.text.partition("?")[0]
        if uri.given and "{" not in path and not is_below(path, wiring.prefix):
            yield uri.found(Code.CADDY_OTHER_PREFIX, f"{path}, not {wiring.prefix}")
        for one in authorizer["upstreams"].items:
            place = one.found(Code.CONFIG_ASKED_ELSEWHERE).place
            yield from reached_over_http(wants, CADDY, asked_at(_without_network(one["dial"].text), place))
        place = authorizer["upstreams"].found(Code.CONFIG_ASKED_ELSEWHERE).place
        yield from tls_agrees_over_http(wants, CADDY, _tls(authorizer["transport"]), place)


def _without_network(dial: str) -> str:
    network, separator, rest = dial.partition("/")
    return rest if separator and network in _TCP else dial


def _tls(transport: Located) -> Tls:
    if transport["protocol"].text not in _HTTP:
        return Tls.UNKNOWN
    tls = transport["tls"]
    if not tls.given:
        return Tls.NONE
    return Tls.MUTUAL if any(tls[key].given for key in _CLIENT_CERTIFICATE) else Tls.ANONYMOUS


def _is_from_client(node: Located) -> bool:
    return any(placeholder in text for text in node.texts for placeholder in _FROM_CLIENT)


def _trusted(ranges: Located) -> Iterator[Finding]:
    everybody = anybodys(ranges.texts)
    if everybody:
        yield ranges.found(Code.CADDY_REQUEST_FORGEABLE, f"trusted_proxies {everybody}")
