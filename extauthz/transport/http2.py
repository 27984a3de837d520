"""libnghttp2 as a server: what it announces, and how it keeps its part of the bounds."""

from ngh2 import Configuration, Connection, Role, Setting

from extauthz.transport.limits import (
    CONNECTION_WINDOW_BYTES,
    CONTINUATIONS,
    HEADER_COUNT,
    HEADER_LIST_BYTES,
    NGH2_RATE,
    OUTBOUND_ACKS,
    SETTINGS_ENTRIES,
    STREAM_WINDOW_BYTES,
)

CONFIGURATION = Configuration(
    max_settings=SETTINGS_ENTRIES,
    max_outbound_ack=OUTBOUND_ACKS,
    max_continuations=CONTINUATIONS,
    max_inbound_header_list_size=HEADER_LIST_BYTES,
    max_inbound_header_count=HEADER_COUNT,
    stream_reset_rate_limit=NGH2_RATE,
    glitch_rate_limit=NGH2_RATE,
)


def server_connection(streams: int) -> Connection:
    """Return a connection that has its preface to send; ``streams`` may be open at once."""
    connection = Connection(Role.SERVER, CONFIGURATION)
    connection.initiate_connection(
        {
            Setting.MAX_CONCURRENT_STREAMS: streams,
            Setting.INITIAL_WINDOW_SIZE: STREAM_WINDOW_BYTES,
            Setting.MAX_HEADER_LIST_SIZE: HEADER_LIST_BYTES,
        }
    )
    connection.set_local_window_size(CONNECTION_WINDOW_BYTES)
    return connection
