"""All configured sources, read together."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented, Shown
from extauthz.sources.source import Source

T = TypeVar("T")


class SourceReader:
    """Step 2 of ``decide``: the certificate that a request presents, by every source that is configured.

    Sources do not back each other up: each is read every time, and what is malformed in one denies even where another
    is fine, since a request that says two things is not to be guessed at. Immutable; safe to share.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        """Take the sources in configured order. Raises ``ValueError`` for none, or two of one name."""
        names = [source.name for source in sources]
        if not names:
            raise ValueError("at least one certificate source is needed")
        if len(set(names)) != len(names):
            raise ValueError("a certificate source is configured twice")
        self._sources = tuple(sources)
        self._peer_hint = next((source.hint for source in sources if not source.headers), None)
        readers = [source for source in sources if source.headers]
        # First the headers that there is a hint for, one of each source, then all the others.
        first = [source.headers[0] for source in readers]
        self._headers = (*first, *(name for source in readers for name in source.headers[1:]))
        self._hints = tuple(source.hint for source in readers)
        self.wanted_headers = frozenset(self._headers)
        """Lower-case names of the headers that ``read`` looks at."""

    def material(self, request: AuthRequest) -> tuple[Hashable, Hashable]:
        """Return a hint and everything in the request that ``read`` looks at.

        The same material always reads the same. The hint is a small part of it, enough to tell most certificates apart:
        to find by it takes less than to hash all of a chain.
        """
        peer_hint = self._peer_hint
        peer = "" if peer_hint is None else request.source_certificate
        hint = peer_hint(peer) if peer_hint is not None and peer else ""
        headers = request.headers
        if headers and self._headers:
            lines = tuple([headers.get(name) for name in self._headers])
            if any(lines):
                hints = zip(self._hints, lines, strict=False)
                return hint or tuple([one(line[-1]) if line else "" for one, line in hints]), (peer, lines)
        return hint, peer

    def read(self, request: AuthRequest) -> Shown | None:
        """Return the one certificate that all sources which present any agree on; None when none presents one.

        The chain is that of the source which has one, and so are the claims. Raises ``DecodeError``: what a source
        raises, its name put before the detail, and SOURCE_CONFLICT when two sources differ in the leaf, or each
        have a chain or claims and these differ: they speak of one connection, so one of them is wrong. The same where
        one has a certificate and another the bare word of a proxy.
        """
        shown: list[Shown] = []
        for source in self._sources:
            try:
                one = source.read(request)
            except DecodeError as error:
                raise DecodeError(error.reason, f"{source.name}: {error.detail}") from error
            if one is not None:
                shown.append(one)
        if len(shown) <= 1:
            return shown[0] if shown else None
        presented = [one for one in shown if isinstance(one, Presented)]
        if len(presented) < len(shown):
            raise DecodeError(Reason.SOURCE_CONFLICT, f"a certificate and a bare name from {_names(shown)}")
        if len({one.leaf for one in presented}) > 1:
            raise DecodeError(Reason.SOURCE_CONFLICT, f"different certificates from {_names(presented)}")
        return Presented(
            leaf=presented[0].leaf,
            chain=_agreed((one.chain for one in presented if one.chain), "chains", presented) or (),
            sources=tuple(name for one in presented for name in one.sources),
            claims=_agreed((one.claims for one in presented if one.claims is not None), "claims", presented),
        )


def _agreed(values: Iterable[T], what: str, presented: Iterable[Presented]) -> T | None:
    distinct = set(values)
    if len(distinct) > 1:
        raise DecodeError(Reason.SOURCE_CONFLICT, f"different {what} from {_names(presented)}")
    return distinct.pop() if distinct else None


def _names(presented: Iterable[Shown]) -> str:
    return " and ".join(name for one in presented for name in one.sources)
