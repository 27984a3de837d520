"""What is no HTTP/2 is told so, where it can be, and ends alone."""

import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from support import frames
from support.victim import Victim

HELLO = frames.PREFACE + frames.settings()


@pytest.mark.parametrize(
    "sent",
    [
        b"\0" * 100,
        bytes(range(256)) * 300,
        b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"POST /envoy.service.auth.v3.Authorization/Check HTTP/1.1\r\ncontent-length: 5\r\n\r\n\0\0\0\0\0",
        bytes.fromhex("16030100c8010000c40303") + bytes(180),
        frames.PREFACE[:-1] + b"\r",
        b"SSH-2.0-OpenSSH_9.9\r\n",
    ],
    ids=["zeros", "all bytes", "HTTP/1.1", "HTTP/1.1 POST", "TLS", "almost a preface", "SSH"],
)
def test_another_protocol(sent: bytes, victim: Victim) -> None:
    wire = victim.wire(hello=False)
    wire.say(sent)
    assert wire.goodbye() == (ErrorCode.PROTOCOL_ERROR, b"")
    victim.counts(Cause.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    "first",
    [frames.ping(), frames.headers(1, b"", end=True), frames.settings_ack(), frames.window_update(0, 1)],
    ids=["PING", "HEADERS", "acknowledgement", "WINDOW_UPDATE"],
)
def test_a_preface_without_settings_behind_it(first: bytes, victim: Victim) -> None:
    wire = victim.wire(hello=False)
    wire.say(frames.PREFACE + first)
    code, _debug = wire.goodbye()
    assert code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.PROTOCOL_ERROR)


def test_a_client_may_go_at_any_byte_of_its_hello(victim: Victim) -> None:
    for length in range(len(HELLO)):
        wire = victim.wire(hello=False)
        wire.say(HELLO[:length])
        (wire.reset if length % 2 else wire.close)()
    victim.counts()


def test_half_a_hello_and_then_nothing_more_is_an_end(victim: Victim) -> None:
    """The client has closed its half: nothing can come, so nobody waits for it."""
    for sent in (b"", HELLO[:10], HELLO):
        wire = victim.wire(hello=False)
        wire.say(sent)
        wire.half_close()
        wire.listen_to_end()
    victim.counts()
