"""Which element of an XFCC header speaks of the client.

A proxy in mode APPEND_FORWARD adds its element at the end and keeps what it received in front; what stands in front of
the elements of one's own proxies is whatever the client wrote. So elements are counted from the right, or there must
be just one. There is no choice that trusts the first of several.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.limits import MAX_XFCC_ELEMENTS
from extauthz.sources.xfcc_element import Element


@dataclass(frozen=True, slots=True)
class Only:
    """The header must have exactly one element: right behind a proxy in mode SANITIZE_SET, and wrong nowhere."""

    def index(self, elements: Sequence[Element]) -> int:
        """Return the index of the element to use. Raises ``DecodeError(SOURCE_AMBIGUOUS)``."""
        if len(elements) != 1:
            raise DecodeError(Reason.SOURCE_AMBIGUOUS, f"{len(elements)} elements where exactly one is expected")
        return 0


@dataclass(frozen=True, slots=True)
class FromRight:
    """The ``count``-th element from the right: behind ``count`` proxies of one's own that each add an element.

    ``count`` is 1 for the last one. Raises ``ValueError`` for a count below 1 or past the elements ever read.
    """

    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_XFCC_ELEMENTS:
            raise ValueError(f"from_right must be 1 to {MAX_XFCC_ELEMENTS}, not {self.count}")

    def index(self, elements: Sequence[Element]) -> int:
        """Return the index of the element to use. Raises ``DecodeError(SOURCE_AMBIGUOUS)``."""
        if len(elements) < self.count:
            raise DecodeError(Reason.SOURCE_AMBIGUOUS, f"{len(elements)} elements where {self.count} are expected")
        return len(elements) - self.count


@dataclass(frozen=True, slots=True)
class Last:
    """The last element: behind a proxy in mode APPEND_FORWARD, the one that this proxy added."""

    def index(self, elements: Sequence[Element]) -> int:
        """Return the index of the element to use; there always is one."""
        return len(elements) - 1


ElementChoice = Only | Last | FromRight
