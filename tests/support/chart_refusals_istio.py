"""Rules of Istio that name hosts: values with them, and which requests such a rule is about."""

from typing import Any


def asks_about(*hosts: str) -> dict[str, Any]:
    """Return the values of an AuthorizationPolicy that is about these hosts."""
    rules = [{"to": [{"operation": {"hosts": list(hosts)}}]}]
    return {"istio": {"authorizationPolicy": {"enabled": True, "selector": {"a": "b"}, "rules": rules}}}


def is_asked(hosts: list[str], header: str) -> bool:
    """Say whether Istio asks about a request with this Host header.

    After ``HostMatcher`` and ``StringMatcher`` in Istio's source (pilot/pkg/security/authz/matcher): a star in front or
    at the end, and nowhere else, stands for any text, and case does not count. By reading them; no Istio runs here.
    """
    there = header.lower()

    def fits(host: str) -> bool:
        if host.startswith("*"):
            return there.endswith(host[1:])
        return there.startswith(host[:-1]) if host.endswith("*") else there == host

    return any(fits(host.lower()) for host in hosts)
