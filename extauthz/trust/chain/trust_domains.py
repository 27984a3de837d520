"""SPIFFE trust domains that are tied to anchors (SPIFFE X509-SVID §3.1: a bundle belongs to one trust domain).

A tied anchor vouches only for X509-SVIDs of its domains, and a domain that has a tied anchor is vouched for by its tied
anchors alone. That goes for every ``spiffe:`` name in a certificate, also one that makes no valid SVID: a policy may
look at URIs as they are.
"""

from collections.abc import Iterable

from extauthz.identity.spiffe import parse_spiffe_id
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.trust.chain.anchor import Anchor
from extauthz.trust.chain.flaw import Flaw
from extauthz.trust.chain.link import Link

_SCHEME = "spiffe:"


class TrustDomains:
    """Which anchors vouch for which trust domains. Immutable."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        """Take the anchors; one that is given twice is tied to all of its domains."""
        self._by_anchor: dict[bytes, set[str]] = {}
        for one in anchors:
            if one.trust_domains:
                self._by_anchor.setdefault(one.certificate.sha256, set()).update(one.trust_domains)
        self._tied = frozenset().union(*self._by_anchor.values())

    def __bool__(self) -> bool:
        """Whether any anchor is tied."""
        return bool(self._by_anchor)

    def flaw(self, leaf: Link, anchor: Link) -> Flaw | None:
        """Say why the anchor does not vouch for the leaf."""
        problem = self._problem(leaf, self._by_anchor.get(anchor.sha256)) if self._by_anchor else None
        return Flaw(leaf, problem, Reason.TRUST_DOMAIN_MISMATCH) if problem is not None else None

    def _problem(self, leaf: Link, own: set[str] | None) -> str | None:
        identity = leaf.certificate.identity
        if own is not None:
            if identity.spiffe_id is None:
                return "its anchor vouches only for X509-SVIDs, and it is none"
            domain = parse_spiffe_id(identity.spiffe_id).trust_domain
            if domain in own:
                return None
            return f"its anchor does not vouch for the trust domain {quoted(domain)}"
        for uri in identity.uris:
            if uri[: len(_SCHEME)].lower() == _SCHEME:
                named = _trust_domain(uri)
                if named is None or named in self._tied:
                    return f"its anchor is not among those that vouch for {quoted(uri)}"
        return None


def _trust_domain(uri: str) -> str | None:
    """Return the trust domain that a ``spiffe:`` URI names; None when that cannot be told."""
    try:
        return parse_spiffe_id(uri).trust_domain
    except ValueError:
        return None
