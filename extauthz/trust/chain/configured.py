"""The certificates that the operator configured, and which of them signed which: worked out once.

Their signatures do not depend on any client. What a client's certificate costs is then one signature, where all CAs
above it are configured.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey
from extauthz.trust.chain.link import Link
from extauthz.trust.signatures import is_signed_by
from extauthz.trust.window import TICK, Window, shifted


class ConfiguredCertificates:
    """Anchors and intermediates, each once. Immutable."""

    def __init__(self, anchors: Iterable[Certificate], intermediates: Iterable[Certificate] = ()) -> None:
        """Verify the signatures among them: those of one name may be many, and each may have signed."""
        anchor_links = by_sha256(anchors)
        self.links: Mapping[bytes, Link] = anchor_links | {
            key: link for key, link in by_sha256(intermediates).items() if key not in anchor_links
        }
        self.anchors: frozenset[bytes] = frozenset(anchor_links)
        self.ders: frozenset[bytes] = frozenset(link.certificate.der for link in self.links.values())
        self.by_subject: Mapping[NameKey, Sequence[Link]] = by_subject(self.links.values())
        self.issuers: Mapping[bytes, Sequence[Link]] = {
            key: [issuer for issuer in self.named_issuers(link) if _signed(link, issuer)]
            for key, link in self.links.items()
        }
        """For each: the others whose name is its issuer's and whose key verifies its signature."""
        self.rooted: frozenset[bytes] = self._rooted()
        """The anchors, and the others from which verified signatures lead to an anchor."""
        self._instants = sorted({instant for link in self.links.values() for instant in instants(link.certificate)})

    def named_issuers(self, link: Link) -> Sequence[Link]:
        """Return those that have the name of the link's issuer."""
        return self.by_subject.get(link.issuer_key, ())

    def window(self, now: datetime, *others: Link) -> Window:
        """Return the stretch around ``now`` in which each of these, and of the others, stays as valid as it is."""
        nearest = _neighbours(self._instants, now)
        return Window.split_at(now, *nearest, *(at for link in others for at in instants(link.certificate)))

    def _rooted(self) -> frozenset[bytes]:
        children: dict[bytes, list[bytes]] = {}
        for key, issuers in self.issuers.items():
            for issuer in issuers:
                children.setdefault(issuer.sha256, []).append(key)
        rooted, waiting = set(self.anchors), list(self.anchors)
        for one in waiting:  # grows while it is walked
            fresh = [child for child in children.get(one, ()) if child not in rooted]
            rooted.update(fresh)
            waiting += fresh
        return frozenset(rooted)


def by_sha256(certificates: Iterable[Certificate]) -> dict[bytes, Link]:
    """Make one link of each certificate."""
    return {one.sha256: Link(one) for one in certificates}


def by_subject(links: Iterable[Link]) -> dict[NameKey, list[Link]]:
    """Group certificates by the name that they are found under."""
    groups: dict[NameKey, list[Link]] = {}
    for one in links:
        groups.setdefault(one.subject_key, []).append(one)
    return groups


def instants(certificate: Certificate) -> Iterator[datetime]:
    """Yield the first moments at which a certificate is valid, and is no longer."""
    yield certificate.identity.not_before
    yield shifted(certificate.identity.not_after, TICK)


def _signed(link: Link, issuer: Link) -> bool:
    return issuer is not link and is_signed_by(link.certificate, issuer.certificate)


def _neighbours(ordered: Sequence[datetime], now: datetime) -> Sequence[datetime]:
    at = bisect_right(ordered, now)
    return ordered[max(at - 1, 0) : at + 1]
