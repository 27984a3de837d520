"""Methods that answer in their own time: one message or several, and told of every end."""

import pytest

from extauthz.transport.cause import Cause
from extauthz.transport.limits import UNREAD_BYTES
from extauthz.transport.status import Status
from support import frames
from support.h2_peer import Answer, request_fields
from support.h2_session import CHAT_PATH, STREAM_PATH, Chat, Served


def begin(served: Served, path: bytes, *messages: bytes, end: bool = False) -> tuple[int, Answer]:
    stream_id, head = served.peer.head(request_fields(path))
    served.send(head + frames.data(stream_id, b"".join(frames.message(one) for one in messages), end=end))
    return stream_id, served.peer.answers[stream_id]


def test_messages_go_out_as_they_are_sent() -> None:
    served = Served()
    _, answer = begin(served, STREAM_PATH, b"watch", end=True)
    assert served.chat.heard == [b"watch"]
    assert served.chat.client_done
    assert answer.headers == {}
    for number, message in enumerate((b"one", b"two"), 1):
        served.chat.outgoing.send(message)
        assert served.woken == number
        served.flush()
        assert answer.messages[-1] == message
    assert not answer.ended
    served.chat.outgoing.finish()
    served.flush()
    assert (answer.trailers, answer.ended) == ({b"grpc-status": b"0"}, True)
    assert served.chat.over
    assert (served.stream_account.begun, served.stream_account.ended) == (1, [0])


def test_an_end_without_a_message_is_one_block() -> None:
    served = Served()
    _, answer = begin(served, STREAM_PATH, b"watch", end=True)
    served.chat.outgoing.finish()
    served.flush()
    assert (answer.headers[b"grpc-status"], answer.body, answer.ended) == (b"0", b"", True)


def test_after_the_end_nothing_is_sent() -> None:
    served = Served()
    _, answer = begin(served, STREAM_PATH, b"watch", end=True)
    served.chat.outgoing.finish()
    served.flush()
    served.chat.outgoing.send(b"late")
    served.chat.outgoing.finish()
    assert served.flush() == b""
    assert answer.body == b""
    assert served.stream_account.ended == [0]


def test_a_client_that_resets_the_stream_ends_the_call() -> None:
    served = Served()
    stream_id, _ = begin(served, STREAM_PATH, b"watch", end=True)
    served.send(frames.rst_stream(stream_id))
    assert served.chat.over
    assert served.stream_account.ended == [Status.CANCELLED]
    served.chat.outgoing.send(b"late")
    assert served.flush() == b""


def test_a_client_that_goes_away_ends_all_its_calls() -> None:
    served = Served()
    begin(served, STREAM_PATH, b"one", end=True)
    begin(served, CHAT_PATH, b"two")
    served.session.close()
    assert [chat.over for chat in served.chats] == [True, True]
    assert served.stream_account.ended == [Status.CANCELLED, Status.CANCELLED]


def test_where_one_message_is_wanted_a_second_is_refused() -> None:
    served = Served()
    _, answer = begin(served, STREAM_PATH, b"one", b"two")
    assert answer.status == Status.UNIMPLEMENTED
    assert served.chat.over


@pytest.mark.parametrize(("path", "status"), [(STREAM_PATH, Status.UNIMPLEMENTED), (CHAT_PATH, Status.OK)])
def test_no_message_at_all(path: bytes, status: Status) -> None:
    served = Served()
    stream_id, head = served.peer.head(request_fields(path), end=True)
    served.send(head)
    assert served.peer.answers[stream_id].status == status
    assert served.chats == []


def test_where_several_are_wanted_each_is_heard_when_it_comes() -> None:
    served = Served()
    stream_id, _ = begin(served, CHAT_PATH, b"one")
    assert served.chat.heard == [b"one"]
    served.send(frames.data(stream_id, frames.message(b"two") + frames.message(b"three")))
    assert served.chat.heard == [b"one", b"two", b"three"]
    assert not served.chat.client_done
    served.send(frames.data(stream_id, b"", end=True))
    assert served.chat.client_done


def test_an_error_after_messages_is_in_the_trailers() -> None:
    served = Served()
    stream_id, answer = begin(served, CHAT_PATH, b"one")
    served.chat.outgoing.send(b"answer")
    served.send(frames.data(stream_id, frames.message(b"refuse")))
    assert answer.messages == [b"answer"]
    assert answer.trailers == {b"grpc-status": b"3", b"grpc-message": b"refused"}
    assert served.chat.over


def test_a_deadline_ends_a_call_that_only_waits() -> None:
    served = Served()
    stream_id, head = served.peer.head(request_fields(STREAM_PATH, grpc_timeout=b"5S"))
    served.send(head + frames.data(stream_id, frames.message(b"watch"), end=True))
    served.later(4.9)
    assert not served.chat.over
    served.later(0.2)
    assert served.chat.over
    assert served.peer.answers[stream_id].status == Status.DEADLINE_EXCEEDED


def test_a_call_that_only_answers_may_take_for_ever() -> None:
    served = Served()
    begin(served, STREAM_PATH, b"watch", end=True)
    for _ in range(20):
        served.later(13)
    assert not served.chat.over
    assert served.counted == []


def test_one_that_does_not_read_is_cut_off_before_its_answers_fill_the_memory() -> None:
    served = Served(peer_settings={4: 0})
    stream_id, _ = begin(served, CHAT_PATH, b"one")
    for _ in range(UNREAD_BYTES // (1 << 20)):
        served.chat.outgoing.send(bytes(1 << 20))
    served.session.receive(frames.data(stream_id, frames.message(b"two")))
    assert served.session.finished
    assert served.counted == [Cause.UNREAD]
    served.flush()
    assert served.peer.goaways == [(stream_id, 11, b"")]


def test_messages_after_the_end_are_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    def hear_and_end(chat: Chat, raw: bytes) -> None:
        chat.heard.append(raw)
        chat.outgoing.finish()

    monkeypatch.setattr(Chat, "message", hear_and_end)
    served = Served()
    _, answer = begin(served, CHAT_PATH, b"one", b"two")
    assert [chat.heard for chat in served.chats] == [[b"one"]]
    assert (answer.status, answer.ended) == (Status.OK, True)
