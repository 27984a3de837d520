"""Every bound of the transport, with its reason, and the causes that a connection or a call is ended for."""

from dataclasses import dataclass
from enum import StrEnum

from ngh2 import Configuration

STREAM_WINDOW_BYTES = 1 << 20
"""What a client may send on one stream before it hears from here: one question of the usual limit in few round trips."""
CONNECTION_WINDOW_BYTES = 4 << 20
"""The same for a whole connection."""
HEADER_LIST_BYTES = 1 << 20
"""All headers of one request, decoded. libnghttp2 itself refuses any single one of more than 64 KiB."""
HEADER_COUNT = 1024
CONTINUATIONS = 512
"""Frames that one header block may be continued in. 64 of the usual size make the largest block; libnghttp2 counts a
frame again for each piece that its own head arrives in."""
SETTINGS_ENTRIES = 32
OUTBOUND_ACKS = 1000
"""Acknowledgements of PING and SETTINGS that one read may ask for."""
CONTROL_FRAMES = (1000, 100)
"""PING, SETTINGS and the like that a client may send: at once, and a second from then on."""
NGH2_RATE = (100_000, 10_000)
"""libnghttp2's own limits of resets and oddities, out of the way of those that are kept here with codes of their own."""
MIN_PING_INTERVAL_SECONDS = 10.0
"""Pings of a client that come faster than this are strikes; Envoy's ``connection_keepalive`` pings at most that often
with sensible settings. gRPC's own default of 5 minutes breaks it."""
PING_STRIKES = 2
"""Strikes that are forgiven, as in gRPC. One more ends the connection."""
HANDSHAKE_SECONDS = 10.0
"""From the connection to the TLS handshake's end, and from there to the client's preface."""
FIRST_REQUEST_SECONDS = 300.0
"""A connection that never asked anything is closed after this long."""
REQUEST_SECONDS = 60.0
"""From a request's headers to its last byte."""
UNREAD_SECONDS = 30.0
"""How long a client may leave answers unread before it is cut off."""
UNREAD_BYTES = 16 << 20
"""Answers of one connection that wait to be sent; beyond, the client is cut off."""
MAX_CONNECTIONS = 4096
"""Connections at once. A proxy needs one for each of its worker threads."""


class Cause(StrEnum):
    """Why the transport ended a connection, or one call before its time. The words are label values."""

    TOO_MANY_CONNECTIONS = "too_many_connections"
    HANDSHAKE = "handshake"
    NO_ALPN = "no_alpn"
    IDLE = "idle"
    AGE = "age"
    KEEPALIVE = "keepalive"
    DRAIN = "drain"
    PROTOCOL_ERROR = "protocol_error"
    FLOW_CONTROL = "flow_control"
    COMPRESSION = "compression"
    HEADERS_TOO_LARGE = "headers_too_large"
    FLOOD = "flood"
    PINGS = "too_many_pings"
    RESETS = "rapid_reset"
    SLOW_REQUEST = "slow_request"
    REQUEST_BYTES = "request_bytes"
    UNREAD = "unread_answers"
    INTERNAL = "internal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the configuration decides. Sizes in bytes, times in seconds."""

    message_bytes: int
    """The largest message that is read."""
    streams: int
    age: float
    age_grace: float
    keepalive: float
    keepalive_timeout: float


def configuration(limits: Limits) -> Configuration:  # noqa: ARG001  (those are checked here, not by libnghttp2)
    """Return how libnghttp2 keeps its part of the bounds."""
    return Configuration(
        max_settings=SETTINGS_ENTRIES,
        max_outbound_ack=OUTBOUND_ACKS,
        max_continuations=CONTINUATIONS,
        max_inbound_header_list_size=HEADER_LIST_BYTES,
        max_inbound_header_count=HEADER_COUNT,
        stream_reset_rate_limit=NGH2_RATE,
        glitch_rate_limit=NGH2_RATE,
    )
