"""Hosts and domains, as the constraints on e-mail addresses and URIs name them (RFC 5280 §4.2.1.10).

``host.example`` is that host alone; ``.example`` is every host within the domain and not ``example`` itself; nothing
at all is every host. (A constraint on DNS names means something else: see ``dns``.)
"""

from collections.abc import Iterable

from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint


class HostTrees:
    """A set of hosts and domains. Looking up one host takes time linear in its labels, however many there are."""

    __slots__ = ("_all", "_domains", "_hosts")

    def __init__(self, constraints: Iterable[str]) -> None:
        """Take the constraints; ``UnprocessableConstraint`` for one that is neither host nor domain."""
        self._hosts: set[str] = set()
        self._domains: set[str] = set()
        self._all = False
        for text in constraints:
            host = text.lower()
            if not host:
                self._all = True
            elif not host.isascii() or not _is_host(host.removeprefix(".")):
                raise UnprocessableConstraint
            else:
                (self._domains if host.startswith(".") else self._hosts).add(host)

    def cover(self, host: str) -> bool:
        """Say whether a host (lower case, no dot at its end) is one of these, or within one of these domains."""
        if self._all or host in self._hosts:
            return True
        return any(host[at:] in self._domains for at, character in enumerate(host) if character == ".")


_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def _is_host(text: str) -> bool:
    return bool(text) and _HOST_CHARACTERS.issuperset(text) and "" not in text.split(".")


def canonical_host(text: str) -> str | None:
    """Return a host name in lower case without the dot at its end, or None for what is no host name.

    An IP address is none (RFC 5280: "the host name is specified as an IP address" is not a fully qualified name);
    names whose last label is a number are read as addresses by some, so they are none either.
    """
    host = text.lower().removesuffix(".")
    if not _is_host(host):
        return None
    last = host.rpartition(".")[2]
    return None if last.isdigit() or last.startswith("0x") else host
