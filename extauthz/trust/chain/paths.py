"""The paths from a leaf to an anchor, along signatures that were verified; the shortest come first."""

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Final

from extauthz.trust.chain.link import Link

MAX_INTERMEDIATES: Final = 8
"""Between a leaf and an anchor. Real paths have one to four; through a bridge of governments five or six."""
MAX_PARTIAL_PATHS: Final = 256
"""That are continued in one search. Each takes microseconds; CAs that certified one another, as those of a bridge do,
could otherwise keep it busy for ever."""


class PathSearch:
    """One search, upwards and in breadth.

    No path holds two certificates of one CA, that is of one name and key: the shorter path without the part between
    them has the same signatures.
    """

    def __init__(
        self,
        issuers_of: Callable[[Link], Sequence[Link]],
        anchors: Container[bytes],
        usable: Callable[[Link], bool],
    ) -> None:
        """``anchors``: SHA-256 of those that end a path. ``usable``: whether a certificate may stand above the leaf."""
        self._issuers_of = issuers_of
        self._anchors = anchors
        self._usable = usable
        self.left_out = False
        """There were more paths, or longer ones, than are followed."""

    def paths(self, leaf: Link) -> Iterator[tuple[Link, ...]]:
        """Yield paths, leaf first and anchor last."""
        waiting: list[tuple[Link, ...]] = [(leaf,)]
        for count, path in enumerate(waiting):  # grows while it is walked
            if count == MAX_PARTIAL_PATHS:
                self.left_out = True
                return
            for issuer in self._issuers_of(path[-1]):
                if (
                    not self._usable(issuer)
                    or any(_is_same_ca(issuer, one) for one in path[1:])
                    or issuer.sha256 == leaf.sha256
                ):
                    continue
                if issuer.sha256 in self._anchors:
                    yield (*path, issuer)
                elif len(path) <= MAX_INTERMEDIATES:
                    waiting.append((*path, issuer))
                else:
                    self.left_out = True


def _is_same_ca(one: Link, other: Link) -> bool:
    return one.subject_key == other.subject_key and one.certificate.spki_sha256 == other.certificate.spki_sha256
