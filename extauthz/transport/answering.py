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
        self._to_stop: list[int] = []

    @property
    def unsent(self) -> int:
        """Bytes of messages that wait for the client's flow control."""
        return self._connection.queued_body_size()

    def whole(self, stream_id: int, answer: bytes) -> None:
        """Send the only message of an answer, and OK. Raises StreamProtocolError when the stream is gone."""
        connection = self._connection
        connection.send_response(stream_id, RESPONSE_HEAD)
        connection.send_data(stream_id, pack_prefix(0, len(answer)) + answer)
        connection.send_trailers(stream_id, OK_TRAILERS)

    def head(self, stream_id: int) -> None:
        """Begin an answer of several messages."""
        with suppress(ngh2.NGH2Error):
            self._connection.send_response(stream_id, RESPONSE_HEAD)

    def message(self, stream_id: int, message: bytes) -> None:
        """Send one message of several."""
        with suppress(ngh2.NGH2Error):
            self._connection.send_data(stream_id, pack_prefix(0, len(message)) + message)

    def end(self, stream_id: int, error: CallError | None, *, headed: bool, reading: bool) -> None:
        """End an answer; ``headed``: its headers were sent; ``reading``: the request has not ended."""
        if headed:
            with suppress(ngh2.NGH2Error):
                self._connection.send_trailers(stream_id, OK_TRAILERS if error is None else trailers(error))
            return
        self.block(stream_id, trailers_only(error or CallError(Status.OK, "")), reading=reading)

    def block(self, stream_id: int, headers: Headers, *, reading: bool) -> None:
        """Send an answer that is headers only. A client that still sends is told to stop."""
        with suppress(ngh2.NGH2Error):
            self._connection.send_response(stream_id, headers, end_stream=True)
            if reading:
                self._to_stop.append(stream_id)

    def stop(self) -> bool:
        """Tell clients to stop sending what nobody listens to; say whether there was any.

        That is RST_STREAM with NO_ERROR (RFC 9113, section 8.1). libnghttp2 drops what waits for a stream that is
        reset, so this has to come after the answer was written out.
        """
        if not self._to_stop:
            return False
        stopped, self._to_stop = self._to_stop, []
        for stream_id in stopped:
            with suppress(ngh2.NGH2Error):
                self._connection.reset_stream(stream_id, ngh2.ErrorCode.NO_ERROR)
        return True

    def failure(self, error: Exception) -> CallError:
        """Return what the client is told of an exception; a defect is logged, and the client learns nothing of it."""
        if isinstance(error, CallError):
            return error
        if isinstance(error, (ngh2.StreamProtocolError, ngh2.ConnectionStateError)):
            return CallError(Status.CANCELLED, "the client is gone")
        self._report("a call failed")
        return DEFECT
