"""uniformResourceIdentifier constraints, which apply to the host of a URI alone.

RFC 5280 §4.2.1.10: a URI without an authority component, or whose host is no fully qualified domain name, must be
refused as soon as there is a constraint. That is so for every ``urn:uuid:`` of a smart card.
"""

import re
from collections.abc import Iterable

from extauthz.trust.chain.constraints.host import HostTrees, canonical_host

_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#@:]*)(?::[0-9]*)?(?:[/?#].*)?", re.DOTALL)
"""RFC 3986 §3.2: scheme, user information, host, port, and whatever follows."""


class UriTrees:
    """A set of hosts and domains."""

    __slots__ = ("_hosts",)

    def __init__(self, constraints: Iterable[str]) -> None:
        """Take the constraints; ``UnprocessableConstraint`` for one that is neither host nor domain."""
        self._hosts = HostTrees(constraints)

    def permit(self, value: str) -> bool:
        """Say whether the URI's host is one of these. A URI without one is not."""
        host = _host(value)
        return host is not None and self._hosts.cover(host)

    def exclude(self, value: str) -> bool:
        """Say whether the URI's host is one of these. A URI without one might be."""
        host = _host(value)
        return host is None or self._hosts.cover(host)


def _host(uri: str) -> str | None:
    match = _AUTHORITY.fullmatch(uri)
    return canonical_host(match[1]) if match is not None else None
