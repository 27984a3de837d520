"""Which request extauthz is told to decide about, and whether it is the one that goes on to the application.

A request line may name another host than ``Host`` does. nginx chooses the server by ``$host``, which is the former, and
``$http_host`` is the latter. In the location that is asked, ``$uri`` and ``$args`` are its own, not the client's.
"""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx.protected import is_from_client, variables
from extauthz.doctor.nginx.view import NginxView
from extauthz.doctor.wiring import HttpWiring

_METHOD, _HOST, _PATH = "request_method", "host", "request_uri"
_OF_THE_QUESTION: Final = frozenset({"uri", "document_uri", "args", "is_args", "query_string", "request_filename"})
"""Variables that are about the question, or about neither the client's method nor its path."""
_OF_THE_SITE: Final = frozenset({"scheme", "host", "server_name", "server_port", "hostname", "proxy_host", "https"})
_CHOSEN_BY_CLIENT: Final = "ssl_server_name"
"""The name in the handshake, which need not be that of the request."""


def request(view: NginxView, wants: Expectations, wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that what is decided is the request that nginx sends on, whatever the client says about that."""
    for location in view.deciding:
        values = {name: location.header(name) for name in wiring.request_headers}
        wrong = [name for name, value in values.items() if value is None or not _is_true(name, value, wants, wiring)]
        if wrong:
            shown = (
                f"{name} is {values[name]}" if values[name] is not None else f"{name} is not set" for name in wrong
            )
            yield location.found(Code.NGINX_REQUEST_FORGEABLE, ", ".join(shown))


def host_sent_on(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that the application gets the host by which nginx chose it, or one that no client chooses."""
    for location in view.protected:
        value = location.header("host")
        if value is not None and _is_chosen(value):
            yield location.found(Code.NGINX_OTHER_HOST, f"Host is {value}")


def _is_true(name: str, value: str, wants: Expectations, wiring: HttpWiring) -> bool:
    if name == wiring.method_header:
        return _says(value, _METHOD)
    if name == wiring.host_header:
        return not _is_chosen(value)
    if name == wiring.path_header:
        return _says(value, _PATH)
    # ingress-nginx writes $http_host into its URL by itself, and nobody can change that: it counts where it matters.
    if wants.matches_on_hosts:
        return _says(value, _PATH) and not _is_chosen(value)
    return _says(value.replace("$http_host", "$host"), _PATH)


def _says(value: str, right: str) -> bool:
    """Say whether a value has the right variable, or one that the configuration makes itself and may hold as much."""
    named = set(variables(value))
    return not is_from_client(value) and bool(right in named or named - _OF_THE_QUESTION - _OF_THE_SITE)


def _is_chosen(value: str) -> bool:
    return is_from_client(value) or _CHOSEN_BY_CLIENT in variables(value)
