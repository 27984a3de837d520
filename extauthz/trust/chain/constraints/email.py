"""rfc822Name constraints: one mailbox, all mailboxes of one host, or all within a domain (``.example``)."""

from collections.abc import Iterable

from extauthz.trust.chain.constraints.host import HostTrees, canonical_host
from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint


class EmailTrees:
    """A set of mailboxes, hosts and domains."""

    __slots__ = ("_hosts", "_mailboxes")

    def __init__(self, constraints: Iterable[str]) -> None:
        """Take the constraints; ``UnprocessableConstraint`` for one that is none of the three."""
        mailboxes: list[str] = []
        hosts: list[str] = []
        for text in constraints:
            (mailboxes if "@" in text else hosts).append(text)
        self._hosts = HostTrees(hosts)
        self._mailboxes = {_split(one) for one in mailboxes}
        if any(host is None for _, host in self._mailboxes):
            raise UnprocessableConstraint

    def permit(self, value: str) -> bool:
        """Say whether a mailbox is one of these. What is no mailbox is not."""
        local, host = _split(value)
        return host is not None and ((local, host) in self._mailboxes or self._hosts.cover(host))

    def exclude(self, value: str) -> bool:
        """Say whether a mailbox is one of these. What is no mailbox might be."""
        return _split(value)[1] is None or self.permit(value)


def _split(mailbox: str) -> tuple[str, str | None]:
    """Split into local part, which is compared exactly (RFC 5280 §7.5), and host, None for what is no mailbox."""
    local, at, host = mailbox.rpartition("@")
    return local, canonical_host(host) if at and local else None
