"""The extension provider: how the gateway asks, and what it does without an answer."""

from collections.abc import Iterator

from extauthz.doctor.asked import Asked, reached_over_grpc, reached_over_http
from extauthz.doctor.code import Code
from extauthz.doctor.envoy.failing import LONGEST_TIMEOUT
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.istio.view import IstioView
from extauthz.doctor.wiring import ENVOY_HTTP, XFCC

_FORBIDDEN = frozenset({"", "403"})


def there(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that something in the files says how extauthz is asked."""
    if not view.providers:
        yield Finding(code=Code.ISTIO_DOES_NOT_ASK, file=view.files[0])


def fail_open(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that no answer does not mean access."""
    for provider in view.providers:
        node = provider.settings["failOpen"]
        if node.is_true:
            yield node.found(Code.ISTIO_FAIL_OPEN, provider.name)


def port(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect that extauthz listens at the port; a Service, which is not read here, may have another one."""
    for provider in view.providers:
        service, node = provider.settings["service"], provider.settings["port"]
        if service.text and node.text.isdecimal():
            asked = [Asked(service.text, int(node.text), node.found(Code.CONFIG_ASKED_AT_OTHER_PORT).place)]
            over_http = provider.over_http
            yield from reached_over_http(wants, ENVOY_HTTP, asked) if over_http else reached_over_grpc(wants, asked)


def timeout(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that the gateway does not wait for minutes."""
    for provider in view.providers:
        node = provider.settings["timeout"]
        seconds = node.seconds
        if seconds is None:
            yield node.found(Code.ISTIO_TIMEOUT_UNSET, provider.name)
        elif seconds == 0 or seconds > LONGEST_TIMEOUT:
            yield node.found(Code.ISTIO_TIMEOUT_TOO_LARGE, f"{provider.name}: {node.text}")


def status_on_error(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that an outage does not look like a denial."""
    for provider in view.providers:
        node = provider.settings["statusOnError"]
        if node.text in _FORBIDDEN:
            yield node.found(Code.ISTIO_STATUS_ON_ERROR_HIDES, provider.name)


def route_cache(view: IstioView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that the route that was decided on is the one that is taken."""
    for provider in view.providers:
        node = provider.settings["clearRouteCache"]
        if node.is_true:
            yield node.found(Code.ISTIO_ROUTE_CACHE_CLEARED, provider.name)


def over_http(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect gRPC; HTTP hands the mesh's certificate over, and identity headers only by name."""
    for provider in view.providers:
        if not provider.over_http:
            continue
        sent = provider.settings["includeRequestHeadersInCheck"]
        detail = provider.name if XFCC in _lower(sent.texts) else f"{provider.name} does not send {XFCC} at all"
        yield provider.settings.found(Code.ISTIO_HTTP_PROVIDER, detail)
        copied = provider.settings["headersToUpstreamOnAllow"]
        missing = [name for name in wants.identity_headers if not _fits(copied.texts, name)]
        if missing:
            yield copied.found(Code.ISTIO_IDENTITY_NOT_COPIED, ", ".join(missing))


def never_sent(view: IstioView, wants: Expectations) -> Iterator[Finding]:
    """Expect that nothing is waited for that Istio has no setting to send."""
    waiting = list(dict.fromkeys([*wants.sni_policies, *wants.token_policies, *wants.context_policies]))
    for provider in view.providers:
        if wants.reads("envoy_peer") and not wants.reads("xfcc"):
            yield provider.settings.found(Code.ISTIO_PEER_NEVER_SENT, provider.name)
        if waiting:
            yield provider.settings.found(Code.ISTIO_CONDITION_NEVER_SENT, f"policies {', '.join(waiting)}")


def _lower(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


def _fits(patterns: tuple[str, ...], name: str) -> bool:
    """Say whether one of Istio's patterns (exact, ``prefix*``, ``*suffix``) is for this name."""
    return any(
        pattern in {name, "*"}
        or (pattern.endswith("*") and name.startswith(pattern[:-1]))
        or (pattern.startswith("*") and name.endswith(pattern[1:]))
        for pattern in _lower(patterns)
    )
