"""Every bound of the HTTP/1.1 listener, with its reason; those of the connection itself are in ``transport.limits``."""

from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 256 << 10
"""Of one request up to its body, to within one read. The longest certificate that is read takes 90 KiB as a header,
and some proxies copy all of a client's headers beside it."""
HEADER_COUNT: Final = 256
"""Header lines. Servers take 100 by default; a proxy adds a dozen."""
HEAD_SECONDS: Final = 10.0
"""From the first byte of a request to the end of its headers: a proxy sends them in one piece."""
STRANGER_SECONDS: Final = 10.0
"""From being accepted to the handshake that shows a caller's certificate, where no secret is asked for besides, or to
the end of the first head of somebody who may ask: TLS handshake, heads and bodies before it together."""
BODY_BYTES: Final = 4 << 20
"""Of a body, which is read and thrown away: a proxy that sends one along is slow, but not wrong."""
BODY_SECONDS: Final = 60.0
"""From the first byte of a request to its last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Http1Limits:
    """What the configuration decides, in seconds."""

    age: float
    """A connection ends with the first answer after so long."""
    idle: float
    """A connection without a request ends after so long."""
