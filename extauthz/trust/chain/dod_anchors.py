"""Which anchors vouch for an EDIPI.

The issuers of the Department of Defense are known by name, and every CA below any anchor can give a CA that name. So
where anchors are called the DoD's, a certificate with an EDIPI must end at one of these.
"""

from collections.abc import Iterable

from extauthz.model.reason import Reason
from extauthz.trust.chain.anchor import Anchor
from extauthz.trust.chain.flaw import Flaw
from extauthz.trust.chain.link import Link


class DodAnchors:
    """The anchors of the DoD; without any, every anchor vouches. Immutable."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        """Take the anchors."""
        self._anchors = frozenset([one.certificate.sha256 for one in anchors if one.dod])

    def __bool__(self) -> bool:
        """Whether any anchor is called the DoD's."""
        return bool(self._anchors)

    def flaw(self, leaf: Link, anchor: Link) -> Flaw | None:
        """Say why the anchor does not vouch for the leaf."""
        if not self._anchors or leaf.certificate.identity.edipi is None or anchor.sha256 in self._anchors:
            return None
        return Flaw(
            leaf, "its issuer has the name of one of the DoD's, and its anchor is not the DoD's", Reason.CHAIN_INVALID
        )
