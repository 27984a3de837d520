"""What the headers of a request ask for (gRPC over HTTP/2: Request-Headers)."""

from collections.abc import Mapping
from math import inf

from extauthz.transport.answers import Headers, http_error, trailers_only
from extauthz.transport.messages import IDENTITY, WINDOW_BITS
from extauthz.transport.status import CallError, Status

GRPC = b"application/grpc"
_UNITS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}
_MOST_DIGITS = 8
METHOD_NOT_ALLOWED = 405
UNSUPPORTED_MEDIA_TYPE = 415


def refusal(head: Mapping[bytes, bytes], *, known: bool) -> Headers | None:
    """Return the whole answer to a request that cannot become a call, None for one that can.

    ``known``: there is a method at its path. A missing ``te: trailers`` is tolerated, as grpcio does.
    """
    if head.get(b":method") != b"POST":
        return http_error(METHOD_NOT_ALLOWED, (b"allow", b"POST"))
    if not is_grpc(head.get(b"content-type", b"")):
        return http_error(UNSUPPORTED_MEDIA_TYPE)
    if not known:
        return trailers_only(CallError(Status.UNIMPLEMENTED, "Method not found!"))
    encoding = head.get(b"grpc-encoding", IDENTITY)
    if encoding != IDENTITY and encoding not in WINDOW_BITS:
        return trailers_only(CallError(Status.UNIMPLEMENTED, "the encoding of the messages is not supported"))
    if b"grpc-timeout" in head and seconds(head[b"grpc-timeout"]) is None:
        return trailers_only(CallError(Status.INTERNAL, "grpc-timeout cannot be read"))
    return None


def is_grpc(content_type: bytes) -> bool:
    """Say whether a content type is gRPC's: alone, with ``+proto``, or with parameters."""
    return content_type == GRPC or content_type.startswith((GRPC + b"+", GRPC + b";"))


def seconds(timeout: bytes) -> float | None:
    """Read ``grpc-timeout``: at most eight digits and a unit. None for anything else."""
    digits, unit = timeout[:-1], _UNITS.get(timeout[-1:])
    if unit is None or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        return None
    return int(digits) * unit


def time_allowed(head: Mapping[bytes, bytes]) -> float:
    """Return the seconds that a call without a refusal may take."""
    timeout = head.get(b"grpc-timeout")
    allowed = None if timeout is None else seconds(timeout)
    return inf if allowed is None else allowed
