"""A leaf and the rest of its chain, as a proxy hands them over."""

from collections.abc import Sequence

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason


def require_leaf_left_out(leaf: bytes, chain: Sequence[bytes], header: str) -> None:
    """Raise ``DecodeError(SOURCE_INCONSISTENT)`` when the leaf is in the rest of its chain too, which ``header`` holds.

    Then the headers are not what the source takes them for (two lines joined, or a chain with the leaf as its first),
    and it is not clear which certificate is meant.
    """
    if leaf in chain:
        raise DecodeError(Reason.SOURCE_INCONSISTENT, f"the client's certificate is in {header} once more")
