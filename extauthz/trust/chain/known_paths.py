"""The valid paths above each configured CA, worked out once for a stretch of time.

Most clients present a leaf alone, below a configured CA. Which paths lead from that CA to the anchors, and whether they
are valid, is the same for every one of them; only what depends on the leaf is left: its signature, and whether it keeps
to what the CAs above it allow. This is a short cut and no second judgement: it answers only where the search of
``best_path`` would find these very paths and no flaw in any of them. For everything else it has no answer.

What is kept is bounded by the configuration (an entry for configured CAs of one name and key, in each order in which a
leaf may name them, and each of four sets of purposes), comes with the window in which it holds, and is never used
outside it.
"""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from extauthz.identity.certificate import Certificate
from extauthz.trust.chain.best_path import MAX_OTHERS, MAX_PATHS, Path
from extauthz.trust.chain.certified import in_order
from extauthz.trust.chain.configured import ConfiguredCertificates
from extauthz.trust.chain.flaw import Flaw, text
from extauthz.trust.chain.link import Link
from extauthz.trust.chain.name_constraints import ca_names_flaw, constraining_cas, leaf_names_flaw
from extauthz.trust.chain.path_length import path_length_flaw
from extauthz.trust.chain.paths import PathSearch
from extauthz.trust.chain.policies import PolicyState, policies_above
from extauthz.trust.chain.signature_checks import SignatureChecks
from extauthz.trust.chain.validate import PathRules
from extauthz.trust.window import Window


class Above(NamedTuple):
    """What stands above the leaves of one CA: a path on which no certificate has a flaw, whatever the leaf is."""

    certificates: tuple[Certificate, ...]
    """The CA first, the anchor last."""
    anchor: Link
    constraining: Sequence[Link]
    """Those that have name constraints."""
    policies: PolicyState
    """What the CAs leave to the leaf."""
    text: str


class KnownPaths(NamedTuple):
    """Valid paths: leaf first, anchor last, the shortest first; when they are; the CAs of the first in words."""

    paths: tuple[tuple[Certificate, ...], ...]
    window: Window
    text: str


class PathsAbove:
    """The paths above configured CAs. Safe among threads: what two of them work out at once is the same."""

    def __init__(self, configured: ConfiguredCertificates) -> None:
        """Take the certificates of one verifier, and ask with the same rules every time but for ``now``."""
        self._configured = configured
        self._kept: dict[tuple[object, ...], tuple[Window, tuple[Above, ...]]] = {}

    def find(self, leaf: Link, checks: SignatureChecks, rules: PathRules) -> KnownPaths | None:
        """Return the valid paths of a leaf that presented nothing else; None where the search has to tell.

        The leaf's signature is verified within the budget of ``checks``, which remembers it for the search.
        """
        issuers = self._issuers(leaf, checks)
        if not issuers or rules.target_flaw(leaf) is not None:
            return None
        window, above = self._above(issuers, leaf, rules)
        if not above or any(_leaf_flaw(leaf, one, rules) is not None for one in above):
            return None
        der = leaf.certificate
        return KnownPaths(
            tuple([(der, *one.certificates) for one in above[: 1 + MAX_OTHERS]]),
            window.intersect(leaf.validity_window(rules.now)),
            above[0].text,
        )

    def _issuers(self, leaf: Link, checks: SignatureChecks) -> Sequence[Link]:
        """Return the configured CAs that signed the leaf and lead to an anchor, the one that it names first."""
        configured = self._configured
        if leaf.sha256 in configured.links:
            return ()
        named = [one for one in configured.named_issuers(leaf) if one.sha256 in configured.rooted]
        return [one for one in in_order(named, leaf) if checks.is_signed_by(leaf, one)]

    def _above(self, issuers: Sequence[Link], leaf: Link, rules: PathRules) -> tuple[Window, tuple[Above, ...]]:
        key = (rules.purposes, *[one.sha256 for one in issuers])
        kept = self._kept.get(key)
        if kept is None or not kept[0].holds_at(rules.now):
            kept = self._configured.window(rules.now), tuple(self._search(issuers, leaf, rules))
            self._kept[key] = kept
        return kept

    def _search(self, issuers: Sequence[Link], leaf: Link, rules: PathRules) -> list[Above]:
        """Search as ``best_path`` does. The leaf only stands for any other of these issuers."""
        anchors = self._configured.anchors
        search = PathSearch(
            lambda link: issuers if link is leaf else in_order(self._rooted_issuers(link), link),
            anchors,
            lambda link: rules.ca_flaw(link, is_anchor=link.sha256 in anchors) is None,
        )
        found = [_above_leaf(path) for path in islice(search.paths(leaf), MAX_PATHS)]
        return [one for one in found if one is not None]

    def _rooted_issuers(self, link: Link) -> list[Link]:
        configured = self._configured
        return [one for one in configured.issuers[link.sha256] if one.sha256 in configured.rooted]


def _above_leaf(path: Path) -> Above | None:
    """Validate a path but for its leaf; every certificate by itself has been looked at. None for an invalid one."""
    policies = policies_above(path)
    if isinstance(policies, Flaw) or path_length_flaw(path) is not None or ca_names_flaw(path) is not None:
        return None
    certificates = tuple([link.certificate for link in path[1:]])
    return Above(certificates, path[-1], constraining_cas(path), policies, text(path[1:]))


def _leaf_flaw(leaf: Link, above: Above, rules: PathRules) -> Flaw | None:
    """Say in what a leaf does not keep to what stands above it."""
    return (
        leaf_names_flaw(leaf, above.constraining)
        or above.policies.leaf_flaw(leaf)
        or rules.anchor_flaw(leaf, above.anchor)
    )
