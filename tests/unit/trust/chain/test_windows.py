"""For how long an answer holds: never longer than its evidence."""

from datetime import UTC, datetime

import pytest

from extauthz.model.outcome import Pass
from extauthz.model.reason import Reason
from extauthz.trust.window import TICK, Window
from support import pki
from support.chains import failure, unfit, verify

NOW = pki.NOW
ROOT = pki.make_ca("Root")
ISSUING = pki.make_ca("Issuing CA", parent=ROOT, path_length=0)
LEAF = ISSUING.issue("alice")


def test_a_path_holds_while_all_its_certificates_are_valid() -> None:
    ca = pki.make_ca("CA", parent=ROOT, not_before=NOW - pki.HOUR, not_after=NOW + pki.DAY)
    leaf = ca.issue("alice", not_before=NOW - pki.DAY, not_after=NOW + pki.HOUR)
    assert verify(leaf, anchors=(ROOT,), presented=(ca,)).window == Window(NOW - pki.HOUR, NOW + pki.HOUR + TICK)


BOUNDARIES = {
    -pki.DAY - pki.SECOND: False,
    -pki.DAY - TICK: False,
    -pki.DAY: True,
    pki.DAY: True,
    pki.DAY + TICK: False,
    pki.DAY + pki.SECOND: False,
}


@pytest.mark.parametrize("who", ["leaf", "intermediate", "anchor"])
def test_both_ends_of_every_validity_are_exact(who: str) -> None:
    short = pki.Options(not_before=NOW - pki.DAY, not_after=NOW + pki.DAY)
    long = pki.Options(not_before=NOW - 9 * pki.DAY, not_after=NOW + 9 * pki.DAY)
    root = pki.make_ca("Root", **(short if who == "anchor" else long))
    ca = pki.make_ca("CA", parent=root, **(short if who == "intermediate" else long))
    leaf = ca.issue("alice", **(short if who == "leaf" else long))
    for offset, valid in BOUNDARIES.items():
        result = verify(leaf, anchors=(root,), presented=(ca,), now=NOW + offset)
        assert isinstance(result.outcome, Pass) is valid
        if not valid:
            assert failure(result).reason is Reason.CHAIN_INVALID
        held = [other for other in BOUNDARIES if result.window.holds_at(NOW + other)]
        assert all(BOUNDARIES[other] is valid for other in held)


def test_a_failure_holds_until_any_certificate_involved_begins_or_ends() -> None:
    early = pki.make_ca("CA", parent=ROOT, not_before=NOW + pki.HOUR, not_after=NOW + pki.DAY)
    presented = pki.make_ca("Other", not_before=NOW - pki.HOUR)
    leaf = early.issue("alice", not_before=NOW - pki.DAY)
    result = verify(leaf, anchors=(ROOT,), intermediates=(early,), presented=(presented,))
    assert unfit(result, "CA", "not valid before")
    assert result.window == Window(NOW - pki.HOUR, NOW + pki.HOUR)
    assert isinstance(verify(leaf, anchors=(ROOT,), intermediates=(early,), now=NOW + pki.HOUR).outcome, Pass)


def test_the_end_of_the_calendar_is_no_obstacle() -> None:
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    root = pki.make_ca("Root", not_after=never)
    leaf = root.issue("alice", not_after=never)
    assert verify(leaf, anchors=(root,), now=never).window.holds_at(never)


def test_a_path_holds_only_while_no_better_one_begins() -> None:
    renewed = pki.make_ca("Issuing CA", parent=ROOT, key=ISSUING.key, not_before=NOW + pki.HOUR)
    result = verify(LEAF, anchors=(ROOT,), intermediates=(renewed, ISSUING))
    assert result.window.end == NOW + pki.HOUR
    later = verify(LEAF, anchors=(ROOT,), intermediates=(renewed, ISSUING), now=NOW + pki.HOUR)
    assert later.path[1].der == renewed.der
