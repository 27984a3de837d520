"""Reads answers on whatever streams they come, for a client that keeps none of HTTP/2's rules itself."""

from collections import defaultdict

import ngh2

from support import frames
from support.frames import Frame
from support.h2_peer import Answer, request_fields

_MOST = (1 << 31) - 1


class AnswerReader:
    """An honest client behind it decodes each answer on a stream of its own, as HPACK needs all header blocks."""

    def __init__(self) -> None:
        self._client = ngh2.Connection(ngh2.Role.CLIENT)
        self._client.initiate_connection({ngh2.Setting.INITIAL_WINDOW_SIZE: _MOST})
        self._client.set_local_window_size(_MOST)
        self._client.receive_data(frames.settings({ngh2.Setting.MAX_CONCURRENT_STREAMS: _MOST}))
        self._own: dict[int, int] = {}
        self.answers: defaultdict[int, Answer] = defaultdict(Answer)
        """Stream -> what came on it so far."""

    def read(self, one: Frame) -> None:
        """Take a frame of the server."""
        if one.type == frames.RST_STREAM:
            self.answers[one.stream_id].reset = int.from_bytes(one.payload, "big")
        elif one.type in {frames.HEADERS, frames.DATA, frames.CONTINUATION}:
            if one.stream_id not in self._own:
                self._own[one.stream_id] = self._client.send_request(request_fields(), end_stream=True)
                self._client.data_to_send()
            self._client.receive_data(frames.frame(one.type, one.flags, self._own[one.stream_id], one.payload))
            self._client.data_to_send()
            for event in self._client.events():
                self._note(event, self.answers[one.stream_id])

    def _note(self, event: ngh2.Event, answer: Answer) -> None:
        if isinstance(event, ngh2.ResponseReceived):
            answer.headers = dict(event.headers)
            answer.ended |= event.end_stream
        elif isinstance(event, ngh2.DataReceived):
            answer.body += event.data
            answer.ended |= event.end_stream
        elif isinstance(event, ngh2.TrailersReceived):
            answer.trailers = dict(event.headers)
            answer.ended = True
        else:
            assert not isinstance(event, ngh2.StreamReset | ngh2.ConnectionClosed), f"no answer for a client: {event}"
