"""The sending half of one HTTP/2 connection: whole answers, refusals, and single messages of a stream."""

from collections.abc import Callable
from contextlib import suppress

import ngh2

from extauthz.transport.answers import OK_TRAILERS, RESPONSE_HEAD, Headers, pack_prefix, trailers, trailers_only
from extauthz.transport.status import CallError, Status

DEFECT = CallError(Status.INTERNAL, "internal error")


class Answering:
    """Sends on streams that the client may have closed in the meantime, which is no error of anybody."""

    def __init__(self, connection: ngh2.Connection, report: Callable[[str], None]) -> None:
        """``report(event)`` logs the exception being handled."""
        self._connection = connection
        self._report = report

    def whole(self, stream_id: int, answer: bytes) -> None:
        """Send the only message of an answer, and OK. Raises StreamProtocolError when the stream is gone."""
        connection = self._connection
        connection.send_response(stream_id, RESPONSE_HEAD)
        connection.send_data(stream_id, pack_prefix(0, len(answer)) + answer)
        connection.send_trailers(stream_id, OK_TRAILERS)

    def head(self, stream_id: int) -> None:
        """Begin an answer of several messages."""
        with suppress(ngh2.StreamProtocolError, ngh2.ConnectionStateError):
            self._connection.send_response(stream_id, RESPONSE_HEAD)

    def message(self, stream_id: int, message: bytes) -> None:
        """Send one message of several."""
        with suppress(ngh2.StreamProtocolError, ngh2.ConnectionStateError):
            self._connection.send_data(stream_id, pack_prefix(0, len(message)) + message)

    def end(self, stream_id: int, error: CallError | None, *, headed: bool, reading: bool) -> None:
        """End an answer; ``headed``: its headers were sent; ``reading``: the request has not ended.

        A client that still sends is told to stop, as nobody listens (RFC 9113, section 8.1: RST_STREAM with NO_ERROR).
        """
        if headed:
            with suppress(ngh2.StreamProtocolError, ngh2.ConnectionStateError):
                self._connection.send_trailers(stream_id, OK_TRAILERS if error is None else trailers(error))
                if reading:
                    self._connection.reset_stream(stream_id, ngh2.ErrorCode.NO_ERROR)
            return
        self.block(stream_id, trailers_only(error or CallError(Status.OK, "")), reading=reading)

    def block(self, stream_id: int, headers: Headers, *, reading: bool) -> None:
        """Send an answer that is headers only."""
        with suppress(ngh2.StreamProtocolError, ngh2.ConnectionStateError):
            self._connection.send_response(stream_id, headers, end_stream=True)
            if reading:
                self._connection.reset_stream(stream_id, ngh2.ErrorCode.NO_ERROR)

    def error_of(self, error: Exception) -> CallError:
        """Return what the client is told of an exception; a defect is logged, and the client learns nothing of it."""
        if isinstance(error, CallError):
            return error
        if isinstance(error, (ngh2.StreamProtocolError, ngh2.ConnectionStateError)):
            return CallError(Status.CANCELLED, "the client is gone")
        self._report("a call failed")
        return DEFECT
