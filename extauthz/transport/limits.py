"""Every bound of the transport, with its reason."""

from dataclasses import dataclass

USUAL_HEADER_BYTES = 4096
"""Names and values of the headers that a connection remembers from its last ordinary request, if they are no more."""
STREAM_WINDOW_BYTES = 1 << 20
"""What a client may send on one stream before it hears from here: a usual question goes without a round trip."""
CONNECTION_WINDOW_BYTES = 4 << 20
"""The same for a whole connection."""
HEADER_LIST_BYTES = 1 << 18
"""All headers of one request, decoded. libnghttp2 itself refuses any single one of more than 64 KiB, and a proxy copies
two or three of a client's into its question. A block that never ends is held until the request's time is up, so that
all connections together can hold a gigabyte of them, and no more."""
HEADER_COUNT = 1024
CONTINUATIONS = 512
"""Frames that one header block may be continued in. 16 of the usual size make the largest block; libnghttp2 counts a
frame again for each piece that its own head arrives in."""
READ_BYTES = 1 << 14
"""Bytes of a client that are taken in at once. A byte of HPACK can stand for 4 kB: a whole read of such, 256 kB, would
be up to a gigabyte of headers before the first of its requests is looked at."""
HELD_BYTES = 3 * READ_BYTES
"""Of more than this, what is done so far is answered first: a proxy that sent all its requests at once would else stand
still until the last of them is decided. Of less, one write for all costs less than the wait."""
SETTINGS_ENTRIES = 32
OUTBOUND_ACKS = 1000
"""Acknowledgements of PING and SETTINGS that one read may ask for."""
NGH2_RATE = (100_000, 10_000)
"""libnghttp2's own limits of resets and oddities, out of the way of those that are kept here with their own codes."""
CONTROL_FRAMES = (1000, 100)
"""Frames that carry nothing of a request (SETTINGS, PING, empty DATA, …): how many at once, how many a second then."""
WINDOW_UPDATES = (1000, 100)
"""Updates of windows that let no answer go on: besides ``WINDOW_UPDATES_PER_REQUEST`` for each stream that may be open,
how many at once, and a second then."""
WINDOW_UPDATES_PER_REQUEST = 10
"""What a request earns. Eager clients send two for each frame of an answer."""
RESETS = (1000, 100)
"""Streams that a client may reset: besides as many as it may have open, how many at once, and a second then. A proxy
resets all its streams when their time is up."""
MIN_PING_INTERVAL_SECONDS = 10.0
"""Pings of a client without requests between them that come faster than this are strikes. gRPC's own default of 5
minutes breaks Envoy's ``connection_keepalive``."""
PING_STRIKES = 2
"""Strikes that are forgiven, as in gRPC. One more ends the connection."""
HANDSHAKE_SECONDS = 10.0
"""For the TLS handshake, and from there to the client's SETTINGS."""
FIRST_REQUEST_SECONDS = 60.0
"""A connection that never asked anything is closed in good order after this long: a client opens it again at need."""
REQUEST_SECONDS = 60.0
"""From a request's headers to its last byte. Messages of a stream start the time anew."""
UNREAD_SECONDS = 30.0
"""How long a client may leave answers unread, without taking any, before it is cut off."""
UNREAD_BYTES = 16 << 20
"""Answers of one connection that wait for the client's flow control; beyond, it is cut off."""
UNREAD_BYTES_OF_ALL = 64 << 20
"""Answers of all connections that wait for their clients, in windows and sockets; beyond, those with the most are cut
off until the rest fits. Looked at with each sweep."""
LAST_REQUESTS_SECONDS = 1.0
"""Between the notice of a shutdown and the final GOAWAY, for a client that does not acknowledge the notice."""
LINGER_SECONDS = 1.0
"""How long the last words may take to be read, and what the client still says is read and thrown away. Closed at once,
a socket with unread bytes sends a reset, which overtakes the last words."""
WRITE_BUFFER_BYTES = 256 << 10
"""Answers that wait in the process for the socket, before the client is not read from any more. The answers of one read
of many small requests fit."""
SWEEP_SECONDS = 0.25
"""Between two looks at all connections for what is due. No request has a timer of its own."""
MAX_CONNECTIONS = 4096
"""Connections of one listener at once, or fewer where the process may open fewer files. A proxy needs one for each
worker thread."""
LISTENERS = 2
"""That one process may have on this transport: for gRPC and for HTTP."""
SPARE_FILES = 128
"""Files that the process needs for other things than connections: 64 connections of the admin listener, logs, CRLs,
and connections that were ended a moment ago."""
STRANGERS_SHARE = 4
"""Connections on which nobody has shown yet that they may ask get no more than this part of all. What is left is for
those who may."""
ACCEPTED_AT_ONCE = 64
"""Connections accepted before the others are served again; fewer where there is room for few."""
CONNECTION_REQUEST_MESSAGES = 2
"""Bytes of unfinished requests that one connection may hold, in multiples of the largest message."""
REQUEST_MESSAGES = 4
"""The same for all connections together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the configuration decides. Sizes in bytes, times in seconds."""

    message_bytes: int
    """The largest message that is read: more than one frame holds (16 KiB), so that one in a frame needs no look."""
    expanded_bytes: int = 4 << 20
    """The largest that is decompressed. A thousandth of it may be enough to make it, and nobody is served meanwhile."""
    streams: int
    age: float
    age_grace: float
    keepalive: float
    keepalive_timeout: float
