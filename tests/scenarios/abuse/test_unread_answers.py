"""Answers that nobody reads may hold so much memory, each connection and all together, and no more."""

from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from extauthz.transport.limits import UNREAD_BYTES_OF_ALL
from support import frames
from support.service import eventually
from support.victim import Victim
from support.wire_client import Wire

INITIAL_WINDOW_SIZE = 4
STREAMS = 900
"""Of one connection, each with an answer of 1.7 kB or more."""
CONNECTIONS = 60


def test_all_connections_together(victim: Victim) -> None:
    """Those with the most are cut off; one that waits for little is not among them."""
    before = victim.resident()
    little = victim.wire(settings={INITIAL_WINDOW_SIZE: 0})
    waiting = victim.ask(little, "alice")
    wires = [victim.wire(settings={INITIAL_WINDOW_SIZE: 0}) for _ in range(CONNECTIONS)]
    said = b"".join(wires[0].request("alice", victim.questions.alice)[1] for _ in range(STREAMS))
    for wire in wires:
        wire.say(said)
    for wire in wires:
        wire.until(
            lambda: wire.ended or len(wire.frames) > STREAMS,  # noqa: B023  (called before the next turn)
            "all answers' headers",
        )
    eventually(lambda: victim.counted() or None, "some being cut off")
    cut = eventually(lambda: _as_many(wires, victim.counted()[Cause.UNREAD]), "the end of each that was counted")
    assert victim.resident() - before < 3 * UNREAD_BYTES_OF_ALL  # an answer is not all that a stream is made of
    assert 0 < len(cut) < CONNECTIONS
    assert all(wire.goodbye().code == ErrorCode.ENHANCE_YOUR_CALM for wire in cut)
    assert set(victim.counted()) == {Cause.UNREAD}
    little.say(frames.settings({INITIAL_WINDOW_SIZE: 1 << 16}))
    assert little.verdict(waiting)


def _as_many(wires: list[Wire], number: int) -> list[Wire] | None:
    """Return those that have ended, if they are so many."""
    cut = [wire for wire in wires if wire.look()]
    return cut if len(cut) == number else None
