"""Cache validators (RFC 9110 §8.8): what a server said to recognise its content by, and is told at the next request.

They come from outside, are kept on disk, and go into a request header. So only their exact syntax is taken, bounded,
both when they are read and when they are sent. Anything else counts as "none given", which costs a full transfer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

_ETAG: Final = re.compile(r'(?:W/)?"[!#-~]{1,250}"')
"""RFC 9110 §8.8.3, in ASCII. Servers use 10 to 70 characters."""
_DATE: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}(?::[0-9]{2}){2} GMT"
)
"""RFC 9110 §5.6.7, the form that servers must send. It is sent back as it came, so its meaning does not matter."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What is known of the content fetched last. Both None: nothing, so the next request is unconditional."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        """Take what a response says, as far as it is well-formed."""
        return cls(_matching(_ETAG, headers.get("etag")), _matching(_DATE, headers.get("last-modified")))

    def as_headers(self) -> dict[str, str]:
        """Return the headers of a conditional request, without what is not well-formed."""
        etag, date = _matching(_ETAG, self.etag), _matching(_DATE, self.last_modified)
        conditions = {"If-None-Match": etag, "If-Modified-Since": date}
        return {name: value for name, value in conditions.items() if value is not None}


def _matching(pattern: re.Pattern[str], value: str | None) -> str | None:
    return value if value is not None and pattern.fullmatch(value) else None
