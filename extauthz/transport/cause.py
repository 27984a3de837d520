"""Why the transport ended a connection, or a call before its time."""

from enum import StrEnum

import ngh2


class Cause(StrEnum):
    """The words are label values."""

    TOO_MANY_CONNECTIONS = "too_many_connections"
    """Closed as soon as it was accepted, or as soon as it was known who is there."""
    STRANGER = "stranger"
    """Nobody had shown on it that they may ask, and another needed the place."""
    HANDSHAKE = "handshake"
    """No TLS, none in time, or no HTTP/2 in time."""
    NO_ALPN = "no_alpn"
    """TLS, but not for ``h2``."""
    IDLE = "idle"
    """No request since it was opened."""
    AGE = "age"
    DRAIN = "drain"
    CLIENT_CA = "client_ca"
    """The CA that its client's certificate is from is no longer named."""
    KEEPALIVE = "keepalive"
    """No sign of life."""
    PROTOCOL_ERROR = "protocol_error"
    FLOW_CONTROL = "flow_control"
    COMPRESSION = "compression"
    """Headers that cannot be decoded, or one of them longer than 64 KiB."""
    HEADERS_TOO_LARGE = "headers_too_large"
    FLOOD = "flood"
    """Frames that carry nothing, too many of them."""
    TOO_MANY_PINGS = "too_many_pings"
    RAPID_RESET = "rapid_reset"
    SLOW_REQUEST = "slow_request"
    """One call, or the connection where a single frame took so long: a request did not arrive in time."""
    REQUEST_BYTES = "request_bytes"
    """One call: too much was kept of unfinished requests."""
    UNREAD = "unread_answers"
    INTERNAL = "internal_error"


class CutError(Exception):
    """A connection is to end now; the debug data goes to the client."""

    def __init__(self, cause: Cause, code: ngh2.ErrorCode, debug_data: bytes = b"") -> None:
        super().__init__(cause.value)
        self.cause = cause
        self.code = code
        self.debug_data = debug_data


_BY_CODE: dict[int, Cause] = {
    ngh2.ErrorCode.FLOW_CONTROL_ERROR: Cause.FLOW_CONTROL,
    ngh2.ErrorCode.COMPRESSION_ERROR: Cause.COMPRESSION,
    ngh2.ErrorCode.ENHANCE_YOUR_CALM: Cause.FLOOD,
    ngh2.ErrorCode.INTERNAL_ERROR: Cause.INTERNAL,
}


def cause_of_code(code: int) -> Cause:
    """Return why libnghttp2 itself ended a connection with this code, which is not NO_ERROR."""
    return _BY_CODE.get(code, Cause.PROTOCOL_ERROR)


def cut_for(error: Exception) -> CutError:
    """Return how a connection ends on which libnghttp2 raised an error, after which it writes nothing more itself."""
    if isinstance(error, CutError):
        return error
    if isinstance(error, ngh2.DenialOfServiceError):
        too_large = "header list" in str(error)
        return CutError(Cause.HEADERS_TOO_LARGE if too_large else Cause.FLOOD, ngh2.ErrorCode.ENHANCE_YOUR_CALM)
    if isinstance(error, ngh2.ConnectionProtocolError):
        return CutError(Cause.PROTOCOL_ERROR, ngh2.ErrorCode.PROTOCOL_ERROR)
    return CutError(Cause.INTERNAL, ngh2.ErrorCode.INTERNAL_ERROR)
