"""Error pages: nginx goes on with a request that was refused, and a page of the question changes the answer.

What is said here about ``error_page`` was seen with nginx 1.31. A request that is denied, that cannot be decided or
that is too large goes to the location of the page, which asks only by an ``auth_request`` of its own. In the
location that is asked, ``=`` gives the question the status of the page, and any 2xx is access.
"""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx.parse import Directive
from extauthz.doctor.nginx.upstreams import protected_upstreams, upstreams
from extauthz.doctor.nginx.view import Location, NginxView
from extauthz.doctor.wiring import HttpWiring

_OWN_FAILURES: Final = frozenset({"500", "502", "503", "504"})
"""What nginx makes of an extauthz that does not answer. Its answers have pages by ``proxy_intercept_errors`` alone."""
_FIRST_REFUSING: Final = 300
"""Statuses from here on are no access."""

_OF_THE_CERTIFICATE: Final = (
    "ssl_client_escaped_cert",
    "ssl_client_raw_cert",
    "ssl_client_cert",
    "ssl_client_fingerprint",
)
"""Variables that are different for every certificate."""


def fails_open(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no error page of the location that is asked makes an access of an error."""
    for location in view.deciding:
        intercepts = location.value("proxy_intercept_errors") == "on"
        for page in location.effective("error_page"):
            codes, change = _codes(page), _change(page)
            concerned = intercepts or not _OWN_FAILURES.isdisjoint(codes)
            if (
                concerned
                and change is not None
                and not _refuses(change)
                and not _leads_to_refusal(view, location, page)
            ):
                yield location.found(Code.NGINX_FAILS_OPEN, str(page), at=page)


def open_page(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no error page of a location that asks is the application itself, without asking."""
    protected = protected_upstreams(view)
    deciding = {one.blocks for one in view.deciding}
    seen: set[Directive] = set()
    for location in view.locations:
        if not location.asks or location.blocks in deciding:
            continue
        for page in location.effective("error_page"):
            target = view.location_of(location, page.arguments[-1]) if page.arguments else None
            if page in seen or target is None or target.asks or target.blocks in deciding:
                continue
            seen.add(page)
            if not protected.isdisjoint(upstreams(view, target)):
                yield location.found(Code.NGINX_ERROR_PAGE_OPEN, f"{page}; {target.directive} does not ask", at=page)


def decision_cached(view: NginxView, _wants: Expectations, _wiring: HttpWiring) -> Iterator[Finding]:
    """Expect that no decision is kept for a client with another certificate."""
    for location in view.deciding:
        cached = location.effective("proxy_cache")
        kept = location.value("proxy_cache") not in {"", "off"} and location.effective("proxy_cache_valid")
        key = location.value("proxy_cache_key")
        if kept and not any(name in key for name in _OF_THE_CERTIFICATE):
            yield location.found(Code.NGINX_DECISION_CACHED, f"proxy_cache_key is {key or 'not set'}", at=cached[-1])


def _codes(page: Directive) -> set[str]:
    return {one for one in page.arguments[:-1] if one.isdigit()}


def _change(page: Directive) -> str | None:
    """Return the status that it sets: empty for that of the page itself; None when the error's stays."""
    return next((one.removeprefix("=") for one in page.arguments[:-1] if one.startswith("=")), None)


def _refuses(status: str) -> bool:
    return status.isdigit() and int(status) >= _FIRST_REFUSING


def _leads_to_refusal(view: NginxView, location: Location, page: Directive) -> bool:
    """Say whether the page returns a status of its own that is no access; that one counts in every case."""
    target = view.location_of(location, page.arguments[-1])
    returns = target.directive.own("return") if target is not None else []
    return any(one.arguments and _refuses(one.arguments[0]) for one in returns)
