"""Memory accounts, buckets and hand-written frames."""

import ngh2
import pytest

from extauthz.transport.cause import Cause, CutError, cause_of_code, cut_for
from extauthz.transport.goaway import goaway
from extauthz.transport.guard import Guard
from extauthz.transport.http2 import CONFIGURATION
from extauthz.transport.limits import CONTROL_FRAMES, RESETS
from extauthz.transport.memory import Memory
from support import frames


def test_memory_is_held_under_both_limits() -> None:
    whole = Memory(10)
    one, other = Memory(8, whole), Memory(8, whole)
    assert one.hold(8)
    assert not one.hold(1)
    assert other.hold(2)
    assert not other.hold(1)
    assert (one.held, other.held, whole.held) == (8, 2, 10)
    assert one.hold(-8)
    assert other.hold(6)
    assert (one.held, other.held, whole.held) == (0, 8, 8)


@pytest.mark.parametrize("debug", [b"", b"too_many_pings"])
def test_a_goaway_by_hand_is_one_frame(debug: bytes) -> None:
    assert goaway(11, last_stream_id=7, debug_data=debug) == frames.goaway(11, last_stream_id=7, debug=debug)


def test_the_notice_of_a_shutdown_refuses_nothing() -> None:
    assert goaway(0) == frames.goaway(0, last_stream_id=0x7FFFFFFF)


def test_control_frames_come_back_with_time() -> None:
    guard = Guard(0.0, 10)
    for _ in range(CONTROL_FRAMES[0]):
        guard.control_frame(0.0)
    with pytest.raises(CutError, match="flood"):
        guard.control_frame(0.0)
    for _ in range(CONTROL_FRAMES[1]):
        guard.control_frame(1.0)
    with pytest.raises(CutError):
        guard.control_frame(1.0)


def test_resets_of_all_open_streams_are_always_allowed() -> None:
    guard = Guard(0.0, 100_000)
    for _ in range(RESETS[0] + 100_000):
        guard.reset(0.0)
    with pytest.raises(CutError) as caught:
        guard.reset(0.0)
    assert (caught.value.cause, caught.value.code) == (Cause.RAPID_RESET, ngh2.ErrorCode.ENHANCE_YOUR_CALM)


@pytest.mark.parametrize(
    ("error", "cause", "code"),
    [
        (ngh2.DenialOfServiceError("received header list exceeds configured size"), Cause.HEADERS_TOO_LARGE, 11),
        (ngh2.DenialOfServiceError("HTTP/2 engine error: flooded"), Cause.FLOOD, 11),
        (ngh2.ConnectionProtocolError("bad preface"), Cause.PROTOCOL_ERROR, 1),
        (ngh2.InternalError("x"), Cause.INTERNAL, 2),
        (MemoryError(), Cause.INTERNAL, 2),
        (CutError(Cause.KEEPALIVE, ngh2.ErrorCode.NO_ERROR), Cause.KEEPALIVE, 0),
    ],
)
def test_every_error_is_a_cause_and_a_code(error: Exception, cause: Cause, code: int) -> None:
    cut = cut_for(error)
    assert (cut.cause, int(cut.code)) == (cause, code)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (1, Cause.PROTOCOL_ERROR),
        (2, Cause.INTERNAL),
        (3, Cause.FLOW_CONTROL),
        (6, Cause.PROTOCOL_ERROR),
        (9, Cause.COMPRESSION),
        (11, Cause.FLOOD),
        (99, Cause.PROTOCOL_ERROR),
    ],
)
def test_every_code_of_the_library_is_a_cause(code: int, cause: Cause) -> None:
    assert cause_of_code(code) is cause


def test_the_library_keeps_its_part_of_the_bounds() -> None:
    made = CONFIGURATION
    assert (made.max_inbound_header_list_size, made.max_inbound_header_count) == (1 << 18, 1024)
    assert (made.max_settings, made.max_outbound_ack, made.max_continuations) == (32, 1000, 512)
