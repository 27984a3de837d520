"""Which of the presented certificates were really signed by trusted CAs: worked out from the anchors downwards.

Whoever presents certificates chooses how much work they make. So their keys are not believed before they are certified:
a signature is only ever checked with a key that leads to an anchor. Sixteen certificates that sign one another cost
nothing, since nobody trusted signed the first of them; a forged one costs one signature for each trusted CA (of another
key) that has its issuer's name. Of several certificates with one name all are tried: a CA may have been renewed,
re-keyed or cross-certified.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from extauthz.identity.names import NameKey
from extauthz.trust.chain.configured import ConfiguredCertificates, by_subject
from extauthz.trust.chain.link import Link
from extauthz.trust.chain.signature_checks import SignatureChecks


class CertifiedIssuers:
    """Who signed whom, of the configured and the presented certificates that stand above one leaf."""

    def __init__(
        self,
        leaf: Link,
        presented: Sequence[Link],
        configured: ConfiguredCertificates,
        checks: SignatureChecks,
        now: datetime,
    ) -> None:
        """Check what has to be checked. ``presented`` holds neither the leaf nor configured certificates."""
        self._configured = configured
        self._checks = checks
        self._certified: set[bytes] = set()
        """Of the presented certificates, and of the configured ones that lead to no anchor by themselves."""
        self._issuers: dict[bytes, list[Link]] = {}
        """The issuers that were found beside ``configured.issuers``."""
        self._certify(leaf, _above(leaf, presented, configured) if presented else (), now)

    def issuers_of(self, link: Link) -> Sequence[Link]:
        """Return the trusted certificates that signed this one, the one that it names by its key first."""
        found = [*self._issuers.get(link.sha256, ()), *self._configured.issuers.get(link.sha256, ())]
        return in_order([one for one in found if self.is_trusted(one)], link)

    def is_trusted(self, link: Link) -> bool:
        """Say whether verified signatures lead from this certificate to an anchor."""
        return link.sha256 in self._configured.rooted or link.sha256 in self._certified

    def _certify(self, leaf: Link, above: Sequence[Link], now: datetime) -> None:
        """Go downwards from what is trusted; who signed the leaf is looked at as soon as it can be."""
        waiting: dict[NameKey, list[Link]] = {leaf.issuer_key: [leaf]}
        # The likeliest first, for the case that the budget does not suffice for all.
        for one in sorted(above, key=lambda link: (not link.is_valid_at(now), not link.was_named_by(leaf))):
            waiting.setdefault(one.issuer_key, []).append(one)
        by_name = self._configured.by_subject
        signers = in_order([one for name in waiting for one in by_name.get(name, ()) if self.is_trusted(one)], leaf)
        stack = [_below(one, waiting) for one in reversed(signers)]
        while stack:  # in depth: a likely chain is followed to the leaf before an unlikely one is begun
            pair = next(stack[-1], None)
            if pair is None:
                stack.pop()
                continue
            signer, child = pair
            if self._is_signed(child, signer) and child is not leaf and not self.is_trusted(child):
                self._certified.add(child.sha256)
                stack.append(_below(child, waiting))

    def _is_signed(self, child: Link, signer: Link) -> bool:
        configured = self._configured
        if child.sha256 in configured.links and signer.sha256 in configured.links:
            return signer in configured.issuers[child.sha256]
        signed = child is not signer and self._checks.is_signed_by(child, signer)
        if signed:
            self._issuers.setdefault(child.sha256, []).append(signer)
        return signed


def in_order(issuers: Sequence[Link], child: Link) -> Sequence[Link]:
    """Put the issuer first that a certificate names by its key."""
    return sorted(issuers, key=lambda one: not one.was_named_by(child)) if len(issuers) > 1 else issuers


def _below(signer: Link, waiting: Mapping[NameKey, Sequence[Link]]) -> Iterator[tuple[Link, Link]]:
    """Yield the signer with each certificate that it may have signed, by name."""
    for child in waiting.get(signer.subject_key, ()):
        yield signer, child


def _above(leaf: Link, presented: Sequence[Link], configured: ConfiguredCertificates) -> list[Link]:
    """Return what the leaf leads to by names alone, up to the anchors and without them."""
    groups = by_subject(presented)
    above: list[Link] = []
    names = {leaf.issuer_key}
    waiting = [leaf.issuer_key]
    for name in waiting:  # grows while it is walked; every name is in it once
        for one in (*groups.get(name, ()), *configured.by_subject.get(name, ())):
            if one.sha256 in configured.anchors:
                continue
            above.append(one)
            if one.issuer_key not in names:
                names.add(one.issuer_key)
                waiting.append(one.issuer_key)
    return above
