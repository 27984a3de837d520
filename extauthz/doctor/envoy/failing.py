"""What Envoy does when it gets no answer, and how long it waits for one."""

from collections.abc import Iterator

from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding

SHORTEST_TIMEOUT = 0.05
"""Seconds. A decision takes less than a millisecond, but a busy machine or a reload can hold one up for some tens."""
LONGEST_TIMEOUT = 5.0
"""Seconds. Whoever waits longer has given up; meanwhile the requests pile up in the proxy."""
_FORBIDDEN = frozenset({"", "403", "Forbidden"})


def failure_mode(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that no answer does not mean access."""
    for authorizer in view.authorizers:
        node = authorizer.config["failure_mode_allow"]
        if node.is_true:
            yield node.found(Code.ENVOY_FAILURE_MODE_ALLOW)


def failure_header(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect no header that only says that nobody decided."""
    for authorizer in view.authorizers:
        node = authorizer.config["failure_mode_allow_header_add"]
        if node.is_true:
            yield node.found(Code.ENVOY_FAILURE_HEADER)


def status_on_error(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that an outage does not look like a denial."""
    for chain in view.chains:
        for authorizer in chain.authorizers:
            node = authorizer.config.at("status_on_error", "code")
            if node.text in _FORBIDDEN:
                yield node.found(Code.ENVOY_STATUS_ON_ERROR_HIDES)


def timeout(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that Envoy waits long enough for a busy service, and not for ever."""
    for authorizer in view.authorizers:
        node = authorizer.timeout
        seconds = node.seconds
        if seconds is None:
            yield node.found(Code.ENVOY_TIMEOUT_MISSING)
        elif seconds == 0:
            yield node.found(Code.ENVOY_TIMEOUT_TOO_LARGE, "0 waits for ever")
        elif seconds < SHORTEST_TIMEOUT:
            yield node.found(Code.ENVOY_TIMEOUT_TOO_SMALL, f"{node.text}; at least {SHORTEST_TIMEOUT:g}s")
        elif seconds > LONGEST_TIMEOUT:
            yield node.found(Code.ENVOY_TIMEOUT_TOO_LARGE, f"{node.text}; at most {LONGEST_TIMEOUT:g}s")


def retries(view: EnvoyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that a retry policy says when to retry, or it never does."""
    for authorizer in view.authorizers:
        for service in ("grpc_service", "http_service"):
            node = authorizer.config.at(service, "retry_policy")
            if node.given and not node["retry_on"].text:
                yield node["retry_on"].found(Code.ENVOY_RETRY_WITHOUT_CONDITIONS)
