"""pathLenConstraint (RFC 5280 §4.2.1.9, §6.1.4 (l), (m)): how many CAs may stand between a CA and the leaf."""

from collections.abc import Sequence

from extauthz.trust.chain.flaw import Flaw
from extauthz.trust.chain.link import Link


def path_length_flaw(path: Sequence[Link]) -> Flaw | None:
    """Say which CA of a path (leaf first) has more CAs below it than it allows; self-issued ones do not count."""
    below = 0
    for link in path[1:]:
        allowed = link.facts.path_length
        if allowed is not None and below > allowed:
            return Flaw(link, f"its path length allows {allowed} certificates between it and the leaf, not {below}")
        below += not link.is_self_issued
    return None
